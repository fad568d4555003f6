import KubernetesModel
import Testing

@testable import NetloomAPI

/// What is wrong with a NetworkPort, alone and beside others, in exact words.
@Suite struct NetworkPortValidationTests {
  private static func port(_ name: String, _ spec: NetworkPort.Spec) -> NetworkPort {
    NetworkPort(metadata: .inTest(name), spec: spec)
  }

  static let ports: [(NetworkPort, [String])] = [
    (port("a", .init(l2Service: "blue", type: .vm, mac: "02:00:00:00:00:01", addresses: ["10.1.0.9"])), []),
    (port("a", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 5))), []),
    (port("a", .init(l2Service: "blue", type: .host, host: .init(connectionPoint: "cp-ovn", vlan: 30))), []),
    (
      port("a", .init(l2Service: "blue", type: .nested)),
      ["spec.parent: Required value: type Nested needs the port that it is inside of, and a VLAN"]
    ),
    (
      port("a", .init(l2Service: "blue", type: .host)),
      ["spec.host: Required value: type Host needs the ConnectionPoint where the host is"]
    ),
    (
      port("a", .init(l2Service: "blue", type: .vm, host: .init(connectionPoint: "cp-ovn", vlan: 30))),
      ["spec.host: Forbidden: it has no effect with type VM; leave it out, or use type Host"]
    ),
    (
      port("a", .init(l2Service: "blue", type: .vm, parent: .init(networkPort: "vm", vlan: 5))),
      ["spec.parent: Forbidden: it has no effect with type VM; leave it out, or use type Nested"]
    ),
    (
      port("a", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "a", vlan: 5))),
      [
        #"spec.parent.networkPort: Invalid value: "a": it is this port itself; name the port of the machine"#,
        #"spec.parent.networkPort: Not found: "a": there is no NetworkPort of this name in namespace test"#,
      ]
    ),
    (
      port("a", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 4095))),
      ["spec.parent.vlan: Invalid value: 4095: 4095 is reserved (IEEE 802.1Q); use 1-4094"]
    ),
    (
      port("a", .init(l2Service: "blue", type: .vm, mac: "01:00:5e:00:00:01")),
      [
        #"spec.mac: Invalid value: "01:00:5e:00:00:01": it is a group address, which no interface may have; use one such as 02:00:00:00:00:01"#
      ]
    ),
    (
      port("a", .init(l2Service: "blue", type: .vm, addresses: ["10.1.0.9", "10.1.0.9"])),
      [#"spec.addresses[1]: Duplicate value: "10.1.0.9": list it once"#]
    ),
    (
      port("a", .init(l2Service: "blue", type: .host, host: .init(connectionPoint: "cp-none", vlan: 30))),
      [#"spec.host.connectionPoint: Not found: "cp-none": there is no ConnectionPoint of this name"#]
    ),
    (
      port("a", .init(l2Service: "blue", type: .host, host: .init(connectionPoint: "cp-ovn", vlan: 50))),
      [
        "spec.host.vlan: Duplicate value: 50: the VLAN is taken on physical network physnet1 by L2Service test/outside; use another"
      ]
    ),
    (
      port("a", .init(l2Service: "outside", type: .host, host: .init(connectionPoint: "cp-ovn", vlan: 50))),
      [
        "spec.host.vlan: Duplicate value: 50: it is the VLAN of L2Service test/outside itself, so that the host is on it without a port; leave this one out"
      ]
    ),
    (
      port("a", .init(l2Service: "blue", type: .host, host: .init(connectionPoint: "cp-ovn", vlan: 0))),
      ["spec.host.vlan: Invalid value: 0: 0 stands for untagged frames (IEEE 802.1Q); use 1-4094"]
    ),
    (
      port("a", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 5), node: "worker1")),
      [#"spec.node: Forbidden: "worker1": a nested port is where its parent is; leave it out"#]
    ),
  ]

  @Test(arguments: ports.indices) func whatIsWrongWithAPort(index: Int) {
    VirtualWorld.check(Self.ports[index].0, Self.ports[index].1)
  }

  @Test func aVLANInsideAPortIsOnePort() {
    let spec = NetworkPort.Spec(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 5))
    VirtualWorld.check(
      Self.port("b", spec),
      ["spec.parent.vlan: Duplicate value: 5: NetworkPort a is this VLAN of vm; use another"]
    ) { $0.ports.append(Self.port("a", spec)) }
  }

  @Test func aPortInsideAPortHasNoneInside() {
    let spec = NetworkPort.Spec(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 5))
    VirtualWorld.check(
      Self.port("b", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "a", vlan: 6))),
      [#"spec.parent.networkPort: Invalid value: "a": it is of type Nested; name a port of type VM"#]
    ) { $0.ports.append(Self.port("a", spec)) }
  }

  @Test func aVLANLeadsToOneNetwork() {
    func spec(_ service: String) -> NetworkPort.Spec {
      .init(l2Service: service, type: .host, host: .init(connectionPoint: "cp-ovn", vlan: 30))
    }
    VirtualWorld.check(
      Self.port("b", spec("red")),
      [
        "spec.host.vlan: Duplicate value: 30: the VLAN leads to L2Service test/blue by NetworkPort test/a; use another"
      ]
    ) { $0.ports.append(Self.port("a", spec("blue"))) }
  }

  /// By two nodes frames would go round.
  @Test func aVLANLeadsThereByOneNode() {
    func spec(_ node: String?) -> NetworkPort.Spec {
      .init(l2Service: "blue", type: .host, host: .init(connectionPoint: "cp-ovn", vlan: 30), node: node)
    }
    VirtualWorld.check(Self.port("b", spec(nil)), []) { $0.ports.append(Self.port("a", spec("worker1"))) }
    VirtualWorld.check(Self.port("b", spec("worker1")), []) { $0.ports.append(Self.port("a", spec("worker1"))) }
    for (node, words) in [("worker1", "node worker1"), (nil, "a node that Netloom chooses")] {
      VirtualWorld.check(
        Self.port("b", spec("worker2")),
        [
          #"spec.node: Invalid value: "worker2": NetworkPort test/a reaches the same VLAN by \#(words), and by two frames would go round; leave it out, or name the same in both"#
        ]
      ) { $0.ports.append(Self.port("a", spec(node))) }
    }
  }

  @Test func aHostIsWhereOVNReachesItsNetwork() {
    let spec = NetworkPort.Spec(l2Service: "blue", type: .host, host: .init(connectionPoint: "cp-br-data", vlan: 30))
    VirtualWorld.check(
      Self.port("a", spec),
      [
        #"spec.host.connectionPoint: Unsupported value: "cp-br-data": it has no interface of implementation ovn, by which OVN would reach its physical network; add one, or use another"#
      ]
    ) { $0.points.append(Samples.connectionPoint) }
  }
}
