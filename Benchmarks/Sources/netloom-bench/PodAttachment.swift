import JSON
import KubernetesClient
import KubernetesModel
import Lab
import Netlink
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

/// One interface of a pod, access to one VLAN, with an address and a route: ADD and DEL as a container runtime calls
/// them, through the real plugin, a real agent and a real Open vSwitch; and the same by others.
struct PodAttachment {
  let laboratory: Laboratory
  let rounds: Int

  static let topology = LabTopology(hosts: [.init(name: "worker")], switches: [], gateways: [], cables: [])

  /// What the pod gets.
  static let interface = SampleInterface(number: 0)

  func run() async throws -> Section {
    try await laboratory.withAPIServer { client, _ in
      try await prepare(client)
      let agent = try await laboratory.startAgent(of: "worker")
      try await ClusterObjects(client: client).wait(for: NodeNetwork.definition, "the node has its bridge") {
        networks in
        networks.contains { $0[path: "status", "phase"] == "ready" }
      }
      let contenders = try [ours(), floor(), reference(), commands()]
      let times = try await Contender.race(contenders, rounds: rounds)
      return section(contenders, times, ProcessMemory(of: agent))
    }
  }

  private func section(
    _ contenders: [Contender], _ times: [Contender.Times], _ agent: ProcessMemory
  ) -> Section {
    var section = Section(
      title: "One attachment: CNI ADD and DEL",
      method:
        "Access to one VLAN, an address and a route, \(rounds) rounds in turns. `netloom`: the plugin's process, the "
        + "agent, Open vSwitch in user space. The floor: the same netlink requests and one OVSDB transaction that "
        + "ovs-vswitchd has taken up, by one thread. `bridge` + `host-local`: the reference plugins, on a kernel bridge. "
        + "6 `ip`: the same interface by hand, without a switch (DEL is one `ip`). What is ours is ADD less the floor.")
    section.figures = Contender.figures(contenders, times, peer: 2)
    let ours = times[0].add.median - times[1].add.median
    section.figures.append(Figure("ADD, ours", ours, "ms"))
    section.figures.append(Figure("memory of the agent", agent))
    section.bounds = [
      Bound(claim: "ADD of one access attachment with an address", limit: 6, found: times[0].add.median, unit: "ms"),
      Bound(claim: "of that ours", limit: 3, found: ours, unit: "ms"),
    ]
    return section
  }

  /// The bridge, by the object that the operator would write, and a pod that has its addresses already.
  private func prepare(_ client: KubernetesClient) async throws {
    try await client.create(SampleInterface.nodeNetwork(1))
    try await client.create(
      Pod(
        metadata: ObjectMeta(
          name: "pod", namespace: "test",
          annotations: [
            PodAnnotation.networks: Self.interface.network,
            PodAnnotation.allocations: Allocation.text(of: [Self.interface.allocation(as: "net1")]),
          ]),
        spec: .init(containers: [.init(name: "main", image: "none")], nodeName: "worker")))
  }

  // MARK: - Contenders

  private func ours() throws -> Contender {
    return try plugin(
      "netloom", laboratory.programs.plugin, Self.interface.configuration, in: nil,
      socket: laboratory.agentSocket(of: "worker"))
  }

  private func reference() throws -> Contender {
    let configuration: JSONValue = [
      "cniVersion": "1.0.0", "name": "cluster", "type": "bridge", "bridge": "cni0", "isGateway": true,
      "ipam": [
        "type": "host-local", "dataDir": .string("\(laboratory.directory.path)/host-local"),
        "ranges": [[["subnet": "10.204.0.0/24"]]],
      ],
    ]
    let host = try laboratory.namespace("reference-host", on: "worker").handle
    return try plugin("bridge + host-local", "/usr/lib/cni/bridge", configuration, in: host)
  }

  private func floor() throws -> Contender {
    let floor = try AttachmentFloor(
      host: laboratory.lab.namespace(of: "worker"), pod: laboratory.namespace("floor", on: "worker").handle,
      database: laboratory.database(of: "worker"), interfaces: [Self.interface])
    return Contender(name: "the floor", add: floor.add, delete: floor.delete)
  }

  private func commands() throws -> Contender {
    let host = try laboratory.namespace("ip-host", on: "worker").handle
    let pod = try laboratory.namespace("ip-pod", on: "worker")
    func ip(_ words: String, in namespace: NetworkNamespace) throws {
      let program = Program("/sbin/ip", words.split(separator: " ").map(String.init))
      try namespace.run { try Self.check(program.run(), "ip \(words)") }
    }
    return Contender(name: "6 `ip`") {
      try ip("link add hand0 mtu 1500 type veth peer name net1 netns \(pod.path)", in: host)
      try ip("link set hand0 up", in: host)
      try ip("link set net1 address 02:00:00:00:00:0c", in: pod.handle)
      try ip("link set net1 up", in: pod.handle)
      try ip("addr add \(Self.interface.address) dev net1", in: pod.handle)
      try ip("route add \(Self.interface.destination) via \(Self.interface.gateway)", in: pod.handle)
    } delete: {
      try ip("link del hand0", in: host)
    }
  }

  /// A CNI plugin that is started in a namespace.
  private func plugin(
    _ name: String, _ path: String, _ configuration: JSONValue, in host: NetworkNamespace?, socket: String? = nil
  ) throws -> Contender {
    let file = "\(laboratory.directory.path)/\(name.filter(\.isLetter))"
    let call = PluginCall(
      plugin: path, configuration: configuration, container: "0123456789abcdef",
      namespacePath: try laboratory.namespace("pod-\(name.filter(\.isLetter))", on: "worker").path,
      interface: "net1", pod: NamespacedName(namespace: "test", name: "pod"), agentSocket: socket)
    let (addition, removal) = (try call.program("ADD", file: file), try call.program("DEL", file: file))
    return Contender(name: name) {
      try host.map { try $0.run { try addition() } } ?? addition()
    } delete: {
      try host.map { try $0.run { try removal() } } ?? removal()
    }
  }

  private static func check(_ status: Int32, _ what: @autoclosure () -> String) throws {
    guard status == 0 else { throw BenchmarkError("\(what()) ended with \(status)") }
  }
}
