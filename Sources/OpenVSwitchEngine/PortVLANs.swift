import NetworkTypes

/// Which VLANs a port carries, and how.
public enum PortVLANs: Sendable, Hashable {
  /// One VLAN, untagged on the port.
  case access(VLANID)
  /// These VLANs, tagged, and nothing else; none at all when the set is empty.
  case trunk(Set<VLANID>)

  /// The VLAN that stands in `trunks` when there is none to carry: an empty set would mean every VLAN, and 4095 is one
  /// that no network can have (IEEE 802.1Q).
  public static let parked = 4095

  /// The VLANs that get through.
  public var vlans: Set<VLANID> {
    switch self {
    case .access(let vlan): [vlan]
    case .trunk(let vlans): vlans
    }
  }

  var mode: String {
    switch self {
    case .access: "access"
    case .trunk: "trunk"
    }
  }

  var tag: Int? {
    switch self {
    case .access(let vlan): Int(vlan.rawValue)
    case .trunk: nil
    }
  }

  var trunks: Set<Int> {
    switch self {
    case .access: []
    case .trunk(let vlans): vlans.isEmpty ? [Self.parked] : Set(vlans.map { Int($0.rawValue) })
    }
  }
}

extension PortVLANs: LosslessStringConvertible {
  /// Reads a `description`.
  public init?(_ description: String) {
    let parts = description.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let texts = parts[1] == "none" ? [] : parts[1].split(separator: ",", omittingEmptySubsequences: false)
    let vlans = texts.compactMap { UInt16($0).flatMap { VLANID(rawValue: $0) } }
    guard vlans.count == texts.count else { return nil }
    switch (parts[0], vlans.first) {
    case ("access", let vlan?) where vlans.count == 1: self = .access(vlan)
    case ("trunk", _): self = .trunk(Set(vlans))
    default: return nil
    }
  }

  /// "access 13" or "trunk 10,11,12".
  public var description: String {
    switch self {
    case .access(let vlan): "access \(vlan)"
    case .trunk(let vlans):
      "trunk " + (vlans.isEmpty ? "none" : vlans.sorted().map(\.description).joined(separator: ","))
    }
  }
}
