import KubernetesModel
import NetloomAPI

extension Reader {
  /// An L2ServiceAttachment: whether pods can join, and which have.
  func attachmentStatus(_ id: WorldID) -> StatusPlan? {
    guard let attachment = attachment(id.name), let view = attachmentView(id.name) else { return nil }
    let before = if case .attachment(let status)? = status(id) { status } else { L2ServiceAttachment.Status() }
    let plan = definitionPlan(id.name)
    let observed = definition(id.name)
    let plug = view.findings.isEmpty ? view.plug : nil
    let fabrics = Set((plug?.allPorts ?? []).map(\.fabric)).sorted().flatMap { fabric in
      (plug?.vlans ?? []).map { state(of: DomainID(fabric: fabric, vlan: $0)) }
    }
    let nodes = plug.map { plug in
      plug.bridge.map { bridge in plug.nodes.map { state(ofNode: $0, bridge: bridge, vlans: plug.vlans) } } ?? []
    }
    let pods = names(.podsOnAttachment(id.name))

    let verdict = Verdict(
      of: attachment.metadata, before: before.conditions ?? [],
      aspects: [
        Aspect(
          type: ConditionType.accepted, finding: view.findings.first ?? plan?.finding, reason: ConditionReason.valid,
          message: "the manifest is right"),
        Aspect(
          type: ConditionType.fabricReady, targets: fabrics, ready: "the fabric carries the VLANs to the nodes",
          notNeeded: "no port of a fabric is needed"),
        Aspect(
          type: ConditionType.nodesReady, targets: nodes ?? [], ready: "the nodes carry the VLANs",
          notNeeded: "nothing has to be prepared on the nodes"),
        Aspect(
          type: ConditionType.programmed, finding: programming(id.name, plan, observed),
          reason: ConditionReason.programmed, message: "pods can join by NetworkAttachmentDefinition \(id.name)"),
      ], warnings: view.warnings, holds: holds(on: attachment, view, definitionExists: observed?.requirements != nil),
      now: time.timestamp)

    var status = before
    status.phase = verdict.phase
    status.conditions = verdict.conditions
    status.observedGeneration = attachment.metadata.generation
    status.implementation = view.plug?.interface.implementation
    status.podInterfaceType = view.plug?.podInterfaceType
    status.networkAttachmentDefinition = observed?.metadata.isManagedByNetloom == true ? id.name.name : nil
    status.vlans = view.plug?.vlans
    status.podCount = pods.count
    status.pods = pods.prefix(20).map(\.description)
    return StatusPlan(
      status: .attachment(status), finalizer: verdict.finalizer, generation: attachment.metadata.generation,
      uid: attachment.metadata.uid)
  }

  /// What keeps the definition from being as planned.
  private func programming(
    _ name: NamespacedName, _ plan: DefinitionPlan?, _ observed: NetworkAttachmentDefinition?
  ) -> Finding? {
    guard let plan, case .write = plan.outcome, let observed, plan.actions(name, observed: observed).isEmpty else {
      return Finding(
        reason: ConditionReason.programming, message: "NetworkAttachmentDefinition \(name) is not made yet")
    }
    return nil
  }

  private func holds(
    on attachment: L2ServiceAttachment, _ view: AttachmentView, definitionExists: Bool
  ) -> Holds {
    guard attachment.metadata.isBeingDeleted else { return Holds() }
    var holds = Holds(holders: holders(of: attachment).map { "Pod \($0)" })
    guard holds.holders.isEmpty else { return holds }
    if definitionExists { holds.residue.append("NetworkAttachmentDefinition \(attachment.metadata.namespacedName)") }
    if let plug = view.plug { holds.residue += residue(of: plug, vlans: view.services.compactMap(\.vlan)) }
    return holds
  }
}
