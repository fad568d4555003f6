import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import Testing

@testable import Compiler

/// How objects come, stay and go.
@Suite struct LifecycleTests {
  static var network: [WorldObject] {
    Samples.twoLeaves + [
      Samples.subnet(
        "v4",
        .init(
          cidr: "10.10.13.0/24", gateway: "10.10.13.1", pools: [.init(start: "10.10.13.10", end: "10.10.13.20")],
          routes: [.init(destination: "30.30.13.0/24", nextHop: "10.10.13.1")])),
      Samples.subnet("v6", .init(cidr: "fd00:13::/64")),
      Samples.service("vlan13", vlan: 13, physicalNetworks: ["physnet1"], subnets: ["v4", "v6"]),
      Samples.attachment("access", ["vlan13"], at: "cp-br-data", .access),
    ]
  }

  static func settled(_ more: [WorldObject] = []) -> Simulation {
    var simulation = Samples.simulation(network + more)
    simulation.settle()
    return simulation
  }

  @Test func fabricThenNodesThenDefinition() {
    var simulation = Samples.simulation(Self.network)
    simulation.compile()
    #expect(simulation.made == [WorldID(.bridgeDomain, "dc1-vlan13")])
    simulation.compile()
    #expect(simulation.attachment("access")?.status?.phase == .pending)
    #expect(
      simulation.attachment("access")?.status?.conditions?[type: "Ready"]?.message.contains("BridgeDomain dc1-vlan13")
        == true)
    simulation.driveFabric("dc1-vlan13")
    simulation.compile()
    #expect(simulation.made.map(\.kind) == [.bridgeDomain, .nodeNetwork, .nodeNetwork])
    simulation.driveNode("worker1")
    simulation.compile()
    #expect(simulation.definition("access") == nil)
    simulation.compile()
    #expect(
      simulation.attachment("access")?.status?.conditions?[type: "Ready"]?.message
        == "node worker2 does not carry VLAN 13 on bridge br-data yet")
    simulation.driveNode("worker2")
    simulation.compile()
    #expect(simulation.definition("access") != nil)
    simulation.settle()
    #expect(simulation.attachment("access")?.status?.phase == .ready)
    #expect(simulation.attachment("access")?.status?.implementation == .netloom)
    #expect(simulation.service("vlan13")?.status?.fabrics?.map(\.state) == [.programmed])
    #expect(simulation.service("vlan13")?.status?.nodes?.map(\.name) == ["worker1", "worker2"])
  }

  @Test func everyObjectOfUsersIsProtected() {
    let simulation = Self.settled()
    for (id, object) in simulation.objects {
      let isUsers = [.connectionPoint, .fabric, .service, .subnet, .attachment].contains(id.kind)
      #expect((object.metadata?.finalizers == ["netloom.dev/cleanup"]) == isUsers, "\(id)")
    }
  }

  @Test func deletionInUseNamesTheHoldersAndEndsByItself() throws {
    var simulation = Self.settled([Samples.pod("a", networks: "access", created: "2026-01-01T00:00:00Z")])
    simulation.delete(WorldID(.service, Samples.name("vlan13")))
    simulation.delete(WorldID(.attachment, Samples.name("access")))
    simulation.settle()
    let service = try #require(simulation.service("vlan13"))
    #expect(service.status?.phase == .terminating)
    #expect(
      service.status?.conditions?[type: "Blocked"]?.message
        == "in use by L2ServiceAttachment test/access, Pod test/a")
    #expect(simulation.attachment("access")?.status?.phase == .terminating)
    #expect(simulation.attachment("access")?.status?.conditions?[type: "Blocked"]?.message == "in use by Pod test/a")
    #expect(simulation.announcements.contains { $0.reason == "DeletionBlocked" && $0.message.contains("Pod test/a") })
    #expect(simulation.definition("access") != nil)

    // One that comes now neither holds the attachment nor gets addresses.
    simulation.apply(Samples.pod("late", networks: "access", created: "2026-01-02T00:00:00Z"))
    simulation.settle()
    #expect(simulation.pod("late")?.allocations == nil)

    simulation.delete(WorldID(.pod, Samples.name("a")))
    var gone: [String] = []
    for _ in 0..<20 {
      let before = simulation.made + (simulation.attachment("access") == nil ? [] : [WorldID(.attachment, "access")])
      simulation.compile()
      simulation.drivePods(on: "worker1")
      for id in simulation.made {
        if id.kind == .bridgeDomain { simulation.driveFabric(id.name.name) } else { simulation.driveNode(id.name.name) }
      }
      let after = simulation.made + (simulation.attachment("access") == nil ? [] : [WorldID(.attachment, "access")])
      gone += before.filter { !after.contains($0) }.map(\.kind.name)
      simulation.checkSafety(step: gone.count)
    }
    #expect(
      gone == ["NetworkAttachmentDefinition", "NodeNetwork", "NodeNetwork", "L2ServiceAttachment", "BridgeDomain"])
    simulation.settle()
    #expect(simulation.service("vlan13") == nil)
    #expect(simulation.fabric == [:])
  }

  @Test func nothingOfUsersIsDeletedForThem() {
    var simulation = Self.settled()
    for id in [
      WorldID(.subnet, Samples.name("v4")), WorldID(.connectionPoint, "cp-br-data"), WorldID(.fabric, "dc1"),
    ] {
      simulation.delete(id)
    }
    simulation.settle()
    #expect(
      simulation.subnet("v4")?.status?.conditions?[type: "Blocked"]?.message == "in use by L2Service test/vlan13")
    #expect(simulation.definition("access") != nil)
    #expect(simulation.objects[WorldID(.connectionPoint, "cp-br-data")] != nil)
    #expect(simulation.objects[WorldID(.fabric, "dc1")] != nil)
    #expect(simulation.subnet("v4")?.status?.phase == .terminating)
    simulation.delete(WorldID(.attachment, Samples.name("access")))
    simulation.delete(WorldID(.service, Samples.name("vlan13")))
    simulation.settle()
    #expect(simulation.subnet("v4") == nil)
    #expect(simulation.objects[WorldID(.connectionPoint, "cp-br-data")] == nil)
    #expect(simulation.objects[WorldID(.fabric, "dc1")] == nil)
    #expect(simulation.made == [])
  }

  /// A VLAN that the nodes are about to drop is no ground for a definition to stand on.
  @Test func attachmentThatComesWhileTheNodesReleaseItsVLANWaits() {
    var simulation = Self.settled()
    simulation.delete(WorldID(.attachment, Samples.name("access")))
    simulation.compile()
    simulation.compile()
    #expect(simulation.nodeNetwork("worker1")?.spec.bridges.flatMap(\.vlans) == [])
    #expect(simulation.nodeNetwork("worker1")?.status?.bridges?.flatMap(\.vlans) == [13])
    simulation.apply(Samples.attachment("next", ["vlan13"], at: "cp-br-data", .access))
    simulation.compile()
    #expect(simulation.definition("next") == nil)
    simulation.driveNode("worker1")
    simulation.checkSafety(step: 0)
    simulation.settle()
    simulation.checkSafety(step: 1)
    #expect(simulation.attachment("next")?.status?.phase == .ready)
  }

  /// A service is given another VLAN while pods are on it: the new one is there before they move, the old one until they have.
  @Test func podsMoveToAnotherVLANInBetween() throws {
    var simulation = Self.settled([Samples.pod("running", networks: "access")])
    #expect(simulation.plugged[Samples.name("running")]?.vlans == [13])
    #expect(simulation.vlans(on: "leaf1", "swp48") == [13])
    simulation.apply(Samples.service("vlan13", vlan: 23, physicalNetworks: ["physnet1"]))
    // Everybody but the node of the pod.
    func others() {
      for _ in 0..<10 {
        simulation.compile()
        for name in simulation.made where name.kind == .bridgeDomain { simulation.driveFabric(name.name.name) }
        for node in ["worker1", "worker2"] { simulation.driveNode(node) }
        simulation.checkSafety(step: 0)
        #expect(
          simulation.vlans(on: "leaf1", "swp1").contains(13) && simulation.vlans(on: "leaf1", "swp48").contains(13))
      }
    }
    others()
    #expect(simulation.definition("access")?.requirements?.vlans == [23])
    #expect(simulation.nodeNetwork("worker1")?.spec.bridges.flatMap(\.vlans) == [23])
    #expect(simulation.nodeNetwork("worker1")?.status?.bridges?.flatMap(\.vlans) == [13, 23])
    #expect(simulation.nodeNetwork("worker2")?.status?.bridges?.flatMap(\.vlans) == [23])
    #expect(simulation.vlans(on: "leaf1", "swp48") == [13, 23])

    // Until the pod has moved the VLAN is nobody else's.
    simulation.apply(Samples.service("next", vlan: 13, physicalNetworks: ["physnet1"]))
    others()
    let condition = simulation.service("next")?.status?.conditions?[type: "Ready"]
    #expect(condition?.status == .false && condition?.message.contains("L2Service test/vlan13") == true)

    simulation.settle()
    #expect(simulation.plugged[Samples.name("running")]?.vlans == [23])
    #expect(simulation.vlans(on: "leaf1", "swp1") == [23])
    #expect(simulation.service("next")?.status?.phase == .ready)
    #expect(simulation.vlans(on: "leaf1", "swp48") == [13, 23])
    #expect(simulation.bridgeDomain("dc1-vlan13")?.owningServices == [Samples.name("next")])
  }

  @Test func sharedVLANStaysForTheOtherAttachment() {
    var simulation = Self.settled([Samples.attachment("second", ["vlan13"], at: "cp-br-data", .selectiveTrunk)])
    simulation.delete(WorldID(.attachment, Samples.name("access")))
    simulation.settle()
    #expect(simulation.attachment("access") == nil)
    #expect(simulation.vlans(on: "leaf1", "swp1") == [13])
    #expect(simulation.attachment("second")?.status?.phase == .ready)
  }

  @Test func nodeThatComesGetsTheNetworkAndOneThatGoesLosesIt() {
    var simulation = Self.settled()
    simulation.apply(.node(name: "worker2", labels: [:]))
    simulation.settle()
    #expect(simulation.nodeNetwork("worker2") == nil)
    #expect(simulation.vlans(on: "leaf2", "swp1") == [])
    #expect(simulation.vlans(on: "leaf1", "up1") == [])
    #expect(simulation.definition("access") != nil)
    simulation.apply(.node(name: "worker2", labels: ["node-pool": "data"]))
    simulation.compile()
    #expect(simulation.definition("access") != nil, "pods on the other nodes are not disturbed")
    simulation.settle()
    #expect(simulation.vlans(on: "leaf2", "swp1") == [13])
  }

  // MARK: Addresses

  @Test func podsGetAddressesOnce() throws {
    var simulation = Self.settled()
    simulation.apply(Samples.pod("a", networks: "access"))
    simulation.apply(Samples.pod("b", networks: "access"))
    let writes = simulation.compile().filter { if case .allocate = $0 { true } else { false } }
    #expect(writes.count == 2)
    #expect(simulation.compile().filter { if case .allocate = $0 { true } else { false } } == [])
    let a = try Allocation.list(parsing: try #require(simulation.pod("a")?.allocations))
    #expect(a.map(\.interface) == ["net1"])
    #expect(a.first?.ips.map(\.description) == ["10.10.13.10/24", "fd00:13::1/64"])
    #expect(a.first?.gateway.map(\.description) == ["10.10.13.1"])
    #expect(a.first?.routes.map { "\($0.destination)" } == ["30.30.13.0/24"])
    #expect(a.first?.mtu == 1500)
    #expect(a.first?.vlan?.rawValue == 13)
    let b = try Allocation.list(parsing: try #require(simulation.pod("b")?.allocations))
    #expect(b.first?.ips.first?.description == "10.10.13.11/24")
    #expect(a.first?.mac != b.first?.mac)
    simulation.settle()
    #expect(simulation.subnet("v4")?.status?.used == 2)
    #expect(simulation.subnet("v4")?.status?.available == "9")
    #expect(simulation.attachment("access")?.status?.pods == ["test/a", "test/b"])

    // The operator starts anew: everybody keeps what it has.
    simulation.restart()
    simulation.apply(Samples.pod("c", networks: "access"))
    simulation.settle()
    let c = try Allocation.list(parsing: try #require(simulation.pod("c")?.allocations))
    #expect(c.first?.ips.first?.description == "10.10.13.12/24")
    #expect(try Allocation.list(parsing: try #require(simulation.pod("a")?.allocations)) == a)

    simulation.delete(WorldID(.pod, Samples.name("a")))
    simulation.settle()
    #expect(simulation.subnet("v4")?.status?.used == 2)
  }

  /// Pods keep what they have when their attachment is given other services, also across a restart.
  @Test func addressesOfAChangedAttachmentStayInUse() throws {
    var simulation = Self.settled([
      Samples.pod("a", networks: "access"), Samples.service("vlan14", vlan: 14),
      Samples.attachment("same", ["vlan13"], at: "cp-br-data", .access),
    ])
    simulation.apply(Samples.attachment("access", ["vlan14"], at: "cp-br-data", .access))
    simulation.settle()
    simulation.restart()
    simulation.settle()
    simulation.apply(Samples.pod("b", networks: "same"))
    simulation.settle()
    #expect(simulation.pod("a")?.allocations?.contains("10.10.13.10/24") == true)
    #expect(simulation.pod("b")?.allocations?.contains("10.10.13.11/24") == true)
    #expect(simulation.subnet("v4")?.status?.used == 2)
  }

  @Test func fullSubnetTellsThePodAndGoesOnWhenOneGoes() throws {
    var simulation = Self.settled()
    for index in 0..<12 {
      simulation.apply(Samples.pod("p\(index)", networks: "access", created: Simulation.time(index)))
    }
    simulation.settle()
    let waiting = simulation.objects.values.compactMap { object -> PodRecord? in
      if case .pod(let pod) = object, pod.allocations == nil { pod } else { nil }
    }
    #expect(waiting.map(\.name.name) == ["p11"])
    #expect(
      simulation.announcements.filter { $0.subject.kind == .pod }.map(\.message) == [
        "subnet test/v4 has no free address: all 11 are in use; enlarge its pools or delete pods that use it"
      ])
    simulation.delete(WorldID(.pod, Samples.name("p3")))
    simulation.settle()
    #expect(simulation.pod("p11")?.allocations?.contains("10.10.13.13/24") == true)
  }

  @Test func requestedAddresses() throws {
    var simulation = Self.settled([
      Samples.pod(
        "a",
        networks: #"[{"name": "access", "ips": ["10.10.13.15"], "mac": "02:00:00:00:00:05", "interface": "data0"}]"#)
    ])
    simulation.settle()
    let allocation = try Allocation.list(parsing: try #require(simulation.pod("a")?.allocations)).first
    #expect(allocation?.interface == "data0")
    #expect(allocation?.ips.first?.description == "10.10.13.15/24")
    #expect(allocation?.mac?.description == "02:00:00:00:00:05")
    simulation.apply(Samples.pod("b", networks: #"[{"name": "access", "ips": ["10.10.14.15"]}]"#))
    simulation.apply(Samples.pod("c", networks: #"[{"name": "access", "mac": "02:00"}]"#))
    simulation.settle()
    #expect(simulation.pod("b")?.allocations == nil)
    let messages = simulation.announcements.filter { $0.subject.kind == .pod }.map(\.message)
    #expect(messages.contains { $0.contains("10.10.14.15 is in no subnet of network test/access") })
    #expect(messages.contains { $0.contains("[0].mac") })
  }

  // MARK: Trunks

  @Test func trunksOfOneConnectionPointShareTheirVLANs() {
    var simulation = Self.settled([
      Samples.service("vlan14", vlan: 14), Samples.service("vlan15", vlan: 15),
      Samples.attachment("one", ["vlan13", "vlan14"], at: "cp-br-trunk", .trunk),
      Samples.attachment("two", ["vlan15"], at: "cp-br-trunk", .trunk),
    ])
    for name in ["one", "two"] {
      #expect(simulation.attachment(name)?.status?.vlans == [13, 14, 15])
      #expect(simulation.attachment(name)?.status?.conditions?[type: "Warning"]?.reason == "SharedTrunk")
      #expect(simulation.attachment(name)?.status?.phase == .ready)
      #expect(simulation.definition(name)?.spec?.config?.contains(#"{"maxID":15,"minID":13}"#) == true)
    }
    simulation.delete(WorldID(.attachment, Samples.name("two")))
    simulation.settle()
    #expect(simulation.attachment("one")?.status?.conditions?[type: "Warning"] == nil)
    #expect(simulation.definition("one")?.spec?.config?.contains(#"{"maxID":15,"minID":13}"#) == false)
    #expect(simulation.vlans(on: "leaf1", "swp2") == [13, 14])
  }
}
