/// A table of OVN's northbound database (ovn-nb(5)) that Netloom writes to.
public enum NorthboundTable: String, Sendable, Hashable, CaseIterable {
  case logicalSwitch = "Logical_Switch"
  case logicalSwitchPort = "Logical_Switch_Port"
  case logicalRouter = "Logical_Router"
  case logicalRouterPort = "Logical_Router_Port"
  case staticRoute = "Logical_Router_Static_Route"
  case routerPolicy = "Logical_Router_Policy"
  case nat = "NAT"
  case dhcpOptions = "DHCP_Options"
  case dns = "DNS"
  case accessList = "ACL"
  case portGroup = "Port_Group"
  case addressSet = "Address_Set"
  case haChassisGroup = "HA_Chassis_Group"
  case haChassis = "HA_Chassis"
  case bfd = "BFD"
  case qos = "QoS"
  case mirror = "Mirror"
}

/// Which row: unique among the rows of a table that Netloom made. It stands in the row's `external_ids` as
/// ``NorthboundMark/key`` and is compared as a whole, so `web-1` is never taken for `web-10`.
public struct NorthboundKey: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The table.
  public var table: NorthboundTable
  /// Names the row within the table.
  public var name: String

  /// The row of a name.
  public init(_ table: NorthboundTable, _ name: String) {
    self.table = table
    self.name = name
  }

  /// `Logical_Switch web/blue`.
  public var description: String { "\(table.rawValue) \(name)" }

  /// Tables in the order of ``NorthboundTable``'s names, then names.
  public static func < (lhs: Self, rhs: Self) -> Bool {
    (lhs.table.rawValue, lhs.name) < (rhs.table.rawValue, rhs.name)
  }
}

/// The keys of `external_ids` by which Netloom knows its rows.
public enum NorthboundMark {
  /// The object that the row is made for: ``NorthboundOwner/description``.
  public static let owner = "netloom-owner"
  /// ``NorthboundKey/name``.
  public static let key = "netloom-key"
  /// The entry that a port has besides when it is followed where it is bound. ovn-northd copies `external_ids` into the
  /// southbound database, and there the ports that are followed are told from all others by it.
  public static let followed = ["netloom-followed": "true"]
}

/// The Kubernetes object that a row is made for.
public struct NorthboundOwner: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The kind: `L2Service`.
  public var kind: String
  /// `namespace/name`, or the name alone of what has no namespace.
  public var name: String

  /// An object.
  public init(kind: String, name: String) {
    self.kind = kind
    self.name = name
  }

  /// `L2Service/namespace/name`.
  public var description: String { "\(kind)/\(name)" }

  /// By kind, then by name.
  public static func < (lhs: Self, rhs: Self) -> Bool { (lhs.kind, lhs.name) < (rhs.kind, rhs.name) }
}
