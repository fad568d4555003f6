import KubernetesModel
import NetloomAPI

extension Reader {
  /// A NetworkPort: its addresses, and where it is bound.
  func networkPortStatus(_ id: WorldID) -> StatusPlan? {
    guard let port = networkPort(id.name), let plan = portPlan(id.name) else { return nil }
    let before = if case .networkPort(let status)? = status(id) { status } else { NetworkPort.Status() }
    var holds = Holds()
    if port.metadata.isBeingDeleted {
      holds.holders = nestedPorts(in: id.name).map { "NetworkPort \($0)" }
      holds.residue = residue(inOVNOf: id)
    }
    let verdict = Verdict(
      of: port.metadata, before: before.conditions ?? [],
      aspects: [
        Aspect(
          type: ConditionType.accepted, finding: plan.finding, reason: ConditionReason.valid,
          message: "the manifest is right"),
        Aspect(
          type: ConditionType.programmed, finding: programming(id), reason: ConditionReason.programmed,
          message: "OVN has the port"),
      ], holds: holds, now: time.timestamp)

    var status = before
    status.phase = verdict.phase
    status.conditions = verdict.conditions
    status.observedGeneration = port.metadata.generation
    status.interfaceID = port.spec.type == .vm ? port.logicalPort : nil
    status.mac = plan.mac?.description
    status.addresses = plan.ips.map(\.description)
    status.node = node(of: port)
    status.up = northbound(of: id).map { !$0.boundPorts.isEmpty } ?? false
    return StatusPlan(
      status: .networkPort(status), finalizer: verdict.finalizer, generation: port.metadata.generation,
      uid: port.metadata.uid)
  }

  /// The node that a port is to be bound on, as far as that is decided here.
  private func node(of port: NetworkPort) -> String? {
    switch port.spec.type {
    case .vm: port.spec.node
    case .nested: port.parentName.flatMap { networkPort($0) }?.spec.node
    case .host: hostEdge(port)?.node
    }
  }
}
