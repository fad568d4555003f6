import KubernetesModel
import NetloomAPI

extension Reader {
  /// A TrafficMirror: whose traffic is copied, and whether the nodes do.
  func mirrorStatus(_ id: WorldID) -> StatusPlan? {
    guard let mirror = trafficMirror(id.name) else { return nil }
    let before = if case .trafficMirror(let status)? = status(id) { status } else { TrafficMirror.Status() }
    let view = mirrorView(id.name) ?? MirrorView()
    var holds = Holds()
    if mirror.metadata.isBeingDeleted {
      holds.residue = nodes(matching: nil).filter { mirrored(id.name, on: $0) != nil }.map {
        "the copies on Node \($0)"
      }
    }
    let verdict = Verdict(
      of: mirror.metadata, before: before.conditions ?? [],
      aspects: [
        Aspect(
          type: ConditionType.accepted, finding: hasOVN ? view.findings.first : .noOVN("a TrafficMirror"),
          reason: ConditionReason.valid, message: "the manifest is right"),
        Aspect(
          type: ConditionType.programmed, finding: pending(view, id.name), reason: ConditionReason.programmed,
          message: "the nodes copy the traffic"),
      ], holds: holds, now: time.timestamp)
    var status = before
    status.phase = verdict.phase
    status.conditions = verdict.conditions
    status.observedGeneration = mirror.metadata.generation
    status.interfaceCount = view.ports.values.map(\.count).reduce(0, +)
    status.pods = view.pods.prefix(20).map(\.description)
    status.networkPorts = view.networkPorts.prefix(20).map(\.description)
    status.destination = mirror.receiver?.title
    return StatusPlan(
      status: .trafficMirror(status), finalizer: verdict.finalizer, generation: mirror.metadata.generation,
      uid: mirror.metadata.uid)
  }

  /// What a node has been told of a mirror.
  private func mirrored(_ name: NamespacedName, on node: String) -> NodeNetwork.Mirror? {
    nodeNetwork(node)?.spec.mirrors?.first { $0.name == name.description }
  }

  /// Why not all nodes copy yet.
  private func pending(_ view: MirrorView, _ name: NamespacedName) -> Finding? {
    if let finding = view.findings.first { return finding }
    switch view.sink {
    case .awaited(let what)?: return Finding(reason: ConditionReason.waitingForDependency, message: what)
    case .port(_, let node)? where view.nodes.isEmpty:
      return Finding(reason: ConditionReason.waitingForNodes, message: "Node \(node) is no chassis of OVN yet")
    default: break
    }
    for (node, mirror) in view.nodes.sorted(by: { $0.key < $1.key }) {
      guard mirrored(name, on: node) == mirror, let network = nodeNetwork(node) else {
        return Finding(reason: ConditionReason.waitingForNodes, message: "Node \(node) is being told")
      }
      guard network.isReady else {
        return Finding(
          reason: ConditionReason.waitingForNodes,
          message: "Node \(node) has not reported that it copies" + (network.complaint.map { ": \($0.message)" } ?? ""))
      }
      if let awaited = network.status?.mirrors?.first(where: { $0.name == name.description })?.message {
        return Finding(reason: ConditionReason.waitingForNodes, message: "Node \(node): \(awaited)")
      }
    }
    return nil
  }
}

extension TrafficMirror.Endpoint {
  /// What it is called in its namespace.
  fileprivate var title: String {
    switch self {
    case .interface(let interface, let pod): "\(pod.name)/\(interface)"
    case .networkPort(let name): name.name
    }
  }
}
