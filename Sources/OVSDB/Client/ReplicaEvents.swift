import Synchronization

/// What a client tells about its copy of the database.
public enum ReplicaEvent: Sendable {
  /// The copy is complete and follows the database. Comes first when it is so already.
  case synchronized
  /// Rows changed, all of them in one step of the database (or while the client was not connected).
  case changed([RowChange])
  /// The reader fell behind and lost events: it has to look at the copy, and at the client's status, anew.
  case overflowed
  /// The connection ended or could not be made. The copy stays what it was; the client tries again by itself.
  case disconnected(OVSDBError)
}

/// A client's events for one reader. They are kept from the moment that the sequence was made; the copy that is read
/// after that moment is at least as new as every event before it.
public struct ReplicaEvents: AsyncSequence, Sendable {
  let mailbox: Mailbox
  private let subscription: Subscription

  init(_ mailbox: Mailbox, onEnd: @escaping @Sendable () -> Void) {
    self.mailbox = mailbox
    subscription = Subscription(onEnd)
  }

  public func makeAsyncIterator() -> Iterator { Iterator(mailbox: mailbox, subscription: subscription) }

  /// Yields the events; ends when the client is shut down or the task is cancelled.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let mailbox: Mailbox
    fileprivate let subscription: Subscription

    public mutating func next() async -> ReplicaEvent? { await mailbox.next() }
  }

  /// Ends the subscription when nobody can read it any more.
  fileprivate final class Subscription: Sendable {
    private let onEnd: @Sendable () -> Void
    init(_ onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }
    deinit { onEnd() }
  }
}

/// The events that one reader has not read yet.
final class Mailbox: Sendable {
  private struct State: Sendable {
    var events: [ReplicaEvent] = []
    var first = 0
    var reader: CheckedContinuation<ReplicaEvent?, Never>?
    var isEnded = false

    mutating func takeFirst() -> ReplicaEvent? {
      guard first < events.count else { return nil }
      defer {
        first += 1
        if first == events.count {
          events.removeAll(keepingCapacity: true)
          first = 0
        }
      }
      return events[first]
    }
  }

  private let state = Mutex(State())
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  func put(_ event: ReplicaEvent) {
    let reader = state.withLock { state -> CheckedContinuation<ReplicaEvent?, Never>? in
      if let reader = state.reader.take() { return reader }
      if state.events.count - state.first >= capacity {
        state.events = [.overflowed]
        state.first = 0
      } else {
        state.events.append(event)
      }
      return nil
    }
    reader?.resume(returning: event)
  }

  func end() {
    let reader = state.withLock { state in
      state.isEnded = true
      return state.reader.take()
    }
    reader?.resume(returning: nil)
  }

  func next() async -> ReplicaEvent? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let ready = state.withLock { state -> ReplicaEvent?? in
          if let event = state.takeFirst() { return .some(event) }
          if state.isEnded || Task.isCancelled { return .some(nil) }
          state.reader = continuation
          return nil
        }
        if let ready { continuation.resume(returning: ready) }
      }
    } onCancel: {
      state.withLock { $0.reader.take() }?.resume(returning: nil)
    }
  }
}
