/// An L2 network (ovn-nb(5), Logical_Switch).
public struct LogicalSwitch: NorthboundRow, Sendable, Hashable {
  /// Its name; ours are unique.
  public var name: String
  /// `mcast_snoop`, `vlan-passthru` and the like.
  public var otherConfig: [String: String] = [:]
  /// The tables that answer DNS requests of its ports.
  public var dns: Set<NorthboundKey> = []

  /// A switch of a name.
  public init(name: String) { self.name = name }

  /// The switch of a name.
  public static func key(_ name: String) -> NorthboundKey { NorthboundKey(.logicalSwitch, name) }

  /// The row, defined.
  public var fragment: RowFragment {
    RowFragment(
      Self.key(name),
      columns: ["name": .one(name), "other_config": .map(otherConfig), "dns_records": .references(dns)])
  }
}

/// A port of a switch (ovn-nb(5), Logical_Switch_Port).
public struct LogicalSwitchPort: NorthboundRow, Sendable, Hashable {
  /// Its name, unique in the whole database: what an interface on a node names as its `iface-id`.
  public var name: String
  /// The name of the switch that it is on.
  public var logicalSwitch: String
  /// What it is: empty for a pod or a VM, else `router`, `localnet`, `l2gateway`, `localport`, `virtual`.
  public var type = ""
  /// `router-port`, `network_name`, `requested-chassis`, `iface-id-ver` and the like.
  public var options: [String: String] = [:]
  /// `MAC IP...`, `unknown` or `router`: who is behind it, so that the switch answers ARP and ND for it.
  public var addresses: Set<String> = []
  /// `MAC IP...`: who may send; empty: anybody.
  public var portSecurity: Set<String> = []
  /// The port that it is nested in, and the VLAN that it has there.
  public var parentName: String?
  /// The VLAN in `parentName`, or of a localnet or l2gateway port on its network.
  public var tag: Int?
  /// Whether frames pass; nil: yes.
  public var enabled: Bool?
  /// What DHCP (RFC 2131) answers to it.
  public var dhcpv4: NorthboundKey?
  /// What DHCPv6 (RFC 8415) answers to it.
  public var dhcpv6: NorthboundKey?
  /// Where it is bound, for `virtual` and external ports.
  public var haChassisGroup: NorthboundKey?
  /// Whether it is followed on which node it is bound: ``NorthboundMark/followed``.
  public var isFollowed = false

  /// A port of a switch.
  public init(name: String, on logicalSwitch: String) {
    self.name = name
    self.logicalSwitch = logicalSwitch
  }

  /// The port of a name.
  public static func key(_ name: String) -> NorthboundKey { NorthboundKey(.logicalSwitchPort, name) }

  /// The row, defined.
  public var fragment: RowFragment {
    var fragment = RowFragment(
      Self.key(name), in: [.init(LogicalSwitch.key(logicalSwitch), "ports")],
      columns: [
        "name": .one(name), "type": .one(type), "options": .map(options), "addresses": .set(addresses),
        "port_security": .set(portSecurity), "parent_name": .optional(parentName),
        // northd writes `tag` of a nested port, from `tag_request`.
        parentName == nil ? "tag" : "tag_request": .optional(tag),
        "enabled": .optional(enabled), "dhcpv4_options": .optional(dhcpv4), "dhcpv6_options": .optional(dhcpv6),
        "ha_chassis_group": .optional(haChassisGroup), "mirror_rules": .references([]),
      ])
    if isFollowed { fragment.columns["external_ids"] = .map(NorthboundMark.followed) }
    return fragment
  }
}
