import NetworkTypes
import OVNModel

// The rows of a gateway router: its ports, its routes, and what it translates.

extension RouterPlan {
  func rows(of gateway: RouterGateway) -> [any NorthboundRow] {
    guard let outside = input.gateway else { return [] }
    var router = LogicalRouter(name: gateway.name)
    router.options["chassis"] = gateway.node?.chassis
    var port = LogicalRouterPort(
      name: gateway.port, on: gateway.name, mac: Self.mac(gateway.port),
      networks: Set(gateway.outside.map(\.description)))
    var rows: [any NorthboundRow] = []
    if gateway.node == nil {
      port.haChassisGroup = HAChassisGroup.key(gateway.port)
      rows += group(gateway.port, outside.nodes)
    }
    var link = Self.link(
      outside.service, "\(outside.service)/router/\(gateway.name)", to: gateway.port)
    // The outside is told at once where the addresses are now.
    link.options["nat-addresses"] = "router"
    let join = LogicalRouterPort(
      name: gateway.joinPort, on: gateway.name, mac: Self.mac(gateway.joinPort),
      networks: Set(gateway.join.map(\.description)))
    rows += [router, port, link, join, Self.link(input.joinSwitch, "\(gateway.name)/join", to: gateway.joinPort)]
    return rows + routesOut(of: gateway) + routesBack(of: gateway) + translations(by: gateway)
  }

  private func routesOut(of gateway: RouterGateway) -> [any NorthboundRow] {
    input.routesOutside.filter { input.familiesOut.contains($0.destination.family) }.flatMap { route in
      route.nextHops.flatMap { nextHop -> [any NorthboundRow] in
        var row = Self.route(gateway.name, to: route.destination, by: nextHop)
        // Answers go to the neighbour that the question came from; OVN does this on routers that are on one node.
        if gateway.node != nil, route.nextHops.count > 1 { row.options["ecmp_symmetric_reply"] = "true" }
        guard route.hasBFD else { return [row] }
        let session = BFDSession(logicalPort: gateway.port, destination: nextHop.description)
        row.bfd = session.key
        return [session, row]
      }
    }
  }

  /// To all that is inside, by the distributed router; routes to the outside win.
  private func routesBack(of gateway: RouterGateway) -> [any NorthboundRow] {
    let outside = Set(input.routesOutside.map(\.destination))
    let inside = Set(input.subnets.map(\.cidr) + input.routesInside.map(\.destination)).subtracting(outside)
    return input.joinAddresses(0).flatMap { router in
      inside.filter { $0.family == router.family }.map { Self.route(gateway.name, to: $0, by: router.address) }
    }
  }

  private func translations(by gateway: RouterGateway) -> [any NorthboundRow] {
    let behind = input.networks.filter(\.hasSNAT).flatMap(\.subnets).map(\.cidr).filter { $0.family == .v4 }
    let source = gateway.outside.first { $0.family == .v4 }?.address.description
    let hidden = behind.compactMap { cidr in
      source.map {
        AddressTranslation(
          id: "\(gateway.name) \(cidr)", on: gateway.name, .snat, external: $0, logical: cidr.description)
      }
    }
    return hidden + floating(at: gateway).map { translation($0, by: gateway) }
  }

  /// The floating addresses that a gateway has: the only one has all; of several that of the pod's node, where there is
  /// none the first.
  func floating(at gateway: RouterGateway) -> [RouterInput.Floating] {
    input.floatingAddresses.filter { floating in
      (gateways.first { $0.node?.name == floating.holder?.node } ?? gateways.first)?.name == gateway.name
    }
  }

  /// The gateway that is on one node at a time translates on the pod's node, when that reaches the outside by itself, and
  /// the router is on every node of the pod's network.
  private func translation(_ floating: RouterInput.Floating, by gateway: RouterGateway) -> AddressTranslation {
    let name = "\(input.router)/floating/\(floating.external)"
    var row = AddressTranslation(
      id: "\(gateway.name) \(floating.external)", on: gateway.name, .both, external: floating.external.description,
      logical: floating.internal.description)
    if gateway.node == nil, let holder = floating.holder,
      input.gateway?.nodes.contains(where: { $0.name == holder.node }) == true,
      input.networks.contains(where: { $0.nodes == nil && $0.subnets.contains { $0.cidr.contains(floating.internal) } })
    {
      row.externalMAC = Self.mac(name)
      row.logicalPort = holder.port
    }
    return row
  }
}
