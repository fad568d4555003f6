import Synchronization

/// Hands every committed write to those who watch, in the order of the revisions.
///
/// A subscriber that falls more than `capacity` events behind is cut off: its sequence ends, and it must start again from
/// the last revision it saw. So a slow reader costs a bounded amount of memory and never delays a writer.
final class WatchHub: Sendable {
  /// What the hub lets through to one subscriber.
  struct Interest: Sendable {
    /// nil: every resource.
    var resource: String?
    /// nil: every namespace.
    var namespace: String?

    func covers(_ key: StoreKey) -> Bool {
      (resource == nil || resource == key.resource) && (namespace == nil || namespace == key.namespace)
    }
  }

  /// What a subscriber is told.
  enum Signal: Sendable {
    case event(StoreEvent)
    /// All events up to here were delivered. Sent only when asked for.
    case progress(Revision)
  }

  /// One subscriber's events, from the write after `start` on.
  struct Subscription: Sendable {
    let start: Revision
    let signals: AsyncStream<Signal>
    fileprivate let continuation: AsyncStream<Signal>.Continuation
    fileprivate let hub: WatchHub

    /// Ends the sequence, for whoever iterates over it.
    func finish() { continuation.finish() }

    /// Puts a `.progress` signal behind all events so far.
    func askForProgress() {
      hub.state.withLock { state in _ = continuation.yield(.progress(state.published)) }
    }
  }

  private struct Subscriber {
    let interest: Interest
    let continuation: AsyncStream<Signal>.Continuation
  }

  private struct State {
    var subscribers: [Int: Subscriber] = [:]
    var nextID = 0
    var published: Revision
    var closed = false
  }

  private let state: Mutex<State>
  private let capacity: Int

  init(startingAt revision: Revision, capacity: Int = 8192) {
    self.state = Mutex(State(published: revision))
    self.capacity = capacity
  }

  /// The last revision that was handed out.
  var published: Revision { state.withLock { $0.published } }

  /// Nothing will be handed out any more.
  var isClosed: Bool { state.withLock { $0.closed } }

  /// Begins a subscription; it ends when its consumer stops iterating, falls too far behind, or the hub closes.
  func subscribe(_ interest: Interest, capacity: Int? = nil) -> Subscription {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Signal.self, bufferingPolicy: .bufferingOldest(capacity ?? self.capacity))
    let (id, start, closed) = state.withLock { state in
      defer { state.nextID += 1 }
      if !state.closed {
        state.subscribers[state.nextID] = Subscriber(interest: interest, continuation: continuation)
      }
      return (state.nextID, state.published, state.closed)
    }
    if closed { continuation.finish() }
    continuation.onTermination = { [weak self] _ in self?.remove(id) }
    return Subscription(start: start, signals: stream, continuation: continuation, hub: self)
  }

  /// Hands out committed writes. Called by the store's one writer, in order.
  func publish(_ events: [StoreEvent], upTo revision: Revision) {
    // The yields happen under the lock, so that a subscription sees exactly the events after its start.
    let dropped = state.withLock { state in
      state.published = revision
      var dropped: [AsyncStream<Signal>.Continuation] = []
      for (id, subscriber) in state.subscribers {
        for event in events where subscriber.interest.covers(event.object.key) {
          if case .enqueued = subscriber.continuation.yield(.event(event)) { continue }
          state.subscribers[id] = nil
          dropped.append(subscriber.continuation)
          break
        }
      }
      return dropped
    }
    for continuation in dropped { continuation.finish() }
  }

  /// Ends every subscription and refuses new ones.
  func close() {
    let all = state.withLock { state in
      state.closed = true
      defer { state.subscribers = [:] }
      return state.subscribers.values.map(\.continuation)
    }
    for continuation in all { continuation.finish() }
  }

  private func remove(_ id: Int) {
    state.withLock { _ = $0.subscribers.removeValue(forKey: id) }
  }
}
