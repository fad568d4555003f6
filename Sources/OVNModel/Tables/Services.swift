/// What DHCP answers in a subnet (ovn-nb(5), DHCP_Options).
public struct DHCPOptions: NorthboundRow, Sendable, Hashable {
  /// Names the row among ours.
  public var id: String
  /// The subnet.
  public var cidr: String
  /// The options by OVN's names: `server_id`, `server_mac`, `lease_time`, `router`, `mtu`, `dns_server`.
  public var options: [String: String]

  /// Options of a subnet.
  public init(id: String, cidr: String, options: [String: String]) {
    self.id = id
    self.cidr = cidr
    self.options = options
  }

  /// The options of a name.
  public static func key(_ id: String) -> NorthboundKey { NorthboundKey(.dhcpOptions, id) }

  /// The row, defined.
  public var fragment: RowFragment {
    RowFragment(Self.key(id), columns: ["cidr": .one(cidr), "options": .map(options)])
  }
}

/// Names that OVN answers itself (ovn-nb(5), DNS): lower-case name to addresses separated by blanks.
public struct DNSTable: NorthboundRow, Sendable, Hashable {
  /// Names the row among ours.
  public var id: String
  /// Lower-case names.
  public var records: [String: String] = [:]

  /// An empty table.
  public init(id: String) { self.id = id }

  /// The table of a name.
  public static func key(_ id: String) -> NorthboundKey { NorthboundKey(.dns, id) }

  /// The row, defined.
  public var fragment: RowFragment { RowFragment(Self.key(id), columns: ["records": .map(records)]) }
}

/// A limit of the rate on a switch (ovn-nb(5), QoS).
public struct RateLimit: NorthboundRow, Sendable, Hashable {
  /// As seen from the port.
  public enum Direction: String, Sendable, Hashable {
    /// What ports send.
    case fromPort = "from-lport"
    /// What ports receive.
    case toPort = "to-lport"
  }

  /// Names the row among ours.
  public var id: String
  /// The name of the switch.
  public var logicalSwitch: String
  /// Seen from the port.
  public var direction: Direction
  /// 0 to 32767; the highest that matches wins.
  public var priority = 100
  /// Which packets, in OVN's language.
  public var match: String
  /// Kilobits a second, at least 1.
  public var rate: Int
  /// Kilobits.
  public var burst: Int?

  /// A limit on a switch.
  public init(id: String, on logicalSwitch: String, _ direction: Direction, match: String, rate: Int, burst: Int?) {
    self.id = id
    self.logicalSwitch = logicalSwitch
    self.direction = direction
    self.match = match
    self.rate = rate
    self.burst = burst
  }

  /// The row, defined.
  public var fragment: RowFragment {
    var bandwidth = ["rate": rate]
    bandwidth["burst"] = burst
    return RowFragment(
      NorthboundKey(.qos, id), in: [.init(LogicalSwitch.key(logicalSwitch), "qos_rules")],
      columns: [
        "direction": .one(direction.rawValue), "priority": .one(priority), "match": .one(match),
        "bandwidth": .numbers(bandwidth),
      ])
  }
}

/// A copy of what ports send and receive (ovn-nb(5), Mirror). Ports refer to it in `mirror_rules`.
public struct PortMirror: NorthboundRow, Sendable, Hashable {
  /// As seen from the switch: what ports send, what they receive, or (where the server has it) both.
  public enum Filter: String, Sendable, Hashable {
    case fromPort = "from-lport"
    case toPort = "to-lport"
    case both
  }
  /// How copies travel.
  public enum Kind: String, Sendable, Hashable { case gre, erspan, local, lport }

  /// Its name, unique in the whole database.
  public var name: String
  /// Which packets.
  public var filter: Filter
  /// Where to: the address of the sink, or what the kind says.
  public var sink: String
  /// How copies travel.
  public var kind: Kind
  /// The key of the tunnel.
  public var index = 0

  /// A mirror of a name.
  public init(name: String, _ filter: Filter, to sink: String, by kind: Kind) {
    self.name = name
    self.filter = filter
    self.sink = sink
    self.kind = kind
  }

  /// The mirror of a name.
  public static func key(_ name: String) -> NorthboundKey { NorthboundKey(.mirror, name) }

  /// The row, defined.
  public var fragment: RowFragment {
    RowFragment(
      Self.key(name),
      columns: [
        "name": .one(name), "filter": .one(filter.rawValue), "sink": .one(sink), "type": .one(kind.rawValue),
        "index": .one(index),
      ])
  }
}
