import JSON
import KubernetesClient
import KubernetesModel
import Lab
import NetloomAPI

/// A thousand L2Services from the first create to the last Ready: the embedded API server, the operator, two agents,
/// two leaf switches with real Open vSwitch.
struct Scale {
  let laboratory: Laboratory
  let services: Int

  static let topology = LabTopology(
    hosts: [.init(name: "worker1"), .init(name: "worker2"), .init(name: "dcgw1")],
    switches: [.init(name: "leaf1"), .init(name: "leaf2")], gateways: [],
    cables: [
      .init(.init("worker1", "eth1"), .init("leaf1", "swp1")), .init(.init("worker2", "eth1"), .init("leaf2", "swp1")),
      .init(.init("leaf1", "up1"), .init("leaf2", "up1")), .init(.init("dcgw1", "eth1"), .init("leaf1", "swp48")),
    ])

  func run() async throws -> Section {
    try await laboratory.withAPIServer { client, apiServer in
      let controller = try await laboratory.startOperator()
      for node in ["worker1", "worker2"] {
        try await client.create(Node(metadata: ObjectMeta(name: node)))
        try await laboratory.startAgent(of: node)
      }
      try await declarePlatform(client)
      var section = Section(
        title: "\(services) L2Services from apply to Ready",
        method: "Created over the API, 32 requests at a time; from the first request until a watch has shown the last "
          + "object `ready`: the BridgeDomains on two leaf switches and, with attachments, the bridges of two nodes are "
          + "programmed by then. The floor: the same creates with nobody listening.")
      section.figures.append(Figure("memory of the operator, without networks", ProcessMemory(of: controller)))
      let floor = try await time { try await createServices(client, namespace: "floor", isWatched: false) }
      section.figures.append(Figure("the creates alone, as ConfigMaps that nobody watches", floor.seconds, "s"))
      for (what, attachments) in [("with subnets", false), ("with subnets and attachments", true)] {
        try await measure(what, attachments: attachments, client, controller, &section)
      }
      section.figures.append(Figure("memory of the API server", ProcessMemory(of: apiServer)))
      return section
    }
  }

  private func measure(
    _ what: String, attachments: Bool, _ client: KubernetesClient, _ controller: Int32,
    _ section: inout Section
  ) async throws {
    let before = try await version(client)
    let taken = try await time {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await awaitPhases(L2Service.definition, client, services) { $0 == "ready" } }
        if attachments {
          group.addTask { try await awaitPhases(L2ServiceAttachment.definition, client, services) { $0 == "ready" } }
        }
        group.addTask {
          try await createServices(client, namespace: "test")
          if attachments {
            try await inParallel(services) { try await client.create(Self.attachment($0)) }
          }
        }
        // The first failure ends the waiting.
        while try await group.next() != nil {}
      }
    }
    let writes = Double(try await version(client) - before)
    section.figures.append(Figure("\(services) \(what)", taken.seconds, "s"))
    section.figures.append(
      Figure("writes of all, \(what)", writes / taken.seconds, "/s", remark: "\(short(writes)) in all"))
    section.bounds.append(
      Bound(claim: "\(services) L2Services \(what) from apply to ready", limit: 10, found: taken.seconds, unit: "s"))
    let memory = ProcessMemory(of: controller)
    section.figures.append(Figure("memory of the operator \(what)", memory))
    section.bounds.append(
      Bound(
        claim: "memory of the operator with \(services) L2Services \(what)", limit: 60, found: memory.resident,
        unit: "MB"))
    let removed = try await time {
      async let services: Void = awaitGone(L2Service.definition, client)
      async let subnets: Void = awaitGone(Subnet.definition, client)
      if attachments {
        try await inParallel(self.services) { index in
          try await client.resource(L2ServiceAttachment.self).delete(.init(namespace: "test", name: "a\(index)"))
        }
      }
      try await inParallel(self.services) { index in
        try await client.resource(L2Service.self).delete(.init(namespace: "test", name: "s\(index)"))
        try await client.resource(Subnet.self).delete(.init(namespace: "test", name: "v4-\(index)"))
      }
      _ = try await (services, subnets)
    }
    section.figures.append(Figure("deleted again, \(what)", removed.seconds, "s"))
  }

  // MARK: - Objects

  private func declarePlatform(_ client: KubernetesClient) async throws {
    try await client.create(
      ConnectionPoint(
        metadata: ObjectMeta(name: "cp"),
        spec: .init(
          interfaces: [.init(implementation: .netloom, bridge: "br-data", uplink: "eth1")],
          physicalNetwork: "physnet1")))
    let directory = laboratory.directory
    try await client.create(
      Fabric(
        metadata: ObjectMeta(name: "dc1"),
        spec: .init(
          switches: ["leaf1", "leaf2"].map { .init(name: $0, endpoint: directory.databaseEndpoint(of: $0)) },
          links: [
            .init(node: "worker1", interface: "eth1", switch: "leaf1", port: "swp1"),
            .init(node: "worker2", interface: "eth1", switch: "leaf2", port: "swp1"),
          ],
          interSwitchLinks: [.init(a: .init(switch: "leaf1", port: "up1"), b: .init(switch: "leaf2", port: "up1"))],
          uplinks: [.init(gateway: "dcgw1", physicalNetwork: "physnet1", switch: "leaf1", port: "swp48")])))
    try await awaitPhases(Fabric.definition, client, 1) { $0 == "ready" }
  }

  /// Subnets and services; where nobody is interested, the same bytes in ConfigMaps.
  private func createServices(_ client: KubernetesClient, namespace: String, isWatched: Bool = true) async throws {
    if !isWatched { try await client.create(Namespace(metadata: ObjectMeta(name: namespace))) }
    try await inParallel(services) { index in
      guard isWatched else {
        for name in ["s\(index)", "v4-\(index)"] {
          try await client.create(
            ConfigMap(metadata: ObjectMeta(name: name, namespace: namespace), data: ["vlan": "\(index + 1)"]))
        }
        return
      }
      try await client.create(
        Subnet(
          metadata: ObjectMeta(name: "v4-\(index)", namespace: namespace),
          spec: .init(cidr: "10.\(index / 250).\(index % 250).0/24")))
      try await client.create(
        L2Service(
          metadata: ObjectMeta(name: "s\(index)", namespace: namespace),
          spec: .init(segmentationID: index + 1, physicalNetworks: ["physnet1"], subnets: ["v4-\(index)"])))
    }
  }

  private static func attachment(_ index: Int) -> L2ServiceAttachment {
    L2ServiceAttachment(
      metadata: ObjectMeta(name: "a\(index)", namespace: "test"),
      spec: .init(l2Services: ["s\(index)"], connectionPoint: "cp"))
  }

  // MARK: - Waiting

  private func version(_ client: KubernetesClient) async throws -> Int {
    Int(try await client.resource(Namespace.self).list().resourceVersion) ?? 0
  }

  /// Returns when so many objects of a kind are in a wanted phase at the same time.
  private func awaitPhases(
    _ kind: ResourceDefinition, _ client: KubernetesClient, _ count: Int,
    isWanted: @escaping @Sendable (String?) -> Bool
  ) async throws {
    var wanted: Set<NamespacedName> = []
    try await follow(kind, client, "\(count) \(kind.plural) are ready") { name, object in
      if isWanted(object?[path: "status", "phase"]?.string) { wanted.insert(name) } else { wanted.remove(name) }
      return wanted.count == count
    }
  }

  private func awaitGone(_ kind: ResourceDefinition, _ client: KubernetesClient) async throws {
    var present: Set<NamespacedName> = []
    try await follow(kind, client, "the \(kind.plural) are gone") { name, object in
      if object == nil { present.remove(name) } else { present.insert(name) }
      return present.isEmpty
    }
  }

  /// Shows objects as they are and as they change, nil for one that is gone, until `isDone`.
  private func follow(
    _ kind: ResourceDefinition, _ client: KubernetesClient, _ what: String,
    isDone: (NamespacedName, JSONValue?) -> Bool
  ) async throws {
    let resource = client.resource(kind)
    let list = try await resource.listAll()
    for item in list.items where isDone(resource.identity(item).name, item) { return }
    for try await event in try await resource.watch(from: list.resourceVersion) {
      switch event {
      case .added(let object), .modified(let object):
        if isDone(resource.identity(object).name, object) { return }
      case .deleted(let object): if isDone(resource.identity(object).name, nil) { return }
      case .bookmark, .undecodable: continue
      }
    }
    throw BenchmarkError("the watch ended before \(what)")
  }
}
