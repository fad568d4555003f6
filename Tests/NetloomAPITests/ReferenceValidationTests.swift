import KubernetesModel
import Testing

@testable import NetloomAPI

/// One object among others, and what must be said about it.
struct Case<Resource: ReferringResource>: Sendable {
  let resource: Resource
  let world: World
  let expected: [String]

  init(_ resource: Resource, _ expected: String..., in change: (inout World) -> Void = { _ in }) {
    var world = World.usual
    change(&world)
    self.resource = resource
    self.world = world
    self.expected = expected
  }

  var found: [String] { (resource.validate() + resource.validate(in: world)).map(\.description) }
}

@Suite struct ReferenceValidationTests {
  private typealias W = World

  static let services: [Case<L2Service>] = [
    Case(W.service("new", 15, subnets: ["four", "six"])),
    Case(W.service("new", 13, networks: ["physnet2"])) { $0.fabrics[0].spec.uplinks?.append(physnet2) },
    Case(
      W.service("new", 0),
      "spec.segmentationID: Invalid value: 0: 0 stands for untagged frames (IEEE 802.1Q); use 1-4094"),
    Case(
      W.service("new", 4095), "spec.segmentationID: Invalid value: 4095: 4095 is reserved (IEEE 802.1Q); use 1-4094"),
    Case(W.service("new", 5000), "spec.segmentationID: Invalid value: 5000: it is more than 4094; use 1-4094"),
    Case(
      W.service("new", 13),
      "spec.segmentationID: Duplicate value: 13: the VLAN is taken on physical network physnet1 by L2Service test/vlan13; use another VLAN or another physical network"
    ) { $0.services[0].metadata.creationTimestamp = "2026-01-01T00:00:00Z" },
    Case(
      W.service("new", 13, networks: nil),
      "spec.segmentationID: Duplicate value: 13: the VLAN is taken on every physical network, as this L2Service names none, by L2Service test/vlan13; use another VLAN or another physical network"
    ) { $0.services[0].metadata.creationTimestamp = "2026-01-01T00:00:00Z" },
    // The earlier one keeps its VLAN.
    Case(W.service("vlan13", 13, created: "2026-01-01T00:00:00Z")) {
      $0.services.append(W.service("later", 13, created: "2026-01-01T00:00:01Z"))
    },
    Case(
      W.service("new", 15, subnets: ["four", "four-too"]),
      #"spec.subnets[1]: Invalid value: "four-too": it is IPv4 as Subnet four is; name one Subnet of each IP family"#),
    Case(
      W.service("new", 15, subnets: ["fuor"]),
      #"spec.subnets[0]: Not found: "fuor": there is no Subnet of this name in namespace test"#),
    Case(
      W.service("new", 15, networks: ["physnet9"]),
      #"spec.physicalNetworks[0]: Not found: "physnet9": no Fabric has an uplink of this physicalNetwork; use one that a Fabric names in spec.uplinks"#
    ),
    Case(W.service("new", nil, untagged: ["physnet1"])),
    Case(
      W.service("new", nil, untagged: ["physnet9"]),
      #"spec.physicalNetworks[0]: Not found: "physnet9": no Fabric has an uplink of this physicalNetwork; use one that a Fabric names in spec.uplinks"#
    ),
    Case(
      W.service("new", nil, untagged: ["physnet1", "physnet2"]),
      "spec.segmentationID: Required value: without a VLAN it is the untagged frames of one physical network; give the VLAN, or name one physical network"
    ) { $0.fabrics[0].spec.uplinks?.append(physnet2) },
    Case(
      W.service("new", nil, untagged: ["physnet1"]),
      #"spec.physicalNetworks[0]: Duplicate value: "physnet1": what has no VLAN there is L2Service test/native; use another physical network, or give a VLAN"#
    ) { $0.services.append(W.service("native", nil, untagged: ["physnet1"], created: "2026-01-01T00:00:00Z")) },
    // The earlier one keeps it, and another physical network is another matter.
    Case(W.service("native", nil, untagged: ["physnet1"], created: "2026-01-01T00:00:00Z")) {
      $0.fabrics[0].spec.uplinks?.append(physnet2)
      $0.services.append(W.service("later", nil, untagged: ["physnet1"], created: "2026-01-01T00:00:01Z"))
      $0.services.append(W.service("other", nil, untagged: ["physnet2"], created: "2025-01-01T00:00:01Z"))
    },
    Case(
      W.service("new", 15, allowed: .init(from: .selector)),
      "spec.allowedNamespaces.selector: Required value: from: Selector needs it; write the labels of the namespaces"),
    Case(
      W.service("new", 15, allowed: .init(from: .all, selector: .init(matchLabels: ["a": "b"]))),
      "spec.allowedNamespaces.selector: Forbidden: it has no effect without from: Selector; leave it out"),
  ]

  private static let native = W.service("native", nil, untagged: ["physnet1"])
  private static let ovn = ConnectionPoint.Interface(implementation: .ovn, bridge: "br-ovn", uplink: "eth1")
  private static let physnet2 = Fabric.Uplink(gateway: "g2", physicalNetwork: "physnet2", switch: "leaf1", port: "p")

  @Test(arguments: services) func l2Service(_ test: Case<L2Service>) {
    #expect(test.found == test.expected)
  }

  static let attachments: [Case<L2ServiceAttachment>] = [
    Case(W.attachment(["vlan13"])),
    Case(W.attachment(["vlan13", "vlan14"], .selectiveTrunk)),
    Case(
      W.attachment(["vlan13", "vlan14"]),
      #"spec.l2Services: Invalid value: ["vlan13","vlan14"]: vlanType access carries one L2Service; name one, or use vlanType selectivetrunk or trunk"#
    ),
    Case(
      W.attachment(["vlan13", "test/vlan13"], .trunk),
      #"spec.l2Services[1]: Duplicate value: "test/vlan13": the L2Service is listed twice; name it once"#),
    Case(
      W.attachment(["vlan31"]),
      #"spec.l2Services[0]: Not found: "vlan31": there is no L2Service vlan31 in namespace test"#),
    Case(
      W.attachment(["vlan13"], on: "cp-br-dta"),
      #"spec.connectionPoint: Not found: "cp-br-dta": there is no ConnectionPoint of this name"#),
    Case(
      W.attachment(["vlan13"], on: nil),
      "spec.connectionPoint: Required value: L2Service test/vlan13 is on a physical network; name the ConnectionPoint where pods plug in"
    ),
    Case(
      W.attachment(["vlan13"], interface: .dpdk),
      #"spec.podInterfaceType: Unsupported value: "dpdk": ConnectionPoint cp-br-data offers netloom (kernel; access, trunk, selectivetrunk, qinq)"#
    ),
    Case(
      W.attachment(["vlan13"], interface: .dpdk, implementation: .netloom),
      #"spec.podInterfaceType: Unsupported value: "dpdk": implementation netloom supports kernel"#,
      #"spec.podInterfaceType: Unsupported value: "dpdk": ConnectionPoint cp-br-data offers netloom (kernel; access, trunk, selectivetrunk, qinq)"#
    ),
    Case(
      W.attachment(["vlan13"], implementation: .macvlan),
      #"spec.implementation: Unsupported value: "macvlan": ConnectionPoint cp-br-data offers netloom (kernel; access, trunk, selectivetrunk, qinq)"#
    ),
    Case(
      W.attachment(["vlan13"], .selectiveTrunk),
      #"spec.vlanType: Unsupported value: "selectivetrunk": ConnectionPoint cp-br-data offers host-device (kernel; trunk)"#
    ) { $0.points[0].spec.interfaces = [.init(implementation: .hostDevice, resourceName: "intel.com/virtio")] },
    Case(
      W.attachment(["test/vlan13"], namespace: "stranger"),
      #"spec.l2Services[0]: Forbidden: "test/vlan13": L2Service test/vlan13 may not be used from namespace stranger; its spec.allowedNamespaces would have to permit it"#
    ),
    Case(
      W.attachment(["test/vlan13"], namespace: "stranger"),
      #"spec.l2Services[0]: Forbidden: "test/vlan13": L2Service test/vlan13 may not be used from namespace stranger; its spec.allowedNamespaces would have to permit it"#
    ) { $0.services[0].spec.allowedNamespaces = blueTeam },
    Case(W.attachment(["test/vlan13"], namespace: "guest")) { $0.services[0].spec.allowedNamespaces = blueTeam },
    Case(W.attachment(["test/vlan13"], namespace: "stranger")) {
      $0.services[0].spec.allowedNamespaces = .init(from: .all)
    },
    Case(W.attachment(["overlay"], on: nil)) { $0.services.append(W.service("overlay", nil)) },
    Case(
      W.attachment(["overlay"], on: nil, .trunk),
      #"spec.vlanType: Invalid value: "trunk": L2Service test/overlay has no VLAN to tag; use vlanType access"#
    ) { $0.services.append(W.service("overlay", nil)) },
    Case(
      W.attachment(["overlay"]),
      #"spec.connectionPoint: Invalid value: "cp-br-data": L2Service test/overlay is an overlay, which every node has; leave the ConnectionPoint out, or name the physical network in spec.physicalNetworks of the L2Service"#
    ) { $0.services.append(W.service("overlay", nil)) },
    Case(
      W.attachment(["native"]),
      #"spec.connectionPoint: Invalid value: "cp-br-data": it has no interface of implementation ovn, and L2Service test/native has no VLAN, which only OVN carries; add one, or use another"#
    ) { $0.services.append(native) },
    Case(
      W.attachment(["native"]),
      #"spec.implementation: Invalid value: "netloom": L2Service test/native has no VLAN, which only OVN carries; write implementation ovn"#
    ) {
      $0.services.append(native)
      $0.points[0].spec.interfaces.append(ovn)
    },
    Case(W.attachment(["native"], implementation: .ovn)) {
      $0.services.append(native)
      $0.points[0].spec.interfaces.append(ovn)
    },
    Case(
      W.attachment(["native"]),
      #"spec.connectionPoint: Invalid value: "cp-br-data": it is on physical network physnet2, L2Service test/native on physnet1; use a ConnectionPoint there"#
    ) {
      $0.services.append(native)
      $0.points[0].spec.interfaces = [ovn]
      $0.points[0].spec.physicalNetwork = "physnet2"
    },
    Case(
      W.attachment(["native"]),
      #"spec.connectionPoint: Invalid value: "cp-br-data": it names no physicalNetwork, and L2Service test/native is on physnet1; use a ConnectionPoint there"#
    ) {
      $0.services.append(native)
      $0.points[0].spec.interfaces = [ovn]
      $0.points[0].spec.physicalNetwork = nil
    },
    Case(
      W.attachment(["native"], on: nil),
      "spec.connectionPoint: Required value: L2Service test/native is on a physical network; name the ConnectionPoint where pods plug in"
    ) { $0.services.append(native) },
    Case(
      W.attachment(["native"], .trunk, implementation: .ovn),
      #"spec.vlanType: Unsupported value: "trunk": implementation ovn supports access"#,
      #"spec.vlanType: Invalid value: "trunk": L2Service test/native has no VLAN to tag; use vlanType access"#,
      #"spec.vlanType: Unsupported value: "trunk": ConnectionPoint cp-br-data offers ovn (kernel; access)"#
    ) {
      $0.services.append(native)
      $0.points[0].spec.interfaces = [ovn]
    },
    Case(
      W.attachment(["vlan13"]),
      #"spec.connectionPoint: Invalid value: "cp-br-data": it is on physical network physnet2, L2Service test/vlan13 on physnet1; use a ConnectionPoint there"#
    ) { $0.points[0].spec.physicalNetwork = "physnet2" },
    Case(
      W.attachment(["vlan13"]),
      #"spec.connectionPoint: Invalid value: "cp-br-data": its mtu 1000 is less than the 1280 that IPv6 needs for L2Service test/vlan13 (RFC 8200 section 5); use one with a larger mtu"#
    ) {
      $0.points[0].spec.mtu = 1000
      $0.services[0].spec.subnets = ["six"]
    },
  ]

  private static let blueTeam = L2Service.AllowedNamespaces(
    from: .selector, selector: LabelSelector(matchLabels: ["team": "blue"]))

  @Test(arguments: attachments) func attachment(_ test: Case<L2ServiceAttachment>) {
    #expect(test.found == test.expected)
  }

  @Test func severalTrunksOnOneConnectionPointAreWarnedOf() {
    var world = World.usual
    let first = World.attachment(["vlan13"], .trunk, name: "first")
    world.attachments = [first, World.attachment(["vlan14"], name: "access")]
    #expect(first.sharedTrunkWarning(in: world) == nil)
    world.attachments.append(World.attachment(["vlan14"], .trunk, name: "second"))
    #expect(
      first.sharedTrunkWarning(in: world)
        == "ConnectionPoint cp-br-data has more trunk attachments (test/second): the pods of all get the union of their VLANs; use selectivetrunk where that is not meant"
    )
  }

  @Test func aBridgeDomainNamesItsFabricAndSwitches() {
    let world = World.usual
    var domain = Samples.bridgeDomain
    #expect(domain.validate(in: world).isEmpty)
    domain.spec.ports.append(.init(switch: "leaf9", port: "swp1"))
    domain.spec.ports.append(.init(switch: "leaf1", port: "swp1"))
    #expect(
      (domain.validate() + domain.validate(in: world)).map(\.description) == [
        #"spec.ports[2]: Duplicate value: "leaf1/swp1": the port is listed twice; name it once"#,
        #"spec.ports[1].switch: Not found: "leaf9": Fabric dc1 has no switch of this name"#,
      ])
  }
}
