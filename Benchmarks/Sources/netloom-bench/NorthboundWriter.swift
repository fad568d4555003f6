import Logging
import OVNEngine
import OVNModel
import OVSDB

/// The northbound engine alone, told by its caller what is wanted.
struct NorthboundWriter {
  private let engine: NorthboundEngine
  private var reports: [NorthboundOwner: NorthboundReport] = [:]
  private var revision = 0

  init(_ endpoint: String, _ logger: Logger) throws {
    engine = NorthboundEngine(.init(endpoints: [try Endpoint(parsing: endpoint)]), logger: logger)
  }

  /// Lends an engine that runs, and of which nothing is wanted yet.
  func run<Result: Sendable>(_ body: (inout NorthboundWriter) async throws -> Result) async throws -> Result {
    var writer = self
    return try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask { [engine] in try await engine.run() }
      engine.complete()
      return try await body(&writer)
    }
  }

  /// Wants it, and returns when it is committed.
  mutating func write(_ wanted: [NorthboundOwner: Set<RowFragment>]) async throws -> Duration {
    revision += 1
    let start = ContinuousClock.now
    engine.want(wanted.mapValues { NorthboundWish($0, revision: revision) })
    for owner in wanted.keys { reports[owner] = NorthboundReport(revision: revision, state: .pending(nil)) }
    try await wait { $0 == .committed || $0 == .programmed }
    return ContinuousClock.now - start
  }

  /// Returns when ovn-northd has carried on all that was written.
  mutating func rest() async throws { try await wait { $0 == .programmed } }

  private mutating func wait(until isDone: (NorthboundReport.State) -> Bool) async throws {
    while reports.values.contains(where: { !isDone($0.state) }) {
      guard let news = await engine.news() else { throw CancellationError() }
      for (owner, report) in news.reports where report.revision == reports[owner]?.revision { reports[owner] = report }
    }
  }
}
