import IPAM
import KubernetesModel
import NetloomAPI

extension Reader {
  /// A Subnet: how full it is, which of its addresses others were found to have, and which are kept.
  func subnetStatus(_ id: WorldID) -> StatusPlan? {
    guard let subnet = subnet(id.name), let view = subnetView(id.name) else { return nil }
    let before = if case .subnet(let status)? = status(id) { status } else { Subnet.Status() }
    let services = names(.servicesOnSubnet(id.name))
    let usage = usage(of: id.name)
    let setAside = setAside(of: id.name)
    let claims = claims(on: id.name)
    var holds = Holds()
    if subnet.metadata.isBeingDeleted {
      let attachments = Set(services.flatMap { names(.attachmentsOfService($0)) })
      let pods = Set(attachments.flatMap { names(.podsOnAttachment($0)) })
      holds.holders = services.map { "L2Service \($0)" } + pods.sorted().map { "Pod \($0)" }
      holds.holders += claims.map { "IPAMClaim \($0)" }
    }
    let verdict = Verdict(
      of: subnet.metadata, before: before.conditions ?? [],
      aspects: [
        Aspect(
          type: ConditionType.accepted, finding: view.findings.first, reason: ConditionReason.valid,
          message: "the manifest is right")
      ], holds: holds, now: time.timestamp)

    var status = before
    status.phase = verdict.phase
    status.conditions = verdict.conditions
    for (type, finding) in [
      (ConditionType.poolPressure, usage.flatMap { Finding.pressure($0, before: before) }),
      (ConditionType.exhausted, usage.flatMap { Finding.exhausted($0) }),
      (ConditionType.addressConflict, setAside.isEmpty ? nil : .foreignHolders(setAside)),
    ] {
      status.conditions =
        finding.map {
          (status.conditions ?? []).setting(
            type, .true, reason: $0.reason, message: $0.message, now: time.timestamp,
            observedGeneration: subnet.metadata.generation)
        } ?? status.conditions?.removing(type)
    }
    status.observedGeneration = subnet.metadata.generation
    status.used = usage.map { Int64(clamping: $0.used) }
    status.available = usage.map { "\($0.available)" }
    status.utilization = usage?.utilization
    status.conflicts =
      setAside.isEmpty
      ? nil : setAside.prefix(1000).map { .init(address: "\($0.address)", mac: $0.mac.map { "\($0)" }, seen: $0.seen) }
    let reservations = reservations(of: id.name).map { kept in
      Subnet.Reservation(address: "\(kept.address)", pod: kept.name.pod, interface: kept.name.interface)
    }
    status.reservations = reservations.isEmpty ? nil : reservations
    status.l2Services = services.prefix(20).map(\.description)
    return StatusPlan(
      status: .subnet(status), finalizer: verdict.finalizer, generation: subnet.metadata.generation,
      uid: subnet.metadata.uid)
  }
}

extension Finding {
  /// From 90 % on, until it is less than 85 %: a subnet at the limit does not come and go.
  fileprivate static func pressure(_ usage: PoolUsage, before: Subnet.Status) -> Finding? {
    let isUnderPressure = before.conditions?[type: ConditionType.poolPressure]?.status == .true
    guard usage.utilization >= (isUnderPressure ? 85 : 90) else { return nil }
    return Finding(
      reason: ConditionReason.nearlyExhausted,
      message:
        "\(usage.available) of \(usage.total) addresses are left (\(usage.utilization) % are not): add a pool, or "
        + "use a larger subnet")
  }

  fileprivate static func exhausted(_ usage: PoolUsage) -> Finding? {
    guard usage.available == 0 else { return nil }
    return Finding(
      reason: ConditionReason.exhausted,
      message: "no address is left of \(usage.total), new pods wait: add a pool, use a larger subnet, or delete pods")
  }

  fileprivate static func foreignHolders(_ setAside: [SetAside]) -> Finding {
    let list = setAside.map { "\($0.address)" + ($0.mac.map { " (\($0))" } ?? "") }.listed(10)
    return Finding(
      reason: ConditionReason.foreignHolder,
      message:
        "\(list) answered from outside of Netloom and is not given to pods for an hour: remove it there, or list "
        + "it in spec.exclude")
  }
}

extension Subnet.Status {
  /// What a person should look at and did not know before.
  func news(since before: Subnet.Status?) -> [Condition] {
    [ConditionType.poolPressure, ConditionType.exhausted, ConditionType.addressConflict].compactMap { type in
      guard let condition = conditions?[type: type] else { return nil }
      let last = before?.conditions?[type: type]
      // The numbers of a pressure change all the time.
      let isKnown = type == ConditionType.addressConflict ? last?.message == condition.message : last != nil
      return isKnown ? nil : condition
    }
  }
}
