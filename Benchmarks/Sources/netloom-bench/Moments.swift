import Dispatch
import Synchronization

/// When things happened first, by name; noted by some threads and waited for by others.
final class Moments: Sendable {
  private typealias Waiter = CheckedContinuation<ContinuousClock.Instant, any Error>

  private struct State {
    var known: [String: ContinuousClock.Instant] = [:]
    var waiters: [String: [Int: Waiter]] = [:]
    var lastNumber = 0
    var failure: (any Error)?
  }

  private let state = Mutex(State())

  /// It happened now, unless it has before.
  func note(_ what: String) {
    let now = ContinuousClock.now
    let waiters = state.withLock { state -> [Waiter] in
      guard state.known[what] == nil else { return [] }
      state.known[what] = now
      return state.waiters.removeValue(forKey: what).map { Array($0.values) } ?? []
    }
    for waiter in waiters { waiter.resume(returning: now) }
  }

  /// Nothing more will be noted.
  func fail(_ error: any Error) {
    let waiters = state.withLock { state in
      state.failure = error
      defer { state.waiters = [:] }
      return state.waiters.values.flatMap(\.values)
    }
    for waiter in waiters { waiter.resume(throwing: error) }
  }

  /// When it happened; waits until it has.
  func moment(of what: String, within limit: Duration = .seconds(30)) async throws -> ContinuousClock.Instant {
    try await withCheckedThrowingContinuation { waiter in
      let number = state.withLock { state -> Int? in
        if let known = state.known[what] {
          waiter.resume(returning: known)
        } else if let failure = state.failure {
          waiter.resume(throwing: failure)
        } else {
          state.lastNumber += 1
          state.waiters[what, default: [:]][state.lastNumber] = waiter
          return state.lastNumber
        }
        return nil
      }
      guard let number else { return }
      DispatchQueue.global().asyncAfter(deadline: .now() + limit.seconds) {
        let late = self.state.withLock { $0.waiters[what]?.removeValue(forKey: number) }
        late?.resume(throwing: BenchmarkError("\"\(what)\" was not seen within \(limit)"))
      }
    }
  }
}
