/// Why a switch does not have the flows that were wanted.
public struct OpenFlowError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: Sendable, Hashable {
    /// Nobody answers at the switch's socket.
    case connectFailed
    /// The connection ended; whether the request took effect is not known.
    case connectionLost
    /// The switch refused a request; those beside it took effect.
    case refused
    /// The switch does not speak OpenFlow 1.3.
    case protocolViolation
  }

  /// The kind of failure.
  public let code: Code
  /// What was attempted.
  public let attempt: String
  /// Why it failed and what to do.
  public let reason: String

  init(_ code: Code, attempt: String, reason: String) {
    self.code = code
    self.attempt = attempt
    self.reason = reason
  }

  public var description: String { "\(attempt): \(reason)" }
}
