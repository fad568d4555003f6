import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import Testing

@testable import Compiler

/// What statuses say of where ports are, as the southbound database tells it.
struct PortPlaceTests {
  private static let gateway = "cr-test/edge/gateway/to/outside"

  /// Two nodes, an overlay, and a VLAN that a Router leads to.
  private static func simulation(_ mode: Router.GatewayMode? = nil) -> Simulation {
    var simulation = NetworkPortTests.simulation()
    simulation.apply(
      .service(
        L2Service(
          metadata: ObjectMeta(name: "outside", namespace: "test"),
          spec: .init(segmentationID: 13, physicalNetworks: ["physnet1"], subnets: ["outside"]))))
    simulation.apply(Samples.subnet("outside", .init(cidr: "10.50.0.0/24", gateway: "10.50.0.1")))
    simulation.apply(router(mode))
    simulation.settle()
    return simulation
  }

  private static func router(_ mode: Router.GatewayMode? = nil, network: String = "blue") -> WorldObject {
    .router(
      Router(
        metadata: ObjectMeta(name: "edge", namespace: "test"),
        spec: .init(
          networks: [.init(l2Service: network)],
          gateway: .init(l2Service: "outside", addresses: ["10.50.0.2", "10.50.0.3"], mode: mode))))
  }

  private static func status(_ simulation: Simulation) throws -> Router.Status {
    guard case .router(let router)? = simulation.objects[WorldID(.router, Samples.name("edge"))] else {
      throw MissingRouter()
    }
    return try #require(router.status)
  }

  private struct MissingRouter: Error {}

  /// The nodes whose gateways are active.
  private static func active(_ simulation: Simulation) throws -> [String] {
    try status(simulation).gateways?.filter(\.active).map(\.node) ?? []
  }

  @Test func theGatewayIsWhereItReallyIs() throws {
    var simulation = Self.simulation()
    let nodes = try #require(try Self.status(simulation).gateways?.map(\.node))
    #expect(try Self.active(simulation) == [nodes[0]], "nobody tells: the one that OVN prefers")
    #expect(try Self.status(simulation).phase == .ready)

    simulation.hear(.southbound(.followed))
    #expect(try Self.active(simulation).isEmpty)
    let ready = try #require(try Self.status(simulation).conditions?[type: ConditionType.ready])
    #expect(ready.reason == ConditionReason.waitingForNodes)
    #expect(ready.message.contains("it can be on \(nodes.joined(separator: ", "))"))
    #expect(try Self.status(simulation).phase == .pending)

    for node in nodes {
      simulation.hear(.bound(port: Self.gateway, chassis: "chassis-\(node)"))
      #expect(try Self.active(simulation) == [node])
      #expect(try Self.status(simulation).gateways?.map(\.node) == [node] + nodes.filter { $0 != node })
      #expect(try Self.status(simulation).phase == .ready)
    }

    let moves = simulation.announcements.filter { $0.reason == "GatewayMoved" }.map(\.message)
    #expect(
      moves == [
        "the gateway has left Node \(nodes[0]), and no other has taken it up yet",
        "the gateway has moved from Node \(nodes[0]) to Node \(nodes[1])",
      ])

    // The manifest becomes wrong: the gateway still fails over, and that is told.
    simulation.apply(Self.router(network: "absent"))
    simulation.hear(.bound(port: Self.gateway, chassis: "chassis-\(nodes[0])"))
    #expect(try Self.status(simulation).phase == .error)
    #expect(try Self.active(simulation) == [nodes[0]])
    simulation.apply(Self.router())

    // A chassis that is no node.
    simulation.hear(.bound(port: Self.gateway, chassis: "stranger"))
    #expect(try Self.active(simulation).isEmpty)
  }

  /// A router is in a VLAN network by one node at a time, and not at all while none has its port.
  @Test func aPortIntoAVLANThatNobodyHasIsTold() throws {
    var simulation = Self.simulation()
    simulation.apply(
      .router(
        Router(
          metadata: ObjectMeta(name: "edge", namespace: "test"),
          spec: .init(networks: [.init(l2Service: "blue"), .init(l2Service: "outside")]))))
    simulation.hear(.southbound(.followed))
    let ready = try Self.status(simulation).conditions?[type: ConditionType.ready]
    #expect(ready?.message.hasPrefix("no node has taken up its port to L2Service test/outside yet") == true)
    simulation.hear(.bound(port: "cr-test/edge/to/test/outside", chassis: "chassis-worker2"))
    #expect(try Self.status(simulation).phase == .ready)
  }

  @Test func aDatabaseThatDoesNotAnswerIsTold() throws {
    var simulation = Self.simulation()
    let nodes = try #require(try Self.status(simulation).gateways?.map(\.node))
    simulation.hear(.southbound(.unknown("it does not answer")))
    #expect(try Self.active(simulation) == [nodes[0]])
    simulation.hear(.southbound(.followed), .bound(port: Self.gateway, chassis: "chassis-\(nodes[1])"))
    #expect(try Self.status(simulation).conditions?[type: ConditionType.warning] == nil)
    simulation.hear(.southbound(.outdated("it does not answer")))
    let status = try Self.status(simulation)
    #expect(status.conditions?[type: ConditionType.warning]?.message.hasSuffix("it does not answer") == true)
    #expect(status.phase == .ready)
    #expect(try Self.active(simulation) == [nodes[1]])
  }

  /// OVN leaves a gateway on a dead node while there is no other for it.
  @Test func aGatewayOnANodeThatIsNotReadyIsDoubted() throws {
    var simulation = Self.simulation()
    let nodes = try #require(try Self.status(simulation).gateways?.map(\.node))
    simulation.hear(.southbound(.followed), .bound(port: Self.gateway, chassis: "chassis-\(nodes[0])"))
    func warning() throws -> String? {
      try Self.status(simulation).conditions?[type: ConditionType.warning]?.message
    }
    #expect(try warning() == nil)
    simulation.apply(
      .node(
        name: nodes[0], labels: ["node-pool": "data"], chassis: Chassis(name: "chassis-\(nodes[0])", mtu: 1442),
        isReady: false))
    simulation.settle()
    #expect(try warning()?.hasPrefix("traffic leaves by Node \(nodes[0]), which Kubernetes calls not ready") == true)
    simulation.hear(.bound(port: Self.gateway, chassis: "chassis-\(nodes[1])"))
    #expect(try warning() == nil)
  }

  @Test func gatewaysOfEveryNodeAreActiveOnTheirNodes() throws {
    var simulation = Self.simulation(.perNode)
    #expect(try Self.active(simulation) == ["worker1", "worker2"])
    simulation.hear(
      .southbound(.followed), .bound(port: "test/edge/gateway/worker2/to/outside", chassis: "chassis-worker2"))
    #expect(try Self.active(simulation) == ["worker2"])
    #expect(try Self.status(simulation).phase == .ready, "pods of the other nodes go on")
    simulation.hear(.bound(port: "test/edge/gateway/worker2/to/outside", chassis: nil))
    #expect(try Self.active(simulation).isEmpty)
    #expect(try Self.status(simulation).phase == .pending)
  }

  @Test func aPortIsOnTheNodeThatHasIt() throws {
    var simulation = NetworkPortTests.simulation()
    simulation.apply(NetworkPortTests.port("vm", .init(l2Service: "blue", type: .vm, node: "worker2")))
    simulation.apply(
      NetworkPortTests.port(
        "inner", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 100))))
    simulation.apply(
      NetworkPortTests.port(
        "metal", .init(l2Service: "blue", type: .host, host: .init(connectionPoint: "cp-ovn", vlan: 30)))
    )
    simulation.settle()
    let names = ["vm", "inner", "metal"]
    func bound(_ name: String) -> Condition? {
      simulation.port(name)?.status?.conditions?[type: ConditionType.bound]
    }
    #expect(names.map { simulation.port($0)?.status?.node } == ["worker2", "worker2", "worker1"], "as it is planned")
    #expect(names.allSatisfy { bound($0) == nil })

    simulation.hear(.southbound(.followed))
    #expect(names.allSatisfy { simulation.port($0)?.status?.node == nil && bound($0)?.status == .false })
    #expect(names.allSatisfy { simulation.port($0)?.status?.phase == .ready }, "it is no failure")
    #expect(
      bound("vm")?.message
        == "not bound yet: set external_ids:iface-id=NetworkPort/test/vm on the Interface of Open vSwitch "
        + "that is to be it, on Node worker2")

    for port in ["NetworkPort/test/vm", "NetworkPort/test/inner", "test/blue/host/physnet1/30"] {
      simulation.hear(.bound(port: port, chassis: "chassis-worker1"))
    }
    #expect(names.allSatisfy { simulation.port($0)?.status?.node == "worker1" && bound($0)?.status == .true })
    simulation.hear(.bound(port: "NetworkPort/test/vm", chassis: "elsewhere"))
    #expect(simulation.port("vm")?.status?.node == nil)
    #expect(bound("vm")?.message == "it is on chassis elsewhere of OVN, which is no Node")

    // The chassis turns out to be a node, and the node leaves.
    simulation.apply(.node(name: "worker3", labels: [:], chassis: Chassis(name: "elsewhere", mtu: 1442)))
    simulation.settle()
    #expect(simulation.port("vm")?.status?.node == "worker3")
    simulation.delete(WorldID(.node, "worker3"))
    simulation.settle()
    #expect(simulation.port("vm")?.status?.node == nil)
  }

  /// That a port moves costs what its object costs, however many there are.
  @Test func aMoveConcernsItsObjectAlone() {
    var simulation = NetworkPortTests.simulation(pool: "10.1.0.200")
    for number in 0..<50 { simulation.apply(NetworkPortTests.port("vm\(number)", .init(l2Service: "blue", type: .vm))) }
    simulation.hear(.southbound(.followed))
    let before = simulation.compiler.computations
    simulation.compiler.apply([.bound(port: "NetworkPort/test/vm7", chassis: "chassis-worker1")])
    simulation.compile()
    #expect(simulation.compiler.computations - before == 1)
    simulation.hear(.bound(port: "NetworkPort/nobody/knows", chassis: "chassis-worker1"))
    #expect(simulation.port("vm7")?.status?.node == "worker1")
  }
}

extension Simulation {
  /// OVN's southbound database tells something, and everybody works.
  mutating func hear(_ changes: Compiler.Change...) {
    compiler.apply(changes)
    settle()
  }
}
