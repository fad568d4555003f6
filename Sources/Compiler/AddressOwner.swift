import IPAM
import KubernetesModel

/// Who holds addresses: an interface of one pod, never of another one of the same name; a claim, whoever uses it; or one
/// NetworkPort.
enum AddressOwner: Hashable, Sendable, Comparable, CustomStringConvertible {
  case interface(String, pod: NamespacedName, uid: String)
  case claim(NamespacedName)
  case port(NamespacedName, uid: String)

  /// Says who it is: `Pod test/a (net1)`.
  var description: String {
    switch self {
    case .interface(let name, let pod, _): "Pod \(pod) (\(name))"
    case .claim(let name): "IPAMClaim \(name)"
    case .port(let name, _): "NetworkPort \(name)"
    }
  }

  /// Unique over time.
  var key: String {
    switch self {
    case .interface(let name, _, let uid): "\(uid)/\(name)"
    case .claim(let name): "\(name)"
    case .port(_, let uid): "\(uid)"
    }
  }

  static func < (lhs: Self, rhs: Self) -> Bool { lhs.key < rhs.key }
}
