/// Ports that are named together in matches (ovn-nb(5), Port_Group): `inport == @name`.
public struct PortGroup: NorthboundRow, Sendable, Hashable {
  /// Its name, unique in the whole database: letters, digits, `_` and `.`, beginning with no digit (ovn-nb(5)).
  public var name: String
  /// The ports that whoever defines the group wants in it.
  public var ports: Set<NorthboundKey> = []

  /// A group of a name.
  public init(name: String) { self.name = name }

  /// The group of a name.
  public static func key(_ name: String) -> NorthboundKey { NorthboundKey(.portGroup, name) }

  /// The row, defined.
  public var fragment: RowFragment {
    RowFragment(Self.key(name), columns: ["name": .one(name), "ports": .references(ports)])
  }
}

/// Addresses that are named together in matches (ovn-nb(5), Address_Set): `ip4.src == $name`.
public struct AddressSetRow: NorthboundRow, Sendable, Hashable {
  /// Its name, unique in the whole database: as of ``PortGroup``.
  public var name: String
  /// Addresses and prefixes of one family.
  public var addresses: Set<String> = []

  /// A set of a name.
  public init(name: String) { self.name = name }

  /// The set of a name.
  public static func key(_ name: String) -> NorthboundKey { NorthboundKey(.addressSet, name) }

  /// The row, defined.
  public var fragment: RowFragment {
    RowFragment(Self.key(name), columns: ["name": .one(name), "addresses": .set(addresses)])
  }
}

/// A rule about what passes (ovn-nb(5), ACL), on a switch or for the ports of a group.
public struct AccessRule: NorthboundRow, Sendable, Hashable {
  /// What is done with a packet.
  public enum Action: String, Sendable, Hashable {
    /// Passes, and what answers it too (stateful).
    case allowRelated = "allow-related"
    /// Passes, without a look at the connection.
    case allowStateless = "allow-stateless"
    case allow, drop, reject
  }

  /// Names the row among ours.
  public var id: String
  /// The group or the switch that it is of.
  public var holder: NorthboundKey
  /// Seen from the port.
  public var direction: RateLimit.Direction
  /// 0 to 32767; the highest that matches wins.
  public var priority: Int
  /// Which packets, in OVN's language.
  public var match: String
  /// What is done with them.
  public var action: Action
  /// A name for logs and counters, at most 63 bytes.
  public var name: String?
  /// A number that stands in the flow's cookie and in connection tracking, for counters; 0: none.
  public var label = 0

  /// A rule of a group or of a switch.
  public init(
    id: String, of holder: NorthboundKey, _ direction: RateLimit.Direction, priority: Int, match: String, action: Action
  ) {
    self.id = id
    self.holder = holder
    self.direction = direction
    self.priority = priority
    self.match = match
    self.action = action
  }

  /// The row, defined.
  public var fragment: RowFragment {
    RowFragment(
      NorthboundKey(.accessList, id), in: [.init(holder, "acls")],
      columns: [
        "direction": .one(direction.rawValue), "priority": .one(priority), "match": .one(match),
        "action": .one(action.rawValue), "name": .optional(name), "label": .one(label),
      ])
  }
}
