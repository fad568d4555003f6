import KubernetesModel
import NetloomAPI

extension Reader {
  /// A Router: whether OVN has it, and where it is.
  func routerStatus(_ id: WorldID) -> StatusPlan? {
    guard let router = router(id.name), let view = routerView(id.name) else { return nil }
    let before = if case .router(let status)? = status(id) { status } else { Router.Status() }
    var holds = Holds()
    if router.metadata.isBeingDeleted { holds.residue = residue(inOVNOf: id) }
    let gateways = located(view.input.map(\.gatewayStatus) ?? before.gateways, of: router)
    let verdict = Verdict(
      of: router.metadata, before: before.conditions ?? [],
      aspects: [
        Aspect(
          type: ConditionType.accepted, finding: view.findings.first, reason: ConditionReason.valid,
          message: "the manifest is right"),
        Aspect(
          type: ConditionType.programmed, finding: programming(id) ?? idleness(of: view.input, gateways),
          reason: ConditionReason.programmed, message: "OVN has the router"),
      ], warnings: doubts(about: gateways), holds: holds, now: time.timestamp)

    var status = before
    status.phase = verdict.phase
    status.conditions = verdict.conditions
    status.observedGeneration = router.metadata.generation
    if let input = view.input {
      status.networks = input.networks.map {
        .init(l2Service: $0.service.description, addresses: $0.routerAddresses.map(\.description))
      }
    }
    status.gateways = gateways
    return StatusPlan(
      status: .router(status), finalizer: verdict.finalizer, generation: router.metadata.generation,
      uid: router.metadata.uid)
  }

  /// The gateways, active where OVN's chassis have taken them up, as far as that is known; the active first.
  private func located(_ gateways: [Router.GatewayStatus]?, of router: Router) -> [Router.GatewayStatus]? {
    let name = router.metadata.namespacedName
    guard let gateways else { return nil }
    let located = gateways.map { gateway in
      // While a manifest is wrong, OVN has what it had, of the one mode or the other.
      let places = [
        place(ofPort: RouterGateway.binding(RouterGateway.port(RouterGateway.name(of: name)))),
        place(ofPort: RouterGateway.port(RouterGateway.name(of: name, on: gateway.node))),
      ]
      guard !places.contains(.unknown) else { return gateway }
      var gateway = gateway
      gateway.active = places.contains { $0.node == gateway.node }
      return gateway
    }
    return located.filter(\.active) + located.filter { !$0.active }
  }

  /// Why traffic may not leave by the gateways although they are active: OVN leaves a gateway where it is while there is no
  /// other node for it.
  private func doubts(about gateways: [Router.GatewayStatus]?) -> [Finding] {
    guard let gateways, !gateways.isEmpty else { return [] }
    let lost = gateways.filter { $0.active && !isReady(node: $0.node) }.map { "Node \($0.node)" }
    let finding = Finding(
      reason: ConditionReason.unreachable,
      message: "traffic leaves by \(lost.listed(10)), which Kubernetes calls not ready; see whether packets pass there")
    return (lost.isEmpty ? [] : [finding]) + [southboundOutage()].compactMap(\.self)
  }

  /// Why nothing passes the gateways that there are, or to a network that the router is in on one node at a time.
  private func idleness(of input: RouterInput?, _ gateways: [Router.GatewayStatus]?) -> Finding? {
    var idle: (what: String, nodes: [String])?
    if let gateways, !gateways.isEmpty, !gateways.contains(where: \.active) {
      idle = ("the gateway", gateways.map(\.node))
    }
    if let input, idle == nil {
      for network in input.networks {
        let port = input.port(to: network.service)
        guard let nodes = network.nodes, place(ofPort: RouterGateway.binding(port)) == .nowhere else { continue }
        idle = ("its port to L2Service \(network.service)", input.candidates(nodes, for: port).map(\.name))
      }
    }
    return idle.map { idle in
      Finding(
        reason: ConditionReason.waitingForNodes,
        message: "no node has taken up \(idle.what) yet, and nothing passes it: it can be on "
          + "\(idle.nodes.isEmpty ? "none" : idle.nodes.listed(10)); see that ovn-controller and ovs-vswitchd run there and reach the southbound "
          + "database of OVN")
    }
  }
}

extension RouterInput {
  /// The nodes that can be gateways. Of those of which one is active, OVN prefers the first.
  fileprivate var gatewayStatus: [Router.GatewayStatus]? {
    guard let gateway else { return nil }
    let routers = gateways
    guard !gateway.isPerNode else {
      return routers.compactMap { router in
        router.node.map { .init(node: $0.name, addresses: router.outside.map(\.address.description), active: true) }
      }
    }
    return routers.first.map { router in
      candidates(gateway.nodes, for: router.port).enumerated().map { index, node in
        .init(node: node.name, addresses: router.outside.map(\.address.description), active: index == 0)
      }
    }
  }
}

extension Router.Status {
  /// That the gateway that is on one node at a time has left the node where it was, for people; nil: it has not.
  func move(since before: Self?) -> String? {
    let active = { (status: Self?) in status?.gateways?.filter(\.active).map(\.node) ?? [] }
    let (old, new) = (active(before), active(self))
    guard old.count == 1, new.count < 2, old != new, gateways?.isEmpty == false else { return nil }
    return new.first.map { "the gateway has moved from Node \(old[0]) to Node \($0)" }
      ?? "the gateway has left Node \(old[0]), and no other has taken it up yet"
  }
}
