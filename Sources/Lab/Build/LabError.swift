/// Why a lab could not be built, read or taken down.
public struct LabError: Error, Sendable, CustomStringConvertible {
  /// What was attempted, on which machine.
  public let attempt: String
  /// Why it failed.
  public let reason: String
  /// What to do about it.
  public let remedy: String?

  public init(_ attempt: String, reason: String, remedy: String? = nil) {
    self.attempt = attempt
    self.reason = reason
    self.remedy = remedy
  }

  public var description: String {
    "cannot \(attempt): \(reason)\(remedy.map { "; \($0)" } ?? "")"
  }
}
