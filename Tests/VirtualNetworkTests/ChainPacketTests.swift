import Testing

@testable import Compiler
@testable import CompilerTestSupport

/// Chains with packets: OVN on two hosts, pods that are network namespaces.
@Suite(
  .enabled(if: canTrace, "needs root, Open vSwitch, OVN and traceroute"), .serialized)
struct ChainPacketTests {
  @Test func packetsPassTheFunctionsBothWaysWhateverBecomesOfThem() async throws {
    try await PacketNetwork.with { network in
      // Without a chain the router is the only hop.
      #expect(try await network.trace("client", to: "10.9.0.5") == ["10.1.0.1", "10.9.0.5"])

      try await network.lead(.sample(replicas: [1, 2]))
      let server = ["10.9.0.5"]
      let first = ["10.1.0.1", "10.2.0.50"]
      let there = try await network.trace("client", to: "10.9.0.5")
      #expect(Array(there.prefix(2)) == first && there.suffix(1) == server[...], "\(there)")
      let chosen = try #require(there.dropFirst(2).first, "\(there)")
      #expect(["10.3.0.50", "10.3.0.51"].contains(chosen), "\(there)")
      let back = try await network.trace("server", to: "10.1.0.5")
      // The same instances, in the other order, seen from their right sides.
      #expect(
        back == ["10.9.0.1", chosen == "10.3.0.50" ? "10.4.0.100" : "10.4.0.101", "10.3.0.100", "10.1.0.5"],
        "\(back)")

      // Ten echoes pass each of the chosen instances twenty times, and the other one not at all.
      let (pod, other) = chosen == "10.3.0.50" ? ("two-0", "two-1") : ("two-1", "two-0")
      let before = try await [network.received(by: "one-0"), network.received(by: pod), network.received(by: other)]
      #expect(try await network.pings("client", "10.9.0.5", count: 10) == 10)
      let after = try await [network.received(by: "one-0"), network.received(by: pod), network.received(by: other)]
      let counted = zip(after, before).map { $0 - $1 }
      #expect(
        counted[0] >= 20 && counted[0] < 30 && counted[1] >= 20 && counted[1] < 30 && counted[2] < 10, "\(counted)")

      // The other instance takes over when the chosen one is gone.
      var alone = ChainPlan.sample(replicas: [1, 2])
      alone.hops[1].instances.removeAll { $0.pod.name == pod }
      try await network.lead(alone)
      #expect(
        try await network.trace("client", to: "10.9.0.5").dropFirst(2).first
          == (pod == "two-0" ? "10.3.0.51" : "10.3.0.50"))
      #expect(try await network.pings("client", "10.9.0.5", count: 3) == 3)

      // Without any, nothing passes in either direction, or everything passes without the function.
      alone.hops[1].instances = []
      try await network.lead(alone)
      #expect(try await network.pings("client", "10.9.0.5", count: 2) == 0)
      #expect(try await network.pings("server", "10.1.0.5", count: 2) == 0)
      alone.isBypassed = true
      try await network.lead(alone)
      #expect(try await network.trace("client", to: "10.9.0.5") == first + server)

      // IPv6 goes the same way.
      try await network.lead(.sample(replicas: [1, 2]))
      let six = try await network.trace("client", to: "fd00:9::5")
      #expect(six.count == 4 && six.dropFirst().first == "fd00:2::32", "\(six)")
      #expect(six.dropFirst(2).first?.last == (chosen == "10.3.0.50" ? "2" : "3"))
    }
  }
}
