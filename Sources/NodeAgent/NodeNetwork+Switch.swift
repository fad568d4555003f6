import KubernetesModel
import NetloomAPI
import NetworkTypes
import OpenVSwitchEngine

extension NodeNetwork {
  /// The object with the VLANs that its bridges are no longer to carry, but still do, and that pods on them still use: a VLAN
  /// leaves a node after its pods have left the VLAN.
  func keepingVLANs(ofPodsOn observed: ObservedSwitch, owner: String) -> NodeNetwork {
    var kept = self
    for index in spec.bridges.indices {
      let bridge = spec.bridges[index]
      let carried = status?.bridges?.first { $0.name == bridge.name }?.vlans ?? []
      let used = observed.vlans(ofPodsOn: bridge.name, owner: owner)
      kept.spec.bridges[index].vlans += Set(carried).intersection(used).subtracting(bridge.vlans).sorted()
    }
    return kept
  }

  /// The switch that the spec asks for, and what in it cannot be.
  var desiredSwitch: (desired: DesiredSwitch, mistakes: [SwitchProblem]) {
    var desired = DesiredSwitch()
    var mistakes: [SwitchProblem] = []
    for bridge in spec.bridges {
      let vlans = Set(bridge.vlans.compactMap { UInt16(exactly: $0).flatMap { VLANID(rawValue: $0) } })
      let untagged = bridge.vlans.contains(Bridge.untagged)
      if vlans.count + (untagged ? 1 : 0) < Set(bridge.vlans).count {
        mistakes.append(
          SwitchProblem(bridge: bridge.name, message: "spec has VLANs that are not 0 to 4094: \(bridge.vlans)"))
      }
      desired.bridges[bridge.name] = DesiredBridge(
        uplink: bridge.uplink.map { .init(interface: $0, vlans: vlans, untagged: untagged) }, mtu: bridge.mtu)
    }
    for mirror in spec.mirrors ?? [] { desired.mirrors[mirror.name] = DesiredMirror(mirror) }
    return (desired, mistakes)
  }

  /// The status after the spec was applied. Remarks are told, and keep nothing from being ready; nor does what mirrors wait
  /// for.
  func status(
    observed: ObservedSwitch, owner: String, problems: [SwitchProblem], remarks: [SwitchProblem],
    awaited: [String: String] = [:], now: String
  ) -> Status {
    var status = status ?? Status()
    let all = problems + remarks
    status.bridges = spec.bridges.map { bridge in
      let messages = all.filter { $0.bridge == bridge.name }.map(\.message)
      let vlans = observed.vlans(carriedBy: bridge, owner: owner, problems.filter { $0.bridge == bridge.name })
      return BridgeStatus(
        name: bridge.name, vlans: vlans,
        message: messages.isEmpty ? nil : messages.joined(separator: "; "))
    }
    status.mirrors = spec.mirrors?.map { MirrorStatus(name: $0.name, message: awaited[$0.name]) }
    let summary = all.isEmpty ? "every bridge is as wanted" : all.map(\.description).joined(separator: "; ")
    return finish(
      &status, isProgrammed: problems.isEmpty,
      reason: problems.isEmpty ? ConditionReason.programmed : ConditionReason.programmingFailed, message: summary,
      now: now)
  }

  /// The status when the switch could not be asked: what is known of the bridges stays.
  func status(failure: OpenVSwitchError, now: String) -> Status {
    var status = status ?? Status()
    let reason =
      switch failure.code {
      case .unreachable: ConditionReason.unreachable
      // It is written, and gets in force by itself when ovs-vswitchd is back.
      case .notRealized: ConditionReason.programming
      default: ConditionReason.programmingFailed
      }
    return finish(&status, isProgrammed: false, reason: reason, message: "\(failure)", now: now)
  }

  private func finish(
    _ status: inout Status, isProgrammed: Bool, reason: String, message: String, now: String
  ) -> Status {
    let generation = metadata.generation
    let conditions = (status.conditions ?? [])
      .setting(
        ConditionType.programmed, isProgrammed ? .true : .false, reason: reason, message: message, now: now,
        observedGeneration: generation
      )
      .setting(
        ConditionType.ready, isProgrammed ? .true : .false, reason: isProgrammed ? ConditionReason.ready : reason,
        message: message, now: now, observedGeneration: generation)
    status.conditions = conditions
    status.observedGeneration = generation
    status.phase = Phase(conditions: conditions, isDeleting: metadata.deletionTimestamp != nil)
    return status
  }
}

extension ObservedSwitch {
  /// The VLANs of the pods that are plugged into a bridge.
  fileprivate func vlans(ofPodsOn bridge: String, owner: String) -> Set<Int> {
    let ports = ports.values.filter { $0.bridge == bridge && $0.isPodPort && $0.owner == owner }
    return ports.reduce(into: []) { vlans, port in vlans.formUnion((port.vlans ?? []).map { Int($0.rawValue) }) }
  }

  /// The VLANs, sorted, that pass between a bridge and its uplink; all that are wanted for one without an uplink.
  fileprivate func vlans(
    carriedBy bridge: NodeNetwork.Bridge, owner: String, _ problems: [SwitchProblem]
  ) -> [Int] {
    guard bridges[bridge.name] != nil else { return [] }
    let wanted = Set(bridge.vlans).sorted()
    guard let uplink = bridge.uplink else { return wanted }
    guard let (_, port) = port(withInterface: uplink) else { return [] }
    if port.bridge == bridge.name, port.owner == owner {
      guard port.interfaces.allSatisfy({ ($0.ofport ?? -1) > 0 }) else { return [] }
      guard let vlans = port.vlans else { return wanted }
      return (port.passesUntagged ? [NodeNetwork.Bridge.untagged] : []) + vlans.map { Int($0.rawValue) }.sorted()
    }
    // The uplink is somebody else's, or a port of another bridge of ours; the engine's word is all there is.
    let blocked = problems.map { problem in problem.vlans.map(Array.init) ?? wanted }
    return Set(wanted).subtracting(blocked.joined()).sorted()
  }
}

extension DesiredMirror {
  /// The node's part in a mirror; nil when it does not say where copies go.
  fileprivate init?(_ mirror: NodeNetwork.Mirror) {
    guard let sink = mirror.sinkPort.map(Sink.port) ?? mirror.sinkChassis.map(Sink.chassis) else { return nil }
    self.init(
      of: Set(mirror.ports), sent: mirror.direction != .ingress, received: mirror.direction != .egress, key: mirror.key,
      to: sink, origins: Set(mirror.origins ?? []))
  }
}
