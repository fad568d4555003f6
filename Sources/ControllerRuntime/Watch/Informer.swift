import KubernetesClient
import KubernetesModel
public import Logging
public import ServiceLifecycle
import Synchronization

/// Keeps a copy of a collection and tells what changes in it.
///
/// Guarantees: the store is swapped at once after a complete list, never half; a subscriber hears every object as
/// `added`, then `synced` once, then every change in the order of each object (several changes of one object may come
/// as one when the subscriber is slow); an object that was deleted and created again is `deleted` and `added`; an object
/// that can no longer be read stays as it was. Runs until its task is cancelled or the service group shuts down.
public final class Informer<Object: Sendable>: Service {
  /// The copy. Empty until synced.
  public let store: Store<Object>

  private let follow: @Sendable (Informer) async -> Void
  private let name: String
  private let logger: Logger
  private let state: Mutex<State>

  private struct State {
    var isSynced = false
    var isFinished = false
    var list: [Object]?
    var undecodable: Set<NamespacedName> = []
    var handlers: [@Sendable (Delta<Object>) -> Void] = []
    var streams: [Int: DeltaStream<Object>.Storage] = [:]
    var nextStream = 0
    var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
    var nextWaiter = 0
  }

  /// An informer of a source; nothing happens until `run()`.
  ///
  /// - Parameter name: how logs call it.
  public init<Source: WatchSource>(
    _ source: Source, name: String, indexers: [Indexer<Object>] = [], backoff: Backoff = Backoff(),
    time: TimeSource = .system, logger: Logger
  ) where Source.Object == Object {
    store = Store(identity: source.identity, indexers: indexers)
    self.name = name
    self.logger = logger
    state = Mutex(State())
    follow = { informer in
      for await event in Watcher(source, backoff: backoff, time: time) { informer.handle(event) }
    }
  }

  /// An informer of a collection of an API server.
  public convenience init(
    _ collection: ResourceCollection<Object>, indexers: [Indexer<Object>] = [], backoff: Backoff = Backoff(),
    time: TimeSource = .system, logger: Logger
  ) {
    self.init(
      collection, name: collection.api.definition.plural, indexers: indexers, backoff: backoff, time: time,
      logger: logger)
  }

  /// Follows the collection until the task is cancelled or a graceful shutdown begins. To be called once.
  public func run() async throws {
    await cancelWhenGracefulShutdown { await self.follow(self) }
    finish()
  }

  /// Whether the store has had a complete list.
  public var isSynced: Bool { state.withLock { $0.isSynced } }

  /// Returns when the store has had a complete list.
  ///
  /// - Throws: `CancellationError` when the task is cancelled or the informer ends before.
  public func waitUntilSynced() async throws {
    let id = state.withLock { state in
      defer { state.nextWaiter += 1 }
      return state.nextWaiter
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let result: Result<Void, any Error>? = state.withLock { state in
          if state.isSynced { return .success(()) }
          if state.isFinished || Task.isCancelled { return .failure(CancellationError()) }
          state.waiters[id] = continuation
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(throwing: CancellationError())
    }
  }

  /// The deltas from now on, beginning with every object that is known. For one reader; ends with the informer.
  public func deltas() -> DeltaStream<Object> {
    state.withLock { state in
      let id = state.nextStream
      state.nextStream += 1
      let stream = DeltaStream(name: name(of:)) { [weak self] in
        self?.state.withLock { _ = $0.streams.removeValue(forKey: id) }
      }
      for object in store.all { stream.storage.push(.added(object)) }
      if state.isSynced { stream.storage.push(.synced) }
      if state.isFinished { stream.storage.finish() } else { state.streams[id] = stream.storage }
      return stream
    }
  }

  /// Calls `handler` for every delta, beginning with every object that is known.
  ///
  /// It is called under a lock, in order: it must be short, must not block and must not use the informer (its store is
  /// allowed). This is how queues are fed: nothing is kept for a slow reader.
  public func onDelta(_ handler: @escaping @Sendable (Delta<Object>) -> Void) {
    state.withLock { state in
      for object in store.all { handler(.added(object)) }
      if state.isSynced { handler(.synced) }
      state.handlers.append(handler)
    }
  }

  @Sendable private func name(of object: Object) -> NamespacedName {
    store.withContents { $0.identity }(object).name
  }

  private func handle(_ event: WatcherEvent<Object>) {
    state.withLock { state in
      switch event {
      case .initial:
        state.list = []
        state.undecodable = []
      case .initialPage(let page, let undecodable):
        state.list?.append(contentsOf: page)
        for object in undecodable {
          state.undecodable.insert(object.name)
          warn(of: object)
        }
      case .initialDone:
        let list = state.list ?? []
        let undecodable = state.undecodable
        state.list = nil
        state.undecodable = []
        publish(store.withContents { $0.replace(with: list, keeping: undecodable) }, &state)
        guard !state.isSynced else { return }
        state.isSynced = true
        publish([.synced], &state)
        logger.debug("synced", metadata: ["informer": "\(name)", "objects": "\(list.count)"])
        for waiter in state.waiters.values { waiter.resume() }
        state.waiters = [:]
      case .applied(let object):
        publish(store.withContents { $0.apply(object) }, &state)
      case .deleted(let object):
        publish(store.withContents { $0.delete($0.identity(object).name, last: object) }, &state)
      case .undecodable(let object, let deleted):
        warn(of: object)
        if deleted { publish(store.withContents { $0.delete(object.name) }, &state) }
      case .failed(let error, let wait):
        let level = error.isGone ? Logger.Level.info : .warning
        logger.log(
          level: level, "watch failed, trying again",
          metadata: ["informer": "\(name)", "error": "\(error)", "in": "\(wait)"])
      }
    }
  }

  private func publish(_ deltas: [Delta<Object>], _ state: inout State) {
    for delta in deltas {
      for handler in state.handlers { handler(delta) }
      for stream in state.streams.values { stream.push(delta) }
    }
  }

  private func warn(of object: UndecodableObject) {
    logger.warning(
      "an object cannot be read and is left as it was",
      metadata: ["informer": "\(name)", "object": "\(object.name)", "problem": "\(object.problem)"])
  }

  private func finish() {
    let (streams, waiters) = state.withLock { state in
      state.isFinished = true
      state.handlers = []
      defer {
        state.streams = [:]
        state.waiters = [:]
      }
      return (Array(state.streams.values), Array(state.waiters.values))
    }
    for stream in streams { stream.finish() }
    for waiter in waiters { waiter.resume(throwing: CancellationError()) }
  }
}
