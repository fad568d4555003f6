import JSON
public import KubernetesModel
public import NetworkTypes

/// A Router's names and addresses as values, checked.
public struct ParsedRouter: Sendable, Hashable {
  /// A network that is joined.
  public struct Network: Sendable, Hashable {
    /// The L2Service.
    public let service: NamespacedName
    /// Whether outside the gateway's address stands for its IPv4 addresses.
    public let snat: Bool
    /// Whether pods of the other networks get a route to it.
    public let announce: Bool
  }

  /// The way out.
  public struct Gateway: Sendable, Hashable {
    /// The L2Service that leads outside.
    public let service: NamespacedName
    /// Its addresses there, as written.
    public let addresses: [IPAddress]
    /// Where traffic leaves.
    public let mode: Router.GatewayMode
    /// The nodes that can be the gateway; nil: every node that reaches the physical network.
    public let nodeSelector: LabelSelector?
  }

  /// A static route.
  public struct Route: Sendable, Hashable {
    /// The network that is reached.
    public let destination: CIDR
    /// Through which addresses.
    public let nextHops: [IPAddress]
    /// Whether a next hop that does not answer is left out.
    public let bfd: Bool
  }

  /// An address of the outside for one address inside.
  public struct FloatingAddress: Sendable, Hashable {
    /// The address outside.
    public let external: IPAddress
    /// The address inside.
    public let `internal`: IPAddress
  }

  /// The networks, in the manifest's order.
  public let networks: [Network]
  /// The way out.
  public let gateway: Gateway?
  /// The networks between router and gateways: those of the manifest, and the default of a family that it leaves out.
  public let joinSubnets: [CIDR]
  /// The routes.
  public let routes: [Route]
  /// The floating addresses.
  public let floatingAddresses: [FloatingAddress]

  /// What a Router uses that names no join subnet of a family: 100.64.0.0/24 (of the addresses that RFC 6598 sets aside)
  /// and fd64::/120.
  public static let defaultJoinSubnets: [CIDR] = ["100.64.0.0/24", "fd64::/120"].compactMap { CIDR($0) }

  /// The addresses outside that the router answers for: no pod gets them.
  public var outsideAddresses: [IPAddress] { (gateway?.addresses ?? []) + floatingAddresses.map(\.external) }

  /// The join subnet of a family.
  public func joinSubnet(_ family: IPFamily) -> CIDR? { joinSubnets.first { $0.family == family } }
}

extension CIDR {
  /// In a join subnet: the address of the router.
  public var joinRouter: IPAddress { hostRange.first }
  /// In a join subnet: the address of the gateway at a place, the first being 0; nil: there is no room for so many.
  public func joinGateway(_ index: Int) -> IPAddress? {
    hostRange.first.advanced(by: index + 1).flatMap { hostRange.contains($0) ? $0 : nil }
  }
}

extension Router {
  /// The names and addresses as values; an error with every mistake, when there is one.
  public func parsed() throws(InvalidFields) -> ParsedRouter {
    var reader = RouterReader(namespace: metadata.namespace)
    let networks = reader.networks(spec.networks)
    let gateway = reader.gateway(spec.gateway, beside: networks)
    let joinSubnets = reader.joinSubnets(spec.joinSubnets ?? [])
    let floating = reader.floatingAddresses(spec.floatingAddresses ?? [], gateway)
    let routes = reader.routes(
      spec.routes ?? [], own: (gateway?.addresses ?? []) + floating.map(\.external), joinSubnets)
    reader.validator.callbackURL(spec.callbackURL)
    guard reader.validator.errors.isEmpty else { throw InvalidFields(errors: reader.validator.errors) }
    return ParsedRouter(
      networks: networks, gateway: gateway, joinSubnets: joinSubnets, routes: routes, floatingAddresses: floating)
  }
}

/// Reads the fields of a Router, noting every mistake.
private struct RouterReader {
  let namespace: String?
  var validator = Validator()

  mutating func networks(_ networks: [Router.Network]) -> [ParsedRouter.Network] {
    let path = FieldPath.spec.child("networks")
    if networks.isEmpty { validator.add(.required(path, "a router joins networks; name at least one L2Service")) }
    let read = networks.map { network in
      ParsedRouter.Network(
        service: NamespacedName(reference: network.l2Service, from: namespace), snat: network.snat ?? false,
        announce: network.announce ?? true)
    }
    validator.unique(
      read.map(\.service), at: { path[$0].child("l2Service") }, { .string(networks[$0].l2Service) },
      "the L2Service is listed twice; name it once")
    return read
  }

  mutating func gateway(
    _ gateway: Router.Gateway?, beside networks: [ParsedRouter.Network]
  ) -> ParsedRouter.Gateway? {
    guard let gateway else {
      for (index, network) in networks.enumerated() where network.snat {
        validator.add(
          .forbidden(
            FieldPath.spec.child("networks")[index].child("snat"), .bool(true),
            "without spec.gateway there is no address to stand for others; give a gateway, or leave it out"))
      }
      return nil
    }
    let path = FieldPath.spec.child("gateway")
    let service = NamespacedName(reference: gateway.l2Service, from: namespace)
    if networks.contains(where: { $0.service == service }) {
      validator.add(
        .duplicate(
          path.child("l2Service"), .string(gateway.l2Service),
          "spec.networks has it too, and packets would go round; leave it out there"))
    }
    if gateway.addresses.isEmpty {
      validator.add(.required(path.child("addresses"), "a gateway needs an address in each Subnet of its L2Service"))
    }
    validator.selector(gateway.nodeSelector, at: path.child("nodeSelector"))
    return ParsedRouter.Gateway(
      service: service, addresses: addresses(gateway.addresses, at: path.child("addresses")),
      mode: gateway.mode ?? .activeStandby, nodeSelector: gateway.nodeSelector)
  }

  /// Addresses, each once.
  private mutating func addresses(_ texts: [String], at path: FieldPath) -> [IPAddress] {
    var read: [IPAddress] = []
    for (index, text) in texts.enumerated() {
      guard let address: IPAddress = validator.parse(text, at: path[index]) else { continue }
      if read.contains(address) {
        validator.add(.duplicate(path[index], .string(text), "list it once"))
      } else if !address.isOfHost {
        validator.add(
          .invalid(path[index], .string(text), "it is no address that a router can have; use a unicast address"))
      } else {
        read.append(address)
      }
    }
    return read
  }

  mutating func joinSubnets(_ texts: [String]) -> [CIDR] {
    let path = FieldPath.spec.child("joinSubnets")
    var read: [CIDR] = []
    for (index, text) in texts.enumerated() {
      guard let subnet: CIDR = validator.parse(text, at: path[index]) else { continue }
      if !subnet.first.isOfNetwork || !subnet.last.isOfNetwork {
        validator.add(
          .invalid(path[index], .string(text), "it is not of unicast addresses; use one such as 100.64.0.0/24"))
      } else if let other = read.first(where: { $0.family == subnet.family }) {
        validator.add(
          .invalid(path[index], .string(text), "it is \(subnet.family) as \(other) is; name one of each IP family"))
      } else if subnet.hostRange.count < 2 {
        validator.add(
          .invalid(
            path[index], .string(text),
            "it has no room for the router and a gateway; use \(subnet.family == .v4 ? "a /30" : "a /126") or larger"))
      } else {
        read.append(subnet)
      }
    }
    let families = Set(read.map(\.family))
    return read + ParsedRouter.defaultJoinSubnets.filter { !families.contains($0.family) }
  }

  mutating func floatingAddresses(
    _ floating: [Router.FloatingAddress], _ gateway: ParsedRouter.Gateway?
  ) -> [ParsedRouter.FloatingAddress] {
    let path = FieldPath.spec.child("floatingAddresses")
    if !floating.isEmpty, gateway == nil {
      validator.add(.required(FieldPath.spec.child("gateway"), "floating addresses are reached by way of it; give one"))
    }
    var read: [ParsedRouter.FloatingAddress] = []
    for (index, pair) in floating.enumerated() {
      let external: IPAddress? = validator.parse(pair.external, at: path[index].child("external"))
      let inside: IPAddress? = validator.parse(pair.internal, at: path[index].child("internal"))
      guard let external, let inside else { continue }
      if external.family != inside.family {
        validator.add(
          .invalid(
            path[index].child("internal"), .string(pair.internal),
            "it is \(inside.family) and \(external) is \(external.family); use two of one IP family"))
      } else if gateway?.addresses.contains(external) == true {
        validator.add(
          .duplicate(
            path[index].child("external"), .string(pair.external), "it is the gateway's own address; use another"))
      } else if read.contains(where: { $0.external == external }) {
        validator.add(
          .duplicate(path[index].child("external"), .string(pair.external), "it leads elsewhere; list it once"))
      } else if read.contains(where: { $0.internal == inside }) {
        validator.add(
          .duplicate(
            path[index].child("internal"), .string(pair.internal), "it has a floating address; give it one"))
      } else {
        read.append(ParsedRouter.FloatingAddress(external: external, internal: inside))
      }
    }
    return read
  }

  /// - Parameter own: the router's addresses outside.
  mutating func routes(_ routes: [Router.Route], own: [IPAddress], _ joinSubnets: [CIDR]) -> [ParsedRouter.Route] {
    let path = FieldPath.spec.child("routes")
    var read: [ParsedRouter.Route] = []
    for (index, route) in routes.enumerated() {
      let path = path[index]
      guard let destination: CIDR = validator.parse(route.destination, at: path.child("destination")) else { continue }
      if read.contains(where: { $0.destination == destination }) {
        validator.add(
          .duplicate(
            path.child("destination"), .string(route.destination),
            "another route has it; list the next hops of a destination in one route"))
      }
      if route.nextHops.isEmpty { validator.add(.required(path.child("nextHops"), "name at least one next hop")) }
      let hops = addresses(route.nextHops, at: path.child("nextHops"))
      for hop in hops {
        guard let mistake = mistake(hop, destination, own, joinSubnets) else { continue }
        validator.add(.invalid(path.child("nextHops"), .string("\(hop)"), mistake))
      }
      read.append(ParsedRouter.Route(destination: destination, nextHops: hops, bfd: route.bfd ?? false))
    }
    return read
  }

  private func mistake(_ hop: IPAddress, _ destination: CIDR, _ own: [IPAddress], _ joinSubnets: [CIDR]) -> String? {
    if hop.family != destination.family {
      "it is \(hop.family) and \(destination) is \(destination.family); use a next hop of its IP family"
    } else if own.contains(hop) {
      "it is the router's own address, so that packets would go round; name another router"
    } else if joinSubnets.contains(where: { $0.contains(hop) }) {
      "it is between the router and its gateways (spec.joinSubnets), so that packets would go round; name another router"
    } else {
      nil
    }
  }
}

extension IPAddress {
  /// Whether a host can have it and be reached over a network.
  fileprivate var isOfHost: Bool { isOfNetwork && !isUnspecified }
  fileprivate var isOfNetwork: Bool { !isMulticast && !isLoopback }
}
