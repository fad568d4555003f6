import KubernetesModel
import Synchronization

/// The deltas of an informer for one reader, who may be slow: changes of one object that were not read become one.
public final class DeltaStream<Object: Sendable>: AsyncSequence, Sendable {
  /// What happened.
  public typealias Element = Delta<Object>

  let storage: Storage
  private let unsubscribe: @Sendable () -> Void

  init(name: @escaping @Sendable (Object) -> NamespacedName, unsubscribe: @escaping @Sendable () -> Void) {
    storage = Storage(name: name)
    self.unsubscribe = unsubscribe
  }

  deinit { unsubscribe() }

  /// Reads the deltas; to be called once.
  public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

  /// Reads delta by delta.
  public struct Iterator: AsyncIteratorProtocol {
    let stream: DeltaStream

    /// The next delta; nil when the informer ended or the task is cancelled.
    public mutating func next() async -> Delta<Object>? { await stream.storage.next() }
  }

  /// The buffer, and the reader that waits for it to fill.
  final class Storage: Sendable {
    private struct State {
      var buffer: DeltaBuffer<Object>
      var reader: CheckedContinuation<Delta<Object>?, Never>?
      var isFinished = false
    }

    private let state: Mutex<State>

    init(name: @escaping @Sendable (Object) -> NamespacedName) {
      state = Mutex(State(buffer: DeltaBuffer(name: name)))
    }

    func push(_ delta: Delta<Object>) {
      let resume = state.withLock { state -> (CheckedContinuation<Delta<Object>?, Never>, Delta<Object>?)? in
        guard !state.isFinished else { return nil }
        state.buffer.push(delta)
        // Combining may leave nothing to read.
        guard let reader = state.reader, let next = state.buffer.pop() else { return nil }
        state.reader = nil
        return (reader, next)
      }
      if let resume { resume.0.resume(returning: resume.1) }
    }

    /// What is in the buffer can still be read.
    func finish() {
      state.withLock { state in
        state.isFinished = true
        defer { state.reader = nil }
        return state.reader
      }?.resume(returning: nil)
    }

    func next() async -> Delta<Object>? {
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let ready = state.withLock { state -> Delta<Object>?? in
            if Task.isCancelled { return .some(nil) }
            if let delta = state.buffer.pop() { return .some(delta) }
            if state.isFinished { return .some(nil) }
            precondition(state.reader == nil, "a delta stream is for one reader")
            state.reader = continuation
            return nil
          }
          if let ready { continuation.resume(returning: ready) }
        }
      } onCancel: {
        state.withLock { state in
          defer { state.reader = nil }
          return state.reader
        }?.resume(returning: nil)
      }
    }
  }
}
