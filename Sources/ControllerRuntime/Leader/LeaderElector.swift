public import KubernetesClient
public import KubernetesModel
public import Logging
public import ServiceLifecycle
import Synchronization

/// Which lease is contended for, by whom and how patiently.
public struct LeaderElection: Sendable, Hashable {
  /// The namespace of the lease.
  public var namespace: String
  /// The name of the lease.
  public var name: String
  /// Who contends; must differ between processes, for example the pod's name.
  public var identity: String
  /// How long others wait after a leader's last renewal; in whole seconds.
  public var leaseDuration: Duration
  /// How long a leader tries to renew before it stops. Less than `leaseDuration`.
  public var renewDeadline: Duration
  /// The time between attempts. Less than `renewDeadline`.
  public var retryPeriod: Duration

  /// client-go's times: 15, 10 and 2 seconds. Traps when they are not in this order.
  public init(
    namespace: String, name: String, identity: String, leaseDuration: Duration = .seconds(15),
    renewDeadline: Duration = .seconds(10), retryPeriod: Duration = .seconds(2)
  ) {
    precondition(
      leaseDuration > renewDeadline && renewDeadline > retryPeriod && retryPeriod > .zero,
      "a leader election needs leaseDuration > renewDeadline > retryPeriod > 0")
    self.namespace = namespace
    self.name = name
    self.identity = identity
    self.leaseDuration = leaseDuration
    self.renewDeadline = renewDeadline
    self.retryPeriod = retryPeriod
  }
}

/// Runs something in one process at a time among all that contend for a lease (coordination.k8s.io/v1).
///
/// `lead` begins when the lease is had and is cancelled when it cannot be renewed in time; then the contention begins
/// anew, when `lead` has ended. When `lead` returns or throws, the lease is let go and `run` ends likewise. As with every
/// lease: a process that was stopped longer than `leaseDuration` may go on for a moment while another leads already.
public final class LeaderElector: Service {
  private enum Ending: Sendable {
    case finished
    case lost
    case cancelled
  }

  private let api: ResourceAPI<Lease>
  private let election: LeaderElection
  private let time: TimeSource
  private let now: @Sendable () -> Timestamp
  private let logger: Logger
  private let machine: Mutex<LeaderElectorStateMachine>
  private let onNewLeader: @Sendable (String) -> Void
  private let lead: @Sendable () async throws -> Void

  /// A contender; nothing happens until `run()`.
  ///
  /// - Parameters:
  ///   - onNewLeader: called with the identity of each leader that is seen, this one included.
  ///   - lead: what the leader does.
  public init(
    client: KubernetesClient, election: LeaderElection, time: TimeSource = .system,
    now: @escaping @Sendable () -> Timestamp = { Timestamp.now() }, logger: Logger,
    onNewLeader: @escaping @Sendable (String) -> Void = { _ in }, lead: @escaping @Sendable () async throws -> Void
  ) {
    api = client.resource(Lease.self)
    self.election = election
    self.time = time
    self.now = now
    var logger = logger
    logger[metadataKey: "lease"] = "\(election.namespace)/\(election.name)"
    self.logger = logger
    machine = Mutex(LeaderElectorStateMachine(election))
    self.onNewLeader = onNewLeader
    self.lead = lead
  }

  /// Whether this process leads, as far as it knows.
  public var isLeader: Bool { machine.withLock { $0.isLeader } }

  /// Contends and leads until `lead` ends, the task is cancelled, or a graceful shutdown begins while not leading.
  public func run() async throws {
    while await acquire() {
      logger.info("leading", metadata: ["identity": "\(election.identity)"])
      let ending = await leadWhileRenewing()
      switch ending {
      case .success(.lost):
        logger.warning("the lease could not be renewed in time; no longer leading")
      case .success(.finished), .success(.cancelled):
        await release()
        return
      case .failure(let error):
        await release()
        throw error
      }
    }
  }

  /// Contends until the lease is had. False when the task is cancelled or a graceful shutdown begins before.
  private func acquire() async -> Bool {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await self.attempt()
        if self.isLeader { return true }
        do { try await self.pause() } catch { break }
      }
      return false
    }
  }

  private func leadWhileRenewing() async -> Result<Ending, any Error> {
    await withTaskGroup(of: Result<Ending, any Error>.self) { group in
      group.addTask {
        do {
          try await self.lead()
          return .success(.finished)
        } catch is CancellationError where Task.isCancelled {
          return .success(.cancelled)
        } catch {
          return .failure(error)
        }
      }
      group.addTask { .success(await self.renew()) }
      let first = await group.next()!
      group.cancelAll()
      guard case .success(.lost) = first else { return first }
      // What it was doing when it was cancelled no longer matters, but what it says of itself is not swallowed.
      if case .failure(let error)? = await group.next() {
        self.logger.warning("what the leader did ended with an error", metadata: ["error": "\(error)"])
      }
      return first
    }
  }

  /// Renews until that fails for too long or the task is cancelled.
  private func renew() async -> Ending {
    while true {
      do { try await pause() } catch { return .cancelled }
      await attempt()
      if Task.isCancelled { return .cancelled }
      guard isLeader else { return .lost }
    }
  }

  private func pause() async throws {
    // Contenders that were started together must not ask together for ever.
    try await time.sleep(time.now() + election.retryPeriod * (1 + 0.2 * time.random()))
  }

  /// Acquires or renews once; a leader gives up when the time to renew is over.
  private func attempt() async {
    let before = machine.withLock { $0.holder }
    let limit = machine.withLock { $0.renewDeadline } ?? time.now() + election.renewDeadline
    do {
      try await withTimeLimit(limit) { try await self.claim() }
    } catch {
      if Task.isCancelled { return }
      let leads = machine.withLock { $0.isLeader }
      let goesOn = machine.withLock { $0.failed(now: time.now()) }
      let level: Logger.Level = leads ? .warning : .debug
      logger.log(
        level: level, "the lease was not written", metadata: ["error": "\(error)", "leading": "\(goesOn)"])
    }
    if let holder = machine.withLock({ $0.holder }), holder != before { onNewLeader(holder) }
  }

  private func claim() async throws {
    let start = time.now()
    if let renewal = machine.withLock({ $0.renewal(time: now()) }) {
      do {
        let lease = try await api.replace(renewal)
        return machine.withLock { $0.written(lease, start: start) }
      } catch let error as KubernetesAPIError where error.isConflict || error.isNotFound {
        // Somebody wrote it meanwhile: read who.
      }
    }
    let lease = try await api.find(NamespacedName(namespace: election.namespace, name: election.name))
    let decision = machine.withLock { $0.read(lease, now: time.now(), time: now()) }
    let writing = time.now()
    let written: Lease
    switch decision {
    case .wait: return
    case .create(let lease): written = try await api.create(lease)
    case .replace(let lease): written = try await api.replace(lease)
    }
    machine.withLock { $0.written(written, start: writing) }
  }

  /// Lets the lease go, so that another need not wait; also when the task is cancelled.
  private func release() async {
    guard let lease = machine.withLock({ $0.release(time: now()) }) else { return }
    let writing = Task { try await self.api.replace(lease) }
    do { _ = try await writing.value } catch {
      logger.info("the lease was not let go; others wait until it expires", metadata: ["error": "\(error)"])
    }
    machine.withLock { $0.released() }
  }

  private func withTimeLimit(_ moment: Duration, _ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await body()
        return true
      }
      group.addTask {
        try await self.time.sleep(moment)
        return false
      }
      defer { group.cancelAll() }
      guard try await group.next() == true else {
        throw KubernetesAPIError(
          attempt: "write Lease \(election.namespace)/\(election.name)", reason: .transport,
          message: "no answer in time")
      }
    }
  }
}
