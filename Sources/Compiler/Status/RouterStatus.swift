import KubernetesModel
import NetloomAPI

extension Reader {
  /// A Router: whether OVN has it, and where it is.
  func routerStatus(_ id: WorldID) -> StatusPlan? {
    guard let router = router(id.name), let view = routerView(id.name) else { return nil }
    let before = if case .router(let status)? = status(id) { status } else { Router.Status() }
    var holds = Holds()
    if router.metadata.isBeingDeleted { holds.residue = residue(inOVNOf: id) }
    let verdict = Verdict(
      of: router.metadata, before: before.conditions ?? [],
      aspects: [
        Aspect(
          type: ConditionType.accepted, finding: view.findings.first, reason: ConditionReason.valid,
          message: "the manifest is right"),
        Aspect(
          type: ConditionType.programmed, finding: programming(id), reason: ConditionReason.programmed,
          message: "OVN has the router"),
      ], holds: holds, now: time.timestamp)

    var status = before
    status.phase = verdict.phase
    status.conditions = verdict.conditions
    status.observedGeneration = router.metadata.generation
    if let input = view.input {
      status.networks = input.networks.map {
        .init(l2Service: $0.service.description, addresses: $0.routerAddresses.map(\.description))
      }
      status.gateways = input.gatewayStatus
    }
    return StatusPlan(
      status: .router(status), finalizer: verdict.finalizer, generation: router.metadata.generation,
      uid: router.metadata.uid)
  }
}

extension RouterInput {
  /// The nodes that are gateways. Of those of which one is active, the first is while it lives: BFD decides without us.
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
