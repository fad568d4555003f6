import JSON
import NetworkAnnotations
import OVSTestSupport
import ServiceLifecycle
import Testing

@testable import NodeAgent

@Suite("Shutting down", .enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"))
struct ShutdownTests {
  @Test("what has begun is answered, what comes later is refused")
  func graceful() async throws {
    try await SwitchInstance.with { ovs in
      try await ovs.vsctl("add-br", TestNode.bridge, "--", "set", "bridge", TestNode.bridge, "datapath_type=netdev")
      try await TestPod.with("a") { pods in
        let place = SwitchPlace(ovs)
        let socketPath = "\(place.directory)/agent.sock"
        let allocations = GatedAllocations(try .test("10.203.0.2/24"))
        let openVSwitch = try place.engine()
        let service = PodNetworkService(
          socketPath: socketPath, openVSwitch: openVSwitch, host: try place.host(), allocations: allocations,
          logger: TestNode.logger)
        let group = ServiceGroup(
          configuration: .init(services: [openVSwitch, service], logger: TestNode.logger))
        async let ended: Void = group.run()
        while !AgentServer.isAnswered(socketPath) { try await Task.sleep(for: .milliseconds(2)) }
        async let added = TestNode.call(
          "ADD", pods[0], socketPath: socketPath, input: JSONValue.access(13).serialized())
        await allocations.asked()
        await group.triggerGracefulShutdown()
        while AgentServer.isAnswered(socketPath) { try await Task.sleep(for: .milliseconds(2)) }
        await allocations.open()
        let answer = try await added
        #expect(answer.isSuccess, "\(answer.text)")
        try await ended
      }
    }
  }
}

/// Gives its allocation when it is allowed to.
private actor GatedAllocations: AllocationSource {
  private let allocation: Allocation
  private let (requests, request) = AsyncStream.makeStream(of: Void.self)
  private let (gate, opening) = AsyncStream.makeStream(of: Void.self)

  init(_ allocation: Allocation) { self.allocation = allocation }

  func allocation(for pod: PodIdentity, network: NetworkReference, interface: String) async throws -> Allocation {
    request.yield()
    for await _ in gate { break }
    return allocation
  }

  /// Returns when somebody has asked.
  func asked() async { for await _ in requests { break } }

  func open() { opening.yield() }
}
