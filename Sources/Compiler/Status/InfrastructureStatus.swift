import KubernetesModel
import NetloomAPI

extension Reader {
  /// A ConnectionPoint: which nodes it is on.
  func connectionPointStatus(_ id: WorldID) -> StatusPlan? {
    guard let connectionPoint = connectionPoint(id.name.name), let placement = placement(id.name.name) else {
      return nil
    }
    let before = if case .connectionPoint(let status)? = status(id) { status } else { ConnectionPoint.Status() }
    let attachments = names(.attachmentsOnConnectionPoint(id.name.name))
    let unresolved = placement.unresolved.sorted { $0.key < $1.key }.flatMap(\.value)
    var holds = Holds()
    if connectionPoint.metadata.isBeingDeleted {
      holds.holders = attachments.map { "L2ServiceAttachment \($0)" }
      holds.holders += Set(attachments.flatMap { names(.podsOnAttachment($0)) }).sorted().map { "Pod \($0)" }
    }
    let verdict = Verdict(
      of: connectionPoint.metadata, before: before.conditions ?? [],
      aspects: [
        Aspect(
          type: ConditionType.accepted, finding: placement.findings.first ?? unresolved.first,
          reason: ConditionReason.valid, message: "the manifest is right")
      ], holds: holds, now: time.timestamp)

    var status = before
    status.phase = verdict.phase
    status.conditions = verdict.conditions
    status.observedGeneration = connectionPoint.metadata.generation
    status.nodeCount = placement.nodes.count
    status.nodes = Array(placement.nodes.prefix(20))
    status.attachmentCount = attachments.count
    return StatusPlan(
      status: .connectionPoint(status), finalizer: verdict.finalizer, generation: connectionPoint.metadata.generation,
      uid: connectionPoint.metadata.uid)
  }

  /// A Fabric: whether its switches answer, and how many VLANs it carries.
  func fabricStatus(_ id: WorldID) -> StatusPlan? {
    guard let fabric = fabric(id.name.name), let view = fabricView(id.name.name) else { return nil }
    let before = if case .fabric(let status)? = status(id) { status } else { Fabric.Status() }
    let switches = switches(of: id.name.name) ?? before.switches ?? []
    let domains = names(.bridgeDomainsOfFabric(id.name.name))
    let silent = switches.first { !$0.connected && $0.message != nil } ?? switches.first { !$0.connected }
    var holds = Holds()
    if fabric.metadata.isBeingDeleted { holds.holders = domains.map { "BridgeDomain \($0)" } + users(of: domains) }
    let verdict = Verdict(
      of: fabric.metadata, before: before.conditions ?? [],
      aspects: [
        Aspect(
          type: ConditionType.accepted, finding: view.findings.first, reason: ConditionReason.valid,
          message: "the manifest is right"),
        Aspect(
          type: ConditionType.fabricReady, finding: silent.map(Finding.unreachable),
          message: "every switch answers"),
      ], holds: holds, now: time.timestamp)

    var status = before
    status.phase = verdict.phase
    status.conditions = verdict.conditions
    status.observedGeneration = fabric.metadata.generation
    status.switchCount = fabric.spec.switches.count
    status.switches = switches.isEmpty ? nil : switches
    status.switchesConnected = switches.count { $0.connected }
    status.vlanCount = domains.count
    return StatusPlan(
      status: .fabric(status), finalizer: verdict.finalizer, generation: fabric.metadata.generation,
      uid: fabric.metadata.uid)
  }

  /// The services, attachments and pods behind bridge domains.
  private func users(of domains: [NamespacedName]) -> [String] {
    var services: Set<NamespacedName> = []
    for domain in domains.compactMap({ DomainID(name: $0.name) }) {
      services.formUnion(domainPlan(domain)?.services ?? [])
    }
    let attachments = Set(services.flatMap { names(.attachmentsOfService($0)) })
    let pods = Set(attachments.flatMap { names(.podsOnAttachment($0)) })
    return services.sorted().map { "L2Service \($0)" } + attachments.sorted().map { "L2ServiceAttachment \($0)" }
      + pods.sorted().map { "Pod \($0)" }
  }
}

extension Finding {
  /// A switch that does not answer, or of which that is not known yet.
  fileprivate static func unreachable(_ report: Fabric.SwitchStatus) -> Finding {
    guard let message = report.message else {
      return Finding(reason: ConditionReason.pending, message: "switch \(report.name) is being connected to")
    }
    return Finding(reason: ConditionReason.unreachable, message: message)
  }
}
