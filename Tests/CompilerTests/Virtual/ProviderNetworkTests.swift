import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import OVNModel
import Testing

@testable import Compiler

/// L2Services on OVN where they meet a physical network: in a VLAN or without a tag, by every node or by one.
struct ProviderNetworkTests {
  /// Two workers that reach the physical network, on a fabric, and one that does not.
  private func simulation() -> Simulation {
    var simulation = Simulation()
    simulation.compiler = Compiler(hasOVN: true)
    for object in Samples.twoLeaves { simulation.apply(object) }
    for node in ["worker1", "worker2"] { simulation.apply(Self.node(node)) }
    simulation.apply(.node(name: "worker3", labels: [:], chassis: Chassis(name: "chassis-worker3", mtu: 1442)))
    simulation.apply(
      Samples.connectionPoint(
        "cp-ovn", pool: "data", physicalNetwork: "physnet1",
        [.init(implementation: .ovn, bridge: "br-phys", uplink: "eth2")]))
    simulation.apply(.subnet(Samples.overlaySubnet))
    return simulation
  }

  private static func node(_ name: String, isReady: Bool = true) -> WorldObject {
    .node(
      name: name, labels: ["node-pool": "data"], chassis: Chassis(name: "chassis-\(name)", mtu: 1442), isReady: isReady)
  }

  private func service(_ name: String = "blue", _ vlan: Int? = nil) -> WorldObject {
    Samples.service(name, vlan: vlan, physicalNetworks: ["physnet1"], subnets: ["blue"])
  }

  private func attachment(_ name: String = "blue", on point: String?) -> WorldObject {
    .attachment(
      L2ServiceAttachment(
        metadata: ObjectMeta(name: name, namespace: "test"),
        spec: .init(l2Services: ["blue"], connectionPoint: point, vlanType: .access)))
  }

  private func pod(_ name: String = "one", on node: String? = "worker1", _ networks: String = "blue") -> WorldObject {
    .pod(
      PodRecord(
        name: Samples.name(name), uid: "uid-\(name)", node: node, creationTimestamp: Simulation.time(0),
        networks: networks))
  }

  private let edge = LogicalSwitchPort.key("test/blue/physical/localnet")

  private func gateway(_ simulation: Simulation) -> String? {
    guard
      case .map(let options)? = simulation.ovn[.init(.logicalSwitchPort, "test/blue/physical/l2gateway")]?.columns[
        "options"]
    else { return nil }
    return options["l2gateway-chassis"]
  }

  // MARK: Without a tag

  @Test func whatHasNoTagIsAPortWithoutOne() throws {
    var simulation = simulation()
    for object in [service(), attachment(on: "cp-ovn"), pod()] { simulation.apply(object) }
    simulation.settle()
    let service = try #require(simulation.service("blue")?.status)
    #expect(service.phase == .ready)
    #expect(service.conditions?[type: ConditionType.nodesReady]?.message == "the nodes carry untagged frames")
    #expect(service.conditions?[type: ConditionType.fabricReady]?.message == "no port of a fabric is needed")
    #expect(simulation.attachment("blue")?.isReady == true)
    let row = try #require(simulation.ovn[edge])
    #expect(row.columns["type"] == .one("localnet"))
    #expect(row.columns["options"] == .map(["network_name": "physnet1"]))
    #expect(row.columns["tag"] == .set([]))
    for node in ["worker1", "worker2"] {
      let bridge = try #require(simulation.nodeNetwork(node)?.spec.bridges.first)
      #expect(bridge.physicalNetwork == "physnet1" && bridge.vlans == [NodeNetwork.Bridge.untagged])
    }
    // Which VLAN it is in the fabric, its owner says.
    #expect(simulation.made.filter { $0.kind == .bridgeDomain } == [])
    #expect(try Allocation.list(parsing: simulation.pod("one")?.allocations ?? "").first?.mtu == 1500)
    for id in [pod().id, attachment(on: nil).id, self.service().id] {
      simulation.delete(id)
      simulation.settle()
    }
    #expect(simulation.service("blue") == nil)
    #expect(simulation.made == [])
    #expect(simulation.ovn.keys.isEmpty)
  }

  @Test func itIsSentThereWhenTheNodesCarryIt() {
    var simulation = simulation()
    for object in [service(), attachment(on: "cp-ovn")] { simulation.apply(object) }
    for _ in 0..<5 { simulation.compile() }
    #expect(simulation.nodeNetwork("worker1")?.spec.bridges.first?.vlans == [0])
    #expect(simulation.ovn[edge] == nil)
    #expect(
      simulation.service("blue")?.status?.conditions?[type: ConditionType.ready]?.message
        == "node worker1 does not carry untagged frames on bridge br-phys yet")
    simulation.settle()
    #expect(simulation.ovn[edge] != nil)
  }

  @Test func itIsOneNetwork() throws {
    var simulation = simulation()
    for object in [service(), attachment(on: "cp-ovn")] { simulation.apply(object) }
    simulation.settle()
    let before = simulation.ovn
    simulation.apply(Samples.service("later", vlan: nil, physicalNetworks: ["physnet1"]))
    simulation.settle()
    #expect(
      simulation.service("later")?.status?.conditions?[type: ConditionType.ready]?.message
        == #"spec.physicalNetworks[0]: Duplicate value: "physnet1": what has no VLAN there is L2Service test/blue; use another physical network, or give a VLAN"#
    )
    #expect(simulation.service("blue")?.isReady == true)
    #expect(simulation.ovn.keys.count == before.keys.count)
    for id in [attachment(on: nil).id, service().id] { simulation.delete(id) }
    simulation.settle()
    #expect(simulation.service("later")?.isReady == true)
  }

  /// The physical network is joined only where the cloud admin says so.
  @Test func anAttachmentDoesNotJoinAnOverlayToAPhysicalNetwork() throws {
    var simulation = simulation()
    simulation.apply(Samples.service("blue", vlan: nil, subnets: ["blue"]))
    simulation.apply(attachment(on: "cp-ovn"))
    simulation.settle()
    let message = simulation.attachment("blue")?.status?.conditions?[type: ConditionType.ready]?.message
    #expect(message?.contains("L2Service test/blue is an overlay, which every node has") == true)
    #expect(simulation.ovn[edge] == nil)
    #expect(simulation.nodeNetwork("worker1") == nil)
  }

  @Test func aRouterGoesOutThere() throws {
    var simulation = simulation()
    simulation.apply(service())
    simulation.apply(
      Samples.subnet("inside", .init(cidr: "10.7.0.0/24", gateway: "10.7.0.1")))
    simulation.apply(Samples.service("inside", vlan: nil, subnets: ["inside"]))
    simulation.apply(
      .router(
        Router(
          metadata: ObjectMeta(name: "edge", namespace: "test"),
          spec: .init(
            networks: [.init(l2Service: "inside")], gateway: .init(l2Service: "blue", addresses: ["10.1.0.2"])))))
    simulation.settle()
    #expect(simulation.ovn[edge]?.columns["type"] == .one("localnet"))
    #expect(simulation.ovn[LogicalRouter.key("test/edge/gateway")] != nil)
    #expect(simulation.nodeNetwork("worker2")?.spec.bridges.first?.vlans == [NodeNetwork.Bridge.untagged])
  }

  // MARK: Which nodes

  @Test(arguments: [nil, 13]) func aPodOnANodeThatDoesNotReachTheNetworkIsTold(vlan: Int?) throws {
    var simulation = simulation()
    for object in [service("blue", vlan), attachment(on: "cp-ovn"), pod(on: "worker3")] { simulation.apply(object) }
    simulation.settle()
    #expect(
      simulation.announcements.last?.message
        == "annotation k8s.v1.cni.cncf.io/networks: network test/blue is on ConnectionPoint cp-ovn, which node worker3 "
        + "does not have; give the pod a nodeSelector as that of the ConnectionPoint")
    #expect(simulation.pod("one")?.allocations == nil)
    #expect(simulation.ovn[LogicalSwitchPort.key("test/one/net1")] == nil)
    simulation.apply(.node(name: "worker3", labels: ["node-pool": "data"], chassis: Chassis(name: "c3", mtu: 1442)))
    simulation.apply(
      .fabric(
        {
          var fabric = Samples.twoLeafFabric
          fabric.spec.links?.append(.init(node: "worker3", interface: "eth2", switch: "leaf2", port: "swp3"))
          return fabric
        }()))
    simulation.settle()
    #expect(simulation.ovn[LogicalSwitchPort.key("test/one/net1")] != nil)
  }

  /// A pod that is on no node yet is told nothing: it may come to a node that does not reach the network.
  @Test func aPodGetsItsAddressOnItsNode() {
    var simulation = simulation()
    for object in [service("blue", 13), attachment(on: "cp-ovn"), pod(on: nil)] { simulation.apply(object) }
    simulation.settle()
    #expect(simulation.pod("one")?.allocations == nil)
    #expect(simulation.announcements.filter { $0.subject.kind == .pod } == [])
    simulation.apply(pod(on: "worker2"))
    simulation.settle()
    #expect(simulation.ovn[LogicalSwitchPort.key("test/one/net1")] != nil)
  }

  // MARK: By one node

  @Test func anotherNodeTakesTheEdgeOver() {
    var simulation = simulation()
    for object in [service("blue", 13), attachment(on: nil), pod()] { simulation.apply(object) }
    simulation.settle()
    #expect(gateway(simulation) == "chassis-worker1")
    #expect(simulation.service("blue")?.status?.gatewayNode == "worker1")
    simulation.apply(Self.node("worker1", isReady: false))
    simulation.settle()
    #expect(gateway(simulation) == "chassis-worker2")
    #expect(simulation.service("blue")?.status?.gatewayNode == "worker2")
    // It comes back, and nothing moves; not either when the operator starts anew.
    simulation.apply(Self.node("worker1"))
    simulation.settle()
    #expect(gateway(simulation) == "chassis-worker2")
    simulation.restart()
    simulation.settle()
    #expect(gateway(simulation) == "chassis-worker2")
    // With none at work nobody would gain by a change.
    for node in ["worker1", "worker2"] { simulation.apply(Self.node(node, isReady: false)) }
    simulation.settle()
    #expect(gateway(simulation) == "chassis-worker2")
    simulation.delete(Self.node("worker2").id)
    simulation.settle()
    #expect(gateway(simulation) == "chassis-worker1")
  }

  @Test func anotherNodeTakesAHostOver() {
    var simulation = simulation()
    simulation.apply(Samples.service("blue", vlan: nil, subnets: ["blue"]))
    for (name, mac) in [("one", "02:00:00:00:00:01"), ("two", "02:00:00:00:00:02")] {
      simulation.apply(
        NetworkPortTests.port(
          name, .init(l2Service: "blue", type: .host, mac: mac, host: .init(connectionPoint: "cp-ovn", vlan: 30))))
    }
    let row = LogicalSwitchPort.key("test/blue/host/physnet1/30")
    for _ in 0..<5 { simulation.compile() }
    #expect(simulation.ovn[row] == nil)
    #expect(
      simulation.port("one")?.status?.conditions?[type: ConditionType.ready]?.message
        == "node worker1 does not carry VLAN 30 on bridge br-phys yet")
    simulation.settle()
    func nodes() -> [String?] { ["one", "two"].map { simulation.port($0)?.status?.node } }
    #expect(nodes() == ["worker1", "worker1"])
    for (isReady, node) in [(false, "worker2"), (true, "worker2")] {
      simulation.apply(Self.node("worker1", isReady: isReady))
      simulation.settle()
      #expect(nodes() == [node, node])
      #expect(
        simulation.ovn[row]?.columns["options"]
          == .map(["network_name": "physnet1", "l2gateway-chassis": "chassis-\(node)"]))
      #expect(simulation.nodeNetwork(node)?.spec.bridges.first?.vlans == [30])
      #expect(simulation.nodeNetwork("worker1")?.spec.bridges.isEmpty ?? true)
    }
    // It stays there when OVN has it nowhere for a while, and when the operator starts anew.
    simulation.hear(.southbound(.followed))
    #expect(nodes() == [nil, nil])
    simulation.restart()
    simulation.settle()
    #expect(simulation.nodeNetwork("worker2")?.spec.bridges.first?.vlans == [30])
    #expect(simulation.nodeNetwork("worker1")?.spec.bridges.isEmpty ?? true)
  }

  /// The classic VLAN and the overlay are one network, whose largest packet is that of the tunnels.
  @Test func bothEndsTakeTheSamePackets() throws {
    var simulation = simulation()
    for object in [service("blue", 13), attachment("classic", on: "cp-br-data"), pod("c", on: "worker1", "classic")] {
      simulation.apply(object)
    }
    simulation.settle()
    func mtu(_ pod: String) throws -> Int? {
      try Allocation.list(parsing: simulation.pod(pod)?.allocations ?? "").first?.mtu
    }
    #expect(try mtu("c") == 1500)
    #expect(simulation.ovn.keys.isEmpty)
    for object in [attachment(on: nil), pod(on: "worker3")] { simulation.apply(object) }
    simulation.settle()
    #expect(try mtu("c") == 1442)
    #expect(try mtu("one") == 1442)
    #expect(gateway(simulation) == "chassis-worker1")
    #expect(simulation.vlans(on: "leaf1", "swp1") == [13] && simulation.vlans(on: "leaf1", "swp2") == [13])
  }

  /// A node that does not work cannot carry anything anew: the others do not wait for it.
  @Test func aDeadNodeHoldsNothingUp() {
    var simulation = simulation()
    for object in [service("blue", 13), attachment(on: "cp-ovn"), pod(on: "worker2")] { simulation.apply(object) }
    simulation.settle()
    simulation.apply(Self.node("worker1", isReady: false))
    simulation.apply(service("blue", 14))
    for _ in 0..<20 {
      simulation.compile()
      for id in simulation.objects.keys.sorted() where id.kind == .bridgeDomain { simulation.driveFabric(id.name.name) }
      simulation.driveNode("worker2")
    }
    #expect(simulation.ovn[edge]?.columns["tag"] == .set([.integer(14)]))
    simulation.settle()
    #expect(simulation.nodeNetwork("worker1")?.spec.bridges.first?.vlans == [14])
  }
}
