import NetworkTypes

/// Which VLANs a port carries, and how.
public enum PortVLANs: Sendable, Hashable {
  /// One VLAN, untagged on the port.
  case access(VLANID)
  /// These VLANs, tagged, and if wanted frames without a tag; nothing else, and nothing at all when the set is empty.
  case trunk(Set<VLANID>, untagged: Bool = false)
  /// One service VLAN (IEEE 802.1ad): frames get its tag in front of whatever tag they have. Of frames that have one only
  /// those of the `customers` VLANs pass; of any VLAN when the set is empty.
  case tunnel(VLANID, customers: Set<VLANID>)
  /// Every frame as it is: what becomes of its tags is not the switch's matter but that of OVN's flows.
  case any

  /// The VLAN that stands in `trunks` when there is none to carry: an empty set would mean every VLAN, and 4095 is one
  /// that no network can have (IEEE 802.1Q).
  public static let parked = 4095

  /// What stands in `trunks` for frames without a tag (ovs-vswitchd.conf.db(5), table Port, VLAN configuration).
  public static let untagged = 0

  /// The VLANs of the network that get through.
  public var vlans: Set<VLANID> {
    switch self {
    case .access(let vlan): [vlan]
    case .trunk(let vlans, _): vlans
    case .tunnel(let vlan, _): [vlan]
    case .any: []
    }
  }

  var mode: String? {
    switch self {
    case .access: "access"
    case .trunk: "trunk"
    case .tunnel: "dot1q-tunnel"
    case .any: nil
    }
  }

  var tag: Int? {
    switch self {
    case .access(let vlan), .tunnel(let vlan, _): Int(vlan.rawValue)
    case .trunk, .any: nil
    }
  }

  var trunks: Set<Int> {
    switch self {
    case .access, .tunnel, .any: []
    case .trunk(let vlans, let untagged):
      vlans.isEmpty && !untagged
        ? [Self.parked] : Set(vlans.map { Int($0.rawValue) } + (untagged ? [Self.untagged] : []))
    }
  }

  var customerVLANs: Set<Int> {
    switch self {
    case .access, .trunk, .any: []
    case .tunnel(_, let customers): Set(customers.map { Int($0.rawValue) })
    }
  }
}

extension PortVLANs: LosslessStringConvertible {
  /// Reads a `description`.
  public init?(_ description: String) {
    let parts = description.split(separator: " ", omittingEmptySubsequences: false)
    let lists = parts.dropFirst().map { Self.list($0) }
    guard lists.allSatisfy({ $0 != nil }) else { return nil }
    switch (parts[0], lists.first??.first, lists.count) {
    case ("any", nil, 0): self = .any
    case ("access", let vlan?, 1) where lists[0]?.count == 1: self = .access(vlan)
    case ("trunk", _, 1): self = .trunk(Set(lists[0] ?? []))
    case ("trunk+untagged", _, 1): self = .trunk(Set(lists[0] ?? []), untagged: true)
    case ("tunnel", let vlan?, 2) where lists[0]?.count == 1: self = .tunnel(vlan, customers: Set(lists[1] ?? []))
    default: return nil
    }
  }

  private static func list(_ text: Substring) -> [VLANID]? {
    guard text != "none" else { return [] }
    let texts = text.split(separator: ",", omittingEmptySubsequences: false)
    let vlans = texts.compactMap { UInt16($0).flatMap { VLANID(rawValue: $0) } }
    return vlans.count == texts.count ? vlans : nil
  }

  /// "access 13", "trunk 10,11,12", "trunk+untagged 10", "tunnel 100 10,11,12" or "any"; "none" stands for no VLAN.
  public var description: String {
    func list(_ vlans: Set<VLANID>) -> String {
      vlans.isEmpty ? "none" : vlans.sorted().map(\.description).joined(separator: ",")
    }
    return switch self {
    case .access(let vlan): "access \(vlan)"
    case .trunk(let vlans, let untagged): "\(untagged ? "trunk+untagged" : "trunk") \(list(vlans))"
    case .tunnel(let vlan, let customers): "tunnel \(vlan) \(list(customers))"
    case .any: "any"
    }
  }
}
