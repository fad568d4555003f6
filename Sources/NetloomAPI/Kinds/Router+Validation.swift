import JSON
public import KubernetesModel
import NetworkTypes

extension Router: ReferringResource {
  /// The L2Services that it joins, in the manifest's order, and last the one that leads outside.
  public var serviceNames: [NamespacedName] {
    (spec.networks.map(\.l2Service) + [spec.gateway?.l2Service].compactMap { $0 })
      .map { NamespacedName(reference: $0, from: metadata.namespace) }
  }

  public func validate() -> [FieldError] {
    do {
      _ = try parsed()
      return []
    } catch {
      return error.errors
    }
  }

  public func validate(in references: some References) -> [FieldError] {
    let router: ParsedRouter
    do { router = try parsed() } catch { return [] }  // ``validate()`` says what is wrong with it.
    var check = RouterCheck(router: self, parsed: router)
    check.networks(references)
    check.gateway(references)
    check.joinSubnets()
    check.floatingAddresses()
    check.routes()
    return check.validator.errors
  }

  /// Whether an L2Service is one of those inside.
  public func joins(_ service: NamespacedName) -> Bool {
    spec.networks.contains { NamespacedName(reference: $0.l2Service, from: metadata.namespace) == service }
  }

  /// By creation, then by name; an object that is not stored yet comes last.
  fileprivate func isEarlier(than other: Router) -> Bool {
    let mine = metadata.creationTimestamp ?? "~"
    let theirs = other.metadata.creationTimestamp ?? "~"
    return (mine, metadata.namespacedName) < (theirs, other.metadata.namespacedName)
  }
}

/// Checks a Router beside the networks that it names.
private struct RouterCheck {
  let router: Router
  let parsed: ParsedRouter
  var validator = Validator()
  /// The subnets of its networks.
  private var inside: [(service: NamespacedName, subnet: ParsedSubnet)] = []
  /// The subnets of the network outside.
  private var outside: [ParsedSubnet] = []
  /// The other routers there.
  private var neighbours: [(router: Router, parsed: ParsedRouter)] = []

  init(router: Router, parsed: ParsedRouter) {
    self.router = router
    self.parsed = parsed
  }

  mutating func networks(_ references: some References) {
    for (index, network) in router.spec.networks.enumerated() {
      let path = FieldPath.spec.child("networks")[index].child("l2Service")
      guard
        let service = validator.l2Service(network.l2Service, at: path, for: router.metadata.namespace, references)
      else { continue }
      let name = service.metadata.namespacedName
      let subnets = subnets(of: service, references)
      if subnets.isEmpty {
        validator.add(
          .invalid(
            path, .string(network.l2Service), "it has no Subnet, so that nothing can be routed to it; give it one"))
      }
      for subnet in subnets {
        if subnet.gateway == nil {
          validator.add(
            .invalid(
              path, .string(network.l2Service),
              "its Subnet \(subnet.cidr) has no gateway, which would be the router's address; set the Subnet's spec.gateway"
            ))
        }
        if let other = inside.first(where: { $0.subnet.cidr.overlaps(subnet.cidr) }) {
          validator.add(
            .invalid(
              path, .string(network.l2Service),
              "its Subnet \(subnet.cidr) overlaps \(other.subnet.cidr) of L2Service \(other.service); a router can join only one of them"
            ))
        }
        inside.append((name, subnet))
      }
      if network.snat == true, !subnets.isEmpty, !subnets.contains(where: { $0.cidr.family == .v4 }) {
        validator.add(
          .notSupported(
            FieldPath.spec.child("networks")[index].child("snat"), .bool(true),
            "L2Service \(name) has no IPv4 Subnet, and IPv6 addresses are not translated; leave it out"))
      }
      let others = references.routers(on: name).filter { $0.joins(name) && $0.isEarlier(than: router) }
      if let other = others.first {
        validator.add(
          .duplicate(
            path, .string(network.l2Service),
            "Router \(other.metadata.namespacedName) has joined it and answers at its gateway address; leave it out in one of them"
          ))
      }
    }
  }

  private func subnets(of service: L2Service, _ references: some References) -> [ParsedSubnet] {
    (service.spec.subnets ?? []).compactMap { name in
      let subnet = references.subnet(NamespacedName(namespace: service.metadata.namespace, name: name))
      do { return try subnet?.spec.parsed() } catch { return nil }
    }
  }

  mutating func gateway(_ references: some References) {
    guard let gateway = router.spec.gateway else { return }
    let path = FieldPath.spec.child("gateway")
    guard
      let service = validator.l2Service(
        gateway.l2Service, at: path.child("l2Service"), for: router.metadata.namespace, references)
    else { return }
    if service.spec.isOverlay {
      validator.add(
        .invalid(
          path.child("l2Service"), .string(gateway.l2Service),
          "it is an overlay, which leads nowhere outside; name an L2Service on a physical network"))
    }
    outside = subnets(of: service, references)
    for subnet in outside {
      guard let other = inside.first(where: { $0.subnet.cidr.overlaps(subnet.cidr) }) else { continue }
      validator.add(
        .invalid(
          path.child("l2Service"), .string(gateway.l2Service),
          "its Subnet \(subnet.cidr) overlaps \(other.subnet.cidr) of L2Service \(other.service) inside; a router cannot tell them apart"
        ))
    }
    neighbours = references.routers(on: service.metadata.namespacedName).filter { $0.key != router.key }
      .compactMap { other in
        do { return (other, try other.parsed()) } catch { return nil }
      }
    for (index, address) in (parsed.gateway?.addresses ?? []).enumerated() {
      checkOutside(address, at: path.child("addresses")[index])
    }
  }

  /// An address outside has to be one of the network's, and nobody else's.
  private mutating func checkOutside(_ address: IPAddress, at path: FieldPath) {
    guard let subnet = outside.first(where: { $0.cidr.contains(address) }) else {
      let service = parsed.gateway?.service.description ?? ""
      let list = outside.map { "\($0.cidr)" }.joined(separator: ", ")
      return validator.add(
        .invalid(
          path, .string("\(address)"),
          "it is in no Subnet of L2Service \(service)" + (list.isEmpty ? "" : "; use one of \(list)")))
    }
    if subnet.gateway == address {
      validator.add(
        .duplicate(
          path, .string("\(address)"), "it is the gateway of Subnet \(subnet.cidr), another router; use another"))
    } else if !subnet.cidr.hostRange.contains(address) {
      validator.add(
        .invalid(path, .string("\(address)"), "it is the network or broadcast address of \(subnet.cidr); use another"))
    } else if let other = neighbours.first(where: {
      $0.router.isEarlier(than: router) && $0.parsed.outsideAddresses.contains(address)
    }) {
      validator.add(
        .duplicate(
          path, .string("\(address)"), "Router \(other.router.metadata.namespacedName) has it; use another"))
    }
  }

  mutating func joinSubnets() {
    let families = Set(inside.map(\.subnet.cidr.family))
    for subnet in parsed.joinSubnets where families.contains(subnet.family) && parsed.gateway != nil {
      guard let other = (inside.map(\.subnet) + outside).first(where: { $0.cidr.overlaps(subnet) }) else { continue }
      validator.add(
        .invalid(
          FieldPath.spec.child("joinSubnets"), .string("\(subnet)"),
          "it overlaps Subnet \(other.cidr) of the router's networks; use a network of which nothing else knows"))
    }
  }

  mutating func floatingAddresses() {
    let path = FieldPath.spec.child("floatingAddresses")
    for (index, pair) in parsed.floatingAddresses.enumerated() {
      checkOutside(pair.external, at: path[index].child("external"))
      guard !inside.contains(where: { $0.subnet.cidr.contains(pair.internal) }) else { continue }
      validator.add(
        .invalid(
          path[index].child("internal"), .string("\(pair.internal)"),
          "it is in no Subnet of the router's networks; use an address inside"))
    }
  }

  mutating func routes() {
    let path = FieldPath.spec.child("routes")
    for (index, route) in parsed.routes.enumerated() {
      let path = path[index]
      if let own = inside.first(where: { $0.subnet.cidr == route.destination }) {
        validator.add(
          .invalid(
            path.child("destination"), .string("\(route.destination)"),
            "it is a Subnet of L2Service \(own.service), which the router is on; leave the route out"))
      }
      for hop in route.nextHops {
        guard let mistake = mistake(hop) else { continue }
        validator.add(.invalid(path.child("nextHops"), .string("\(hop)"), mistake))
      }
    }
  }

  private func mistake(_ hop: IPAddress) -> String? {
    if inside.contains(where: { $0.subnet.gateway == hop }) {
      return "it is the router's own address, so that packets would go round; name another router"
    }
    return (inside.map(\.subnet) + outside).contains { $0.cidr.contains(hop) }
      ? nil : "it is in no Subnet of the router's networks, so that it cannot be reached; name an address there"
  }
}
