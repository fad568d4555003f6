import CNI
import Glibc
import JSON
import KubernetesModel
import Lab
import Logging
import MultiNetwork
import NIOPosix
import Netlink
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import OVSDB
import OpenVSwitchEngine
import Synchronization

@testable import NodeAgent

/// Hosts with real Open vSwitch and OVN, and on each the parts of an agent that OVN concerns. What stands in the northbound
/// database is written with ovn-nbctl.
struct OverlayLab: Sendable {
  let lab: Lab
  let central: OVNCentral
  let hosts: [OverlayHost]

  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// Runs `body` on a lab whose hosts are chassis.
  static func with(
    hosts count: Int = 1, patience: Duration = .seconds(10), _ body: @Sendable (OverlayLab) async throws -> Void
  ) async throws {
    let directory = LabDirectory(path: "/run/netloom/lab/test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))")
    defer { Lab.down(directory) }
    let lab = try await Lab.up(
      LabTopology(
        hosts: (1...count).map { .init(name: "h\($0)") }, switches: [], gateways: [], cables: [],
        overlay: try .init()),
      in: directory, logger: logger)
    guard let central = lab.central else { return }
    let threads = NIOThreadPool(numberOfThreads: 4)
    threads.start()
    let hosts = try lab.topology.hosts.map { try OverlayHost($0.name, lab, central, patience, threads) }
    let result = await Result(catching: {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for host in hosts { group.addTask { try await host.openVSwitch.run() } }
        for host in hosts { try await host.join() }
        try await body(OverlayLab(lab: lab, central: central, hosts: hosts))
        group.cancelAll()
      }
    })
    try await threads.shutdownGracefully()
    try result.get()
  }

  /// Runs ovn-nbctl; it returns when the databases have it.
  func northbound(_ arguments: String...) async throws {
    let outcome = try await NamespaceProcess.run(
      ProcessCommand("ovn-nbctl", ["--db=\(central.remotes(of: .northbound))", "--timeout=20"] + arguments))
    guard outcome.isSuccess else { throw LabError("run ovn-nbctl \(arguments)", reason: outcome.errorText) }
  }

  /// Declares a pod's port on the switch `test/blue`.
  func declare(_ pod: TestPod, _ address: String, interface: String = "net1", uid: String? = nil) async throws {
    let name = "test/\(pod.name)/\(interface)"
    let addresses = "\(Self.mac(address)) \(address)"
    try await northbound(
      "--may-exist", "ls-add", "test/blue", "--", "lsp-add", "test/blue", name, "--", "lsp-set-addresses", name,
      addresses, "--", "lsp-set-port-security", name, addresses, "--", "set", "Logical_Switch_Port", name,
      "options:iface-id-ver=\(uid ?? pod.uid)")
  }

  /// The Ethernet address of whoever has an IPv4 address.
  static func mac(_ address: String) -> String {
    let octets = address.split(separator: ".").compactMap { UInt8($0) }.map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return "02:00:" + octets.joined(separator: ":")
  }
}

extension TestPod {
  var uid: String { "uid-\(name)" }
}

/// A host of an ``OverlayLab``.
struct OverlayHost: Sendable {
  let name: String
  let openVSwitch: OpenVSwitchEngine
  let networking: PodNetworking
  let reconciler: NodeReconciler
  let cluster = FakeCluster()
  private let parts: (lab: Lab, central: OVNCentral, patience: Duration, threads: NIOThreadPool)
  private let annotation: Annotation

  private final class Annotation: Sendable {
    let text = Mutex<String?>(nil)
  }

  init(
    _ name: String, _ lab: Lab, _ central: OVNCentral, _ patience: Duration, _ threads: NIOThreadPool
  ) throws {
    self.name = name
    let namespace = try lab.namespace(of: name)
    parts = (lab, central, patience, threads)
    openVSwitch = OpenVSwitchEngine(
      endpoint: try Endpoint(parsing: lab.directory.databaseEndpoint(of: name)), kernelHasDatapath: false,
      logger: OverlayLab.logger)
    let southbound = central.remotes(of: .southbound)
    networking = PodNetworking(
      openVSwitch: openVSwitch, kernel: HostKernel(host: namespace, threads: threads),
      allocations: StaticAllocations([]), pools: nil,
      overlay: try OverlayPorts(southbound: southbound, patience: patience), sandboxes: KeyedLock(),
      logger: OverlayLab.logger)
    guard let address = lab.topology.underlayAddress(of: name)?.address else {
      throw LabError("use \(name)", reason: "it is not in the underlay")
    }
    let annotation = Annotation()
    self.annotation = annotation
    let cluster = cluster
    reconciler = NodeReconciler(
      openVSwitch: openVSwitch, current: { cluster.network }, report: { cluster.report($0) }, now: { cluster.tick() },
      chassis: ChassisMembership(
        node: name, overlay: .init(southbound: southbound, address: address), host: namespace,
        kernelHasDatapath: false, announced: { annotation.text.withLock { $0 } },
        announce: { text in annotation.text.withLock { $0 = text } }))
  }

  /// The agent that comes after this one.
  func another() throws -> OverlayHost {
    try OverlayHost(name, parts.lab, parts.central, parts.patience, parts.threads)
  }

  /// Runs `body` while the connection to the switch is kept.
  func running(_ body: () async throws -> Void) async throws {
    let running = Task { try await openVSwitch.run() }
    let result = await Result(catching: body)
    running.cancel()
    _ = await running.result
    try result.get()
  }

  func isInstalled(_ port: String) async throws -> Bool {
    try await openVSwitch.podPorts(named: [port])[port]?.interfaces.first?.isInstalled == true
  }

  /// What the Node says of OVN.
  var announcement: Chassis? { annotation.text.withLock { $0 }.flatMap { Chassis(annotation: $0) } }

  /// Reconciles with each event, as the agent does, until the node is a chassis.
  func join() async throws { try await follow { announcement != nil } }

  func follow(until isDone: @Sendable () async throws -> Bool) async throws {
    for await _ in openVSwitch.events() {
      _ = try await reconciler.reconcile(name)
      if try await isDone() { return }
    }
  }

  /// Runs `ovs-vsctl` on the host's switch, as somebody else would.
  @discardableResult
  func vsctl(_ arguments: String...) async throws -> String {
    let outcome = try await NamespaceProcess.run(
      ProcessCommand(
        "ovs-vsctl", ["--db=\(parts.lab.directory.databaseEndpoint(of: name))", "--timeout=5"] + arguments))
    guard outcome.isSuccess else { throw LabError("run ovs-vsctl \(arguments)", reason: outcome.errorText) }
    return outcome.text.split(separator: "\n").joined(separator: "\n")
  }

  /// A call for a pod's interface on the switch `test/blue`, with the address.
  func call(_ pod: TestPod, _ address: String, interface: String = "net1") throws -> NativeCall {
    NativeCall(
      attachment: CNIAttachment(
        containerID: pod.containerID, namespacePath: pod.namespace.path, interface: interface,
        arguments: ["K8S_POD_NAMESPACE": "test", "K8S_POD_NAME": pod.name, "K8S_POD_UID": pod.uid]),
      network: try NetworkConfiguration(json: [
        "cniVersion": "1.1.0", "name": "test.blue", "type": "netloom", "logicalSwitch": "test/blue", "mtu": 1442,
        "capabilities": ["ips": true, "mac": true],
        "runtimeConfig": ["ips": [.string("\(address)/24")], "mac": .string(OverlayLab.mac(address))],
      ]))
  }
}

extension JSONValue {
  func without(_ key: String) -> JSONValue {
    var json = self
    json[key] = nil
    return json
  }
}
