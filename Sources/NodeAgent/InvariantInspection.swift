import Synchronization

/// Answers at any time what is wrong with a node at that moment: the metric tells only of what stands for a while.
public final class InvariantInspection: Sendable {
  private let checker = Mutex<InvariantChecker?>(nil)

  public init() {}

  func begin(with checker: InvariantChecker) { self.checker.withLock { $0 = checker } }

  /// A line for each deviation, `CHECK SECONDS SUBJECT` with the seconds for which it is known; empty when all is right.
  /// - Throws: when the agent has not begun, and when the switch or the kernel cannot be asked.
  @Sendable public func report() async throws -> String {
    guard let checker = checker.withLock({ $0 }) else { throw NotYet() }
    return try await checker.inspect().map { violation, age in
      "\(violation.check.rawValue) \(age.components.seconds) \(violation.subject)\n"
    }.joined()
  }

  private struct NotYet: Error, CustomStringConvertible {
    let description = "look at the node: the agent has not begun to work: ask again"
  }
}
