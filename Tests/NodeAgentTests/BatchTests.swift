import CNI
import JSON
import MultiNetwork
import NIOPosix
import Netlink
import NetworkAnnotations
import NetworkTypes
import OVSTestSupport
import Testing

@testable import NodeAgent

@Suite("Several attachments at once", .enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"))
struct BatchTests {
  @Test("are made in the order of the calls, and removed again, at once or twice")
  func batch() async throws {
    try await withNetworking { node, networking, pods in
      let calls = try (0..<5).map { try call(pods[$0 % 2], interface: "net\($0)", vlan: Int64(10 + $0)) }
      let results = try await networking.add(calls)
      #expect(results.map { $0.interfaces[1].name } == ["net0", "net1", "net2", "net3", "net4"])
      #expect(try await node.ports() == results.map { $0.interfaces[0].name }.sorted())
      for (position, result) in results.enumerated() {
        #expect(try await node.ovs.vsctl("get", "port", result.interfaces[0].name, "tag") == "\(10 + position)")
        var checked = calls[position]
        checked.network = try NetworkConfiguration(
          json: checked.network.json.setting("prevResult", result.json(version: .v110)))
        try await networking.check(checked)
      }
      for _ in 0..<2 { try await networking.delete(calls) }
      #expect(try await node.ports() == [] && node.hostEnds() == [])
    }
  }

  @Test("are made all or not at all", arguments: ["bridge", "interface", "namespace", "twice"])
  func allOrNone(mistake: String) async throws {
    try await withNetworking { node, networking, pods in
      var calls = try (0..<3).map { try call(pods[0], interface: "net\($0)", vlan: 10) }
      switch mistake {
      case "bridge":
        calls[1].network = try NetworkConfiguration(json: calls[1].network.json.setting("bridge", "br-absent"))
      case "interface": calls[2].attachment.interface = "lo"
      case "namespace": calls[2].attachment.namespacePath = "/run/netns/absent"
      default: calls[2].attachment.interface = "net0"
      }
      let failing = calls
      await #expect(throws: (any Error).self) { try await networking.add(failing) }
      #expect(try await node.ports() == [] && node.hostEnds() == [])
      #expect(try NetlinkSocket(in: pods[0].namespace).links().map(\.name) == ["lo"])
    }
  }

  @Test("replace what an ADD that was cut off has left of some of them")
  func remainder() async throws {
    try await withNetworking { node, networking, pods in
      let calls = try (0..<3).map { try call(pods[0], interface: "net\($0)", vlan: 10) }
      let before = try await networking.add([calls[1]])
      let remainder = HostEnd(calls[2].attachment.key, network: "test.vlan")
      try NetlinkSocket(in: node.host).perform([
        .createVeth(VethEnd(remainder.name), peer: VethEnd("net2", in: pods[0].namespace))
      ])
      let results = try await networking.add(calls)
      #expect(results[1] == before[0])
      #expect(try await node.ports().count == 3)
      // The kernel says that a link runs up to a second after it does (linkwatch).
      let end = ContinuousClock.now + .seconds(2)
      func running() throws -> Int {
        try NetlinkSocket(in: pods[0].namespace).links().filter { $0.isRunning && !$0.isLoopback }.count
      }
      while try running() != 3, ContinuousClock.now < end { await Task.yield() }
      #expect(try running() == 3)
    }
  }

  @Test("a name that another attachment's port has is passed over, and stays at DEL")
  func collision() async throws {
    try await withNetworking { node, networking, pods in
      let call = try call(pods[0], interface: "net1", vlan: 10)
      let taken = HostEnd.name(containerID: call.attachment.containerID, interface: "net1")
      try NetlinkSocket(in: node.host).perform(.createVeth(VethEnd(taken), peer: VethEnd("elsewhere")))
      try NetlinkSocket(in: node.host).perform(.setAlias("netloom another net1 test.vlan", of: .name(taken)))
      let result = try await networking.add([call])[0]
      #expect(result.interfaces[0].name != taken)
      try await networking.delete([call])
      #expect(try node.hostEnds() == [taken, "elsewhere"].sorted())
    }
  }

  private func call(_ pod: TestPod, interface: String, vlan: Int64) throws -> NativeCall {
    var configuration = JSONValue.access(vlan, version: "1.1.0")
    configuration["attachment"] = nil
    return NativeCall(
      attachment: CNIAttachment(
        containerID: pod.containerID, namespacePath: pod.namespace.path, interface: interface),
      network: try NetworkConfiguration(json: configuration))
  }

  private func withNetworking(
    _ body: @Sendable (TestNode, PodNetworking, [TestPod]) async throws -> Void
  ) async throws {
    try await TestNode.with { node in
      try await TestPod.with("a", "b") { pods in
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        let result = await Result(catching: {
          try await body(
            node,
            PodNetworking(
              openVSwitch: node.openVSwitch, kernel: HostKernel(host: node.host, threads: threads),
              allocations: StaticAllocations([]), pools: nil, sandboxes: KeyedLock(), logger: TestNode.logger), pods)
        })
        try await threads.shutdownGracefully()
        try result.get()
      }
    }
  }
}

extension JSONValue {
  /// The object with one member changed.
  func setting(_ key: String, _ value: JSONValue) -> JSONValue {
    var json = self
    json[key] = value
    return json
  }
}
