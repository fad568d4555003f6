/// Why the embedded node could not do something for a pod.
struct NodeError: Error, Sendable, CustomStringConvertible {
  /// What was attempted.
  let attempt: String
  /// Why it failed, and what to do about it.
  let reason: String

  init(_ attempt: String, reason: String) {
    self.attempt = attempt
    self.reason = reason
  }

  var description: String { "cannot \(attempt): \(reason)" }
}
