import Lab
import Logging
import NetworkTypes
import OVSDB
import OpenVSwitchEngine
import Testing

/// Copies of packets: OVN on two hosts, mirrors made by the engine of each host.
@Suite(.enabled(if: canTrace, "needs root, Open vSwitch, OVN and traceroute"), .serialized)
struct MirrorPacketTests {
  @Test func copiesReachAPodOnTheSameNodeAndOnAnotherAndDisturbNobody() async throws {
    try await PacketNetwork.with { network in
      try await network.withEngines { engines in
        let here = DesiredMirror(of: ["web/client/eth0"], key: 0x80_0001, to: .port("web/tap-here/eth0"))
        let away = DesiredMirror(of: ["web/client/eth0"], key: 0x80_0002, to: .chassis("h2"))
        let arrival = DesiredMirror(of: [], key: 0x80_0002, to: .port("web/tap-there/eth0"), origins: ["h1"])
        var one = DesiredSwitch()
        one.mirrors = ["web/here": here, "web/away": away]
        var two = DesiredSwitch()
        two.mirrors = ["web/away": arrival]
        try await engines[0].apply(one)
        try await engines[1].apply(two)
        // All is there, so nothing is done again; and OVN's controllers leave it alone when they start anew.
        #expect(try await engines[0].plan(one).actions.isEmpty)
        network.lab.killOVNController(of: "h1")
        try await network.lab.startOVNController(of: "h1")
        // It clears OVN's flows as it starts; packets of that moment are lost, mirror or not.
        try await network.settle()
        let (near, far) = try await network.copies(of: 10, here: 20, there: 20)
        #expect((20..<40).contains(near) && (20..<40).contains(far), "\(near) here, \(far) there")

        // Only what the pod receives.
        one.mirrors["web/here"]?.copiesSent = false
        try await engines[0].apply(one)
        let (half, whole) = try await network.copies(of: 10, here: 10, there: 20)
        #expect((10..<20).contains(half) && (20..<40).contains(whole), "\(half) here, \(whole) there")

        // Nothing is left behind.
        for engine in engines { try await engine.apply(DesiredSwitch()) }
        let (none, nothing) = try await network.copies(of: 10)
        #expect(none < 5 && nothing < 5, "\(none) here, \(nothing) there")
        for host in ["h1", "h2"] {
          #expect(try await network.switchRows(host, "Mirror", "name").isEmpty)
          #expect(try await network.switchRows(host, "Port", "name").allSatisfy { !$0.hasPrefix("nlm") })
        }
      }
    }
  }
}

extension PacketNetwork {
  /// Runs an engine for each host's switch.
  fileprivate func withEngines(_ body: ([OpenVSwitchEngine]) async throws -> Void) async throws {
    let engines = try ["h1", "h2"].map { host in
      OpenVSwitchEngine(
        endpoint: try Endpoint(parsing: lab.directory.databaseEndpoint(of: host)), logger: Logger(label: "test"))
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for engine in engines { group.addTask { try await engine.run() } }
      try await body(engines)
      group.cancelAll()
    }
  }

  /// How many packets come to the two pods that get copies while echo requests are answered: none of these is lost. Looks
  /// again for at most five seconds until as many have come as are expected: copies may be slower than what is copied.
  fileprivate func copies(of count: Int, here: Int = 0, there: Int = 0) async throws -> (here: Int, there: Int) {
    let before = try await (received(by: "tap-here"), received(by: "tap-there"))
    #expect(try await pings("client", "10.9.0.5", count: count) == count)
    let end = ContinuousClock.now + .seconds(5)
    while true {
      let now = try await (received(by: "tap-here") - before.0, received(by: "tap-there") - before.1)
      if now.0 >= here && now.1 >= there || ContinuousClock.now > end { return now }
    }
  }
}
