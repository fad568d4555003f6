import KubernetesClient
import KubernetesModel
import Lab
import NetloomAPI
import NetworkAnnotations

/// One host that is a chassis of OVN, an operator that writes OVN's northbound database, and a network without a VLAN.
struct OverlayPlatform: Sendable {
  let laboratory: Laboratory
  let client: KubernetesClient
  let central: OVNCentral

  static let host = "worker"
  static let network = "blue"
  /// The network's switch in OVN.
  static let logicalSwitch = "test/blue"

  static func topology(hosts: [String]) throws -> LabTopology {
    LabTopology(
      hosts: hosts.map { .init(name: $0) }, switches: [], gateways: [], cables: [], overlay: try .init())
  }

  init(_ laboratory: Laboratory, _ client: KubernetesClient) throws {
    self.laboratory = laboratory
    self.client = client
    guard let central = try laboratory.lab.central else { throw BenchmarkError("the lab has no OVN") }
    self.central = central
  }

  var northbound: String { central.remotes(of: .northbound) }
  var southbound: String { central.remotes(of: .southbound) }
  /// The database of the host's Open vSwitch.
  var switchDatabase: String { laboratory.directory.databaseEndpoint(of: Self.host) }

  @discardableResult
  func startOperator() async throws -> Int32 { try await laboratory.startOperator("--ovn-northbound", northbound) }

  /// Starts the operator and the agent, declares the network and returns when pods can join it.
  func start() async throws {
    try await startOperator()
    try await client.create(Node(metadata: ObjectMeta(name: Self.host)))
    guard let address = laboratory.lab.topology.underlayAddress(of: Self.host)?.address else {
      throw BenchmarkError("\(Self.host) is not in the underlay")
    }
    try await laboratory.startAgent(
      of: Self.host, "--ovn-southbound", southbound, "--ovn-encap-ip", "\(address)")
    try await client.create(
      Subnet(metadata: ObjectMeta(name: Self.network, namespace: "test"), spec: .init(cidr: "10.77.0.0/16")))
    try await client.create(
      L2Service(metadata: ObjectMeta(name: Self.network, namespace: "test"), spec: .init(subnets: [Self.network])))
    try await client.create(
      L2ServiceAttachment(
        metadata: ObjectMeta(name: Self.network, namespace: "test"), spec: .init(l2Services: [Self.network])))
    try await ClusterObjects(client: client).wait(for: L2ServiceAttachment.definition, "pods can join") { attachments in
      attachments.contains { $0[path: "status", "phase"] == "ready" }
    }
  }

  /// Creates a pod that joins the network.
  func create(_ pod: String) async throws {
    try await client.create(
      Pod(
        metadata: ObjectMeta(name: pod, namespace: "test", annotations: [PodAnnotation.networks: Self.network]),
        spec: .init(containers: [.init(name: "main", image: "none")], nodeName: Self.host)))
  }

  func delete(_ pod: String) async throws {
    try await client.resource(Pod.self).delete(.init(namespace: "test", name: pod), .init(gracePeriod: .zero))
  }

  /// Runs `ovn-nbctl`, as who does not speak the protocol.
  func northboundCommand(_ words: [String]) throws { try Self.run("ovn-nbctl", northbound, words) }

  /// Runs `ovs-vsctl` on the host's switch.
  func switchCommand(_ words: [String]) throws { try Self.run("ovs-vsctl", switchDatabase, words) }

  /// Runs a program on a database.
  static func run(_ program: String, _ database: String, _ words: [String]) throws {
    let status = Program("/usr/bin/\(program)", ["--db=\(database)", "--timeout=60"] + words).run()
    guard status == 0 else {
      throw BenchmarkError("\(program) \(words.joined(separator: " ")) ended with \(status)")
    }
  }
}
