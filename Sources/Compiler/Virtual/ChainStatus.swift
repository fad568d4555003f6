import KubernetesModel
import NetloomAPI

extension Reader {
  /// A ServiceChain: whether OVN leads its traffic, and which pods share it.
  func chainStatus(_ id: WorldID) -> StatusPlan? {
    guard let chain = serviceChain(id.name) else { return nil }
    let before = if case .serviceChain(let status)? = status(id) { status } else { ServiceChain.Status() }
    var status = before
    var findings = logicalPlan(id)?.findings ?? []
    if !hasOVN { findings.append(.noOVN("a ServiceChain")) }
    var gap: Finding?
    do throws(FindingError) {
      let plan = try chainPlan(of: chain)
      status.functions = plan.hops.map(\.status)
      gap = plan.gap
    } catch {
      // It is among the findings.
    }
    let isBlocked = chain.spec.onFailure != .bypass
    let verdict = Verdict(
      of: chain.metadata, before: before.conditions ?? [],
      aspects: [
        Aspect(
          type: ConditionType.accepted, finding: findings.first, reason: ConditionReason.valid,
          message: "the manifest is right"),
        Aspect(
          type: ConditionType.programmed, finding: programming(id) ?? (isBlocked ? gap : nil),
          reason: ConditionReason.programmed, message: "OVN leads the traffic through the functions"),
      ], warnings: isBlocked ? [] : [gap].compactMap(\.self), holds: Holds(residue: residue(inOVNOf: id)),
      now: time.timestamp)
    status.phase = verdict.phase
    status.conditions = verdict.conditions
    status.observedGeneration = chain.metadata.generation
    return StatusPlan(
      status: .serviceChain(status), finalizer: verdict.finalizer, generation: chain.metadata.generation,
      uid: chain.metadata.uid)
  }
}

extension ChainPlan {
  /// A function that no packet can pass.
  fileprivate var gap: Finding? {
    hops.first { $0.instances.isEmpty }.map { hop in
      Finding(
        reason: ConditionReason.waitingForDependency,
        message: "function \(hop.name) has no pod that can take packets; traffic "
          + (isBypassed ? "passes without it" : "is blocked"))
    }
  }
}

extension ChainPlan.Hop {
  fileprivate var status: ServiceChain.FunctionStatus {
    let shares = ChainShares.buckets(of: instances.map(\.pod))
    return ServiceChain.FunctionStatus(
      name: name, podCount: instances.count,
      instances: instances.sorted { $0.pod < $1.pod }.prefix(20).map { instance in
        ServiceChain.Instance(
          pod: instance.pod.description, addresses: instance.left.map(\.description),
          share: (100 * (shares[instance.pod]?.count ?? 0) + ChainShares.count / 2) / ChainShares.count)
      })
  }
}
