import KubernetesModel
import NetloomAPI

extension StatusPlan {
  /// What has to be done so that the object says what is planned, and who is told.
  func actions(_ id: WorldID, observed: AnyStatus?) -> [Action] {
    var actions: [Action] = []
    switch finalizer {
    case .add: actions.append(.addFinalizer(id, uid: uid))
    case .remove: actions.append(.removeFinalizer(id, uid: uid))
    case nil: break
    }
    // The last word of an object that goes is its callback's, not a status that nobody could read.
    if status != observed, finalizer != .remove {
      actions.append(.setStatus(id, status, uid: uid))
      if let announcement = announcement(id, before: observed?.common) { actions.append(.announce(announcement)) }
      if case .router(let status) = status {
        let before: Router.Status? = if case .router(let before)? = observed { before } else { nil }
        if let move = status.move(since: before) {
          actions.append(
            .announce(Announcement(subject: id, uid: uid, isWarning: true, reason: "GatewayMoved", message: move)))
        }
      }
      if case .subnet(let status) = status {
        let before: Subnet.Status? = if case .subnet(let before)? = observed { before } else { nil }
        actions += status.news(since: before).map { news in
          .announce(
            Announcement(subject: id, uid: uid, isWarning: true, reason: news.type, message: news.message))
        }
      }
    }
    return actions
  }

  /// What a person should look at: errors, and what blocks a deletion. That all is well, the status says.
  private func announcement(_ id: WorldID, before: (any NetloomStatus)?) -> Announcement? {
    let status = status.common
    if let blocked = status.conditions?[type: ConditionType.blocked] {
      guard blocked.message != before?.conditions?[type: ConditionType.blocked]?.message else { return nil }
      return Announcement(
        subject: id, uid: uid, isWarning: true, reason: "DeletionBlocked", message: blocked.message)
    }
    guard let ready = status.conditions?[type: ConditionType.ready] else { return nil }
    let last = before?.conditions?[type: ConditionType.ready]
    switch status.phase {
    case .error where before?.phase != .error || last?.message != ready.message:
      return Announcement(subject: id, uid: uid, isWarning: true, reason: ready.reason, message: ready.message)
    default: return nil
    }
  }
}
