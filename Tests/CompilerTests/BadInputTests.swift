import KubernetesModel
import NetloomAPI
import Testing

@testable import Compiler

/// Every mistake is named on the object, and changes nothing in the network.
@Suite struct BadInputTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    var object: WorldObject
    var says: [String]
    var testDescription: String { says.joined(separator: " ") }
  }

  static let mistakes: [Mistake] = [
    .init(object: Samples.service("new", vlan: 0), says: ["spec.segmentationID", "0"]),
    .init(object: Samples.service("new", vlan: 4095), says: ["spec.segmentationID", "4095"]),
    .init(
      object: Samples.service("new", vlan: 13, physicalNetworks: ["physnet1"]),
      says: ["spec.segmentationID", "13", "test/vlan13", "physnet1"]),
    .init(object: Samples.service("new", vlan: 13), says: ["spec.segmentationID", "13", "test/vlan13"]),
    .init(object: Samples.service("new", vlan: 50, subnets: ["none"]), says: ["spec.subnets[0]", "none"]),
    .init(object: Samples.service("new", vlan: 50, subnets: ["v4", "v4b"]), says: ["spec.subnets[1]", "v4b", "IPv4"]),
    .init(
      object: Samples.service("new", vlan: 50, physicalNetworks: ["physnet9"]),
      says: ["spec.physicalNetworks[0]", "physnet9"]),
    .init(object: Samples.service("new", vlan: nil), says: ["spec.segmentationID", "needs OVN"]),
    .init(object: Samples.subnet("new", .init(cidr: "10.10.13.5/24")), says: ["spec.cidr", "10.10.13.0/24"]),
    .init(
      object: Samples.subnet("new", .init(cidr: "10.9.0.0/24", pools: [.init(start: "10.9.0.10", end: "10.9.1.10")])),
      says: ["spec.pools[0].end", "10.9.1.10"]),
    .init(
      object: Samples.subnet(
        "new",
        .init(
          cidr: "10.9.0.0/24",
          pools: [.init(start: "10.9.0.10", end: "10.9.0.20"), .init(start: "10.9.0.15", end: "10.9.0.30")])),
      says: ["spec.pools[1]", "overlap"]),
    .init(
      object: Samples.subnet(
        "new", .init(cidr: "10.9.0.0/24", routes: [.init(destination: "30.0.0.0/24", nextHop: "10.8.0.1")])),
      says: ["spec.routes[0].nextHop", "10.8.0.1"]),
    .init(
      object: Samples.attachment("new", ["none"], at: "cp-br-data", .access), says: ["spec.l2Services[0]", "none"]),
    .init(
      object: Samples.attachment("new", ["other/vlan7"], at: "cp-br-data", .access),
      says: ["spec.l2Services[0]", "other/vlan7", "test"]),
    .init(
      object: Samples.attachment("new", ["vlan13"], at: "cp-none", .access), says: ["spec.connectionPoint", "cp-none"]),
    .init(
      object: Samples.attachment("new", ["vlan13", "vlan14"], at: "cp-br-data", .access),
      says: ["spec.l2Services", "access"]),
    .init(
      object: Samples.attachment("new", ["vlan13"], at: "cp-br-data", .access, podInterfaceType: .dpdk),
      says: ["spec.podInterfaceType", "dpdk", "cp-br-data"]),
    .init(
      object: Samples.attachment("new", ["vlan13"], at: "cp-br-data", .access, implementation: .macvlan),
      says: ["spec.implementation", "macvlan", "cp-br-data"]),
    .init(
      object: Samples.attachment("new", ["vlan13"], at: "cp-device", .access),
      says: ["spec.vlanType", "access", "cp-device"]),
    .init(
      object: Samples.attachment("new", ["vlan13"], at: "cp-unlinked", .access),
      says: ["cp-unlinked", "eth9", "worker1"]),
    .init(
      object: Samples.attachment("new", ["vlan13"], at: "cp-nowhere", .access), says: ["cp-nowhere", "no node"]),
    .init(
      object: Samples.attachment("new", ["vlan13"], at: "cp-elsewhere", .access),
      says: ["spec.connectionPoint", "physnet2", "physnet1"]),
    .init(
      object: Samples.attachment("foreign", ["vlan13"], at: "cp-br-data", .access),
      says: ["NetworkAttachmentDefinition test/foreign", "not made by Netloom"]),
  ]

  static let settled: Simulation = {
    let foreign = NetworkAttachmentDefinition(
      metadata: ObjectMeta(name: "foreign", namespace: "test"), spec: .init(config: #"{"type": "macvlan"}"#))
    let other = L2Service(
      metadata: ObjectMeta(name: "vlan7", namespace: "other"), spec: .init(segmentationID: 7))
    var simulation = Samples.simulation(
      LifecycleTests.network + [
        .service(other), Samples.service("vlan14", vlan: 14), .definition(foreign),
        Samples.subnet("v4b", .init(cidr: "10.11.0.0/24")),
        Samples.connectionPoint("cp-device", pool: "data", [.init(implementation: .hostDevice, resourceName: "x/y")]),
        Samples.connectionPoint(
          "cp-unlinked", pool: "data", [.init(implementation: .netloom, bridge: "br9", uplink: "eth9")]),
        Samples.connectionPoint(
          "cp-nowhere", pool: "none", [.init(implementation: .netloom, bridge: "br", uplink: "eth1")]),
        Samples.connectionPoint(
          "cp-elsewhere", pool: "data", physicalNetwork: "physnet2",
          [.init(implementation: .netloom, bridge: "br-data", uplink: "eth1")]),
      ])
    simulation.settle()
    return simulation
  }()

  @Test(arguments: mistakes) func mistakesAreNamedAndChangeNothing(mistake: Mistake) throws {
    var simulation = Self.settled
    let (fabric, made) = (simulation.fabric, simulation.made.compactMap { simulation.objects[$0] })
    simulation.apply(mistake.object)
    simulation.settle()
    let status = try #require(simulation.objects[mistake.object.id]?.statusOnly?.common)
    #expect(status.phase == .error)
    let message = status.conditions?[type: "Ready"]?.message ?? ""
    for word in mistake.says { #expect(message.contains(word), "\(message)") }
    #expect(simulation.fabric == fabric)
    #expect(simulation.made.compactMap { simulation.objects[$0] } == made)
    #expect(simulation.announcements.last?.message == message)

    simulation.delete(mistake.object.id)
    simulation.settle()
    #expect(simulation.objects[mistake.object.id] == nil)
    #expect(simulation.made.compactMap { simulation.objects[$0] } == made)
  }

  /// What was programmed stays until the manifest is right again, also when the operator starts anew in between.
  @Test(arguments: [false, true]) func mistakeInWhatWorksKeepsItWorking(restart: Bool) throws {
    var simulation = Self.settled
    let (fabric, made) = (simulation.fabric, simulation.made.compactMap { simulation.objects[$0] })
    for bad in [
      Samples.service("vlan13", vlan: 4095, physicalNetworks: ["physnet1"], subnets: ["v4", "v6"]),
      Samples.service("vlan13", vlan: 13, physicalNetworks: ["physnet9"], subnets: ["v4", "v6"]),
      Samples.attachment("access", ["vlan13", "vlan14"], at: "cp-br-data", .access),
    ] {
      let good = try #require(simulation.objects[bad.id])
      simulation.apply(bad)
      simulation.settle()
      if restart { simulation.restart() }
      simulation.settle()
      #expect(simulation.attachment("access")?.status?.phase == .error)
      #expect(simulation.fabric == fabric)
      #expect(simulation.made.compactMap { simulation.objects[$0]?.withoutStatus } == made.map(\.withoutStatus))
      simulation.apply(good)
      simulation.settle()
      #expect(simulation.attachment("access")?.status?.phase == .ready)
      #expect(simulation.fabric == fabric)
    }
  }

  /// A service does not lose its VLAN to an older one that comes to ask for it.
  @Test func whoHasAVLANKeepsIt() {
    var simulation = Self.settled
    simulation.apply(Samples.service("old", vlan: 99).editing { $0.creationTimestamp = "2020-01-01T00:00:00Z" })
    simulation.settle()
    simulation.apply(Samples.service("old", vlan: 13).editing { $0.creationTimestamp = "2020-01-01T00:00:00Z" })
    simulation.settle()
    #expect(simulation.service("vlan13")?.status?.phase == .ready)
    #expect(simulation.service("old")?.status?.phase == .error)
    simulation.restart()
    simulation.settle()
    #expect(simulation.service("vlan13")?.status?.phase == .ready)
  }

  @Test func fabricInPartsIsAnErrorThatNamesTheParts() {
    var fabric = Samples.twoLeafFabric
    fabric.spec.interSwitchLinks = nil
    var simulation = Samples.simulation(
      LifecycleTests.network.filter { $0.id.kind != .fabric } + [.fabric(fabric)])
    simulation.settle()
    #expect(simulation.attachment("access")?.status?.phase == .error)
    #expect(
      simulation.attachment("access")?.status?.conditions?[type: "Ready"]?.message.contains("leaf1 and leaf2") == true)
  }

  @Test func foreignDefinitionIsLeftAsItIs() {
    var simulation = Self.settled
    simulation.apply(Samples.attachment("foreign", ["vlan13"], at: "cp-br-data", .access))
    simulation.settle()
    #expect(simulation.definition("foreign")?.spec?.config == #"{"type": "macvlan"}"#)
    simulation.delete(WorldID(.definition, Samples.name("foreign")))
    simulation.settle()
    #expect(simulation.attachment("foreign")?.status?.phase == .ready)
  }
}
