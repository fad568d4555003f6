public import Logging
import Synchronization

/// POSTs every state of objects to the URLs that their authors gave: at least once, in order for each object.
///
/// What was delivered last is told back (``Delivered``), for the owner to keep on the object: after a restart the state
/// that an object is in by then is delivered if it is another one. Deliveries of different objects do not wait for each
/// other.
public final class Callbacks: Sendable {
  /// Called when a state was taken, with its token.
  public typealias Delivered = @Sendable (_ object: String, _ token: String) -> Void

  private struct State {
    var queues: [String: CallbackQueue] = [:]
    var waiters: [String: [CheckedContinuation<Void, Never>]] = [:]
  }

  private struct Job: Sendable {
    var object: String
    var action: CallbackQueue.Action
  }

  private let poster: any CallbackPoster
  private let delivered: Delivered
  private let logger: Logger
  private let state = Mutex(State())
  private let jobs: AsyncStream<Job>
  private let continuation: AsyncStream<Job>.Continuation

  /// Nothing is sent until `run()`.
  public init(poster: any CallbackPoster, logger: Logger, delivered: @escaping Delivered) {
    self.poster = poster
    self.delivered = delivered
    self.logger = logger
    (jobs, continuation) = AsyncStream.makeStream()
  }

  /// Delivers until the task is cancelled.
  public func run() async {
    await withDiscardingTaskGroup { group in
      for await job in jobs {
        group.addTask { await self.perform(job) }
      }
      group.cancelAll()
    }
  }

  /// An object is in a state.
  ///
  /// - Parameters:
  ///   - object: names it for ever: kind, name and uid.
  ///   - delivered: the token that was delivered last, as the object itself says it; read when the object is new here.
  public func changed(_ object: String, _ new: CallbackState, delivered: String?) {
    let action = state.withLock { $0.queues[object, default: CallbackQueue(delivered: delivered)].changed(new) }
    submit(action, object)
  }

  /// An object is about to go: delivers its last state and then forgets the object.
  ///
  /// Returns when the state is delivered, or after `limit`: a receiver that is gone for good does not hold an object
  /// for ever.
  public func finish(_ object: String, _ last: CallbackState, delivered: String?, limit: Duration) async {
    changed(object, last, delivered: delivered)
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        await self.waitUntilEmpty(object)
        return true
      }
      group.addTask {
        do { try await Task.sleep(for: limit) } catch { return true }
        return false
      }
      if await group.next() == false {
        logger.warning(
          "the last state was not taken in time; the object goes without",
          metadata: ["object": "\(object)", "url": "\(last.url)", "after": "\(limit)"])
        abandon(object)
      }
      group.cancelAll()
      await group.waitForAll()
    }
    forget(object)
  }

  /// An object is gone: nothing more is delivered of it.
  public func forget(_ object: String) { abandon(object) }

  private func abandon(_ object: String) {
    let waiters = state.withLock { state in
      state.queues[object] = nil
      return state.waiters.removeValue(forKey: object) ?? []
    }
    for waiter in waiters { waiter.resume() }
  }

  private func waitUntilEmpty(_ object: String) async {
    await withCheckedContinuation { continuation in
      let isEmpty = state.withLock { state in
        if state.queues[object]?.isEmpty ?? true { return true }
        state.waiters[object, default: []].append(continuation)
        return false
      }
      if isEmpty { continuation.resume() }
    }
  }

  private func submit(_ action: CallbackQueue.Action, _ object: String) {
    if action != .none { continuation.yield(Job(object: object, action: action)) }
  }

  private func perform(_ job: Job) async {
    switch job.action {
    case .none: break
    case .wait(let duration):
      do { try await Task.sleep(for: duration) } catch { return }
      submit(state.withLock { $0.queues[job.object]?.retry() } ?? .none, job.object)
    case .post(let callback):
      do {
        try await poster.post(callback.body, to: callback.url)
        delivered(job.object, callback.token)
        finished(job.object)
      } catch is CancellationError {
        return
      } catch {
        logger.warning(
          "a callback was not taken, trying again",
          metadata: ["object": "\(job.object)", "url": "\(callback.url)", "error": "\(error)"])
        submit(
          state.withLock { $0.queues[job.object]?.failed(random: Double.random(in: 0..<1)) } ?? .none, job.object)
      }
    }
  }

  private func finished(_ object: String) {
    let (action, waiters) = state.withLock { state in
      let action = state.queues[object]?.succeeded() ?? .none
      let isEmpty = state.queues[object]?.isEmpty ?? true
      return (action, isEmpty ? state.waiters.removeValue(forKey: object) ?? [] : [])
    }
    submit(action, object)
    for waiter in waiters { waiter.resume() }
  }
}
