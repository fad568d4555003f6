/// Why the embedded API server could not start or go on: what was attempted, on what, why it failed, what to do.
public struct APIServerError: Error, Sendable, CustomStringConvertible {
  /// What was attempted, on what, and why it failed.
  public var message: String
  /// What the operator of the server can do about it.
  public var advice: String

  /// Makes an error of a sentence that says what failed and one that says what to do.
  public init(_ message: String, advice: String) {
    self.message = message
    self.advice = advice
  }

  public var description: String { "\(message). \(advice)" }
}
