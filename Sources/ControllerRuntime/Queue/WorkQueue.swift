import DequeModule
import Metrics
import Synchronization

/// Keys that wait for workers: each at most once in the line, and never with two workers at the same time.
///
/// Nothing is lost: a key that is added while a worker has it comes again. Nothing polls: workers wait for a key, and one
/// timer waits for the earliest deadline. Metrics (dimension `name`): `workqueue_depth`, `workqueue_adds_total`,
/// `workqueue_retries_total`, `workqueue_queue_duration_seconds`, `workqueue_work_duration_seconds`.
public final class WorkQueue<Key: Hashable & Sendable>: Sendable {
  private struct Waiter {
    let id: Int
    let continuation: CheckedContinuation<Key?, Never>
  }

  private struct State {
    var machine: WorkQueueStateMachine<Key>
    var waiters: Deque<Waiter> = []
    var nextWaiter = 0
    var timer: (deadline: Duration, task: Task<Void, Never>)?
    var started: [Key: Duration] = [:]
  }

  private let state: Mutex<State>
  private let time: TimeSource
  private let metrics: WorkQueueMetrics

  /// An empty queue; `name` is that of its metrics.
  public init(name: String, policy: RetryPolicy = RetryPolicy(), time: TimeSource = .system) {
    state = Mutex(State(machine: WorkQueueStateMachine(policy: policy)))
    self.time = time
    metrics = WorkQueueMetrics(name: name)
  }

  deinit { state.withLock { $0.timer?.task.cancel() } }

  /// How many keys are in the line.
  public var depth: Int { state.withLock { $0.machine.depth } }

  /// Puts a key in the line, unless it is there.
  public func add(_ key: Key) {
    change { state, now in
      if state.machine.add(key, now: now) { metrics.adds.increment() }
    }
  }

  /// Puts a key in the line after a delay, unless it comes there earlier.
  public func add(_ key: Key, after delay: Duration) {
    change { state, now in state.machine.add(key, at: now + delay, now: now) }
  }

  /// Puts a key that failed in the line after a wait that grows with its failures. Gives the wait.
  @discardableResult
  public func retry(_ key: Key) -> Duration {
    metrics.retries.increment()
    return change { state, now in state.machine.retry(key, now: now) }
  }

  /// Forgets the failures of a key; to be called when it succeeded.
  public func forget(_ key: Key) {
    state.withLock { $0.machine.forget(key) }
  }

  /// Waits for a key to work on; `done` must be called with it. Nil after `shutDown` or when the task is cancelled.
  public func next() async -> Key? {
    let id = state.withLock { state in
      defer { state.nextWaiter += 1 }
      return state.nextWaiter
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let refused = change { state, _ in
          if state.machine.isShutDown || Task.isCancelled { return true }
          state.waiters.append(Waiter(id: id, continuation: continuation))
          return false
        }
        if refused { continuation.resume(returning: nil) }
      }
    } onCancel: {
      state.withLock { state -> CheckedContinuation<Key?, Never>? in
        guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
        return state.waiters.remove(at: index).continuation
      }?.resume(returning: nil)
    }
  }

  /// Gives a key back, whatever became of it.
  public func done(_ key: Key) {
    change { state, now in
      if let started = state.started.removeValue(forKey: key) { metrics.work.record(now - started) }
      state.machine.done(key, now: now)
    }
  }

  /// Drops the keys that no worker has, ends the waiting of workers, and takes no more keys.
  public func shutDown() {
    let waiters = state.withLock { state in
      state.machine.shutDown()
      state.timer?.task.cancel()
      state.timer = nil
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.continuation.resume(returning: nil) }
  }

  /// Changes the state, then hands keys to waiting workers and sets the timer for the next.
  @discardableResult
  private func change<Result: Sendable>(_ body: (inout State, _ now: Duration) -> Result) -> Result {
    let now = time.now()
    let (result, handed) = state.withLock { state in
      let result = body(&state, now)
      var handed: [(CheckedContinuation<Key?, Never>, Key)] = []
      while !state.waiters.isEmpty, let taken = state.machine.take(now: now) {
        metrics.queue.record(taken.waited)
        state.started[taken.key] = now
        handed.append((state.waiters.removeFirst().continuation, taken.key))
      }
      metrics.depth.record(state.machine.depth)
      setTimer(&state)
      return (result, handed)
    }
    for (continuation, key) in handed { continuation.resume(returning: key) }
    return result
  }

  private func setTimer(_ state: inout State) {
    // Without a waiting worker nobody could take the key: `next` sets the timer then.
    guard !state.waiters.isEmpty, let deadline = state.machine.nextDeadline() else { return }
    if let timer = state.timer {
      guard deadline < timer.deadline else { return }
      timer.task.cancel()
    }
    let task = Task { [weak self, time] in
      do { try await time.sleep(deadline) } catch { return }
      self?.timerFired(deadline)
    }
    state.timer = (deadline, task)
  }

  private func timerFired(_ deadline: Duration) {
    change { state, _ in
      if state.timer?.deadline == deadline { state.timer = nil }
    }
  }
}

/// What a queue tells of itself.
struct WorkQueueMetrics: Sendable {
  let depth: Gauge
  let adds: Counter
  let retries: Counter
  let queue: Metrics.Timer
  let work: Metrics.Timer

  init(name: String) {
    let dimensions = [("name", name)]
    depth = Gauge(label: "workqueue_depth", dimensions: dimensions)
    adds = Counter(label: "workqueue_adds_total", dimensions: dimensions)
    retries = Counter(label: "workqueue_retries_total", dimensions: dimensions)
    queue = Metrics.Timer(label: "workqueue_queue_duration_seconds", dimensions: dimensions)
    work = Metrics.Timer(label: "workqueue_work_duration_seconds", dimensions: dimensions)
  }
}

extension Metrics.Timer {
  func record(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
