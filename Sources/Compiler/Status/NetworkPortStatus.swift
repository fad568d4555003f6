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
      ], warnings: [southboundOutage()].compactMap(\.self), holds: holds, now: time.timestamp)
    let place = place(of: port)

    var status = before
    status.phase = verdict.phase
    status.conditions =
      binding(of: port, place).map {
        verdict.conditions.setting($0, now: time.timestamp, observedGeneration: port.metadata.generation)
      } ?? verdict.conditions.removing(ConditionType.bound)
    status.observedGeneration = port.metadata.generation
    status.interfaceID = port.spec.type == .vm ? port.logicalPort : nil
    status.mac = plan.mac?.description
    status.addresses = plan.ips.map(\.description)
    status.node = node(of: port, place)
    status.up = northbound(of: id).map { !$0.boundPorts.isEmpty } ?? false
    return StatusPlan(
      status: .networkPort(status), finalizer: verdict.finalizer, generation: port.metadata.generation,
      uid: port.metadata.uid)
  }

  /// The node that a port is on; while that is not known, the one that it is to be on.
  func node(of port: NetworkPort) -> String? { node(of: port, place(of: port)) }

  private func node(of port: NetworkPort, _ place: PortPlace) -> String? {
    place == .unknown ? plannedNode(of: port) : place.node
  }

  /// The node that a port is to be bound on, as far as that is decided here.
  private func plannedNode(of port: NetworkPort) -> String? {
    switch port.spec.type {
    case .vm: port.spec.node
    case .nested: port.parentName.flatMap { networkPort($0) }?.spec.node
    case .host: hostEdge(port)?.node.node
    }
  }

  /// Where a port is.
  private func place(of port: NetworkPort) -> PortPlace {
    boundPort(of: port).map(place(ofPort:)) ?? .unknown
  }

  /// Where a port is, in words. That it is nowhere is no failure: the interface is somebody else's to make.
  private func binding(of port: NetworkPort, _ place: PortPlace) -> Aspect? {
    var aspect = Aspect(type: ConditionType.bound)
    switch place {
    case .unknown: return nil
    case .on(_, let node?): aspect.message = "it is on Node \(node)"
    case .on(let chassis, nil): aspect.message = "it is on chassis \(chassis) of OVN, which is no Node"
    case .nowhere:
      let node = plannedNode(of: port).map { "Node \($0)" }
      let advice =
        switch port.spec.type {
        case .vm:
          "set external_ids:iface-id=\(port.logicalPort) on the Interface of Open vSwitch that is to be it, on "
            + (node ?? "any node")
        case .nested:
          "it comes to be where the port is that it is inside of, NetworkPort \(port.parentName?.name ?? "")"
        case .host: "see that ovn-controller runs on \(node ?? "the node") and reaches the southbound database of OVN"
        }
      aspect.finding = Finding(reason: ConditionReason.waitingForNodes, message: "not bound yet: \(advice)")
    }
    return aspect
  }
}
