public import Logging
import NIOCore
import NIOPosix
public import OVNModel
import OVSDB
public import ServiceLifecycle
import Synchronization

/// Keeps OVN's northbound database (ovn-nb(5)) as it is wanted.
///
/// It follows the database, compares the rows with its mark with what is wanted, and writes the difference: one
/// transaction at a time, in which all that came meanwhile goes together. What others do to its rows is put back, and
/// told. Rows of others are never written. It remembers nothing: after a restart, or when the outcome of a transaction is
/// not known, what the database holds decides.
public final class NorthboundEngine: Service, Sendable {
  private struct Inbox {
    var wanted: [NorthboundOwner: NorthboundWish] = [:]
    var isComplete = false
    var events: [ReplicaEvent] = []
  }

  private let client: OVSDBClient
  private let grace: Duration
  private let failoverPace: FailoverPace?
  private let logger: Logger
  private let inbox = Mutex(Inbox())
  private let outbox = Outbox<NorthboundNews>()
  private let (wakes, waker) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

  /// An engine; nothing happens until `run()`.
  ///
  /// - Parameter failoverPace: how fast OVN is to notice that the node of a gateway is dead, where nobody else has said it.
  public init(
    _ database: OVNDatabase, failoverPace: FailoverPace? = nil,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger
  ) {
    client = database.client(of: "OVN_Northbound", NorthboundTable.allMonitored, group: group, logger: logger)
    grace = database.grace
    self.failoverPace = failoverPace
    self.logger = logger
  }

  /// Says all that these owners want from now on; of the others what they said stays. Never waits.
  public func want(_ wanted: [NorthboundOwner: NorthboundWish]) {
    inbox.withLock { $0.wanted.merge(wanted) { $1 } }
    waker.yield()
  }

  /// Says that every owner has said what it wants. Nothing is written before; afterwards rows with our mark that nobody
  /// wants are removed.
  public func complete() {
    inbox.withLock { $0.isComplete = true }
    waker.yield()
  }

  /// What has changed since the last time; waits until something has. One reader. Nil: the task was cancelled.
  public func news() async -> NorthboundNews? { await outbox.next() }

  /// Works until the task is cancelled or a graceful shutdown begins. What is programmed stays programmed.
  public func run() async throws {
    let events = client.events()
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask {
          // It ends by cancellation alone.
          do { try await self.client.run() } catch { self.logger.error("\(error)") }
        }
        group.addTask {
          for await event in events {
            self.inbox.withLock { $0.events.append(event) }
            self.waker.yield()
          }
        }
        await self.work(&group)
        group.cancelAll()
      }
    }
  }
}

// MARK: The work

extension NorthboundEngine {
  private func work(_ group: inout DiscardingTaskGroup) async {
    var ledger = NorthboundLedger()
    var outage = Outage(limit: grace)
    for await _ in wakes {
      while true {
        takeIn(&ledger, &outage)
        await setPace()
        let plan = plan(&ledger)
        // Also what only turned out while looking for something to do: perhaps nothing wakes it again.
        tell(ledger.takeNews())
        guard let plan else { break }
        do {
          try await transact(plan)
          ledger.committed(plan)
        } catch let error as OVSDBError {
          ledger.failed(plan, error)
          logger.debug("A transaction failed", metadata: ["error": "\(error)"])
          guard error.isTransient else { continue }
          // The server refuses, and nothing tells when it will not.
          if client.status == .synchronized { wake(after: .seconds(1), &group) }
          break
        } catch {
          return
        }
      }
      if let news = outage.news() { tell(news) }
      if let pause = outage.pause() { wake(after: pause, &group) }
    }
  }

  private func wake(after pause: Duration, _ group: inout DiscardingTaskGroup) {
    group.addTask {
      do { try await Task.sleep(for: pause) } catch { return }
      self.waker.yield()
    }
  }

  private func takeIn(_ ledger: inout NorthboundLedger, _ outage: inout Outage) {
    let (wanted, isComplete, events) = inbox.withLock { inbox in
      defer {
        inbox.wanted = [:]
        inbox.events = []
      }
      return (inbox.wanted, inbox.isComplete, inbox.events)
    }
    for (owner, wish) in wanted { ledger.want(owner, wish) }
    for event in events {
      switch event {
      case .changed(let changes):
        guard let schema = client.schema else { continue }
        ledger.changed(changes, in: client.replica, schema)
      case .synchronized:
        ledger.synchronized()
        outage.ended()
        var news = NorthboundNews()
        news.connection = .connected
        news.capabilities = client.schema.map { NorthboundCapabilities($0) }
        tell(news)
      case .overflowed:
        guard let schema = client.schema else { continue }
        ledger.relearn(ledger.observed(client.replica, schema))
      case .disconnected(let error): outage.began(error)
      }
    }
    if isComplete, !ledger.isComplete, client.status == .synchronized, let schema = client.schema {
      ledger.complete(ledger.observed(client.replica, schema))
    }
  }

  private func plan(_ ledger: inout NorthboundLedger) -> NorthboundPlan? {
    guard client.status == .synchronized, let schema = client.schema else { return nil }
    return ledger.next(ledger.observed(client.replica, schema))
  }

  private func transact(_ plan: NorthboundPlan) async throws {
    let start = ContinuousClock.now
    try await client.transact(plan.operations)
    NorthboundMetrics.written(rows: plan.rowCount, in: ContinuousClock.now - start)
  }

  private func setPace() async {
    guard client.status == .synchronized, let operation = failoverPace?.operation(client.replica) else { return }
    do { try await client.transact([operation]) } catch {
      logger.warning("The pace of BFD could not be set", metadata: ["error": "\(error)"])
    }
  }

  private func tell(_ news: NorthboundNews) {
    for repair in news.repairs {
      NorthboundMetrics.repairs.increment()
      logger.warning(
        "A row of the northbound database was changed behind our back and put back",
        metadata: ["row": "\(repair.row)", "owner": "\(repair.owner)", "found": "\(repair.found)"])
    }
    outbox.tell(news)
  }
}

extension OVSDBError {
  /// Whether the same transaction may succeed later.
  fileprivate var isTransient: Bool {
    switch code {
    case .constraintViolation, .referentialIntegrityViolation, .invalidRequest, .waitTimedOut: false
    default: true
    }
  }
}

/// For how long the database has been away.
private struct Outage {
  let limit: Duration
  private var since: ContinuousClock.Instant?
  private var error: OVSDBError?
  private var isTold = false

  init(limit: Duration) { self.limit = limit }

  mutating func began(_ error: OVSDBError) {
    since = since ?? .now
    self.error = error
  }

  mutating func ended() { self = Outage(limit: limit) }

  /// What is to be told, once, when it has been too long.
  mutating func news() -> NorthboundNews? {
    guard !isTold, let since, let error, ContinuousClock.now - since >= limit else { return nil }
    isTold = true
    var news = NorthboundNews()
    news.connection = .failed("\(error)")
    return news
  }

  /// After what time that is to be looked at.
  func pause() -> Duration? {
    guard !isTold, let since else { return nil }
    return max(.milliseconds(1), limit - (ContinuousClock.now - since))
  }
}
