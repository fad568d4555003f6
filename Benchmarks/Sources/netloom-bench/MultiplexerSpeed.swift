import JSON
import KubernetesClient
import KubernetesModel
import Lab
import Netlink
import NetloomAPI
import NetworkAnnotations

/// A pod with three networks, attached by one call of the multiplexer; the same by others.
struct MultiplexerSpeed {
  let laboratory: Laboratory
  let rounds: Int

  private static let interfaces = SampleInterface.many(3)

  func run() async throws -> Section {
    try await laboratory.withAPIServer { client, _ in
      try await prepare(client)
      try await laboratory.startAgent(of: "worker")
      try await ClusterObjects(client: client).wait(for: NodeNetwork.definition, "the node has its bridge") {
        networks in
        networks.contains { $0[path: "status", "phase"] == "ready" }
      }
      let contenders = try [multiplexer(), separately(), floor(), reference()]
      let times = try await Contender.race(contenders, rounds: rounds)
      var section = Section(
        title: "A sandbox with three networks",
        method:
          "As above, but three VLANs, \(rounds) rounds in turns. The multiplexer: one call, which asks the cluster what the "
          + "pod wants, attaches it and writes its network status to the API server; the first network is the "
          + "cluster's. One call a network: three ADDs of the plugin, and no status. The floor: the three in one netlink "
          + "batch and one OVSDB transaction. 3 x `bridge` + `host-local`: the reference plugins one after the other, as "
          + "a runtime or a multiplexer calls them, and no status. Published of Multus 4 with three delegates (bridge, "
          + "macvlan, ovs) on a machine like this one: thin 297 ms and 134 ms, thick 141 ms and 82 ms.")
      section.figures = Contender.figures(contenders, times, peer: 3)
      section.bounds = [
        Bound(claim: "ADD of a sandbox with three networks", limit: 15, found: times[0].add.median, unit: "ms"),
        Bound(claim: "DEL of a sandbox with three networks", limit: 25, found: times[0].delete.median, unit: "ms"),
      ]
      return section
    }
  }

  /// The bridge, the networks, and two pods that have their addresses already: one whose first network is the cluster's,
  /// and one whose networks are attached one by one.
  private func prepare(_ client: KubernetesClient) async throws {
    try await client.create(SampleInterface.nodeNetwork(Self.interfaces.count))
    for interface in Self.interfaces {
      try await client.create(
        NetworkAttachmentDefinition(
          metadata: ObjectMeta(name: interface.network, namespace: "test"),
          spec: .init(config: interface.configuration.description)))
    }
    try await client.create(
      pod("pod", networks: Self.interfaces.dropFirst(), names: ["eth0", "net1", "net2"]))
    try await client.create(pod("single", networks: Self.interfaces[...], names: ["net1", "net2", "net3"]))
  }

  private func pod(_ name: String, networks: ArraySlice<SampleInterface>, names: [String]) -> Pod {
    let allocations = zip(Self.interfaces, names).map { $0.allocation(as: $1) }
    return Pod(
      metadata: ObjectMeta(
        name: name, namespace: "test",
        annotations: [
          PodAnnotation.networks: networks.map(\.network).joined(separator: ","),
          PodAnnotation.allocations: Allocation.text(of: allocations),
        ]),
      spec: .init(containers: [.init(name: "main", image: "none")], nodeName: "worker"))
  }

  // MARK: - Contenders

  private func multiplexer() throws -> Contender {
    let configuration: JSONValue = [
      "cniVersion": "1.0.0", "name": "netloom", "type": "netloom",
      "multiplexer": ["clusterNetwork": .string("test/\(Self.interfaces[0].network)")],
    ]
    return try contender(
      "the multiplexer", pod: "pod", [(laboratory.programs.plugin, configuration, "eth0")],
      socket: laboratory.agentSocket(of: "worker"))
  }

  private func separately() throws -> Contender {
    let calls = Self.interfaces.map { (laboratory.programs.plugin, $0.configuration, "net\($0.number + 1)") }
    return try contender("one call a network", pod: "single", calls, socket: laboratory.agentSocket(of: "worker"))
  }

  private func floor() throws -> Contender {
    let floor = try AttachmentFloor(
      host: laboratory.lab.namespace(of: "worker"), pod: laboratory.namespace("floor", on: "worker").handle,
      database: laboratory.database(of: "worker"), interfaces: Self.interfaces)
    return Contender(name: "the floor", add: floor.add, delete: floor.delete)
  }

  private func reference() throws -> Contender {
    let calls = Self.interfaces.map { interface -> (String, JSONValue, String) in
      let configuration: JSONValue = [
        "cniVersion": "1.0.0", "name": .string("bridge\(interface.number)"), "type": "bridge",
        "bridge": .string("cni\(interface.number)"), "isGateway": true,
        "ipam": [
          "type": "host-local", "dataDir": .string("\(laboratory.directory.path)/host-local"),
          "ranges": [[["subnet": .string("10.204.\(interface.number).0/24")]]],
        ],
      ]
      return ("/usr/lib/cni/bridge", configuration, "net\(interface.number + 1)")
    }
    let host = try laboratory.namespace("reference-host", on: "worker").handle
    return try contender("3 x bridge + host-local", pod: "pod", calls, in: host)
  }

  /// Calls of plugins one after the other; DEL in the other order.
  private func contender(
    _ name: String, pod: String, _ calls: [(plugin: String, configuration: JSONValue, interface: String)],
    in host: NetworkNamespace? = nil, socket: String? = nil
  ) throws -> Contender {
    let word = name.filter(\.isLetter)
    let namespace = try laboratory.namespace("pod-\(word)", on: "worker").path
    var programs: [(add: () throws -> Void, delete: () throws -> Void)] = []
    for (number, call) in calls.enumerated() {
      let file = "\(laboratory.directory.path)/\(word)-\(number)"
      let call = PluginCall(
        plugin: call.plugin, configuration: call.configuration, container: word, namespacePath: namespace,
        interface: call.interface, pod: NamespacedName(namespace: "test", name: pod), agentSocket: socket)
      programs.append((try call.program("ADD", file: file), try call.program("DEL", file: file)))
    }
    func run(_ work: [() throws -> Void]) throws {
      let all = { for step in work { try step() } }
      try host.map { try $0.run(all) } ?? all()
    }
    return Contender(name: name) { [programs] in
      try run(programs.map(\.add))
    } delete: { [programs] in
      try run(programs.reversed().map(\.delete))
    }
  }
}
