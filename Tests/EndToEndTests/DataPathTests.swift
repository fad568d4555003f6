import Files
import JSON
import KubernetesModel
import Netlink
import NetworkAnnotations
import NetworkTypes
import Testing

@testable import Lab

extension EndToEndTests.ClusterTests {
  /// Pods talk on whatever happens to those who made their networks.
  @Suite(.serialized) struct DataPathTests {
    @Test(
      "operator, agents, nodes and API server are killed and started again: not one of 200 packets a second is lost"
    )
    func noPacketLost() async throws {
      try await Tenant.with("no-loss") { tenant in
        try await tenant.apply(Life.networks + Life.pods)
        try await tenant.waitUntilReady()
        try await tenant.waitUntilPodsReady()
        let ping = try await Ping.start(from: "a", on: "worker1", to: address(of: "b", in: tenant), tenant)
        let cluster = tenant.cluster.cluster
        for part in cluster.parts { await cluster.kill(part) }
        try await cluster.start(.apiServer)
        try await cluster.start(Array(cluster.parts.dropFirst()))
        // Something new is done, so everybody has compared what there is with what is wanted.
        try await tenant.apply(Manifest.pod("later", on: "worker1", networks: "access"))
        try await tenant.waitUntilPodsReady()
        let (numbers, report) = await ping.stop()
        let last = numbers.max() ?? 0
        #expect(last > 50, "\(report)")
        #expect(Set(1...max(1, last)).subtracting(numbers).sorted() == [], "lost; \(report)")
      }
    }

    @Test("Open vSwitch is restarted under running pods: every port comes back")
    func switchRestarted() async throws {
      try await Tenant.with("ports-back") { tenant in
        try await tenant.apply(Life.networks + Life.pods)
        try await tenant.waitUntilReady()
        try await tenant.waitUntilPodsReady()
        let before = try await NetworkState.take(tenant.cluster)
        tenant.cluster.lab.killSwitch(of: "worker1")
        try await tenant.cluster.lab.restartSwitch(of: "worker1")
        #expect(try tenant.mistakes(among: Life.points(in: tenant)) == [])
        try await NetworkState.expect(before, on: tenant.cluster)
        // The agent follows the switch again.
        try await tenant.apply(Manifest.pod("later", on: "worker1", networks: "access"))
        try await tenant.waitUntilPodsReady()
      }
    }

    @Test("a node reboots: everything of its dead sandboxes is collected")
    func nodeRebooted() async throws {
      try await Tenant.with("reboot") { tenant in
        let (lab, cluster) = (tenant.cluster.lab, tenant.cluster.cluster)
        try await tenant.apply(Life.networks)
        try await tenant.waitUntilReady()
        let empty = try await NetworkState.take(tenant.cluster)
        try await tenant.apply(Life.pods)
        try await tenant.waitUntilPodsReady()
        await cluster.kill(.agent("worker1"))
        await cluster.kill(.node("worker1"))
        // A reboot leaves neither namespaces nor processes; the switch's database and the files stay.
        let folder = lab.directory.podNamespaces(of: "worker1")
        for name in Files.entries(of: folder) { try NetworkNamespace.remove(path: "\(folder)/\(name)") }
        try await tenant.delete("pod", "--all", "--force", "--grace-period=0")
        try await cluster.start([.agent("worker1"), .node("worker1")])
        try await tenant.waitUntilGone(Pod.definition)
        // Something new is done on the node, so it has dealt with the old.
        try await tenant.apply(Manifest.pod("later", on: "worker1", networks: "access"))
        try await tenant.waitUntilPodsReady()
        try await tenant.delete("pod", "later")
        try await tenant.waitUntilGone(Pod.definition)
        try await NetworkState.expect(empty, on: tenant.cluster)
        let leases = Files.entries(of: "\(lab.directory.path)/worker1/host-local/cluster")
        #expect(leases.filter { $0 != "lock" && !$0.hasPrefix("last_reserved") } == [])
      }
    }

    private func address(of pod: String, in tenant: Tenant) async throws -> IPAddress {
      let text = try await tenant.get(Pod.definition, pod)[path: "metadata", "annotations", PodAnnotation.allocations]
      return try #require(try Allocation.list(parsing: text?.string ?? "[]").first?.ips.first?.address)
    }
  }
}

/// A ping out of a pod, 200 a second; `make bench` measures with a thousand.
private struct Ping {
  private let process: NamespaceProcess

  static func start(from pod: String, on host: String, to address: IPAddress, _ tenant: Tenant) async throws -> Ping {
    let path = "\(tenant.cluster.lab.directory.podNamespaces(of: host))/\(tenant.namespace).\(pod)"
    let namespace = try NetworkNamespace.open(path: path)
    // The first packet waits for the address to be resolved.
    try await NamespaceProcess.run(ProcessCommand("ping", ["-c", "1", "-w", "10", "\(address)"]), in: namespace)
      .succeeded()
    return Ping(
      process: try await NamespaceProcess.start(
        ProcessCommand("ping", ["-n", "-i", "0.005", "-s", "16", "\(address)"]), in: namespace))
  }

  /// The numbers of the packets that came back, and what ping says about all.
  func stop() async -> (numbers: Set<Int>, report: String) {
    process.signal(2)
    let lines = await process.wait().text.split(separator: "\n")
    let numbers = lines.compactMap { $0.firstMatch(of: #/icmp_seq=([0-9]+) /#).flatMap { Int($0.1) } }
    return (Set(numbers), lines.suffix(2).joined(separator: " "))
  }
}
