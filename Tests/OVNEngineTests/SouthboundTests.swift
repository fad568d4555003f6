import Glibc
import OVNModel
import OVSDB
import OVSTestSupport
import Testing

@testable import OVNEngine

/// Where ports are, as a real southbound database tells it. Chassis are rows alone; what ovn-controller does to bindings
/// is done by hand.
@Suite(.enabled(if: OVNCentral.isAvailable, "\(OVNCentral.requirement)"), .timeLimit(.minutes(2)))
struct SouthboundTests {
  private static let gateway = "cr-ns/edge/gateway/to/outside"
  private static let machine = "ns/vm/port"

  /// What an observer has told so far.
  private actor Follower {
    nonisolated let observer: SouthboundObserver
    private(set) var chassis: [String: String] = [:]
    private(set) var standing: SouthboundNews.Standing?

    init(_ observer: SouthboundObserver) { self.observer = observer }

    /// Reads until what was told meets a condition.
    func wait(_ condition: ([String: String], SouthboundNews.Standing?) -> Bool) async {
      while !condition(chassis, standing), let news = await observer.news() {
        for (port, chassis) in news.chassis { self.chassis[port] = chassis }
        standing = news.standing ?? standing
      }
    }

    func wait(_ port: String, _ expected: String?) async { await wait { chassis, _ in chassis[port] == expected } }
  }

  /// Two chassis, and a network with a gateway's port, a machine's that is followed, and a pod's that is not.
  private static func with(
    _ body: @escaping @Sendable (OVNCentral, NorthboundEngine, Follower) async throws -> Void
  ) async throws {
    try await OVNCentral.with { central in
      for number in 1...2 { try await central.sbctl("chassis-add", "c\(number)", "geneve", "127.0.0.\(number)") }
      let engine = NorthboundEngine(
        .init(endpoints: [.unix(path: central.northbound())]), failoverPace: FailoverPace(), logger: quiet)
      let observer = SouthboundObserver(.init(endpoints: [.unix(path: central.southbound)]), logger: quiet)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await engine.run() }
        group.addTask { try await observer.run() }
        defer { group.cancelAll() }
        engine.want([network: rows])
        engine.complete()
        await OVNEngineTests.Follower(engine).programmed(0, [network])
        try await body(central, engine, Follower(observer))
      }
    }
  }

  private static var rows: Set<RowFragment> {
    var port = LogicalRouterPort(
      name: "ns/edge/gateway/to/outside", on: "ns/edge/gateway", mac: "02:00:00:00:00:01", networks: ["10.50.0.2/24"])
    port.haChassisGroup = HAChassisGroup.key("g")
    var machine = LogicalSwitchPort(name: Self.machine, on: "ns/web")
    machine.isFollowed = true
    let rows: [any NorthboundRow] = [
      LogicalSwitch(name: "ns/web"), machine, LogicalSwitchPort(name: "ns/pod/net1", on: "ns/web"),
      LogicalRouter(name: "ns/edge/gateway"), port, HAChassisGroup(name: "g"),
      HAChassis(group: "g", chassis: "c1", priority: 20), HAChassis(group: "g", chassis: "c2", priority: 10),
    ]
    return Set(rows.map(\.fragment))
  }

  @Test func portsComeMoveAndGo() async throws {
    try await Self.with { (central, engine, follower) async throws in
      await follower.wait { $1 == .followed }
      #expect(await follower.chassis.isEmpty)
      // Of the two that come at once only the one is told that is followed.
      try await central.sbctl("lsp-bind", "ns/pod/net1", "c1", "--", "lsp-bind", Self.machine, "c1")
      await follower.wait(Self.machine, "c1")
      try await central.sbctl("lsp-bind", Self.gateway, "c1")
      await follower.wait(Self.gateway, "c1")
      try await central.sbctl("lsp-unbind", Self.gateway, "--", "lsp-bind", Self.gateway, "c2")
      await follower.wait(Self.gateway, "c2")
      #expect(await follower.chassis == [Self.machine: "c1", Self.gateway: "c2"])
      // A chassis leaves: what it had is nowhere.
      try await central.sbctl("chassis-del", "c2")
      await follower.wait(Self.gateway, nil)
      // The ports are deleted.
      engine.want([network: []])
      await follower.wait(Self.machine, nil)
      #expect(await follower.standing == .followed)
    }
  }

  /// While the server is away ports move; its return tells the difference.
  @Test func aServerThatIsKilledIsReadAgain() async throws {
    try await Self.with { (central, _, follower) async throws in
      try await central.sbctl("lsp-bind", Self.gateway, "c1", "--", "lsp-bind", Self.machine, "c1")
      await follower.wait { chassis, _ in chassis.count == 2 }
      try await central.signalSouthbound(SIGKILL)
      await follower.wait { if case .lost? = $1 { true } else { false } }
      #expect(await follower.chassis == [Self.gateway: "c1", Self.machine: "c1"])
      try await central.restartSouthbound()
      try await central.sbctl("lsp-unbind", Self.machine, "--", "lsp-unbind", Self.gateway)
      try await central.sbctl("lsp-bind", Self.gateway, "c2")
      await follower.wait { chassis, standing in standing == .followed && chassis == [Self.gateway: "c2"] }
    }
  }

  /// OVN is told the pace of BFD once, and what others have set stays.
  @Test(arguments: [nil, "900"]) func thePaceOfFailoverIsSetWhereNobodyHas(theirs: String?) async throws {
    try await OVNCentral.with { central in
      let engine = NorthboundEngine(
        .init(endpoints: [.unix(path: central.northbound())]), failoverPace: FailoverPace(interval: 150), logger: quiet)
      func option(_ key: String) async throws -> String {
        try await central.nbctl("--if-exists", "get", "NB_Global", ".", "options:\(key)")
      }
      try await central.nbctl("set", "NB_Global", ".", "options:theirs=1")
      if let theirs { try await central.nbctl("set", "NB_Global", ".", "options:bfd-min-rx=\(theirs)") }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await engine.run() }
        defer { group.cancelAll() }
        engine.want([network: Self.rows])
        engine.complete()
        // It is written before rows are.
        await OVNEngineTests.Follower(engine).programmed(0, [network])
        let (pace, other) = (try await option("bfd-min-rx"), try await option("theirs"))
        #expect(pace == "\"\(theirs ?? "150")\"" && other == "\"1\"", "\(pace) \(other)")
      }
    }
  }
}
