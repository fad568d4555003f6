import Logging
import OVNModel
import OVSDB
import OVSTestSupport

@testable import OVNEngine

let quiet: Logger = {
  var logger = Logger(label: "test")
  logger.logLevel = .critical
  return logger
}()

let network = NorthboundOwner(kind: "L2Service", name: "ns/web")
func pod(_ name: String) -> NorthboundOwner { NorthboundOwner(kind: "Pod", name: "ns/\(name)") }

func switchRow(_ name: String = "ns/web") -> RowFragment { LogicalSwitch(name: name).fragment }

func portRow(_ name: String, on network: String = "ns/web", addresses: Set<String> = ["unknown"]) -> RowFragment {
  var port = LogicalSwitchPort(name: name, on: network)
  port.addresses = addresses
  return port.fragment
}

extension NorthboundEngine {
  func want(_ wanted: [NorthboundOwner: Set<RowFragment>], revision: Int = 0) {
    want(wanted.mapValues { NorthboundWish($0, revision: revision) })
  }
}

/// What an engine has told so far.
actor Follower {
  nonisolated let engine: NorthboundEngine
  private(set) var news = NorthboundNews()

  init(_ engine: NorthboundEngine) { self.engine = engine }

  /// Reads until what was told meets a condition.
  func wait(_ condition: (NorthboundNews) -> Bool) async {
    while !condition(news), let newer = await engine.news() { news.merge(newer) }
  }

  /// Waits until a report on each owner's revision says so.
  func wait(_ revision: Int, _ state: NorthboundReport.State, _ owners: NorthboundOwner...) async {
    await wait { news in
      owners.allSatisfy { news.reports[$0]?.revision == revision && news.reports[$0]?.state == state }
    }
  }

  /// Waits until all owners are programmed.
  func programmed(_ revision: Int, _ owners: some Collection<NorthboundOwner>) async {
    await wait { news in
      owners.allSatisfy { news.reports[$0]?.revision == revision && news.reports[$0]?.state == .programmed }
    }
  }
}

/// Runs `body` with an engine that runs.
func withEngine<Result: Sendable>(
  _ endpoints: [Endpoint], credentials: TLSCredentials? = nil, probe: Duration = .seconds(5),
  _ body: @escaping @Sendable (NorthboundEngine, Follower) async throws -> Result
) async throws -> Result {
  var database = OVNDatabase(endpoints: endpoints, credentials: credentials)
  database.inactivityProbe = probe
  let engine = NorthboundEngine(database, logger: quiet)
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await engine.run() }
    defer { group.cancelAll() }
    return try await body(engine, Follower(engine))
  }
}

func withEngine<Result: Sendable>(
  _ central: OVNCentral, _ body: @escaping @Sendable (NorthboundEngine, Follower) async throws -> Result
) async throws -> Result {
  try await withEngine((1...central.serverCount).map { .unix(path: central.northbound($0)) }, body)
}
