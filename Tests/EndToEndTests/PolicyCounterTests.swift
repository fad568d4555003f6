import Glibc
import JSON
import KubernetesModel
import Netlink
import NetworkTypes
import Testing

@testable import Lab

extension EndToEndTests.VirtualTests {
  /// What policies let pass and drop is counted, packet by packet, and told by the agent of the pod's node.
  @Suite(.serialized) struct PolicyCounterTests {
    @Test func everyPacketThatAPolicyDecidesIsCounted() async throws {
      try await Tenant.with("counts") { tenant in
        try await tenant.declareOverlay(pods: ["a": "worker1", "b": "worker2", "c": "worker1"], networks: "net")
        try await tenant.waitUntilPodsReady()
        for (pod, label) in [("b", "role=server"), ("c", "role=client")] {
          try await tenant.cluster.kubectl("label", "pod", "-n", "counts", pod, label).succeeded()
        }
        let (a, b) = (try await tenant.address(of: "a"), try await tenant.address(of: "b"))
        try await tenant.apply(Self.policy("v1beta1", [:]))
        try await tenant.eventually("a no longer reaches b") { try await !tenant.ping(b, from: "a", seconds: 1) }

        let first = try await tenant.counts()
        #expect(try await tenant.pings(7, to: b, from: "a") == 0)
        #expect(try await tenant.pings(5, to: b, from: "c") == 5)
        // What the pod begins itself, and the answers, are no policy's matter.
        #expect(try await tenant.pings(3, to: a, from: "b") == 3)
        // Nobody listens: a segment there and one back. A connection that somebody takes: what its beginner sends.
        for _ in 0..<4 { #expect(try await tenant.isRefused(port: 9, of: b, from: "c")) }
        var second = try await tenant.counts()
        #expect(second.growth(of: .dropped, since: first) == 7)
        #expect(second.growth(of: .allowed, since: first) == 5 + 4)
        #expect(second.bytes(of: .dropped) - first.bytes(of: .dropped) == 7 * 98)

        // Another rule, of new flows; the old ones go with their counters.
        try await tenant.apply(Self.policy("v1beta2", ["ports": [["port": 8000, "endPort": 8010]]]))
        try await tenant.eventually("the range is open") { try await tenant.isRefused(port: 8010, of: b, from: "c") }
        try await tenant.eventually("the rest is closed") { try await !tenant.isRefused(port: 9, of: b, from: "c") }
        let third = try await tenant.counts()
        for (series, count) in second.values { #expect(third.values[series, default: 0] >= count, "\(series)") }
        for port: UInt16 in [8000, 8005, 8010] { #expect(try await tenant.isRefused(port: port, of: b, from: "c")) }
        for port: UInt16 in [7999, 8011] { #expect(try await !tenant.isRefused(port: port, of: b, from: "c")) }
        second = try await tenant.counts()
        #expect(second.growth(of: .allowed, since: third) == 3)
        #expect(second.growth(of: .dropped, since: third) == 2)

        // What two policies drop is counted once, and for none of them.
        try await tenant.apply(Self.denial)
        try await tenant.eventually("the other policy is there") {
          try await tenant.pings(1, to: a, from: "b") == 0
        }
        let fourth = try await tenant.counts()
        #expect(try await tenant.pings(3, to: b, from: "a") == 0)
        #expect(try await tenant.pings(2, to: a, from: "b") == 0)
        second = try await tenant.counts()
        #expect(second.growth(of: .dropped, since: fourth) == 3)
        #expect(second.growth(of: .held, since: fourth) == 2)

        try await tenant.delete("multi-networkpolicies", "only-clients", "nothing")
        try await tenant.eventually("a reaches b again") { try await tenant.ping(b, from: "a", seconds: 1) }
        let last = try await tenant.counts()
        for (series, count) in second.values { #expect(last.values[series, default: 0] >= count, "\(series)") }
        _ = try await tenant.pings(2, to: b, from: "a")
        #expect(try await tenant.counts().values == last.values)
      }
    }

    private static let denial: JSONValue = [
      "apiVersion": "k8s.cni.cncf.io/v1beta1", "kind": "MultiNetworkPolicy",
      "metadata": ["name": "nothing", "annotations": ["k8s.v1.cni.cncf.io/policy-for": "net"]],
      "spec": ["podSelector": ["matchLabels": ["role": "server"]], "policyTypes": ["Ingress", "Egress"]],
    ]

    private static func policy(_ version: String, _ more: [String: JSONValue]) -> JSONValue {
      let rule = more.merging(["from": [["podSelector": ["matchLabels": ["role": "client"]]]]]) { $1 }
      return [
        "apiVersion": .string("k8s.cni.cncf.io/\(version)"), "kind": "MultiNetworkPolicy",
        "metadata": ["name": "only-clients", "annotations": ["k8s.v1.cni.cncf.io/policy-for": "net,open"]],
        "spec": ["podSelector": ["matchLabels": ["role": "server"]], "ingress": [.object(rule)]],
      ]
    }
  }
}

/// The counters of policies in a namespace on a node.
private struct PolicyCounts {
  enum Fate: String {
    case allowed = #"{action="allow",direction="ingress",namespace="counts",policy="only-clients"}"#
    /// On its way from the server.
    case held = #"{action="drop",direction="egress",namespace="counts",policy=""}"#
    case dropped = #"{action="drop",direction="ingress",namespace="counts",policy=""}"#
  }

  var values: [String: Double] = [:]

  init(_ metrics: String) {
    for line in metrics.split(separator: "\n") where line.hasPrefix("netloom_policy_") {
      guard line.contains(#"namespace="counts""#), let space = line.lastIndex(of: " ") else { continue }
      values[String(line[..<space])] = Double(line[line.index(after: space)...])
    }
  }

  func growth(of fate: Fate, since earlier: Self) -> Double {
    let series = "netloom_policy_packets_total\(fate.rawValue)"
    return values[series, default: 0] - earlier.values[series, default: 0]
  }

  func bytes(of fate: Fate) -> Double { values["netloom_policy_bytes_total\(fate.rawValue)", default: 0] }
}

extension Tenant {
  /// What the agent of the server's node tells, of all packets until now: Open vSwitch adds what went by its caches to the
  /// flows in rounds. One may have begun before.
  fileprivate func counts() async throws -> PolicyCounts {
    let control = "\(cluster.lab.directory.openVSwitch(of: "worker2"))/ovs-vswitchd.ctl"
    for _ in 0..<2 {
      try await NamespaceProcess.run(ProcessCommand("ovs-appctl", ["-t", control, "revalidator/wait"])).succeeded()
    }
    return PolicyCounts(try await cluster.cluster.page("metrics", of: .agent("worker2")))
  }

  /// How many of so many pings are answered.
  fileprivate func pings(_ count: Int, to address: String, from pod: String) async throws -> Int {
    let text = try await run("ping", ["-c", "\(count)", "-i", "0.1", "-W", "1", "-n", address], in: pod).text
    return text.split(separator: "\n").count { $0.contains("icmp_seq=") && $0.contains("time=") }
  }

  /// Whether a port where nobody listens is reached: its owner says so.
  fileprivate func isRefused(port: UInt16, of address: String, from pod: String) async throws -> Bool {
    let answer = try TCPKnock.knock(
      at: try IPAddress(parsing: address), port: port, from: namespace(of: pod), milliseconds: 500)
    return answer == .refused(errno: ECONNREFUSED)
  }
}
