import NetworkTypes

/// A data centre to be built out of network namespaces: which machines there are, and the cables between them.
///
/// A pure description; ``Lab`` builds it.
public struct LabTopology: Codable, Sendable, Hashable {
  /// A server that runs pods: an empty Open vSwitch waits for the node agent.
  public struct Host: Codable, Sendable, Hashable {
    public var name: String

    public init(name: String) { self.name = name }
  }

  /// A leaf switch: an Open vSwitch with one bridge that holds every cabled port, all VLANs closed.
  public struct Switch: Codable, Sendable, Hashable {
    public var name: String
    /// VLANs that the port carries already, for somebody else: port name to VLAN identifiers.
    public var carried: [String: [VLANID]]?
    /// The VLAN that frames without a tag are in, by port.
    public var untagged: [String: VLANID]?

    public init(name: String, carried: [String: [VLANID]]? = nil, untagged: [String: VLANID]? = nil) {
      self.name = name
      self.carried = carried
      self.untagged = untagged
    }
  }

  /// A DC gateway: a router with an interface in each of its VLANs.
  public struct Gateway: Codable, Sendable, Hashable {
    public var name: String
    public var networks: [GatewayNetwork]
    public init(name: String, networks: [GatewayNetwork]) {
      self.name = name
      self.networks = networks
    }
  }

  /// One VLAN of a gateway and the gateway's addresses in it.
  public struct GatewayNetwork: Codable, Sendable, Hashable {
    public var vlan: VLANID
    public var addresses: [InterfaceAddress]
    /// Addresses that lie behind the gateway, for those in this VLAN who have a route to them.
    public var behind: [InterfaceAddress]?
    /// What the gateway reaches through a neighbour in this VLAN.
    public var routes: [GatewayRoute]?

    public init(
      vlan: VLANID, addresses: [InterfaceAddress], behind: [InterfaceAddress]? = nil, routes: [GatewayRoute]? = nil
    ) {
      self.vlan = vlan
      self.addresses = addresses
      self.behind = behind
      self.routes = routes
    }
  }

  /// A static route of a gateway.
  public struct GatewayRoute: Codable, Sendable, Hashable {
    public var destination: CIDR
    public var nextHop: IPAddress

    public init(destination: CIDR, nextHop: IPAddress) {
      self.destination = destination
      self.nextHop = nextHop
    }
  }

  /// One end of a cable, written `machine:interface`.
  public struct Socket: Codable, Sendable, Hashable, CustomStringConvertible {
    public var machine: String
    public var interface: String

    public init(_ machine: String, _ interface: String) {
      self.machine = machine
      self.interface = interface
    }

    public init(from decoder: any Decoder) throws {
      let text = try decoder.singleValueContainer().decode(String.self)
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: decoder.codingPath,
            debugDescription: "a cable's end is written machine:interface, not \"\(text)\""))
      }
      self.init(parts[0], parts[1])
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(description)
    }

    public var description: String { "\(machine):\(interface)" }
  }

  /// A cable between two machines.
  public struct Cable: Codable, Sendable, Hashable {
    public var a: Socket
    public var b: Socket

    public init(_ a: Socket, _ b: Socket) {
      self.a = a
      self.b = b
    }
  }

  public var hosts: [Host]
  public var switches: [Switch]
  public var gateways: [Gateway]
  public var cables: [Cable]
  /// Nil: the hosts have no OVN, and no network below their own.
  public var overlay: Overlay?

  public init(
    hosts: [Host], switches: [Switch], gateways: [Gateway], cables: [Cable], overlay: Overlay? = nil
  ) {
    self.hosts = hosts
    self.switches = switches
    self.gateways = gateways
    self.cables = cables
    self.overlay = overlay
  }

  /// Every machine's name, hosts first. The one with OVN's central part is not among them: it has no Open vSwitch.
  public var machines: [String] { hosts.map(\.name) + switches.map(\.name) + gateways.map(\.name) }

  /// The interfaces of a machine, in the order of the cables.
  public func interfaces(of machine: String) -> [String] {
    cables.flatMap { [$0.a, $0.b] }.filter { $0.machine == machine }.map(\.interface)
  }

  /// What is wrong with the description; empty when it can be built.
  public func problems() -> [String] {
    var problems = overlay?.problems(hosts: hosts.count) ?? []
    var seen: Set<String> = []
    for name in machines {
      if name == Self.central { problems.append("machine \(name): the name is kept for OVN's central part") }
      if !seen.insert(name).inserted { problems.append("machine \(name) is named twice") }
      if name.isEmpty || name.count > 20
        || !name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
      {
        problems.append("machine \"\(name)\": a name has 1 to 20 letters, digits and dashes")
      }
    }
    var used: Set<Socket> = []
    for end in cables.flatMap({ [$0.a, $0.b] }) {
      if !seen.contains(end.machine) { problems.append("cable end \(end): there is no machine \(end.machine)") }
      if !used.insert(end).inserted { problems.append("cable end \(end) is used twice") }
      if end.interface.utf8.count > 15 { problems.append("cable end \(end): an interface name has at most 15 bytes") }
    }
    for gateway in gateways where interfaces(of: gateway.name).isEmpty {
      problems.append("gateway \(gateway.name) has no cable")
    }
    return problems
  }
}
