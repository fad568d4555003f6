import KubernetesModel
import Testing

@testable import NetloomAPI

/// What an interface can be given beside its VLANs, each wrong in turn.
@Suite struct AttachmentPropertyTests {
  typealias Spec = L2ServiceAttachment.Spec

  private static let all: [ConnectionPoint.Interface] = [
    .init(implementation: .netloom, bridge: "br-data"), .init(implementation: .ovs, bridge: "br-data"),
    .init(implementation: .macvlan, uplink: "eth1"), .init(implementation: .ipvlan, uplink: "eth1"),
    .init(implementation: .bridge, bridge: "lan"), .init(implementation: .hostDevice, resourceName: "a.b/c"),
    .init(implementation: .sriov, resourceName: "a.b/vf"), .init(implementation: .userspace, bridge: "br-dpdk"),
  ]

  static let cases: [(change: @Sendable (inout Spec) -> Void, expected: [String])] = [
    ({ _ in }, []),
    // MTU
    ({ $0.mtu = 1500 }, []),
    ({ $0.mtu = 68 }, []),
    ({ $0.mtu = 67 }, ["spec.mtu: Invalid value: 67: use 68 to 9216"]),
    ({ $0.mtu = 0 }, ["spec.mtu: Invalid value: 0: use 68 to 9216"]),
    ({ $0.mtu = -1 }, ["spec.mtu: Invalid value: -1: use 68 to 9216"]),
    (
      { $0.mtu = 9217 },
      [
        "spec.mtu: Invalid value: 9217: use 68 to 9216",
        "spec.mtu: Invalid value: 9217: ConnectionPoint cp-br-data has room for 1500 (its spec.mtu); use at most that, or raise it there",
      ]
    ),
    (
      { $0.mtu = 1501 },
      [
        "spec.mtu: Invalid value: 1501: ConnectionPoint cp-br-data has room for 1500 (its spec.mtu); use at most that, or raise it there"
      ]
    ),
    (
      {
        $0.mtu = 1497
        $0.vlanType = .qinq
      },
      [
        "spec.mtu: Invalid value: 1497: ConnectionPoint cp-br-data has room for 1496 (its spec.mtu less 4 for the second VLAN tag); use at most that, or raise it there"
      ]
    ),
    (
      {
        $0.mtu = 1496
        $0.vlanType = .qinq
      }, []
    ),
    (
      {
        $0.mtu = 1279
        $0.l2Services = ["vlan15"]
      },
      [
        "spec.mtu: Invalid value: 1279: it is less than the 1280 that IPv6 needs for L2Service test/vlan15 (RFC 8200 section 5); use 1280 or more"
      ]
    ),
    (
      {
        $0.mtu = 1400
        $0.implementation = .sriov
      },
      [
        "spec.mtu: Unsupported value: 1400: implementation sriov gives pods the MTU of the device; leave it out",
        "spec.mtu: Unsupported value: 1400: \(offers)",
      ]
    ),
    // Bandwidth
    ({ $0.bandwidth = .init(ingressRate: 1000, ingressBurst: 12144, egressRate: 1_000_000_000_000) }, []),
    (
      { $0.bandwidth = .init() },
      [
        "spec.bandwidth.ingressRate: Required value: give a rate for at least one direction, or leave bandwidth out"
      ]
    ),
    (
      { $0.bandwidth = .init(ingressRate: 999) },
      ["spec.bandwidth.ingressRate: Invalid value: 999: it is in bits a second; use 1000 to 1000000000000"]
    ),
    (
      { $0.bandwidth = .init(ingressRate: -5) },
      ["spec.bandwidth.ingressRate: Invalid value: -5: it is in bits a second; use 1000 to 1000000000000"]
    ),
    (
      { $0.bandwidth = .init(egressRate: 0) },
      ["spec.bandwidth.egressRate: Invalid value: 0: it is in bits a second; use 1000 to 1000000000000"]
    ),
    (
      { $0.bandwidth = .init(egressRate: 1_000_000_000_001) },
      ["spec.bandwidth.egressRate: Invalid value: 1000000000001: it is in bits a second; use 1000 to 1000000000000"]
    ),
    (
      { $0.bandwidth = .init(ingressBurst: 20000) },
      ["spec.bandwidth.ingressRate: Required value: a burst needs a rate; give both"]
    ),
    (
      { $0.bandwidth = .init(ingressRate: 5000, egressBurst: 20000) },
      ["spec.bandwidth.egressRate: Required value: a burst needs a rate; give both"]
    ),
    (
      { $0.bandwidth = .init(ingressRate: 5000, ingressBurst: 11999) },
      [
        "spec.bandwidth.ingressBurst: Invalid value: 11999: it is in bits and has to hold a packet; use 12000 to 1000000000000"
      ]
    ),
    (
      { $0.bandwidth = .init(egressRate: 5000, egressBurst: 1_000_000_000_001) },
      [
        "spec.bandwidth.egressBurst: Invalid value: 1000000000001: it is in bits and has to hold a packet; use 12000 to 1000000000000"
      ]
    ),
    (
      { $0.bandwidth = .init(egressRate: 5000, egressBurst: 12143) },
      [
        "spec.bandwidth.egressBurst: Invalid value: 12143: a frame of the largest packet has 12144 bits on ConnectionPoint cp-br-data; use at least that"
      ]
    ),
    (
      {
        $0.bandwidth = .init(egressRate: 5_000_000)
        $0.implementation = .sriov
      }, []
    ),
    (
      {
        $0.bandwidth = .init(ingressRate: 5_000_000)
        $0.implementation = .sriov
      },
      [
        "spec.bandwidth.ingressRate: Unsupported value: 5000000: implementation sriov cannot limit it; leave it out, or use netloom",
        "spec.bandwidth.ingressRate: Unsupported value: 5000000: \(offers)",
      ]
    ),
    (
      {
        $0.bandwidth = .init(ingressRate: 5_000_000, egressRate: 5_000_000)
        $0.implementation = .bridge
      }, []
    ),
    (
      {
        $0.bandwidth = .init(egressRate: 5_000_000)
        $0.implementation = .macvlan
      },
      [
        "spec.bandwidth.egressRate: Unsupported value: 5000000: implementation macvlan cannot limit it; leave it out, or use netloom",
        "spec.bandwidth.egressRate: Unsupported value: 5000000: \(offers)",
      ]
    ),
    (
      {
        $0.bandwidth = .init(egressRate: 5_000_000)
        $0.implementation = .ovs
      },
      [
        "spec.bandwidth.egressRate: Unsupported value: 5000000: implementation ovs cannot limit it; leave it out, or use netloom",
        "spec.bandwidth.egressRate: Unsupported value: 5000000: \(offers)",
      ]
    ),
    // Port security
    ({ $0.portSecurity = true }, []),
    ({ $0.portSecurity = false }, []),
    (
      {
        $0.portSecurity = true
        $0.implementation = .bridge
      }, []
    ),
    (
      {
        $0.portSecurity = true
        $0.implementation = .macvlan
      },
      [
        "spec.portSecurity: Unsupported value: true: implementation macvlan has no port security; leave it out",
        "spec.portSecurity: Unsupported value: true: \(offers)",
      ]
    ),
    (
      {
        $0.portSecurity = false
        $0.implementation = .ipvlan
      },
      [
        "spec.portSecurity: Unsupported value: false: implementation ipvlan has no port security; leave it out",
        "spec.portSecurity: Unsupported value: false: \(offers)",
      ]
    ),
    // QinQ
    ({ $0.vlanType = .qinq }, []),
    (
      {
        $0.vlanType = .qinq
        $0.customerVLANs = ["1", "100-199", "4094"]
      }, []
    ),
    (
      { $0.customerVLANs = ["100"] },
      ["spec.customerVLANs: Forbidden: it has no effect without vlanType qinq; leave it out"]
    ),
    (
      {
        $0.vlanType = .qinq
        $0.customerVLANs = []
      },
      ["spec.customerVLANs: Required value: name at least one VLAN, or leave customerVLANs out for all"]
    ),
    (qinq("0"), [unreadable("0")]), (qinq("4095"), [unreadable("4095")]), (qinq("x"), [unreadable("x")]),
    (qinq(""), [unreadable("")]), (qinq("200-100"), [unreadable("200-100")]), (qinq("1-"), [unreadable("1-")]),
    (qinq("-1"), [unreadable("-1")]), (qinq("1-2-3"), [unreadable("1-2-3")]),
    (qinq("100-4095"), [unreadable("100-4095")]),
    (
      {
        $0.vlanType = .qinq
        $0.customerVLANs = ["100-199", "150"]
      },
      [#"spec.customerVLANs[1]: Duplicate value: "150": VLANs of it are listed before; list each once"#]
    ),
    (
      {
        $0.vlanType = .qinq
        $0.l2Services = ["vlan13", "vlan14"]
      },
      [
        #"spec.l2Services: Invalid value: ["vlan13","vlan14"]: vlanType qinq carries one L2Service; name one, or use vlanType selectivetrunk or trunk"#
      ]
    ),
    (
      {
        $0.vlanType = .qinq
        $0.implementation = .ovs
      },
      [
        #"spec.vlanType: Unsupported value: "qinq": implementation ovs supports access, trunk, selectivetrunk"#,
        #"spec.implementation: Unsupported value: "ovs": \#(offers)"#,
      ]
    ),
  ]

  private static func qinq(_ text: String) -> @Sendable (inout Spec) -> Void {
    {
      $0.vlanType = .qinq
      $0.customerVLANs = [text]
    }
  }

  private static func unreadable(_ text: String) -> String {
    #"spec.customerVLANs[0]: Invalid value: "\#(text)": write a VLAN, 1 to 4094, or a range of them such as 100-199"#
  }

  private static let offers =
    "ConnectionPoint cp-br-data offers netloom (kernel; access, trunk, selectivetrunk, qinq), "
    + "ovs (kernel; access, trunk, selectivetrunk), macvlan (kernel; access), ipvlan (kernel; access), "
    + "bridge (kernel; access), host-device (kernel; trunk), sriov (kernel; access, trunk, qinq), userspace (dpdk; trunk)"

  @Test(arguments: cases.indices) func eachIsToldWithItsField(index: Int) {
    var world = World.usual
    world.points[0].spec.interfaces = Self.all
    world.services.append(World.service("vlan15", 15, subnets: ["six"]))
    var attachment = World.attachment(["vlan13"])
    Self.cases[index].change(&attachment.spec)
    #expect((attachment.validate() + attachment.validate(in: world)).map(\.description) == Self.cases[index].expected)
  }

  @Test func whatFitsIsChosen() {
    let spec = ConnectionPoint.Spec(interfaces: Self.all.reversed())
    var attachment = Spec(l2Services: ["a"])
    #expect(spec.choice(for: attachment)?.interface.implementation == .sriov)
    attachment.bandwidth = .init(ingressRate: 5000)
    #expect(spec.choice(for: attachment)?.interface.implementation == .bridge)
    attachment.vlanType = .qinq
    #expect(spec.choice(for: attachment)?.interface.implementation == .netloom)
    #expect(attachment.effectiveMTU(on: spec) == 1496)
    attachment.mtu = 9000
    #expect(attachment.effectiveMTU(on: spec) == 1496)
  }
}
