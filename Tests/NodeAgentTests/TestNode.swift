import CNI
import Glibc
import JSON
import Logging
import Netlink
import NetworkAnnotations
import NetworkTypes
import OVSDB
import OVSTestSupport
import OpenVSwitchEngine

@testable import NodeAgent

/// A node with a real Open vSwitch, a real agent server and the real plugin.
struct TestNode: Sendable {
  let ovs: SwitchPlace
  let host: NetworkNamespace
  let openVSwitch: OpenVSwitchEngine
  let socketPath: String

  static let bridge = "br-data"
  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// Runs `body` on a node of its own with a bridge; everything is removed afterwards.
  static func with(
    allocations: any AllocationSource = StaticAllocations([]), _ body: @Sendable (TestNode) async throws -> Void
  ) async throws {
    try await SwitchInstance.with { ovs in
      try await ovs.vsctl("add-br", bridge, "--", "set", "bridge", bridge, "datapath_type=netdev")
      try await withAgent(on: SwitchPlace(ovs), allocations: allocations, body)
    }
  }

  /// Runs `body` with an agent on a switch that is there already. Each agent has a socket of its own unless one is named:
  /// SwiftNIO removes the file of a socket a moment after the listener's end, which could be the next agent's by then.
  static func withAgent(
    on ovs: SwitchPlace, allocations: any AllocationSource = StaticAllocations([]), pools: (any PoolReport)? = nil,
    socket: String? = nil,
    _ body: @Sendable (TestNode) async throws -> Void
  ) async throws {
    let host = try ovs.host()
    let openVSwitch = try ovs.engine()
    let node = TestNode(ovs: ovs, host: host, openVSwitch: openVSwitch, socketPath: socket ?? ovs.newSocketPath)
    let service = PodNetworkService(
      socketPath: node.socketPath, openVSwitch: openVSwitch, host: host, allocations: allocations, pools: pools,
      logger: logger)
    try await withThrowingTaskGroup { tasks in
      tasks.addTask { try await openVSwitch.run() }
      tasks.addTask { try await service.run() }
      try await node.waitUntilListening()
      for await event in openVSwitch.events() { if case .synchronized = event { break } }
      let result = await Result(catching: { try await body(node) })
      tasks.cancelAll()
      while let ended = await tasks.nextResult() {
        if case .failure(let error) = ended, !(error is CancellationError) { throw error }
      }
      try result.get()
    }
  }

  /// Calls the plugin; what it printed, as JSON.
  @discardableResult
  func call(
    _ command: String, _ pod: TestPod, interface: String = "net1", configuration: JSONValue
  ) async throws -> PluginAnswer {
    try await call(command, pod, interface: interface, input: configuration.serialized())
  }

  func call(
    _ command: String, _ pod: TestPod, interface: String = "net1", input: [UInt8]
  ) async throws -> PluginAnswer {
    try await Self.call(command, pod, interface: interface, socketPath: socketPath, input: input)
  }

  static func call(
    _ command: String, _ pod: TestPod, interface: String = "net1", socketPath: String, input: [UInt8]
  ) async throws -> PluginAnswer {
    let process = ProcessCommand(
      pluginPath,
      environment: [
        "CNI_COMMAND": command, "CNI_CONTAINERID": pod.containerID, "CNI_NETNS": pod.namespace.path,
        "CNI_IFNAME": interface, "CNI_PATH": "/opt/cni/bin", "NETLOOM_SOCKET": socketPath,
        "CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAMESPACE=test;K8S_POD_NAME=\(pod.name)",
      ], standardInput: input)
    let outcome = try await NamespaceProcess.run(process)
    // `nil` alone would mean JSON's null.
    let json: JSONValue? = outcome.standardOutput.isEmpty ? .none : try JSONValue(parsing: outcome.standardOutput)
    return PluginAnswer(isSuccess: outcome.isSuccess, json: json)
  }

  /// The names of the host's ends of pods' interfaces.
  func hostEnds() throws -> [String] {
    try NetlinkSocket(in: host).links().filter { $0.kind == "veth" }.map(\.name).sorted()
  }

  /// The names of the bridge's ports.
  func ports() async throws -> [String] {
    try await ovs.vsctl("list-ports", Self.bridge).split(separator: "\n").map(String.init).sorted()
  }

  private func waitUntilListening() async throws {
    while !AgentServer.isAnswered(socketPath) { try await Task.sleep(for: .milliseconds(2)) }
  }
}

/// Where a switch is: what a process of its own needs to find it.
struct SwitchPlace: Codable, Sendable {
  let directory: String
  let namespace: String

  init(_ ovs: SwitchInstance) {
    directory = ovs.directory
    namespace = ovs.namespace
  }

  var newSocketPath: String { "\(directory)/agent-\(UInt32.random(in: .min ... .max)).sock" }

  func engine() throws -> OpenVSwitchEngine {
    OpenVSwitchEngine(
      endpoint: try Endpoint(parsing: "unix:\(directory)/db.sock"), kernelHasDatapath: false, logger: TestNode.logger)
  }

  func host() throws -> NetworkNamespace { try NetworkNamespace.open(path: "/run/netns/\(namespace)") }

  /// Runs `ovs-vsctl` as somebody else would.
  @discardableResult
  func vsctl(_ arguments: String...) async throws -> String {
    try await Command.run(["ovs-vsctl", "--db=unix:\(directory)/db.sock", "--timeout=5"] + arguments)
      .split(separator: "\n").joined(separator: "\n")
  }
}

struct PluginAnswer: Sendable {
  var isSuccess: Bool
  var json: JSONValue?

  var code: Int64? { json?["code"]?.integer }
  var text: String { json?.description ?? "" }
}

/// A pod's sandbox.
struct TestPod: Sendable {
  let name: String
  let containerID: String
  let namespace: NetworkNamespace

  /// Runs `body` with sandboxes for pods of these names and removes them afterwards.
  static func with(_ names: String..., body: @Sendable ([TestPod]) async throws -> Void) async throws {
    let folder = "/run/netloom-tests/agent-\(UInt64.random(in: 0..<1 << 40))"
    let paths = names.map { "\(folder)/\($0)" }
    let result = await Result(catching: {
      try await body(
        zip(names, paths).map { name, path in
          TestPod(name: name, containerID: "c-\(name)", namespace: try NetworkNamespace.create(at: path))
        })
    })
    for path in paths { try NetworkNamespace.remove(path: path) }
    rmdir(folder)
    try result.get()
  }

  /// Whether an answer comes back from the address within that many seconds.
  func reaches(_ address: String, within seconds: Int = 10) async throws -> Bool {
    try await NamespaceProcess.run(ProcessCommand("ping", ["-c1", "-w\(seconds)", address]), in: namespace).isSuccess
  }
}

extension JSONValue {
  /// The configuration of an attachment to one VLAN.
  static func access(_ vlan: Int64, mtu: Int64 = 1400, version: String = "1.0.0") -> JSONValue {
    [
      "cniVersion": .string(version), "name": "test.vlan", "type": "netloom", "attachment": "test/vlan",
      "bridge": .string(TestNode.bridge), "vlan": .integer(vlan), "mtu": .integer(mtu),
    ]
  }
}

extension Allocation {
  /// An allocation on the network of ``JSON/JSONValue/access(_:mtu:version:)``.
  static func test(_ addresses: String..., mac: String? = nil, routes: [Route] = []) throws -> Allocation {
    Allocation(
      network: NetworkReference(namespace: "test", name: "vlan"), interface: "net1",
      mac: try mac.map { try MACAddress(parsing: $0) }, ips: try addresses.map { try InterfaceAddress(parsing: $0) },
      gateway: [try IPAddress(parsing: "10.203.0.1")], routes: routes)
  }
}

extension Result where Failure == any Error {
  init(catching body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}

/// The plugin lies beside the tests' own binary.
let pluginPath: String = {
  let arguments = CommandLine.arguments
  let bundle = arguments.firstIndex(of: "--test-bundle-path").map { arguments[$0 + 1] } ?? arguments[0]
  let folder = bundle.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  return "\(folder)/netloom-cni"
}()
