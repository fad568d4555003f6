import KubernetesModel
import NetloomAPI

extension Reader {
  /// An L2Service: where its VLAN is carried, and who uses it.
  func serviceStatus(_ id: WorldID) -> StatusPlan? {
    guard let service = l2Service(id.name), let view = serviceView(id.name) else { return nil }
    let before = if case .service(let status)? = status(id) { status } else { L2Service.Status() }
    let uses = names(.attachmentsOfService(id.name)).compactMap { name in attachmentView(name).map { (name, $0) } }
    let fabrics = domains(of: view, attached: uses.map(\.1)).sorted().map { state(of: $0) }
    let nodes = self.nodes(of: view, attached: uses.map(\.1))
    let pods = Set(uses.flatMap { names(.podsOnAttachment($0.0)) }).sorted()

    let verdict = Verdict(
      of: service.metadata, before: before.conditions ?? [],
      aspects: [
        Aspect(
          type: ConditionType.accepted, finding: view.findings.first, reason: ConditionReason.valid,
          message: "the manifest is right"),
        Aspect(
          type: ConditionType.fabricReady, targets: fabrics, ready: "VLAN \(view.vlan ?? 0) is open in the fabric",
          notNeeded: "no port of a fabric is needed"),
        Aspect(
          type: ConditionType.nodesReady, targets: nodes,
          ready: "the nodes carry \(NodeVLAN.title(view.carriage ?? 0))",
          notNeeded: "attached to no node"),
        networkView(id.name).map { _ in
          Aspect(
            type: ConditionType.programmed, finding: programming(id), reason: ConditionReason.programmed,
            message: "OVN carries it")
        },
      ].compactMap { $0 }, holds: holds(on: service, view, attachments: uses.map(\.0)), now: time.timestamp)

    var status = before
    status.phase = verdict.phase
    status.conditions = verdict.conditions
    status.observedGeneration = service.metadata.generation
    status.fabrics = fabrics.map(\.status)
    status.nodes = Array(
      (nodes.filter { $0.finding != nil } + nodes.filter { $0.finding == nil }).prefix(20).map(\.status))
    status.pending = Array((fabrics + nodes).compactMap(\.finding?.message).prefix(20))
    status.attachmentCount = uses.count
    status.attachments = uses.prefix(20).map(\.0.description)
    status.gatewayNode = networkView(id.name)?.edge?.gateway?.node
    status.podCount = pods.count
    status.pods = pods.prefix(20).map(\.description)
    return StatusPlan(
      status: .service(status), finalizer: verdict.finalizer, generation: service.metadata.generation,
      uid: service.metadata.uid)
  }

  /// Where the fabrics are to carry a service.
  private func domains(of service: ServiceView, attached views: [AttachmentView]) -> Set<DomainID> {
    guard let vlan = service.vlan, service.findings.isEmpty else { return [] }
    var fabrics: Set<String> = []
    for network in service.physicalNetworks { fabrics.formUnion(gatewayPorts(of: network).map(\.fabric)) }
    for view in views where view.isInUse && view.findings.isEmpty {
      fabrics.formUnion((view.plug?.allPorts ?? []).map(\.fabric))
    }
    return Set(fabrics.map { DomainID(fabric: $0, vlan: vlan) })
  }

  /// The nodes that are to carry a service.
  private func nodes(of service: ServiceView, attached views: [AttachmentView]) -> [TargetState] {
    guard let vlan = service.carriage, service.findings.isEmpty else { return [] }
    var states: [String: TargetState] = [:]
    for view in views where view.isInUse && view.findings.isEmpty {
      guard let plug = view.plug, let bridge = plug.bridge else { continue }
      for node in plug.nodes where states[node]?.finding == nil {
        states[node] = state(ofNode: node, bridge: bridge, vlans: [vlan])
      }
    }
    return states.values.sorted { $0.name < $1.name }
  }

  private func holds(
    on service: L2Service, _ view: ServiceView, attachments: [NamespacedName]
  ) -> Holds {
    guard service.metadata.isBeingDeleted else { return Holds() }
    let holders = holders(of: service)
    var holds = Holds(holders: holders.map { "L2ServiceAttachment \($0)" })
    holds.holders += Set(holders.flatMap { names(.podsOnAttachment($0)) }).sorted().map { "Pod \($0)" }
    holds.holders += routersHolding(service).map { "Router \($0)" }
    holds.holders += portsHolding(service).map { "NetworkPort \($0)" }
    holds.residue = residue(inOVNOf: WorldID(.service, service.metadata.namespacedName))
    guard let vlan = view.carriage, view.findings.isEmpty else { return holds }
    var residue = Set(holds.residue)
    for domain in names(.bridgeDomainsOfVLAN(vlan)).compactMap({ DomainID(name: $0.name) }) {
      residue.formUnion(self.residue(of: domain))
    }
    for carried in carriers(of: vlan) { residue.formUnion(self.residue(of: carried)) }
    holds.residue = residue.sorted()
    return holds
  }
}

extension Aspect {
  /// Whether all targets are programmed: the first that failed counts, then the first that is not there yet.
  init(type: String, targets: [TargetState], ready: String, notNeeded: String) {
    let finding = (targets.first { $0.state == .error } ?? targets.first { $0.state == .pending })?.finding
    self.init(
      type: type, finding: finding,
      reason: targets.isEmpty ? ConditionReason.notNeeded : ConditionReason.programmed,
      message: targets.isEmpty ? notNeeded : ready)
  }
}
