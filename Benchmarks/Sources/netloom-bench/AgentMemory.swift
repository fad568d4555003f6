import JSON
import KubernetesClient
import KubernetesModel
import Lab
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

/// What the agent needs with as many pods as a node may have, and what attaching costs then.
struct AgentMemory {
  let laboratory: Laboratory
  let pods: Int

  private static let interfaces = SampleInterface.many(5)

  func run() async throws -> Section {
    try await laboratory.withAPIServer { client, _ in
      try await client.create(SampleInterface.nodeNetwork(Self.interfaces.count))
      let agent = try await laboratory.startAgent(of: "worker")
      try await ClusterObjects(client: client).wait(for: NodeNetwork.definition, "the node has its bridge") {
        networks in
        networks.contains { $0[path: "status", "phase"] == "ready" }
      }
      let before = ProcessMemory(of: agent)
      try await inParallel(pods) { try await client.create(Self.pod($0)) }
      let taken = try await time { try await inParallel(pods, width: 8) { try await attach($0) } }
      let peak = ProcessMemory(of: agent)
      // The agent looks over everything two seconds after the last change, and then gives back what it does not use.
      try await Task.sleep(for: .seconds(6))
      let memory = ProcessMemory(of: agent)
      var section = Section(
        title: "\(pods) pods with \(Self.interfaces.count) interfaces each on one node",
        method:
          "Attached by the plugin and the agent to a real Open vSwitch, eight pods at a time, an interface after the "
          + "other.")
      section.figures = [
        Figure("memory of the agent, without pods", before),
        Figure("memory of the agent, when the last was attached", peak),
        Figure("memory of the agent, at rest", memory),
        Figure("all of them attached", taken.seconds, "s"),
      ]
      section.bounds = [
        Bound(
          claim: "memory of the agent at rest with \(pods) pods and \(Self.interfaces.count) interfaces each", limit: 40,
          found: memory.resident, unit: "MB")
      ]
      return section
    }
  }

  private func attach(_ number: Int) async throws {
    var sandbox = try PodSandbox(
      "c\(number)", of: "p\(number)", on: "worker", in: laboratory, configurations: Self.interfaces.map(\.configuration)
    )
    try await sandbox.attach()
  }

  /// A pod that has its addresses already.
  private static func pod(_ number: Int) -> Pod {
    let allocations = interfaces.map { interface in
      var allocation = interface.allocation(as: "net\(interface.number + 1)")
      allocation.mac = nil
      allocation.ips = [InterfaceAddress("10.203.\(interface.number).\(number + 2)/24")].compactMap(\.self)
      return allocation
    }
    return Pod(
      metadata: ObjectMeta(
        name: "p\(number)", namespace: "test",
        annotations: [
          PodAnnotation.networks: interfaces.map(\.network).joined(separator: ","),
          PodAnnotation.allocations: Allocation.text(of: allocations),
        ]),
      spec: .init(containers: [.init(name: "main", image: "none")], nodeName: "worker"))
  }
}
