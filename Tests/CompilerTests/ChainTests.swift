import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import OVNModel
import Testing

@testable import Compiler

/// ServiceChains and TrafficMirrors from the objects of a cluster.
struct ChainTests {
  private let name = NamespacedName(namespace: "test", name: "chain")
  private var id: WorldID { WorldID(.serviceChain, name) }

  /// Networks clients, inner, outer, servers and side on one router, a client, a server and a firewall.
  private func simulation() -> Simulation {
    var simulation = Simulation()
    simulation.compiler = Compiler(hasOVN: true)
    for node in ["worker1", "worker2"] {
      simulation.apply(.node(name: node, labels: [:], chassis: Chassis(name: "chassis-\(node)", mtu: 1442)))
    }
    let networks = ["clients", "inner", "outer", "servers", "side"]
    for (index, network) in networks.enumerated() {
      let metadata = ObjectMeta(name: network, namespace: "test")
      simulation.apply(
        .subnet(
          Subnet(metadata: metadata, spec: .init(cidr: "10.\(index + 1).0.0/24", gateway: "10.\(index + 1).0.1"))))
      simulation.apply(.service(L2Service(metadata: metadata, spec: .init(subnets: [network]))))
      simulation.apply(
        .attachment(L2ServiceAttachment(metadata: metadata, spec: .init(l2Services: [network], vlanType: .access))))
    }
    simulation.apply(
      .router(
        Router(
          metadata: ObjectMeta(name: "router", namespace: "test"),
          spec: .init(networks: networks.dropLast().map { .init(l2Service: $0) }))))
    simulation.apply(pod("client", "clients", app: "client"))
    simulation.apply(pod("server", "servers", app: "server"))
    simulation.apply(pod("firewall-1", "inner,outer", app: "firewall"))
    return simulation
  }

  private func pod(_ name: String, _ networks: String, app: String, node: String = "worker1") -> WorldObject {
    .pod(
      PodRecord(
        name: .init(namespace: "test", name: name), uid: "uid-\(name)", node: node,
        creationTimestamp: Simulation.time(0), networks: networks, labels: ["app": app]))
  }

  private func chain(
    _ name: String = "chain", left: ServiceChain.End = .init(l2Service: "clients"),
    functions: [ServiceChain.Function]? = nil, onFailure: ServiceChain.FailureMode? = nil
  ) -> WorldObject {
    let firewall = ServiceChain.Function(
      name: "firewall", podSelector: LabelSelector(matchLabels: ["app": "firewall"]), left: "inner", right: "outer")
    return .serviceChain(
      ServiceChain(
        metadata: ObjectMeta(name: name, namespace: "test"),
        spec: .init(
          left: left, right: .init(l2Service: "servers"), functions: functions ?? [firewall], onFailure: onFailure)))
  }

  private func status(_ simulation: Simulation, _ name: String = "chain") -> ServiceChain.Status? {
    let id = WorldID(.serviceChain, NamespacedName(namespace: "test", name: name))
    if case .serviceChain(let chain)? = simulation.objects[id] { return chain.status } else { return nil }
  }

  /// The next hops of the chain's policies, sorted.
  private func nextHops(_ simulation: Simulation) -> [String] {
    simulation.ovn.wanted(by: NorthboundOwner(id)).compactMap { $0.columns["nexthops"] }.flatMap { value -> [String] in
      guard case .set(let atoms) = value else { return [] }
      return atoms.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }.sorted()
  }

  private func security(_ port: String, _ simulation: Simulation) -> NorthboundValue? {
    simulation.ovn[LogicalSwitchPort.key(port)]?.columns["port_security"]
  }

  @Test func aChainFollowsThePodsOfItsFunctions() throws {
    var simulation = simulation()
    simulation.apply(chain())
    simulation.settle()
    #expect(status(simulation)?.phase == .ready)
    let first = nextHops(simulation)
    #expect(first.count == 2 && first[0].hasPrefix("10.2.0.") && first[1].hasPrefix("10.3.0."))
    let instance = try #require(status(simulation)?.functions?.first?.instances.first)
    #expect(instance == .init(pod: "test/firewall-1", addresses: [first[0]], share: 100))

    // Another shares the flows once a node has it, and only then.
    simulation.unboundPorts = ["test/firewall-2/net1"]
    simulation.apply(pod("firewall-2", "inner,outer", app: "firewall"))
    simulation.settle()
    #expect(nextHops(simulation) == first)
    simulation.delete(WorldID(.pod, .init(namespace: "test", name: "firewall-2")))
    simulation.settle()
    simulation.unboundPorts = []
    simulation.apply(pod("firewall-3", "inner,outer", app: "firewall", node: "worker2"))
    simulation.settle()
    #expect(nextHops(simulation).count == 4)
    #expect(status(simulation)?.functions?.first?.instances.map(\.share).reduce(0, +) == 100)

    // And takes over when the first is gone.
    simulation.delete(WorldID(.pod, .init(namespace: "test", name: "firewall-1")))
    simulation.settle()
    #expect(nextHops(simulation).count == 2 && Set(nextHops(simulation)).isDisjoint(with: first))
    let rest = simulation.ovn.keys.count
    let own = simulation.ovn.wanted(by: NorthboundOwner(id)).count
    simulation.delete(id)
    simulation.settle()
    #expect(simulation.objects[id] == nil)
    #expect(simulation.ovn.keys.count == rest - own && own > 0)
  }

  @Test func onlyFunctionsSendWhatOthersHaveSent() throws {
    var simulation = simulation()
    simulation.settle()
    let before = try #require(security("test/firewall-1/net1", simulation))
    simulation.apply(chain())
    simulation.settle()
    let after = try #require(security("test/firewall-1/net1", simulation))
    guard case .set(let own) = before, case .string(let identity)? = own.first else { return #expect(Bool(false)) }
    #expect(after == .set([.string(String(identity.prefix(17)))]))
    #expect(security("test/client/net1", simulation) != after)
    simulation.delete(id)
    simulation.settle()
    #expect(security("test/firewall-1/net1", simulation) == before)
  }

  @Test func aFunctionSendsToEachEndByItsOwnSide() throws {
    var simulation = simulation()
    simulation.apply(chain())
    simulation.settle()
    let sides = try Allocation.list(parsing: simulation.pod("firewall-1")?.allocations ?? "")
      .map { Set($0.routes.map(\.destination.description)) }
    #expect(sides.count == 2 && sides[0].contains("10.1.0.0/24") && !sides[0].contains("10.4.0.0/24"), "\(sides)")
    #expect(sides.count == 2 && sides[1].contains("10.4.0.0/24") && !sides[1].contains("10.1.0.0/24"), "\(sides)")
  }

  @Test func withoutAPodItBlocksOrIsPassedBy() {
    var simulation = simulation()
    simulation.delete(WorldID(.pod, .init(namespace: "test", name: "firewall-1")))
    simulation.apply(chain())
    simulation.settle()
    #expect(status(simulation)?.phase != .ready)
    #expect(nextHops(simulation).isEmpty && !simulation.ovn.wanted(by: NorthboundOwner(id)).isEmpty)
    simulation.apply(chain(onFailure: .bypass))
    simulation.settle()
    #expect(status(simulation)?.phase == .ready)
    #expect(status(simulation)?.conditions?[type: ConditionType.warning]?.message.contains("firewall") == true)
  }

  @Test func whatCannotBeIsRefusedAndTheNetworkStays() {
    func function(_ left: String, _ right: String? = nil, app: String = "firewall", name: String = "firewall")
      -> ServiceChain.Function
    {
      .init(name: name, podSelector: LabelSelector(matchLabels: ["app": app]), left: left, right: right)
    }
    let refused: [(WorldObject, String)] = [
      (chain(functions: [function("inner", "side")]), "test/side"),
      (chain(functions: [function("nowhere")]), "nowhere"),
      (
        chain(functions: [function("inner"), function("inner", app: "other", name: "other")]),
        "cannot tell them apart"
      ),
      (
        chain(
          left: .init(
            l2Service: "clients",
            podSelector: LabelSelector(
              matchExpressions: [.init(key: "app", operator: .in, values: ["client", "firewall"])])),
          functions: [function("clients", "outer")]), "function firewall too"
      ),
      (chain(left: .init(l2Service: "clients", podSelector: LabelSelector())), "podSelector"),
    ]
    for (object, reason) in refused {
      var simulation = simulation()
      simulation.apply(pod("firewall-1", "clients,inner,outer", app: "firewall"))
      simulation.apply(chain())
      simulation.settle()
      let before = simulation.ovn.wanted(by: NorthboundOwner(id))
      #expect(!before.isEmpty)
      simulation.apply(object)
      simulation.settle()
      let ready = status(simulation)?.conditions?[type: ConditionType.ready]
      #expect(ready?.status == .false && ready?.message.contains(reason) == true, "\(ready?.message ?? "")")
      #expect(simulation.ovn.wanted(by: NorthboundOwner(id)) == before)
    }
  }

  @Test func aSecondChainForTheSameTrafficIsRefused() {
    var simulation = simulation()
    simulation.apply(chain())
    simulation.settle()
    simulation.apply(chain("second"))
    simulation.settle()
    #expect(status(simulation)?.phase == .ready)
    #expect(status(simulation, "second")?.conditions?[type: ConditionType.ready]?.reason == ConditionReason.conflict)
    // One between chosen pods is more special, and comes first.
    simulation.apply(
      chain("second", left: .init(l2Service: "clients", podSelector: LabelSelector(matchLabels: ["app": "client"]))))
    simulation.settle()
    #expect(status(simulation, "second")?.phase == .ready)
  }

  // MARK: Mirrors

  private func mirror(_ source: TrafficMirror.Source, to pod: String = "server") -> WorldObject {
    .trafficMirror(
      TrafficMirror(
        metadata: ObjectMeta(name: "tap", namespace: "test"),
        spec: .init(source: source, destination: .init(pod: pod, interface: "net1"))))
  }

  private func mirrors(_ node: String, _ simulation: Simulation) -> [NodeNetwork.Mirror] {
    guard case .nodeNetwork(let network)? = simulation.objects[WorldID(.nodeNetwork, node)] else { return [] }
    return network.spec.mirrors ?? []
  }

  @Test func nodesCopyWhatAMirrorChooses() throws {
    var simulation = simulation()
    let tap = WorldID(.trafficMirror, .init(namespace: "test", name: "tap"))
    simulation.apply(pod("far", "clients", app: "client", node: "worker2"))
    simulation.settle()
    simulation.apply(mirror(.init(podSelector: LabelSelector(matchLabels: ["app": "client"]))))
    simulation.settle()
    let here = try #require(mirrors("worker1", simulation).first)
    let there = try #require(mirrors("worker2", simulation).first)
    #expect(here.ports == ["test/client/net1"] && here.sinkPort == "test/server/net1")
    #expect(here.origins == ["chassis-worker2"] && here.sinkChassis == nil)
    #expect(there.ports == ["test/far/net1"] && there.sinkChassis == "chassis-worker1" && there.sinkPort == nil)
    #expect(here.key == there.key && (0x80_0000...0xff_ffff).contains(here.key))
    guard case .trafficMirror(let object)? = simulation.objects[tap] else { return #expect(Bool(false)) }
    #expect(object.status?.phase == .ready && object.status?.interfaceCount == 2)

    // What a node waits for is told, and that it waits no more.
    guard case .nodeNetwork(var network)? = simulation.objects[WorldID(.nodeNetwork, "worker2")] else { return }
    for message in ["there is no tunnel yet", nil] {
      network.status?.mirrors = [.init(name: "test/tap", message: message)]
      simulation.compiler.apply([.put(.nodeNetwork(network))])
      simulation.settle()
      guard case .trafficMirror(let object)? = simulation.objects[tap] else { return #expect(Bool(false)) }
      #expect(object.status?.phase == (message == nil ? .ready : .pending))
      let ready = object.status?.conditions?[type: ConditionType.ready]
      #expect(message == nil || ready?.message == "Node worker2: there is no tunnel yet")
    }

    // A pod that gets copies is not copied.
    simulation.apply(mirror(.init(l2Service: "servers")))
    simulation.settle()
    #expect(mirrors("worker1", simulation).flatMap(\.ports).isEmpty && mirrors("worker2", simulation).isEmpty)

    simulation.delete(tap)
    simulation.settle()
    #expect(simulation.objects[tap] == nil)
    #expect(mirrors("worker1", simulation).isEmpty)
  }
}
