import Synchronization

/// A value that comes once, for all who wait for it.
final class Readiness<Value: Sendable>: Sendable {
  private enum State {
    case waiting([CheckedContinuation<Value, any Error>])
    case done(Result<Value, any Error>)
  }

  private let state = Mutex(State.waiting([]))

  func value() async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let result: Result<Value, any Error>? = state.withLock { state in
        switch state {
        case .waiting(let others):
          state = .waiting(others + [continuation])
          return nil
        case .done(let result): return result
        }
      }
      if let result { continuation.resume(with: result) }
    }
  }

  func succeed(_ value: Value) { finish(.success(value)) }

  func fail(_ error: any Error) { finish(.failure(error)) }

  private func finish(_ result: Result<Value, any Error>) {
    let waiting = state.withLock { state -> [CheckedContinuation<Value, any Error>] in
      guard case .waiting(let waiting) = state else { return [] }
      state = .done(result)
      return waiting
    }
    for continuation in waiting { continuation.resume(with: result) }
  }
}
