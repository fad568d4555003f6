import KubernetesClient
public import KubernetesModel
public import Logging
import Metrics
public import ServiceLifecycle
import Synchronization

/// Brings changes of objects to a reconciler: informers -> keys -> queue -> workers.
///
/// Connect it with `watch` before `run()`. Workers start when every connected informer is synced, so that the first
/// reconcile sees the whole world. On a graceful shutdown running reconciles end by themselves; no new ones begin.
/// Metrics (dimension `controller`): `controller_reconcile_total` (and `result`), `controller_reconcile_seconds`.
public final class Controller<R: Reconciler>: Service {
  /// The keys that wait. Usually only `watch` and `enqueue` put some in.
  public let queue: WorkQueue<R.Key>

  private let name: String
  private let reconciler: R
  private let workers: Int
  private let logger: Logger
  private let sources = Mutex<[@Sendable () async throws -> Void]>([])
  private let duration: Metrics.Timer
  private let outcomes: [Outcome: Counter]

  /// How one reconcile ended, as metrics say it.
  private enum Outcome: String, CaseIterable {
    case success
    case requeueAfter = "requeue_after"
    case error
    case terminalError = "terminal_error"
    case cancelled
  }

  /// A controller.
  ///
  /// - Parameters:
  ///   - name: how logs and metrics call it.
  ///   - workers: how many keys are worked on at once.
  public init(
    name: String, reconciler: R, workers: Int = 1, retries: RetryPolicy = RetryPolicy(), time: TimeSource = .system,
    logger: Logger
  ) {
    self.name = name
    self.reconciler = reconciler
    self.workers = workers
    var logger = logger
    logger[metadataKey: "controller"] = "\(name)"
    self.logger = logger
    queue = WorkQueue(name: name, policy: retries, time: time)
    duration = Metrics.Timer(label: "controller_reconcile_seconds", dimensions: [("controller", name)])
    outcomes = Dictionary(
      uniqueKeysWithValues: Outcome.allCases.map { outcome in
        let dimensions = [("controller", name), ("result", outcome.rawValue)]
        return (outcome, Counter(label: "controller_reconcile_total", dimensions: dimensions))
      })
  }

  /// Reconciles the keys that a closure makes of each change.
  ///
  /// The closure is called under the informer's lock: it must be short and must not block. It may read stores.
  public func watch<Object>(
    _ informer: Informer<Object>, deltas keys: @escaping @Sendable (Delta<Object>) -> [R.Key]
  ) {
    informer.onDelta { [queue] delta in
      for key in keys(delta) { queue.add(key) }
    }
    sources.withLock { $0.append { try await informer.waitUntilSynced() } }
  }

  /// Reconciles the keys that a closure makes of each object that changes, of its state before and of that after.
  public func watch<Object>(
    _ informer: Informer<Object>, keys: @escaping @Sendable (Object) -> [R.Key]
  ) {
    watch(
      informer,
      deltas: { delta in
        switch delta {
        case .added(let object), .deleted(let object): keys(object)
        case .updated(let old, let new): keys(old) + keys(new)
        case .synced: []
        }
      })
  }

  /// Reconciles a key now.
  public func enqueue(_ key: R.Key) { queue.add(key) }

  /// Reconciles a key after a delay, or earlier if something changes.
  public func enqueue(_ key: R.Key, after delay: Duration) { queue.add(key, after: delay) }

  /// Works until the task is cancelled or a graceful shutdown begins. To be called once.
  public func run() async throws {
    try await withGracefulShutdownHandler {
      defer { queue.shutDown() }
      do {
        try await cancelWhenGracefulShutdown {
          for wait in self.sources.withLock({ $0 }) { try await wait() }
        }
      } catch is CancellationError {
        return
      }
      logger.debug("controller started", metadata: ["workers": "\(workers)"])
      await withTaskGroup { group in
        for _ in 0..<workers { group.addTask { await self.work() } }
      }
    } onGracefulShutdown: {
      self.queue.shutDown()
    }
  }

  private func work() async {
    while let key = await queue.next() {
      let start = ContinuousClock.now
      let outcome = await reconcile(key)
      duration.record(ContinuousClock.now - start)
      outcomes[outcome]?.increment()
      queue.done(key)
    }
  }

  private func reconcile(_ key: R.Key) async -> Outcome {
    do {
      let result = try await reconciler.reconcile(key)
      queue.forget(key)
      guard case .requeue(let delay) = result else { return .success }
      queue.add(key, after: delay)
      return .requeueAfter
    } catch is CancellationError where Task.isCancelled {
      return .cancelled
    } catch let error as TerminalError {
      queue.forget(key)
      logger.error("reconcile failed for good", metadata: ["key": "\(key)", "error": "\(error)"])
      return .terminalError
    } catch {
      let wait = queue.retry(key)
      // A conflict only says that the object changed meanwhile: nothing that a person should look at.
      let level: Logger.Level = (error as? KubernetesAPIError)?.isConflict == true ? .debug : .warning
      logger.log(
        level: level, "reconcile failed, trying again",
        metadata: ["key": "\(key)", "error": "\(error)", "in": "\(wait)"])
      return .error
    }
  }
}

extension Controller where R.Key == NamespacedName {
  /// Reconciles every object that changes, under its own name.
  public func watch<Object: KubernetesResource>(_ informer: Informer<Object>) {
    watch(informer, keys: { [$0.metadata.namespacedName] })
  }

  /// Reconciles the owner of a kind of every object that changes.
  public func watch<Object: KubernetesResource, Owner: KubernetesResource>(
    _ informer: Informer<Object>, ownedBy owner: Owner.Type
  ) {
    watch(informer, keys: { $0.metadata.ownerNames(of: Owner.definition) })
  }
}

extension Controller where R.Key == ObjectKey {
  /// Reconciles every object that changes, under its own key.
  public func watch<Object: KubernetesResource>(_ informer: Informer<Object>) {
    watch(informer, keys: { [$0.key] })
  }
}
