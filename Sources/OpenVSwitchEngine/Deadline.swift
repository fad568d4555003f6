/// The time for something was over.
struct DeadlineExceeded: Error {}

/// Runs `body`, cancelled with `DeadlineExceeded` when it takes longer than `limit`.
func withDeadline<Result: Sendable>(
  _ limit: Duration, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await body() }
    group.addTask {
      try await Task.sleep(for: limit)
      return nil
    }
    defer { group.cancelAll() }
    // The group has two tasks, so there is a first.
    guard case .some(.some(let result)) = try await group.next() else { throw DeadlineExceeded() }
    return result
  }
}
