import JSON
import KubernetesModel
import NetloomAPI
import NetworkTypes
import Synchronization
import Testing

@testable import Lab

extension EndToEndTests.ClusterTests {
  /// Every part may be killed at any moment: nothing is lost, nothing leaks, and it comes to the same end.
  @Suite(.serialized) struct CrashTests {
    /// A network from its declaration to its end with a part that is killed and started again at every step.
    @Test(arguments: [
      LabCluster.Part.operator, .apiServer, .agent("worker1"), .node("worker1"),
    ])
    func comesToTheSameEnd(killing part: LabCluster.Part) async throws {
      let undisturbed = try await Life.undisturbed()
      let disturbed = try await Life.live(killing: part)
      #expect(disturbed.network.subtracting(undisturbed.network).sorted() == [])
      #expect(undisturbed.network.subtracting(disturbed.network).sorted() == [])
    }

    /// What is asked for while a part is down is done when it is back.
    @Test(arguments: [LabCluster.Part.operator, .agent("worker1"), .node("worker1")])
    func catchesUp(after part: LabCluster.Part) async throws {
      try await Tenant.with("catch-up") { tenant in
        let cluster = tenant.cluster.cluster
        await cluster.kill(part)
        try await tenant.apply(Life.networks + Life.pods)
        try await cluster.start(part)
        try await tenant.waitUntilReady()
        try await tenant.waitUntilPodsReady()
        #expect(try tenant.mistakes(among: Life.points(in: tenant)) == [])

        await cluster.kill(part)
        try await tenant.delete("l2a,l2s,subnet,pod", "--all")
        try await cluster.start(part)
        try await Life.waitUntilGone(in: tenant)
      }
    }

    /// The switches forward while every Netloom process is dead, and nothing changes when they are back.
    @Test func dataPlaneForwardsWhileEverythingIsDown() async throws {
      try await Tenant.with("all-down") { tenant in
        try await tenant.apply(Life.networks + Life.pods)
        try await tenant.waitUntilReady()
        try await tenant.waitUntilPodsReady()
        let points = try Life.points(in: tenant)
        #expect(try tenant.mistakes(among: points) == [])
        let before = try await NetworkState.take(tenant.cluster)

        let cluster = tenant.cluster.cluster
        for part in cluster.parts { await cluster.kill(part) }
        #expect(try tenant.mistakes(among: points) == [])
        try await cluster.start(.apiServer)
        try await cluster.start(Array(cluster.parts.dropFirst()))

        // Something new is done, so everybody has read what there is.
        try await tenant.apply(Manifest.service("later", vlan: 202), Manifest.attachment("later", ["later"], "access"))
        try await tenant.waitUntilReady()
        try await tenant.delete("l2a,l2s", "later")
        try await tenant.wait(for: L2Service.definition, "later is gone") { !$0.contains { $0.name == "later" } }
        try await NetworkState.expect(before, on: tenant.cluster)
        #expect(try tenant.mistakes(among: points) == [])
      }
    }

    /// A write that the API server confirmed is there after it was killed.
    @Test func confirmedWritesSurvive() async throws {
      try await Tenant.with("confirmed") { tenant in
        let client = tenant.cluster.objects.client.resource(ConfigMap.definition)
        let confirmed = Mutex<[String]>([])
        let (counts, continuation) = AsyncStream.makeStream(of: Int.self)
        let namespace = tenant.namespace
        let writer = Task {
          for number in 0... {
            let name = "write-\(number)"
            try await client.create(["metadata": ["name": .string(name), "namespace": .string(namespace)]])
            confirmed.withLock { $0.append(name) }
            continuation.yield(number)
          }
        }
        _ = await counts.first { $0 == 30 }
        await tenant.cluster.cluster.kill(.apiServer)
        await #expect(throws: (any Error).self) { try await writer.value }
        try await tenant.cluster.cluster.start(.apiServer)
        let stored = Set(try await tenant.list(ConfigMap.definition).map(\.name))
        #expect(confirmed.withLock { $0 }.filter { !stored.contains($0) } == [])
      }
    }
  }
}
