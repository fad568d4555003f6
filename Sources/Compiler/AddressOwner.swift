import IPAM
import KubernetesModel

/// Who holds addresses: an interface of one pod, never of another one of the same name; or a claim, whoever uses it.
enum AddressOwner: Hashable, Sendable, Comparable, CustomStringConvertible {
  case interface(String, pod: NamespacedName, uid: String)
  case claim(NamespacedName)

  /// Says who it is: `Pod test/a (net1)`.
  var description: String {
    switch self {
    case .interface(let name, let pod, _): "Pod \(pod) (\(name))"
    case .claim(let name): "IPAMClaim \(name)"
    }
  }

  /// Unique over time.
  var key: String {
    switch self {
    case .interface(let name, _, let uid): "\(uid)/\(name)"
    case .claim(let name): "\(name)"
    }
  }

  static func < (lhs: Self, rhs: Self) -> Bool { lhs.key < rhs.key }
}
