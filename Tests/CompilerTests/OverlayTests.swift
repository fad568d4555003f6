import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import OVNModel
import Testing

@testable import Compiler

/// L2Services on OVN: overlays, and VLANs that reach a physical network.
struct OverlayTests {
  private let blue = NamespacedName(namespace: "test", name: "blue")

  private func simulation(hasOVN: Bool = true) -> Simulation {
    var simulation = Simulation()
    simulation.compiler = Compiler(hasOVN: hasOVN)
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
    simulation.apply(.subnet(Samples.overlaySubnet))
    return simulation
  }

  private func service(_ vlan: Int? = nil) -> WorldObject {
    .service(
      L2Service(
        metadata: ObjectMeta(name: "blue", namespace: "test"),
        spec: .init(segmentationID: vlan, physicalNetworks: vlan == nil ? nil : ["physnet1"], subnets: ["blue"])))
  }

  private func attachment(_ point: String? = nil) -> WorldObject {
    .attachment(
      L2ServiceAttachment(
        metadata: ObjectMeta(name: "blue", namespace: "test"),
        spec: .init(l2Services: ["blue"], connectionPoint: point, vlanType: .access)))
  }

  private func pod(_ name: String = "one", on node: String = "worker1") -> WorldObject {
    .pod(
      PodRecord(
        name: .init(namespace: "test", name: name), uid: "uid-\(name)", node: node,
        creationTimestamp: Simulation.time(0), networks: "blue"))
  }

  private func column(_ column: String, _ key: NorthboundKey, _ simulation: Simulation) -> NorthboundValue? {
    simulation.ovn[key]?.columns[column]
  }

  /// A mistake changes nothing in OVN, also when the operator starts anew before it is mended.
  @Test(arguments: [false, true]) func whatOVNHasStaysWhileAManifestIsWrong(restart: Bool) throws {
    var simulation = simulation()
    for object in [service(), attachment(), pod()] { simulation.apply(object) }
    simulation.settle()
    let (rows, made) = (simulation.rowsOfOVN, simulation.made)
    simulation.apply(service(4095))
    simulation.settle()
    if restart { simulation.restart() }
    simulation.settle()
    #expect(simulation.service("blue")?.status?.phase == .error)
    #expect(simulation.rowsOfOVN == rows)
    #expect(simulation.made == made)
    simulation.apply(service())
    simulation.settle()
    #expect(simulation.service("blue")?.isReady == true)
    #expect(simulation.rowsOfOVN == rows)
    for id in [WorldID(.pod, pod().id.name), attachment().id, service().id] {
      simulation.delete(id)
      simulation.settle()
    }
    #expect(simulation.rowsOfOVN.isEmpty)
  }

  @Test func aServiceWithoutVLANIsASwitchAndItsPodsArePorts() throws {
    var simulation = simulation()
    for object in [service(), attachment(), pod()] { simulation.apply(object) }
    simulation.settle()
    #expect(simulation.service("blue")?.isReady == true)
    #expect(simulation.attachment("blue")?.isReady == true)
    #expect(simulation.ovn[LogicalSwitch.key("test/blue")] != nil)
    let port = LogicalSwitchPort.key("test/one/net1")
    let row = try #require(simulation.ovn[port])
    #expect(row.parents == [.init(LogicalSwitch.key("test/blue"), "ports")])
    let allocation = try #require(try Allocation.list(parsing: simulation.pod("one")?.allocations ?? "").first)
    let identity = "\(try #require(allocation.mac)) 10.1.0.10"
    #expect(allocation.mtu == 1442)
    #expect(allocation.vlan == nil)
    #expect(!allocation.probe)
    #expect(row.columns["addresses"] == .set([.string(identity)]))
    #expect(row.columns["port_security"] == .set([.string(identity)]))
    #expect(
      row.columns["options"]
        == .map(["iface-id-ver": "uid-one", "requested-chassis": "chassis-worker1"]))
    let config = try #require(simulation.definition("blue")?.spec?.config)
    #expect(config.contains(#""logicalSwitch":"test/blue""#))
    #expect(!config.contains("bridge"))
    #expect(simulation.made.map(\.kind) == [.definition])
  }

  @Test func everythingGoesInOrder() {
    var simulation = simulation()
    for object in [service(), attachment(), pod()] { simulation.apply(object) }
    simulation.settle()
    simulation.delete(WorldID(.service, blue))
    simulation.settle()
    #expect(simulation.service("blue")?.status?.phase == .terminating)
    #expect(simulation.ovn[LogicalSwitch.key("test/blue")] != nil)
    simulation.delete(WorldID(.attachment, blue))
    simulation.delete(WorldID(.pod, .init(namespace: "test", name: "one")))
    simulation.settle()
    #expect(simulation.service("blue") == nil)
    #expect(simulation.ovn.keys.isEmpty)
    #expect(simulation.made.isEmpty)
  }

  @Test func aServiceIsReadyWhenOVNHasIt() {
    var simulation = simulation()
    simulation.ovnIsUp = false
    for object in [service(), attachment()] { simulation.apply(object) }
    simulation.settle()
    #expect(simulation.service("blue")?.status?.phase == .pending)
    #expect(simulation.definition("blue") == nil)
  }

  @Test func withoutOVNItSaysSo() throws {
    var simulation = simulation(hasOVN: false)
    for object in [service(), attachment()] { simulation.apply(object) }
    simulation.settle()
    let ready = try #require(simulation.service("blue")?.status?.conditions?[type: ConditionType.ready])
    #expect(
      ready.message
        == "an L2Service without spec.segmentationID needs OVN, and the operator knows of none: start it with --ovn-northbound"
    )
    #expect(simulation.ovn.keys.isEmpty)
  }

  @Test func aVLANIsAPortToThePhysicalNetworkOnEveryNode() throws {
    var simulation = simulation()
    for object in [service(13), attachment("cp-ovn"), pod()] { simulation.apply(object) }
    simulation.settle()
    #expect(simulation.attachment("blue")?.isReady == true)
    let edge = LogicalSwitchPort.key("test/blue/physical/localnet")
    #expect(column("type", edge, simulation) == .one("localnet"))
    #expect(column("tag", edge, simulation) == .set([.integer(13)]))
    #expect(column("options", edge, simulation) == .map(["network_name": "physnet1"]))
    for node in ["worker1", "worker2"] {
      let bridge = try #require(simulation.nodeNetwork(node)?.spec.bridges.first)
      #expect(bridge.name == "br-phys")
      #expect(bridge.physicalNetwork == "physnet1")
      #expect(bridge.vlans == [13])
    }
    #expect(simulation.vlans(on: "leaf1", "swp2") == [13])
    #expect(simulation.vlans(on: "leaf2", "swp2") == [13])
    let allocation = try Allocation.list(parsing: simulation.pod("one")?.allocations ?? "").first
    #expect(allocation?.vlan == nil)
    #expect(allocation?.mtu == 1500)
  }

  @Test func aVLANContinuesAsAnOverlayThroughOneNode() throws {
    var simulation = simulation()
    for object in [service(13), attachment(), pod()] { simulation.apply(object) }
    simulation.settle()
    #expect(simulation.attachment("blue")?.isReady == true)
    let edge = LogicalSwitchPort.key("test/blue/physical/l2gateway")
    #expect(column("type", edge, simulation) == .one("l2gateway"))
    #expect(
      column("options", edge, simulation)
        == .map(["network_name": "physnet1", "l2gateway-chassis": "chassis-worker1"]))
    #expect(try Allocation.list(parsing: simulation.pod("one")?.allocations ?? "").first?.mtu == 1442)
    simulation.delete(WorldID(.node, "worker1"))
    simulation.settle()
    #expect(
      column("options", edge, simulation)
        == .map(["network_name": "physnet1", "l2gateway-chassis": "chassis-worker2"]))
  }

  @Test func aVLANIsChangedWhenTheNodesCarryTheNewOne() throws {
    var simulation = simulation()
    for object in [service(13), attachment("cp-ovn"), pod()] { simulation.apply(object) }
    simulation.settle()
    simulation.apply(service(14))
    let edge = LogicalSwitchPort.key("test/blue/physical/localnet")
    for _ in 0..<100 {
      simulation.compile()
      if column("tag", edge, simulation) == .set([.integer(14)]) {
        for node in ["worker1", "worker2"] {
          let carried = try #require(simulation.nodeNetwork(node)?.status?.bridges?.first)
          #expect(carried.vlans.contains(14))
        }
        break
      }
      for id in simulation.objects.keys.sorted() {
        if id.kind == .bridgeDomain { simulation.driveFabric(id.name.name) }
        if id.kind == .nodeNetwork { simulation.driveNode(id.name.name) }
      }
    }
    simulation.settle()
    #expect(column("tag", edge, simulation) == .set([.integer(14)]))
    #expect(simulation.nodeNetwork("worker1")?.spec.bridges.first?.vlans == [14])
    #expect(simulation.vlans(on: "leaf1", "swp2") == [14])
  }

  @Test func anAnnotationThatSomebodyElseWroteCountsForNothing() throws {
    var simulation = simulation()
    for object in [service(), attachment(), pod()] { simulation.apply(object) }
    simulation.settle()
    let told = try #require(simulation.pod("one")?.allocations)
    // Copied from another pod, and made up.
    for text in [told, told.replacing("uid-one", with: ""), told.replacing(#""pod":"uid-one","#, with: "")] {
      var forger = PodRecord(
        name: .init(namespace: "test", name: "forger"), uid: "uid-forger", node: "worker2",
        creationTimestamp: Simulation.time(0), networks: "blue")
      forger.allocations = text
      simulation.apply(.pod(forger))
      simulation.settle()
      let allocation = try Allocation.list(parsing: simulation.pod("forger")?.allocations ?? "").first
      #expect(allocation?.ips.count == 1)
      #expect(allocation?.ips.map(\.description) != ["10.1.0.10/24"])
      #expect(allocation?.pod == "uid-forger")
      #expect(simulation.compiler.violations().isEmpty)
      simulation.delete(WorldID(.pod, forger.name))
      simulation.settle()
      simulation.waited += .seconds(100)
    }
  }

  @Test func podsOfOtherNamespacesJoinOnlyWhatIsOpenToThem() throws {
    var simulation = simulation()
    simulation.apply(.namespace(name: "other", labels: [:]))
    for object in [service(), attachment()] { simulation.apply(object) }
    let name = NamespacedName(namespace: "other", name: "guest")
    simulation.apply(
      .pod(
        PodRecord(
          name: name, uid: "uid-guest", node: "worker1", creationTimestamp: Simulation.time(0), networks: "test/blue")))
    simulation.settle()
    #expect(
      simulation.announcements.last?.message
        == "annotation k8s.v1.cni.cncf.io/networks: network test/blue is of L2Service test/blue, which may not be used from namespace other; its spec.allowedNamespaces would have to permit it"
    )
    #expect(simulation.ovn[LogicalSwitchPort.key("other/guest/net1")] == nil)
    // Nor does it hold what it may not use.
    var without = simulation
    without.delete(WorldID(.attachment, blue))
    without.settle()
    #expect(without.attachment("blue") == nil)
    guard case .service(var open) = service() else { return }
    open.spec.allowedNamespaces = .init(from: .all)
    simulation.apply(.service(open))
    simulation.settle()
    #expect(simulation.ovn[LogicalSwitchPort.key("other/guest/net1")] != nil)
  }

  @Test func aMistakeChangesNothingInOVN() {
    var simulation = simulation()
    for object in [service(), attachment(), pod()] { simulation.apply(object) }
    simulation.settle()
    let before = simulation.ovn
    simulation.apply(
      .service(
        L2Service(metadata: ObjectMeta(name: "blue", namespace: "test"), spec: .init(subnets: ["nothing"]))))
    simulation.settle()
    #expect(simulation.service("blue")?.status?.phase == .error)
    #expect(before.keys.allSatisfy { simulation.ovn[$0] == before[$0] })
    #expect(simulation.ovn.keys.count == before.keys.count)
  }
}

extension Samples {
  static var overlaySubnet: Subnet {
    Subnet(
      metadata: ObjectMeta(name: "blue", namespace: "test"),
      spec: .init(
        cidr: "10.1.0.0/24", gateway: "10.1.0.1", pools: [.init(start: "10.1.0.10", end: "10.1.0.20")]))
  }
}

extension Simulation {
  fileprivate var rowsOfOVN: [NorthboundKey: WantedRows.Row] {
    ovn.keys.reduce(into: [:]) { $0[$1] = ovn[$1] }
  }
}
