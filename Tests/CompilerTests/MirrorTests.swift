import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import Testing

@testable import Compiler

/// TrafficMirrors of and for virtual machines.
struct MirrorTests {
  private static let id = WorldID(.trafficMirror, Samples.name("tap"))

  private static func mirror(to destination: TrafficMirror.Destination) -> WorldObject {
    .trafficMirror(
      TrafficMirror(
        metadata: ObjectMeta(name: "tap", namespace: "test"),
        spec: .init(source: .init(l2Service: "blue"), destination: destination)))
  }

  private static func status(_ simulation: Simulation) throws -> TrafficMirror.Status {
    let mirror: TrafficMirror? = if case .trafficMirror(let mirror)? = simulation.objects[id] { mirror } else { nil }
    return try #require(mirror?.status)
  }

  private static func parts(_ simulation: Simulation) -> [String: NodeNetwork.Mirror] {
    ["worker1", "worker2"].reduce(into: [:]) { parts, node in
      guard case .nodeNetwork(let network)? = simulation.objects[WorldID(.nodeNetwork, node)] else { return }
      parts[node] = network.spec.mirrors?.first
    }
  }

  /// A network with a pod on worker1, two machines, and ports that have no interface of their own.
  private static func simulation() -> Simulation {
    var simulation = NetworkPortTests.simulation()
    simulation.apply(NetworkPortTests.pod("web"))
    for name in ["vm", "db"] { simulation.apply(NetworkPortTests.port(name, .init(l2Service: "blue", type: .vm))) }
    simulation.apply(
      NetworkPortTests.port(
        "inner", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "db", vlan: 100))))
    simulation.settle()
    simulation.hear(.southbound(.followed))
    return simulation
  }

  @Test func aMachineGetsCopiesWhereItIs() throws {
    var simulation = Self.simulation()
    simulation.apply(Self.mirror(to: .init(networkPort: "vm")))
    simulation.settle()
    let waiting = try Self.status(simulation).conditions?[type: ConditionType.programmed]
    #expect(
      waiting?.message
        == "NetworkPort test/vm is not bound to a node yet: external_ids:iface-id=NetworkPort/test/vm on its "
        + "Interface of Open vSwitch binds it; the copies wait for it")
    #expect(Self.parts(simulation).isEmpty)

    for node in ["worker2", "worker1"] {
      simulation.hear(.bound(port: "NetworkPort/test/vm", chassis: "chassis-\(node)"))
      let parts = Self.parts(simulation)
      #expect(parts[node]?.sinkPort == "NetworkPort/test/vm")
      #expect(parts["worker1"]?.ports == ["test/web/net1"])
      #expect(parts["worker1"]?.sinkChassis == (node == "worker2" ? "chassis-worker2" : nil))
      #expect(parts.count == (node == "worker2" ? 2 : 1))
    }
    let status = try Self.status(simulation)
    #expect(status.phase == .ready && status.destination == "vm")
    #expect(status.interfaceCount == 1 && status.pods == ["test/web"] && status.networkPorts == [])
  }

  @Test func machinesAreCopiedWhereTheyAre() throws {
    var simulation = Self.simulation()
    simulation.apply(Self.mirror(to: .init(networkPort: "vm")))
    simulation.hear(
      .bound(port: "NetworkPort/test/vm", chassis: "chassis-worker1"),
      .bound(port: "NetworkPort/test/db", chassis: "chassis-worker2"),
      .bound(port: "NetworkPort/test/inner", chassis: "chassis-worker2"))
    // All but the one that gets the copies, and the one inside of another.
    #expect(Self.parts(simulation)["worker1"]?.ports == ["test/web/net1"])
    #expect(Self.parts(simulation)["worker2"]?.ports == ["NetworkPort/test/db"])

    simulation.apply(Self.mirror(to: .init(pod: "web", interface: "net1")))
    simulation.settle()
    #expect(Self.parts(simulation)["worker1"]?.ports == ["NetworkPort/test/vm"])
    #expect(Self.parts(simulation)["worker1"]?.sinkPort == "test/web/net1")
    let status = try Self.status(simulation)
    #expect(status.phase == .ready && status.destination == "web/net1")
    #expect(status.interfaceCount == 2 && status.pods == [] && status.networkPorts == ["test/db", "test/vm"])
    simulation.hear(.bound(port: "NetworkPort/test/db", chassis: nil))
    #expect(Self.parts(simulation).count == 1)
    #expect(try Self.status(simulation).networkPorts == ["test/vm"])
  }

  @Test func aMachineOnANodeWithoutOVNGetsNothing() throws {
    var simulation = Self.simulation()
    simulation.hear(.southbound(.unknown(nil)))
    simulation.apply(.node(name: "plain", labels: [:], chassis: nil))
    simulation.apply(NetworkPortTests.port("far", .init(l2Service: "blue", type: .vm, node: "plain")))
    simulation.apply(Self.mirror(to: .init(networkPort: "far")))
    simulation.settle()
    let waiting = try Self.status(simulation).conditions?[type: ConditionType.programmed]
    #expect(waiting?.status == .false && waiting?.message == "Node plain is no chassis of OVN yet")
  }
}
