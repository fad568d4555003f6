import KubernetesModel
import NetloomAPI

/// What an object is to say of itself, and whether it may go.
struct StatusPlan: Hashable, Sendable {
  /// The status.
  var status: AnyStatus
  /// What is to become of our finalizer.
  var finalizer: FinalizerChange?
  /// The metadata that this was computed from.
  var generation: Int64?
  /// Unique over time.
  var uid: String?

  /// A change of the finalizer.
  enum FinalizerChange: Hashable, Sendable {
    case add
    case remove
  }
}

/// One condition before it has a time: it holds when there is no finding.
struct Aspect: Sendable {
  var type: String
  var finding: Finding?
  var reason = ConditionReason.ready
  var message = ""
}

/// Everything that keeps an object from going.
struct Holds: Sendable {
  /// The objects that use it: `Pod test/a`.
  var holders: [String] = []
  /// What is still to be removed from the targets.
  var residue: [String] = []
}

/// The conditions, the phase and the fate of the finalizer that follow from what was found.
struct Verdict {
  var conditions: [Condition]
  var phase: Phase
  var finalizer: StatusPlan.FinalizerChange?

  /// - Parameters:
  ///   - aspects: what `Ready` depends on, the most basic first: the first that fails is the reason.
  ///   - now: for conditions whose status is now another, RFC 3339.
  init(
    of metadata: ObjectMeta, before: [Condition], aspects: [Aspect], warnings: [Finding] = [], holds: Holds,
    now: String
  ) {
    let failing = aspects.first { $0.finding != nil }?.finding
    var ready = Aspect(type: ConditionType.ready, finding: failing, message: "everything that was asked for works")
    var conditions = before
    if metadata.isBeingDeleted, holds.holders.isEmpty {
      ready.finding = .beingRemoved(holds.residue)
      finalizer = holds.residue.isEmpty && metadata.hasFinalizer ? .remove : nil
    } else if !metadata.isBeingDeleted, !metadata.hasFinalizer {
      finalizer = .add
    }
    for aspect in [ready] + aspects {
      conditions = conditions.setting(aspect, now: now, observedGeneration: metadata.generation)
    }
    let blocked: Finding? =
      metadata.isBeingDeleted && !holds.holders.isEmpty ? .inUse(by: holds.holders) : nil
    for (type, finding) in [(ConditionType.blocked, blocked), (ConditionType.warning, warnings.first)] {
      conditions =
        finding.map {
          conditions.setting(
            type, .true, reason: $0.reason, message: $0.message, now: now, observedGeneration: metadata.generation)
        } ?? conditions.removing(type)
    }
    self.conditions = conditions
    phase = Phase(conditions: conditions, isDeleting: metadata.isBeingDeleted)
  }
}

extension [Condition] {
  /// These conditions with one as it was found.
  func setting(_ aspect: Aspect, now: String, observedGeneration: Int64?) -> [Condition] {
    setting(
      aspect.type, aspect.finding == nil ? .true : .false, reason: aspect.finding?.reason ?? aspect.reason,
      message: aspect.finding?.message ?? aspect.message, now: now, observedGeneration: observedGeneration)
  }
}

extension Finding {
  /// Names at most ten holders.
  fileprivate static func inUse(by holders: [String]) -> Finding {
    Finding(reason: ConditionReason.inUse, message: "in use by " + holders.listed(10))
  }

  fileprivate static func beingRemoved(_ residue: [String]) -> Finding {
    Finding(
      reason: ConditionReason.programming,
      message: residue.isEmpty ? "removed everywhere" : "being removed: " + residue.listed(10))
  }
}

extension [String] {
  /// The first elements in words, and how many more there are.
  func listed(_ count: Int) -> String {
    prefix(count).joined(separator: ", ") + (self.count > count ? " and \(self.count - count) more" : "")
  }
}

extension Reader {
  /// The status of an object; nil when it does not exist.
  func computeStatus(_ id: WorldID) -> StatusPlan? {
    switch id.kind {
    case .connectionPoint: connectionPointStatus(id)
    case .fabric: fabricStatus(id)
    case .service: serviceStatus(id)
    case .subnet: subnetStatus(id)
    case .attachment: attachmentStatus(id)
    case .bridgeDomain, .nodeNetwork, .definition, .node, .namespace, .pod, .claim, .switches: nil
    case .router: routerStatus(id)
    case .networkPort: networkPortStatus(id)
    case .serviceChain: chainStatus(id)
    case .trafficMirror: mirrorStatus(id)
    case .policy: nil
    }
  }
}
