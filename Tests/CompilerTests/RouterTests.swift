import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import OVNModel
import Testing

@testable import Compiler

/// Routers from their manifests to rows, statuses and the routes of pods.
struct RouterTests {
  private static func name(_ name: String) -> NamespacedName { NamespacedName(namespace: "test", name: name) }
  private let id = WorldID(.router, RouterTests.name("edge"))

  /// Two overlays, the VLAN `outside` that two workers reach, and a pod on each overlay.
  private func simulation() -> Simulation {
    var simulation = Simulation()
    simulation.compiler = Compiler(hasOVN: true)
    for object in Samples.twoLeaves { simulation.apply(object) }
    for node in ["worker1", "worker2"] {
      simulation.apply(
        .node(name: node, labels: ["node-pool": "data"], chassis: Chassis(name: "chassis-\(node)", mtu: 1442)))
    }
    simulation.apply(
      .connectionPoint(
        ConnectionPoint(
          metadata: ObjectMeta(name: "cp-ovn"),
          spec: .init(
            interfaces: [.init(implementation: .ovn, bridge: "br-phys", uplink: "eth2")], physicalNetwork: "physnet1")))
    )
    for (index, network) in ["web", "db", "outside"].enumerated() {
      let isOutside = network == "outside"
      simulation.apply(Samples.subnet(network, .init(cidr: "10.\(index + 1).0.0/24", gateway: "10.\(index + 1).0.1")))
      simulation.apply(
        Samples.service(
          network, vlan: isOutside ? 14 : nil, physicalNetworks: isOutside ? ["physnet1"] : nil, subnets: [network]))
      guard !isOutside else { continue }
      simulation.apply(
        .attachment(
          L2ServiceAttachment(
            metadata: ObjectMeta(name: network, namespace: "test"),
            spec: .init(l2Services: [network], vlanType: .access))))
      simulation.apply(pod("\(network)-1", on: "worker\(index + 1)", network))
    }
    return simulation
  }

  private func pod(_ name: String, on node: String, _ networks: String) -> WorldObject {
    .pod(
      PodRecord(
        name: Self.name(name), uid: "uid-\(name)", node: node, creationTimestamp: Simulation.time(0), networks: networks
      ))
  }

  private func router(_ edit: (inout Router.Spec) -> Void = { _ in }) -> WorldObject {
    var spec = Router.Spec(
      networks: [.init(l2Service: "web", snat: true), .init(l2Service: "db")],
      gateway: .init(l2Service: "outside", addresses: ["10.3.0.2", "10.3.0.3"]),
      routes: [.init(destination: "0.0.0.0/0", nextHops: ["10.3.0.1"])])
    edit(&spec)
    return .router(Router(metadata: ObjectMeta(name: "edge", namespace: "test"), spec: spec))
  }

  private func status(_ simulation: Simulation, _ name: String = "edge") -> Router.Status? {
    if case .router(let router)? = simulation.objects[WorldID(.router, Self.name(name))] { router.status } else { nil }
  }

  private func routes(_ simulation: Simulation, _ pod: String) throws -> [String] {
    try Allocation.list(parsing: simulation.pod(pod)?.allocations ?? "[]")
      .flatMap { allocation in allocation.routes.map { "\($0.destination) by \($0.nextHop?.description ?? "")" } }
      .sorted()
  }

  @Test("A Router becomes rows, says where it is, and its pods learn the ways")
  func whole() throws {
    var simulation = simulation()
    simulation.apply(router())
    simulation.settle()
    #expect(status(simulation)?.phase == .ready)
    #expect(status(simulation)?.networks?.map(\.addresses) == [["10.1.0.1/24"], ["10.2.0.1/24"]])
    #expect(Set(status(simulation)?.gateways?.map(\.node) ?? []) == ["worker1", "worker2"])
    #expect(simulation.ovn[LogicalSwitch.key("test/outside")] != nil, "a Router's network is on OVN")
    #expect(simulation.ovn[LogicalRouterPort.key("test/edge/to/test/web")] != nil)
    #expect(try routes(simulation, "web-1") == ["10.2.0.0/24 by 10.1.0.1", "10.3.0.0/24 by 10.1.0.1"])
    #expect(try routes(simulation, "db-1") == ["10.1.0.0/24 by 10.2.0.1", "10.3.0.0/24 by 10.2.0.1"])
    simulation.delete(id)
    simulation.settle()
    #expect(simulation.objects[id] == nil)
    #expect(simulation.ovn.keys.allSatisfy { !$0.name.contains("edge") })
    #expect(try routes(simulation, "web-1").isEmpty)
  }

  @Test("What is changed in a running Router changes the rows and the pods' routes, and nothing is made anew")
  func live() throws {
    var simulation = simulation()
    simulation.apply(router { $0.networks.removeLast() })
    simulation.settle()
    #expect(try routes(simulation, "db-1").isEmpty)
    simulation.apply(router { $0.routes?.append(.init(destination: "10.9.0.0/16", nextHops: ["10.1.0.9"])) })
    simulation.settle()
    #expect(try routes(simulation, "db-1").contains("10.9.0.0/16 by 10.2.0.1"))
    simulation.apply(router { $0.networks[1].announce = false })
    simulation.settle()
    #expect(try routes(simulation, "web-1") == ["10.3.0.0/24 by 10.1.0.1"])
    #expect(simulation.compiler.violations().isEmpty)
  }

  @Test("A mistake changes nothing in the network, says what it is, and is over when it is corrected")
  func mistakes() throws {
    var simulation = simulation()
    simulation.apply(router())
    simulation.settle()
    let rows = simulation.ovn.keys.sorted()
    let before = try routes(simulation, "web-1")
    let mistakes: [(String, (inout Router.Spec) -> Void)] = [
      ("spec.networks[2].l2Service", { $0.networks.append(.init(l2Service: "nowhere")) }),
      ("spec.gateway.l2Service", { $0.networks.append(.init(l2Service: "outside")) }),
      ("spec.gateway.addresses[0]", { $0.gateway?.addresses = ["10.4.0.2"] }),
      ("spec.gateway.addresses", { $0.gateway = .init(l2Service: "outside", addresses: ["10.3.0.2"], mode: .perNode) }),
      ("spec.routes[0]", { $0.routes = [.init(destination: "10.9.0.0/16", nextHops: ["10.1.0.1"])] }),
      ("spec.routes[0]", { $0.routes = [.init(destination: "10.9.0.0/16", nextHops: ["10.77.0.1"])] }),
      (
        "spec.gateway: no node", { $0.gateway?.nodeSelector = LabelSelector(matchLabels: ["node-pool": "none"]) }
      ),
      ("spec.joinSubnets", { $0.joinSubnets = ["10.1.0.0/30"] }),
    ]
    for (place, mistake) in mistakes {
      simulation.apply(router(mistake))
      simulation.settle()
      let ready = status(simulation)?.conditions?[type: ConditionType.ready]
      #expect(ready?.status == .false)
      #expect(ready?.message.contains(place) == true, "\(ready?.message ?? "")")
      #expect(simulation.ovn.keys.sorted() == rows, "\(place)")
      #expect(try routes(simulation, "web-1") == before, "\(place)")
    }
    simulation.apply(router())
    simulation.settle()
    #expect(status(simulation)?.phase == .ready)
  }

  @Test("A gateway on every node: pods are of their node's addresses, and nodes keep theirs")
  func perNode() throws {
    var simulation = simulation()
    simulation.apply(router { $0.gateway?.mode = .perNode })
    simulation.settle()
    #expect(status(simulation)?.gateways?.map(\.node) == ["worker1", "worker2"])
    #expect(status(simulation)?.gateways?.map(\.addresses) == [["10.3.0.2"], ["10.3.0.3"]])
    let set = AddressSetRow.key(RouterPlan.localAddresses(Self.name("edge"), node: "worker1", .v4))
    #expect(simulation.ovn[set]?.columns["addresses"] == .set(["10.1.0.2"]))
    simulation.delete(WorldID(.pod, Self.name("web-1")))
    simulation.settle()
    #expect(simulation.ovn[set]?.columns["addresses"] == .set([]))
    // The first node leaves: the second keeps its address.
    simulation.delete(WorldID(.node, "worker1"))
    simulation.settle()
    #expect(status(simulation)?.gateways?.map(\.node) == ["worker2"])
    #expect(status(simulation)?.gateways?.map(\.addresses) == [["10.3.0.3"]])
  }

  @Test("A floating address follows its pod, and addresses outside are for no pod")
  func floating() throws {
    var simulation = simulation()
    simulation.apply(
      router { $0.floatingAddresses = [.init(external: "10.3.0.10", internal: "10.1.0.2")] })
    simulation.settle()
    func port() -> NorthboundValue? {
      simulation.ovn[NorthboundKey(.nat, "test/edge/gateway 10.3.0.10")]?.columns["logical_port"]
    }
    #expect(port() == .set(["test/web-1/net1"]))
    simulation.delete(WorldID(.pod, Self.name("web-1")))
    simulation.settle()
    #expect(port() == .set([]))
    guard case .subnet(let view)? = simulation.compiler.results[.subnet(Self.name("outside"))] else {
      Issue.record("the subnet was not read")
      return
    }
    for address in ["10.3.0.2", "10.3.0.3", "10.3.0.10"] {
      #expect(view.parsed?.reserved.contains(IPAddress(address)!) == true)
    }
  }

  @Test("Two Routers on one network: the older has its gateway's address, and the younger says so")
  func twoRouters() throws {
    var simulation = simulation()
    simulation.apply(router())
    simulation.settle()
    simulation.apply(
      .router(
        Router(
          metadata: ObjectMeta(name: "other", namespace: "test"), spec: .init(networks: [.init(l2Service: "web")]))))
    simulation.settle()
    #expect(status(simulation)?.phase == .ready)
    #expect(
      status(simulation, "other")?.conditions?[type: ConditionType.ready]?.message.contains("Router test/edge") == true)
    #expect(simulation.ovn[LogicalRouter.key("test/other")] == nil)
    #expect(try routes(simulation, "web-1").contains("10.2.0.0/24 by 10.1.0.1"))
    simulation.delete(id)
    simulation.settle()
    #expect(status(simulation, "other")?.phase == .ready)
  }

  @Test("An L2Service goes when the Router that joins it has gone")
  func held() {
    var simulation = simulation()
    simulation.apply(router())
    simulation.settle()
    simulation.delete(WorldID(.service, Self.name("outside")))
    simulation.settle()
    #expect(simulation.service("outside")?.status?.phase == .terminating)
    #expect(simulation.ovn[LogicalSwitch.key("test/outside")] != nil)
    simulation.delete(id)
    simulation.settle()
    #expect(simulation.service("outside") == nil)
  }

  @Test("Pods on several of a Router's networks get each way once, and none to where they are")
  func several() throws {
    var simulation = simulation()
    simulation.apply(pod("both", on: "worker1", "web,db"))
    simulation.apply(router())
    simulation.settle()
    #expect(try routes(simulation, "both") == ["10.3.0.0/24 by 10.1.0.1"])
  }

  @Test("Whatever was edited in between, the rows are those of the last manifests")
  func edits() {
    for seed in UInt64(1)...20 {
      var random = Random(seed)
      var simulation = simulation()
      for _ in 0..<8 {
        simulation.apply(
          router { spec in
            if Bool.random(using: &random) { spec.networks.removeLast() }
            if Bool.random(using: &random) { spec.networks[0].snat = false }
            switch Int.random(in: 0..<4, using: &random) {
            case 0: spec.gateway?.mode = .perNode
            case 1: spec.gateway = nil; spec.routes = nil; spec.networks[0].snat = nil
            case 2: spec.routes?.append(.init(destination: "10.9.0.0/16", nextHops: ["10.1.0.9"]))
            default: spec.floatingAddresses = [.init(external: "10.3.0.9", internal: "10.1.0.2")]
            }
          })
        simulation.settle()
      }
      var fresh = Compiler(hasOVN: true)
      fresh.apply(simulation.objects.values.map(Compiler.Change.put))
      _ = fresh.compile(at: simulation.now)
      #expect(fresh.logicalFragments(id) == simulation.compiler.logicalFragments(id), "seed \(seed)")
    }
  }
}

extension Compiler {
  fileprivate func logicalFragments(_ id: WorldID) -> Set<RowFragment>? {
    if case .logical(let plan)? = results[.logical(id)] { plan.fragments } else { nil }
  }
}
