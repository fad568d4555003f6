import ControllerRuntime
import Synchronization

/// A clock that moves only when a test says so.
final class ManualTime: Sendable {
  private struct Sleeper {
    let id: Int
    let moment: Duration
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now = Duration.zero
    var sleepers: [Sleeper] = []
    var nextID = 0
    var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())

  var source: TimeSource {
    TimeSource(now: { self.state.withLock { $0.now } }, sleep: { try await self.sleep(until: $0) }, random: { 0 })
  }

  /// The moments for which somebody sleeps, earliest first.
  var deadlines: [Duration] { state.withLock { $0.sleepers.map(\.moment).sorted() } }

  /// Returns when so many sleep.
  func waitForSleepers(_ count: Int = 1) async {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state in
        if state.sleepers.count >= count { return true }
        state.watchers.append((count, continuation))
        return false
      }
      if ready { continuation.resume() }
    }
  }

  func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now += duration
      let due = state.sleepers.filter { $0.moment <= state.now }.sorted { $0.moment < $1.moment }
      state.sleepers.removeAll { $0.moment <= state.now }
      return due
    }
    for sleeper in due { sleeper.continuation.resume() }
  }

  private func sleep(until moment: Duration) async throws {
    let id = state.withLock { state in
      defer { state.nextID += 1 }
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let (result, ready) = state.withLock {
          state -> (Result<Void, any Error>?, [CheckedContinuation<Void, Never>]) in
          if Task.isCancelled { return (.failure(CancellationError()), []) }
          if moment <= state.now { return (.success(()), []) }
          state.sleepers.append(Sleeper(id: id, moment: moment, continuation: continuation))
          let count = state.sleepers.count
          let ready = state.watchers.filter { $0.count <= count }.map(\.continuation)
          state.watchers.removeAll { $0.count <= count }
          return (nil, ready)
        }
        if let result { continuation.resume(with: result) }
        for watcher in ready { watcher.resume() }
      }
    } onCancel: {
      state.withLock { state -> CheckedContinuation<Void, any Error>? in
        guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else { return nil }
        return state.sleepers.remove(at: index).continuation
      }?.resume(throwing: CancellationError())
    }
  }
}
