import Glibc
import JSON
import Netlink
import NetworkAnnotations
import OVSTestSupport
import Testing

@testable import NodeAgent

@Suite("After something ended", .enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"))
struct RecoveryTests {
  private static let configuration: JSONValue = {
    var configuration = JSONValue.access(13)
    configuration["attachment"] = nil
    return configuration
  }()

  @Test("another agent, without any memory, checks and deletes what the first added")
  func restart() async throws {
    try await withSwitch { ovs in
      try await TestPod.with("a") { pods in
        let pod = pods[0]
        let result = Shared<JSONValue?>(nil)
        try await TestNode.withAgent(on: SwitchPlace(ovs)) { node in
          await result.set(try await node.call("ADD", pod, configuration: Self.configuration).json)
        }
        try await TestNode.withAgent(on: SwitchPlace(ovs)) { node in
          #expect(try await node.ports().count == 1)
          var configuration = Self.configuration
          configuration["prevResult"] = await result.value
          let checked = try await node.call("CHECK", pod, configuration: configuration)
          #expect(checked.isSuccess, "\(checked.text)")
          #expect(try await node.call("DEL", pod, configuration: configuration).isSuccess)
          #expect(try await node.ports() == [] && node.hostEnds() == [])
        }
      }
    }
  }

  @Test("an ADD that was cut off half-way is made good by the next ADD, and undone by DEL")
  func halfDone() async throws {
    try await TestNode.with { node in
      try await TestPod.with("a") { pods in
        let pod = pods[0]
        let hostEnd = HostEnd.name(containerID: pod.containerID, interface: "net1")
        let leaveHalf = {
          try NetlinkSocket(in: node.host).perform(
            .createVeth(VethEnd(hostEnd), peer: VethEnd("net1", in: pod.namespace), isUp: true))
        }
        try leaveHalf()
        let added = try await node.call("ADD", pod, configuration: Self.configuration)
        #expect(added.isSuccess, "\(added.text)")
        #expect(try await node.ports() == [hostEnd])
        #expect(try await node.call("DEL", pod, configuration: Self.configuration).isSuccess)
        try leaveHalf()
        #expect(try await node.call("DEL", pod, configuration: Self.configuration).isSuccess)
        #expect(try await node.ports() == [] && node.hostEnds() == [])
      }
    }
  }

  /// One after the other: while another process runs the testing library keeps a thread of the tasks' few waiting for it,
  /// and with several nobody is left to make the call that they all wait for.
  @Test(
    "an agent killed at any moment of an ADD leaves what the next one repairs", .serialized,
    arguments: [0, 300, 600, 1000, 1500, 2500, 4000, 8000])
  func killed(microseconds: UInt32) async throws {
    try await withSwitch { ovs in
      try await TestPod.with("a") { pods in
        let place = SwitchPlace(ovs)
        let socket = place.newSocketPath
        async let cutOff = callWhenListening(pods[0], at: socket)
        try await #require(processExitsWith: .signal(SIGKILL)) {
          [place = place as SwitchPlace, socket = socket as String, microseconds] in
          let allocations = DeadlyAllocations(microseconds: microseconds)
          try await TestNode.withAgent(on: place, allocations: allocations, socket: socket) { _ in
            try await Task.sleep(for: .seconds(30))
          }
        }
        _ = try await cutOff
        try await TestNode.withAgent(on: place, allocations: try DeadlyAllocations.allocations()) { node in
          var configuration = JSONValue.access(13)
          let added = try await node.call("ADD", pods[0], configuration: configuration)
          #expect(added.isSuccess, "\(added.text)")
          configuration["prevResult"] = added.json
          let checked = try await node.call("CHECK", pods[0], configuration: configuration)
          #expect(checked.isSuccess, "\(checked.text)")
          #expect(try await node.ports().count == 1)
          #expect(try await node.call("DEL", pods[0], configuration: configuration).isSuccess)
          #expect(try await node.ports() == [] && node.hostEnds() == [])
        }
      }
    }
  }

  /// The agent of another process.
  private func callWhenListening(_ pod: TestPod, at socketPath: String) async throws -> PluginAnswer {
    while !AgentServer.isAnswered(socketPath) { try await Task.sleep(for: .milliseconds(2)) }
    return try await TestNode.call("ADD", pod, socketPath: socketPath, input: JSONValue.access(13).serialized())
  }

  @Test("DEL works when the pod's namespace is gone")
  func namespaceGone() async throws {
    try await TestNode.with { node in
      try await TestPod.with("a") { pods in
        let pod = pods[0]
        #expect(try await node.call("ADD", pod, configuration: Self.configuration).isSuccess)
        try NetworkNamespace.remove(path: pod.namespace.path)
        #expect(try await node.call("DEL", pod, configuration: Self.configuration).isSuccess)
        #expect(try await node.ports() == [] && node.hostEnds() == [])
      }
    }
  }

  @Test("while the switch's database is down DEL asks to be repeated, and then does it all")
  func databaseDown() async throws {
    try await withSwitch { ovs in
      try await TestPod.with("a") { pods in
        try await TestNode.withAgent(on: SwitchPlace(ovs)) { node in
          #expect(try await node.call("ADD", pods[0], configuration: Self.configuration).isSuccess)
          try await ovs.killDatabase()
          let refused = try await node.call("DEL", pods[0], configuration: Self.configuration)
          #expect(refused.code == 11, "\(refused.text)")
          try await ovs.restartDatabase()
          let deleted = try await node.call("DEL", pods[0], configuration: Self.configuration)
          #expect(deleted.isSuccess, "\(deleted.text)")
          #expect(try await node.ports() == [] && node.hostEnds() == [])
        }
      }
    }
  }

  @Test("ports are there again when Open vSwitch has been restarted, and go on being attached")
  func switchRestarted() async throws {
    try await withSwitch { ovs in
      try await TestPod.with("a", "b", "c") { pods in
        let allocations = StaticAllocations(
          try pods.enumerated().map { ("test", $1.name, [try .test("10.203.0.\($0 + 2)/24")]) })
        try await TestNode.withAgent(on: SwitchPlace(ovs), allocations: allocations) { node in
          for pod in pods.prefix(2) {
            let added = try await node.call("ADD", pod, configuration: .access(13))
            #expect(added.isSuccess, "\(added.text)")
          }
          #expect(try await pods[0].reaches("10.203.0.3"))
          try await ovs.killSwitch()
          try await ovs.killDatabase()
          try await ovs.restartDatabase()
          try await ovs.restartSwitch()
          #expect(try await node.ports().count == 2)
          #expect(try await pods[0].reaches("10.203.0.3"))
          let added = try await node.call("ADD", pods[2], configuration: .access(13))
          #expect(added.isSuccess, "\(added.text)")
          #expect(try await pods[2].reaches("10.203.0.2"))
        }
      }
    }
  }

  @Test("a starting agent removes the ports of pods that are gone, and nothing else")
  func garbage() async throws {
    try await withSwitch { ovs in
      try await TestPod.with("gone", "alive") { pods in
        try await TestNode.withAgent(on: SwitchPlace(ovs)) { node in
          for pod in pods {
            let added = try await node.call("ADD", pod, configuration: Self.configuration)
            #expect(added.isSuccess, "\(added.text)")
          }
        }
        try await ovs.addDevice("foreign")
        try await ovs.vsctl("add-port", TestNode.bridge, "foreign")
        try NetworkNamespace.remove(path: pods[0].namespace.path)
        let alive = HostEnd.name(containerID: pods[1].containerID, interface: "net1")
        try await TestNode.withAgent(on: SwitchPlace(ovs)) { node in
          // Gone is seen by event, in a moment.
          while try await node.ports().count > 2 { try await Task.sleep(for: .milliseconds(5)) }
          #expect(try await node.ports() == ["foreign", alive].sorted())
        }
      }
    }
  }

  @Test("without an agent every command but VERSION asks the runtime to try again")
  func noAgent() async throws {
    for (command, code) in [("ADD", 11), ("DEL", 11), ("CHECK", 11), ("GC", 11), ("STATUS", 50)] as [(String, Int64)] {
      let outcome = try await NamespaceProcess.run(
        ProcessCommand(
          pluginPath, environment: ["CNI_COMMAND": command, "NETLOOM_SOCKET": "/run/netloom-tests/absent.sock"],
          standardInput: Self.configuration.serialized()))
      #expect(outcome.status == .exited(1))
      let error = try JSONValue(parsing: outcome.standardOutput)
      #expect(error["code"]?.integer == code && error["cniVersion"] == "1.0.0")
      #expect(error["details"]?.string?.contains("netloom agent") == true)
    }
    let version = try await NamespaceProcess.run(
      ProcessCommand(
        pluginPath, environment: ["CNI_COMMAND": "VERSION"], standardInput: Array(#"{"cniVersion":"0.4.0"}"#.utf8)))
    #expect(version.isSuccess)
    #expect(
      try JSONValue(parsing: version.standardOutput)
        == ["cniVersion": "0.4.0", "supportedVersions": ["0.3.1", "0.4.0", "1.0.0", "1.1.0"]])
  }

  @Test("a second agent on the same socket is refused")
  func secondAgent() async throws {
    try await TestNode.with { node in
      let second = PodNetworkService(
        socketPath: node.socketPath, openVSwitch: node.openVSwitch, host: node.host,
        allocations: StaticAllocations([]), logger: TestNode.logger)
      await #expect(throws: AgentError.self) { try await second.run() }
    }
  }

  private func withSwitch(_ body: (SwitchInstance) async throws -> Void) async throws {
    try await SwitchInstance.with { ovs in
      try await ovs.vsctl("add-br", TestNode.bridge, "--", "set", "bridge", TestNode.bridge, "datapath_type=netdev")
      try await body(ovs)
    }
  }
}

private actor Shared<Value: Sendable> {
  private(set) var value: Value
  init(_ value: Value) { self.value = value }
  func set(_ value: Value) { self.value = value }
}

/// Kills its own process a moment after it was asked.
private struct DeadlyAllocations: AllocationSource {
  let microseconds: UInt32

  static func allocations() throws -> StaticAllocations {
    StaticAllocations([("test", "a", [try .test("10.203.0.2/24")])])
  }

  func allocation(for pod: PodIdentity, network: NetworkReference, interface: String) async throws -> Allocation {
    let delay = microseconds
    Task {
      try await Task.sleep(for: .microseconds(delay))
      kill(getpid(), SIGKILL)
    }
    return try await Self.allocations().allocation(for: pod, network: network, interface: interface)
  }
}
