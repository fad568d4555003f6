import Glibc
import OVNModel
import OVSDB
import OVSTestSupport
import Testing

@testable import OVNEngine

@Suite(.enabled(if: OVNCentral.isAvailable, "\(OVNCentral.requirement)"), .timeLimit(.minutes(2)))
struct ClusterTests {
  /// Whatever is lost, at whatever moment: every row is there once in the end.
  @Test func theLeaderIsFollowedAndItsLossSurvivedInMidTransaction() async throws {
    try await OVNCentral.with(servers: 3) { central in
      let endpoints = (1...3).map { Endpoint.unix(path: central.northbound($0)) }
      try await withEngine(endpoints, probe: .milliseconds(500)) { (engine, follower) async throws in
        engine.want([network: [switchRow()]])
        engine.complete()
        await follower.programmed(0, [network])
        let leader = try await central.leader()
        // Requests are on their way while the leader stands still, and when it is killed.
        try await central.signal(server: leader, SIGSTOP)
        engine.want(ports(0..<500))
        try await central.signal(server: leader, SIGKILL)
        engine.want(ports(500..<1000))
        await follower.programmed(0, (0..<1000).map { pod("\($0)") })
        #expect(await follower.news.repairs.isEmpty)
        let names = try await central.nbctl("--bare", "--columns=name", "list", "Logical_Switch_Port").split(
          whereSeparator: \.isWhitespace)
        #expect(names.count == 1000 && Set(names).count == 1000)
        #expect(try await central.nbctl("--bare", "--columns=name", "list", "Logical_Switch") == "ns/web")

        // The leader hands over, and goes on as a follower.
        try await central.restart(server: leader)
        let second = try await central.leader()
        try await central.transferLeadership(from: second)
        engine.want(ports(1000..<1010))
        await follower.programmed(0, (1000..<1010).map { pod("\($0)") })
      }
    }
  }

  @Test func aServerThatIsKilledAndComesBackIsWrittenToAgain() async throws {
    try await OVNCentral.with { central in
      try await withEngine(central) { (engine, follower) async throws in
        engine.want([network: [switchRow()]])
        engine.complete()
        await follower.programmed(0, [network])
        try await central.signal(SIGKILL)
        engine.want(ports(0..<10))
        await follower.wait { if case .failed? = $0.connection { true } else { false } }
        try await central.restart()
        await follower.programmed(0, (0..<10).map { pod("\($0)") })
        #expect(await follower.news.connection == .connected)
        #expect(await follower.news.repairs.isEmpty)
      }
    }
  }

  @Test func twoWritersMakeEveryRowOnce() async throws {
    try await OVNCentral.with { central in
      let wanted = (0..<50).map { number in
        [NorthboundOwner(kind: "L2Service", name: "ns/s\(number)"): Set([switchRow("ns/s\(number)")])]
      }
      // Both have said all that they want before either may remove what it does not know of.
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<2 {
          group.addTask {
            try await withEngine(central) { (engine, follower) async throws in
              for number in wanted { engine.want(number) }
              engine.complete()
              await follower.programmed(0, wanted.flatMap(\.keys))
            }
          }
        }
        try await group.waitForAll()
      }
      let names = try await central.nbctl("--bare", "--columns=name", "list", "Logical_Switch").split(
        whereSeparator: \.isWhitespace)
      #expect(names.count == 50 && Set(names).count == 50)
    }
  }

  @Test func tlsAndTCPDoAsWell() async throws {
    for remote in ["pssl:0:127.0.0.1", "ptcp:0:127.0.0.1"] {
      try await OVNCentral.with(remotes: [remote]) { central in
        let port = try await central.listeningPort()
        let isTLS = remote.hasPrefix("pssl")
        let credentials = TLSCredentials(
          certificateChain: try await central.file("cert.pem"), privateKey: try await central.file("key.pem"),
          trustRoots: try await central.file("ca.pem"))
        let endpoint = isTLS ? Endpoint.tls(host: "127.0.0.1", port: port) : .tcp(host: "127.0.0.1", port: port)
        try await withEngine([endpoint], credentials: isTLS ? credentials : nil) { (engine, follower) async throws in
          engine.want([network: [switchRow()]])
          engine.complete()
          await follower.programmed(0, [network])
          #expect(await follower.news.capabilities?.hasServiceInsertion != nil)
        }
        #expect(try await central.nbctl("ls-list").contains("ns/web"))
      }
    }
  }
}

private func ports(_ numbers: Range<Int>) -> [NorthboundOwner: Set<RowFragment>] {
  Dictionary(uniqueKeysWithValues: numbers.map { (pod("\($0)"), [portRow("ns/\($0)/net1")]) })
}
