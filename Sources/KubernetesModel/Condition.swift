/// One aspect of an object's state (`metav1.Condition`).
public struct Condition: Sendable, Hashable, Codable {
  /// `True`, `False` or `Unknown`.
  public enum Status: String, Sendable, Hashable, Codable {
    /// The condition holds.
    case `true` = "True"
    /// The condition does not hold.
    case `false` = "False"
    /// It is not known whether the condition holds.
    case unknown = "Unknown"
  }

  /// The aspect, in CamelCase, for example `Ready`.
  public var type: String
  /// Whether it holds.
  public var status: Status
  /// Why, as one CamelCase word for programs.
  public var reason: String
  /// Why, for people.
  public var message: String
  /// When `status` last changed, RFC 3339.
  public var lastTransitionTime: String
  /// The `metadata.generation` that this was computed from.
  public var observedGeneration: Int64?

  /// A condition of the parts.
  public init(
    type: String, status: Status, reason: String, message: String, lastTransitionTime: String,
    observedGeneration: Int64? = nil
  ) {
    self.type = type
    self.status = status
    self.reason = reason
    self.message = message
    self.lastTransitionTime = lastTransitionTime
    self.observedGeneration = observedGeneration
  }

  private enum CodingKeys: String, CodingKey {
    case type, status, reason, message, lastTransitionTime, observedGeneration
  }

  /// Tolerates absent `reason`, `message` and `lastTransitionTime`, as built-in kinds have them.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    type = try container.decode(String.self, forKey: .type)
    status = try container.decode(Status.self, forKey: .status)
    reason = try container.decodeIfPresent(String.self, forKey: .reason) ?? ""
    message = try container.decodeIfPresent(String.self, forKey: .message) ?? ""
    lastTransitionTime = try container.decodeIfPresent(String.self, forKey: .lastTransitionTime) ?? ""
    observedGeneration = try container.decodeIfPresent(Int64.self, forKey: .observedGeneration)
  }
}

extension [Condition] {
  /// The condition of a type.
  public subscript(type type: String) -> Condition? { first { $0.type == type } }

  /// These conditions with `condition` in the place of that of the same type, or at the end.
  ///
  /// `lastTransitionTime` is kept when the status is as before, so that setting the same state twice changes nothing.
  public func setting(_ condition: Condition) -> [Condition] {
    var result = self
    guard let index = firstIndex(where: { $0.type == condition.type }) else { return result + [condition] }
    var updated = condition
    if self[index].status == condition.status { updated.lastTransitionTime = self[index].lastTransitionTime }
    result[index] = updated
    return result
  }

  /// These conditions with one set from its parts; `now` (RFC 3339) is taken only when the status changes.
  public func setting(
    _ type: String, _ status: Condition.Status, reason: String, message: String, now: String,
    observedGeneration: Int64? = nil
  ) -> [Condition] {
    setting(
      Condition(
        type: type, status: status, reason: reason, message: message, lastTransitionTime: now,
        observedGeneration: observedGeneration))
  }

  /// These conditions without that of a type.
  public func removing(_ type: String) -> [Condition] { filter { $0.type != type } }
}
