public import KubernetesModel

/// The life of an object in one word.
public enum Phase: String, Codable, Sendable, Hashable, CaseIterable {
  /// Accepted, work is under way or waits for something that is expected to come.
  case pending
  /// Everything that was asked for works.
  case ready
  /// Something needs a person, or keeps failing; the `Ready` condition says what.
  case error
  /// Deletion was asked for; the `Blocked` condition names what still holds it, if anything.
  case terminating
  /// The last word, sent to the callback when the object is gone.
  case deleted
}

extension Phase {
  /// The phase that follows from the conditions.
  ///
  /// Deletion wins. Else the object is `ready` when `Ready` is True, and in `error` when any condition that counts is
  /// False for a reason that is not one of waiting (``ConditionReason/waiting``): a reason that is not known here, of a
  /// fabric driver made elsewhere for instance, is an error, never a success.
  public init(conditions: [Condition], isDeleting: Bool = false) {
    if isDeleting {
      self = .terminating
    } else if conditions.contains(where: { $0.type == ConditionType.ready && $0.status == .true }) {
      self = .ready
    } else if conditions.contains(where: \.isFailure) {
      self = .error
    } else {
      self = .pending
    }
  }
}

extension Condition {
  /// Whether this condition says that something failed, in contrast to "not yet".
  public var isFailure: Bool {
    status == .false && type != ConditionType.blocked && !ConditionReason.waiting.contains(reason)
  }
}
