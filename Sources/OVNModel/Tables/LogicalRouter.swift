/// A router (ovn-nb(5), Logical_Router): on every node where its ports are, or on one if `chassis` says so.
public struct LogicalRouter: NorthboundRow, Sendable, Hashable {
  /// Its name; ours are unique.
  public var name: String
  /// `chassis`, `dynamic_neigh_routers`, `always_learn_from_arp_request`, `lb_force_snat_ip` and the like.
  public var options: [String: String] = [:]
  /// Whether it forwards; nil: yes.
  public var enabled: Bool?

  /// A router of a name.
  public init(name: String) { self.name = name }

  /// The router of a name.
  public static func key(_ name: String) -> NorthboundKey { NorthboundKey(.logicalRouter, name) }

  /// The row, defined.
  public var fragment: RowFragment {
    RowFragment(
      Self.key(name),
      columns: ["name": .one(name), "options": .map(options), "enabled": .optional(enabled)])
  }
}

/// A port of a router (ovn-nb(5), Logical_Router_Port).
public struct LogicalRouterPort: NorthboundRow, Sendable, Hashable {
  /// Its name, unique in the whole database.
  public var name: String
  /// The name of the router that it is on.
  public var logicalRouter: String
  /// Its MAC address.
  public var mac: String
  /// Its addresses with the prefix lengths of their networks: `10.0.0.1/24`.
  public var networks: Set<String>
  /// `gateway_mtu`, `redirect-type` and the like.
  public var options: [String: String] = [:]
  /// The nodes that it can be on, the one with the highest priority first (BFD tells who lives).
  public var haChassisGroup: NorthboundKey?
  /// What router advertisements (RFC 4861) say: `address_mode`, `send_periodic`, `mtu`; empty: none are sent.
  public var ipv6RouterAdvertisements: [String: String] = [:]
  /// Whether it forwards; nil: yes.
  public var enabled: Bool?

  /// A port of a router.
  public init(name: String, on logicalRouter: String, mac: String, networks: Set<String>) {
    self.name = name
    self.logicalRouter = logicalRouter
    self.mac = mac
    self.networks = networks
  }

  /// The port of a name.
  public static func key(_ name: String) -> NorthboundKey { NorthboundKey(.logicalRouterPort, name) }

  /// The row, defined.
  public var fragment: RowFragment {
    RowFragment(
      Self.key(name), in: [.init(LogicalRouter.key(logicalRouter), "ports")],
      columns: [
        "name": .one(name), "mac": .one(mac), "networks": .set(networks), "options": .map(options),
        "ha_chassis_group": .optional(haChassisGroup), "ipv6_ra_configs": .map(ipv6RouterAdvertisements),
        "enabled": .optional(enabled),
      ])
  }
}

/// A static route (ovn-nb(5), Logical_Router_Static_Route). Several to one prefix share the flows (ECMP).
public struct StaticRoute: NorthboundRow, Sendable, Hashable {
  /// Names the row among ours.
  public var id: String
  /// The name of the router that has it.
  public var logicalRouter: String
  /// Where it leads: a prefix.
  public var prefix: String
  /// The next router's address; `discard` drops.
  public var nextHop: String
  /// The router port that it leaves by; nil: the one whose network has the next hop.
  public var outputPort: String?
  /// Whether `prefix` is looked for in the source instead of in the destination.
  public var isBySource = false
  /// `ecmp_symmetric_reply` and the like.
  public var options: [String: String] = [:]
  /// The session that tells whether the next hop lives.
  public var bfd: NorthboundKey?

  /// A route of a router.
  public init(id: String, on logicalRouter: String, prefix: String, nextHop: String) {
    self.id = id
    self.logicalRouter = logicalRouter
    self.prefix = prefix
    self.nextHop = nextHop
  }

  /// The row, defined.
  public var fragment: RowFragment {
    RowFragment(
      NorthboundKey(.staticRoute, id), in: [.init(LogicalRouter.key(logicalRouter), "static_routes")],
      columns: [
        "ip_prefix": .one(prefix), "nexthop": .one(nextHop), "output_port": .optional(outputPort),
        "policy": .optional(isBySource ? "src-ip" : nil), "options": .map(options), "bfd": .optional(bfd),
      ])
  }
}

/// A policy of a router (ovn-nb(5), Logical_Router_Policy): looked at after the routes, the highest priority wins.
public struct RouterPolicy: NorthboundRow, Sendable, Hashable {
  /// What is done with a packet.
  public enum Action: String, Sendable, Hashable { case allow, drop, reroute }

  /// Names the row among ours.
  public var id: String
  /// The name of the router that has it.
  public var logicalRouter: String
  /// 0 to 32767; the highest that matches wins.
  public var priority: Int
  /// Which packets, in OVN's language (ovn-sb(5), Logical_Flow `match`).
  public var match: String
  /// What is done with them.
  public var action: Action
  /// Where they are sent instead, for `reroute`; several share the flows.
  public var nextHops: Set<String> = []
  /// `pkt_mark` and the like.
  public var options: [String: String] = [:]

  /// A policy of a router.
  public init(id: String, on logicalRouter: String, priority: Int, match: String, action: Action) {
    self.id = id
    self.logicalRouter = logicalRouter
    self.priority = priority
    self.match = match
    self.action = action
  }

  /// The row, defined.
  public var fragment: RowFragment {
    RowFragment(
      NorthboundKey(.routerPolicy, id), in: [.init(LogicalRouter.key(logicalRouter), "policies")],
      columns: [
        "priority": .one(priority), "match": .one(match), "action": .one(action.rawValue),
        "nexthops": .set(nextHops), "options": .map(options),
      ])
  }
}

/// A translation of addresses by a router (ovn-nb(5), NAT).
public struct AddressTranslation: NorthboundRow, Sendable, Hashable {
  /// Which way.
  public enum Kind: String, Sendable, Hashable {
    case snat, dnat
    case both = "dnat_and_snat"
  }

  /// Names the row among ours.
  public var id: String
  /// The name of the router that has it.
  public var logicalRouter: String
  /// Which way.
  public var kind: Kind
  /// The address outside.
  public var external: String
  /// The address inside, or for `snat` the prefix.
  public var logical: String
  /// The MAC address outside and the port inside: the translation is then done on the port's node (distributed).
  public var externalMAC: String?
  /// See `externalMAC`.
  public var logicalPort: String?
  /// `stateless` and the like.
  public var options: [String: String] = [:]

  /// A translation by a router.
  public init(id: String, on logicalRouter: String, _ kind: Kind, external: String, logical: String) {
    self.id = id
    self.logicalRouter = logicalRouter
    self.kind = kind
    self.external = external
    self.logical = logical
  }

  /// The row, defined.
  public var fragment: RowFragment {
    RowFragment(
      NorthboundKey(.nat, id), in: [.init(LogicalRouter.key(logicalRouter), "nat")],
      columns: [
        "type": .one(kind.rawValue), "external_ip": .one(external), "logical_ip": .one(logical),
        "external_mac": .optional(externalMAC), "logical_port": .optional(logicalPort), "options": .map(options),
      ])
  }
}

/// A BFD session (RFC 5880) of a router port with a next hop (ovn-nb(5), BFD).
public struct BFDSession: NorthboundRow, Sendable, Hashable {
  /// The router port.
  public var logicalPort: String
  /// The neighbour's address.
  public var destination: String

  /// A session of a port with a neighbour.
  public init(logicalPort: String, destination: String) {
    self.logicalPort = logicalPort
    self.destination = destination
  }

  /// The session of a port with a neighbour.
  public var key: NorthboundKey { NorthboundKey(.bfd, "\(logicalPort) \(destination)") }

  /// The row, defined.
  public var fragment: RowFragment {
    RowFragment(key, columns: ["logical_port": .one(logicalPort), "dst_ip": .one(destination)])
  }
}
