import JSON
import KubernetesClient
import KubernetesModel
import Lab
import NetloomAPI

/// Hosts behind one leaf switch, and two L2Services that every pod joins; each has a subnet that gives out exactly as many
/// addresses as there are to be pods.
struct TwoNetworks: Sendable {
  let laboratory: Laboratory
  let client: KubernetesClient
  /// Pods, and addresses of each subnet.
  let size: Int

  static let names = ["red", "blue"]

  static func topology(hosts: Int) -> LabTopology {
    let workers = (1...hosts).map { "worker\($0)" }
    return LabTopology(
      hosts: (workers + ["dcgw1"]).map { .init(name: $0) }, switches: [.init(name: "leaf1")], gateways: [],
      cables: (workers + ["dcgw1"]).enumerated().map { .init(.init($1, "eth1"), .init("leaf1", "swp\($0 + 1)")) })
  }

  /// The hosts that pods can be on.
  var hosts: [String] { laboratory.lab.topology.hosts.map(\.name).filter { $0 != "dcgw1" } }

  /// Starts the operator and the agents, declares everything and returns when pods can come.
  /// - Parameter quarantine: how long an address rests, in seconds.
  func start(quarantine: Int) async throws {
    try await laboratory.startOperator("--quarantine", "\(quarantine)")
    for host in hosts {
      try await client.create(Node(metadata: ObjectMeta(name: host)))
      try await laboratory.startAgent(of: host)
    }
    try await client.create(
      ConnectionPoint(
        metadata: ObjectMeta(name: "cp"),
        spec: .init(
          interfaces: [.init(implementation: .netloom, bridge: "br-data", uplink: "eth1")],
          physicalNetwork: "physnet1")))
    try await client.create(
      Fabric(
        metadata: ObjectMeta(name: "dc1"),
        spec: .init(
          switches: [.init(name: "leaf1", endpoint: laboratory.directory.databaseEndpoint(of: "leaf1"))],
          links: hosts.enumerated().map {
            .init(node: $1, interface: "eth1", switch: "leaf1", port: "swp\($0 + 1)")
          },
          uplinks: [
            .init(gateway: "dcgw1", physicalNetwork: "physnet1", switch: "leaf1", port: "swp\(hosts.count + 1)")
          ])))
    for (number, name) in Self.names.enumerated() {
      let network = "10.\(220 + number)"
      let end = "\(network).\(1 + (size - 1) / 256).\((size - 1) % 256)"
      try await client.create(
        Subnet(
          metadata: ObjectMeta(name: name, namespace: "test"),
          spec: .init(cidr: "\(network).0.0/16", pools: [.init(start: "\(network).1.0", end: end)])))
      try await client.create(
        L2Service(
          metadata: ObjectMeta(name: name, namespace: "test"),
          spec: .init(segmentationID: 101 + number, physicalNetworks: ["physnet1"], subnets: [name])))
      try await client.create(
        L2ServiceAttachment(
          metadata: ObjectMeta(name: name, namespace: "test"), spec: .init(l2Services: [name], connectionPoint: "cp")))
    }
    try await ClusterObjects(client: client).wait(for: L2ServiceAttachment.definition, "pods can join") { attachments in
      attachments.count == Self.names.count && attachments.allSatisfy { $0[path: "status", "phase"] == "ready" }
    }
  }

  /// What a container runtime is told about each network, in order.
  func configurations() async throws -> [JSONValue] {
    var configurations: [JSONValue] = []
    for name in Self.names {
      let definition = try await client.get(NetworkAttachmentDefinition.self, name: name, namespace: "test")
      configurations.append(try JSONValue(parsing: definition.spec?.config ?? ""))
    }
    return configurations
  }

  /// Waits until so many addresses of each subnet are in use.
  func wait(forUsed count: Int) async throws {
    try await ClusterObjects(client: client).wait(
      for: Subnet.definition, timeout: .seconds(120), "\(count) addresses are in use"
    ) { subnets in
      subnets.allSatisfy { $0[path: "status", "used"]?.integer == Int64(count) }
    }
  }

  /// The version of the newest object, which counts the writes of all.
  func version() async throws -> Int {
    Int(try await client.resource(Namespace.self).list().resourceVersion) ?? 0
  }
}
