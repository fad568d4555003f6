import JSON
import KubernetesModel
import NetloomAPI
import NetworkTypes
import Synchronization
import Testing

@testable import Lab

extension EndToEndTests.ClusterTests {
  /// How networks live together and how they go.
  @Suite(.serialized) struct LifecycleTests {
    /// Two trunk attachments on one ConnectionPoint: the pods of both get the union of the VLANs, and both say so.
    @Test func trunksOnOneConnectionPointShareTheirVLANs() async throws {
      try await Tenant.with("union") { tenant in
        try await tenant.apply(
          (230...232).map { Manifest.service("vlan\($0)", vlan: $0) } + [
            Manifest.attachment("first", ["vlan230", "vlan231"], "trunk", on: "cp-br-trunk"),
            Manifest.attachment("second", ["vlan231", "vlan232"], "trunk", on: "cp-br-trunk"),
            Manifest.attachment("exact", ["vlan230", "vlan231"], "selectivetrunk", on: "cp-br-trunk"),
          ])
        try await tenant.waitUntilReady()
        for (name, other) in [("first", "second"), ("second", "first")] {
          let attachment = try await tenant.wait(for: L2ServiceAttachment.definition, name, "has the VLANs of both") {
            $0[path: "status", "vlans"] == [230, 231, 232]
          }
          let warning = attachment.condition("Warning")
          #expect(warning?["reason"] == "SharedTrunk")
          #expect(warning?["message"]?.string?.contains(other) == true, "\(warning?.description ?? "")")
        }
        let exact = try await tenant.get(L2ServiceAttachment.definition, "exact")
        #expect(exact[path: "status", "vlans"] == [230, 231])
        #expect(exact.condition("Warning") == nil)

        try await tenant.apply(
          Manifest.pod("p1", on: "worker1", networks: "first"), Manifest.pod("p2", on: "worker2", networks: "second"),
          Manifest.pod("p3", on: "worker2", networks: "exact"))
        try await tenant.waitUntilPodsReady()
        let all = Set(try (230...232).map { try VLANID($0) })
        let some = Set(try (230...231).map { try VLANID($0) })
        #expect(
          try tenant.mistakes(among: [
            tenant.point("p1", on: "worker1", .trunk(all)), tenant.point("p2", on: "worker2", .trunk(all)),
            tenant.point("p3", on: "worker2", .trunk(some)),
          ]) == [])
      }
    }

    /// An L2Service that pods use is terminating until they are gone, says so, and works until then.
    @Test func deletionWaitsForThePodsAndNamesThem() async throws {
      try await Tenant.with("in-use") { tenant in
        try await tenant.apply(
          Manifest.subnet("v4", "10.240.0.0/24"), Manifest.service("net", vlan: 240, subnets: ["v4"]),
          Manifest.attachment("net", ["net"], "access"), Manifest.pod("a", on: "worker1", networks: "net"),
          Manifest.pod("b", on: "worker2", networks: "net"))
        try await tenant.waitUntilReady()
        try await tenant.waitUntilPodsReady()
        let vlan = try VLANID(240)
        let points = [
          try tenant.point("a", on: "worker1", .access(vlan)), try tenant.point("b", on: "worker2", .access(vlan)),
        ]
        #expect(try tenant.mistakes(among: points) == [])

        try await tenant.delete("l2service", "net")
        let service = try await tenant.wait(for: L2Service.definition, "net", "is blocked") {
          $0.condition("Blocked")?["status"] == "True"
        }
        #expect(service.phase == "terminating")
        #expect(
          service.condition("Blocked")?["message"]?.string
            == "in use by L2ServiceAttachment in-use/net, Pod in-use/a, Pod in-use/b")
        #expect(try tenant.mistakes(among: points) == [])

        try await tenant.delete("l2a,subnet", "--all")
        let attachment = try await tenant.wait(for: L2ServiceAttachment.definition, "net", "is blocked") {
          $0.condition("Blocked")?["status"] == "True"
        }
        #expect(attachment.condition("Blocked")?["message"] == "in use by Pod in-use/a, Pod in-use/b")
        try await tenant.delete("pod", "a")
        try await tenant.wait(for: L2ServiceAttachment.definition, "net", "names the pod that is left") {
          $0.condition("Blocked")?["message"] == "in use by Pod in-use/b"
        }
        #expect(try await tenant.list(NetworkAttachmentDefinition.definition).count == 1)
        try await tenant.delete("pod", "b")
        try await Life.waitUntilGone(in: tenant)
      }
    }

    /// Every state change reaches the callback URL, in order, also when the receiver was away and the operator died
    /// meanwhile; the last one says deleted.
    @Test func callbacksArriveInOrderAcrossARestart() async throws {
      try await Tenant.with("callbacks") { tenant in
        let receiver = CallbackReceiver()
        let first = try await receiver.start()
        try await tenant.apply(
          Manifest.service("net", vlan: 250, callbackURL: first.url),
          Manifest.attachment("net", ["net"], "access", callbackURL: first.url))
        try await receiver.wait { $0.hasEnded(with: "ready", kinds: ["L2Service", "L2ServiceAttachment"]) }
        await first.stop()

        try await tenant.delete("l2s,l2a", "net")
        await tenant.cluster.cluster.kill(.operator)
        try await tenant.cluster.cluster.start(.operator)
        let second = try await receiver.start(port: first.port)
        try await receiver.wait { $0.hasEnded(with: "deleted", kinds: ["L2Service", "L2ServiceAttachment"]) }
        await second.stop()

        for kind in ["L2Service", "L2ServiceAttachment"] {
          let phases = receiver.deliveries.filter { $0.kind == kind }.map(\.phase)
          // It may be pending once more when another object begins to use it.
          let places = ["pending": 0, "ready": 0, "terminating": 1, "deleted": 2]
          let order = phases.map { places[$0] ?? -1 }
          #expect(order == order.sorted() && order.first == 0, "\(kind): \(phases)")
        }
      }
    }
  }
}

extension [CallbackReceiver.Delivery] {
  /// Whether the last thing that was said of each kind is this phase.
  fileprivate func hasEnded(with phase: String, kinds: [String]) -> Bool {
    kinds.allSatisfy { kind in last { $0.kind == kind }?.phase == phase }
  }
}

extension CallbackReceiver {
  /// A receiver that serves.
  fileprivate struct Running {
    let url: String
    let task: Task<Void, any Error>

    var port: Int { Int(url.split(separator: ":").last?.prefix { $0.isNumber } ?? "") ?? 0 }

    func stop() async {
      task.cancel()
      _ = await task.result
    }
  }

  /// Serves until stopped.
  fileprivate func start(port: Int = 0) async throws -> Running {
    let (urls, continuation) = AsyncStream.makeStream(of: String.self)
    let task = Task { [self] in
      defer { continuation.finish() }
      try await run(port: port) { continuation.yield($0) }
    }
    let url = try #require(await urls.first { _ in true })
    return Running(url: url, task: task)
  }

  /// Waits until the deliveries are as wanted.
  fileprivate func wait(until isWanted: @escaping @Sendable ([Delivery]) -> Bool) async throws {
    let updates = updates()
    let isDone = try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask { await updates.contains(where: isWanted) }
      group.addTask {
        try await Task.sleep(for: .seconds(30))
        return false
      }
      defer { group.cancelAll() }
      return try await group.next() ?? false
    }
    try #require(isDone, "received only \(deliveries.map { "\($0.kind) \($0.phase)" })")
  }
}
