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
  enum Network {
    static let address = try! InterfaceAddress(parsing: "10.203.0.2/24")
    static let gateway = try! IPAddress(parsing: "10.203.0.1")
    static let destination = try! CIDR(parsing: "10.30.0.0/16")
    static let vlan = try! VLANID(13)
  }

  /// One who attaches pods.
  private struct Contender {
    var name: String
    var add: () throws -> Void
    var delete: () throws -> Void
  }

  func run() async throws -> Section {
    try await laboratory.withAPIServer { client, _ in
      try await prepare(client)
      let agent = try await laboratory.startAgent(of: "worker")
      try await ClusterObjects(client: client).wait(for: NodeNetwork.definition, "the node has its bridge") {
        networks in
        networks.contains { $0[path: "status", "phase"] == "ready" }
      }
      let contenders = try [ours(), floor(), reference(), commands()]
      var times: [(add: Measurements, delete: Measurements)] = contenders.map { _ in (.init(), .init()) }
      for round in 0..<(rounds + 3) {
        for (number, contender) in contenders.enumerated() {
          let add = try time(contender.add)
          let delete = try time(contender.delete)
          // The first rounds load programs and open tables.
          if round >= 3 {
            times[number].add.append(add.milliseconds)
            times[number].delete.append(delete.milliseconds)
          }
          // Nobody pays for what another's DEL leaves to the kernel and the switch.
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      return section(contenders.map(\.name), times, ProcessMemory(of: agent))
    }
  }

  private func section(
    _ names: [String], _ times: [(add: Measurements, delete: Measurements)], _ agent: ProcessMemory
  ) -> Section {
    var section = Section(
      title: "One attachment: CNI ADD and DEL",
      method:
        "Access to one VLAN, an address and a route, \(rounds) rounds in turns. `netloom`: the plugin's process, the "
        + "agent, Open vSwitch in user space. The floor: the same netlink requests and one OVSDB transaction that "
        + "ovs-vswitchd has taken up, by one thread. `bridge` + `host-local`: the reference plugins, on a kernel bridge. "
        + "6 `ip`: the same interface by hand, without a switch (DEL is one `ip`). What is ours is ADD less the floor.")
    for command in ["ADD", "DEL"] {
      for (name, time) in zip(names, times) {
        let measured = command == "ADD" ? time.add : time.delete
        section.figures.append(
          Figure("\(command) by \(name)", measured, "ms", peer: name == names[0] ? "\(command) by \(names[2])" : nil))
      }
    }
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
    try await client.create(
      NodeNetwork(
        metadata: ObjectMeta(name: "worker"),
        spec: .init(bridges: [.init(name: "br-data", vlans: [Int(Network.vlan.rawValue)])])))
    let allocation = Allocation(
      network: NetworkReference(namespace: "test", name: "vlan13"), interface: "net1",
      mac: try MACAddress(parsing: "02:00:00:00:00:0a"), ips: [Network.address],
      routes: [.init(destination: Network.destination, nextHop: Network.gateway)])
    try await client.create(
      Pod(
        metadata: ObjectMeta(
          name: "pod", namespace: "test",
          annotations: [
            PodAnnotation.networks: "vlan13", PodAnnotation.allocations: Allocation.text(of: [allocation]),
          ]),
        spec: .init(containers: [.init(name: "main", image: "none")], nodeName: "worker")))
  }

  // MARK: - Contenders

  private func ours() throws -> Contender {
    let configuration: JSONValue = [
      "cniVersion": "1.0.0", "name": "vlan13", "type": "netloom", "attachment": "test/vlan13",
      "bridge": "br-data", "vlan": 13, "mtu": 1500,
    ]
    return try plugin(
      "netloom", laboratory.programs.plugin, configuration, in: nil,
      ["NETLOOM_SOCKET": laboratory.agentSocket(of: "worker")])
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
    return try plugin("bridge + host-local", "/usr/lib/cni/bridge", configuration, in: host, [:])
  }

  private func floor() throws -> Contender {
    let floor = try AttachmentFloor(
      host: laboratory.lab.namespace(of: "worker"), pod: laboratory.namespace("floor", on: "worker").handle,
      database: laboratory.database(of: "worker"))
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
      try ip("addr add \(Network.address) dev net1", in: pod.handle)
      try ip("route add \(Network.destination) via \(Network.gateway)", in: pod.handle)
    } delete: {
      try ip("link del hand0", in: host)
    }
  }

  /// A CNI plugin that is started in a namespace.
  private func plugin(
    _ name: String, _ path: String, _ configuration: JSONValue, in host: NetworkNamespace?,
    _ environment: [String: String]
  ) throws -> Contender {
    let file = "\(laboratory.directory.path)/\(name.filter(\.isLetter))"
    try writeFile(configuration.serialized(), to: "\(file).conf")
    let pod = try laboratory.namespace("pod-\(name.filter(\.isLetter))", on: "worker").path
    let variables = environment.merging([
      "CNI_CONTAINERID": "0123456789abcdef", "CNI_NETNS": pod, "CNI_IFNAME": "net1", "CNI_PATH": "/usr/lib/cni",
      "CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAMESPACE=test;K8S_POD_NAME=pod", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    ]) { $1 }
    func call(_ command: String) -> Program {
      Program(
        path, environment: variables.map { "\($0.key)=\($0.value)" } + ["CNI_COMMAND=\(command)"],
        input: "\(file).conf", output: "\(file).out")
    }
    let (addition, removal) = (call("ADD"), call("DEL"))
    func run(_ program: Program) throws {
      let status = try host.map { try $0.run { program.run() } } ?? program.run()
      try Self.check(status, "\(name): \(String(decoding: readFile("\(file).out"), as: UTF8.self))")
    }
    return Contender(name: name) {
      try run(addition)
    } delete: {
      try run(removal)
    }
  }

  private static func check(_ status: Int32, _ what: @autoclosure () -> String) throws {
    guard status == 0 else { throw BenchmarkError("\(what()) ended with \(status)") }
  }
}
