import KubernetesModel
import Testing

@testable import NetloomAPI

@Suite struct PlatformValidationTests {
  private static func point(_ interfaces: ConnectionPoint.Interface...) -> ConnectionPoint {
    ConnectionPoint(metadata: ObjectMeta(name: "cp"), spec: .init(interfaces: interfaces))
  }

  static let points: [(ConnectionPoint, [String])] = [
    (point(.init(implementation: .netloom, bridge: "br-data", uplink: "eth1")), []),
    (
      point(.init(implementation: .netloom)),
      ["spec.interfaces[0].bridge: Required value: implementation netloom needs it"]
    ),
    (
      point(.init(implementation: .macvlan)),
      ["spec.interfaces[0].uplink: Required value: implementation macvlan needs it"]
    ),
    (
      point(.init(implementation: .sriov)),
      ["spec.interfaces[0].resourceName: Required value: implementation sriov needs it"]
    ),
    (
      point(.init(implementation: .ovs, types: [.kernel, .dpdk], bridge: "br")),
      [#"spec.interfaces[0].types[1]: Unsupported value: "dpdk": implementation ovs can make kernel"#]
    ),
    (
      point(.init(implementation: .ovs, bridge: "br"), .init(implementation: .ovs, bridge: "br")),
      [
        #"spec.interfaces[1].implementation: Duplicate value: "ovs": another interface has this implementation with the same bridge, uplink and resourceName; keep one"#
      ]
    ),
    // A pool of devices behind several uplinks, and two bridges.
    (
      point(
        .init(implementation: .hostDevice, uplink: "eth1", resourceName: "intel.com/virtio"),
        .init(implementation: .hostDevice, uplink: "eth2", resourceName: "intel.com/virtio"),
        .init(implementation: .ovs, bridge: "br"), .init(implementation: .ovs, bridge: "br2")), []
    ),
    (
      point(.init(implementation: .userspace)),
      ["spec.interfaces[0].bridge: Required value: implementation userspace needs it"]
    ),
    (
      point(.init(implementation: .ipvlan)),
      ["spec.interfaces[0].uplink: Required value: implementation ipvlan needs it"]
    ),
    (
      point(.init(implementation: .bridge)),
      ["spec.interfaces[0].bridge: Required value: implementation bridge needs it"]
    ),
    (
      point(.init(implementation: .hostDevice)),
      ["spec.interfaces[0].resourceName: Required value: implementation host-device needs it"]
    ),
    (
      point(.init(implementation: .ovs, bridge: "eth1", uplink: "eth1")),
      [
        #"spec.interfaces[0].uplink: Invalid value: "eth1": it is the bridge itself; name the node's interface behind the bridge"#
      ]
    ),
    (point(), ["spec.interfaces: Required value: pods need at least one way to plug in; add an interface"]),
  ]

  @Test(arguments: points) func connectionPoint(_ point: ConnectionPoint, _ expected: [String]) {
    #expect(point.validate().map(\.description) == expected)
  }

  static let fabrics: [(@Sendable (inout Fabric.Spec) -> Void, [String])] = [
    ({ _ in }, []),
    (
      { $0.switches.append($0.switches[0]) },
      [#"spec.switches[1].name: Duplicate value: "leaf1": another switch has this name; give every switch its own"#]
    ),
    (
      { $0.links?[0].switch = "leaf7" },
      [#"spec.links[0].switch: Not found: "leaf7": no switch of this fabric has this name; use one of leaf1"#]
    ),
    (
      { $0.uplinks?[0].port = "swp1" },
      [
        #"spec.uplinks[0].port: Duplicate value: "swp1": the port of switch leaf1 leads to worker1/eth1 already (spec.links[0]); a port has one cable"#
      ]
    ),
    // One gateway may offer several physical networks through one port.
    (
      {
        $0.uplinks?.append(.init(gateway: "dcgw1", physicalNetwork: "physnet2", switch: "leaf1", port: "swp48"))
      }, []
    ),
    (
      { $0.switches[0] = .init(name: "leaf1", endpoint: "ssl:127.0.0.1") },
      [
        #"spec.switches[0].endpoint: Invalid value: "ssl:127.0.0.1": it has no host or no port; write tcp:HOST:PORT, ssl:HOST:PORT or unix:/PATH"#
      ]
    ),
    (
      { $0.switches[0] = .init(name: "leaf1", endpoint: "tcp:127.0.0.1:70000") },
      [
        #"spec.switches[0].endpoint: Invalid value: "tcp:127.0.0.1:70000": its port is not 1 to 65535; write tcp:HOST:PORT, ssl:HOST:PORT or unix:/PATH"#
      ]
    ),
    (
      { $0.switches[0].endpoint = "tcp:[::1]:6641" },
      [
        #"spec.switches[0].credentials: Forbidden: "netloom-system/leaf1-tls": a certificate is used with an ssl: endpoint only; leave it out, or write ssl:HOST:PORT"#
      ]
    ),
  ]

  @Test(arguments: fabrics.indices) func fabric(_ index: Int) {
    let (change, expected) = Self.fabrics[index]
    var fabric = Samples.fabric
    change(&fabric.spec)
    #expect(fabric.validate().map(\.description) == expected)
  }

  static let urls: [(String, String?)] = [
    ("https://mano.example/events", nil), ("http://[::1]:8080", nil),
    ("ftp://mano.example", "it is not an http or https URL; write one such as https://mano.example/events"),
    ("https:///events", "it names no host; write one such as https://mano.example/events"),
    ("https://me:secret@mano.example/", "a user or password must not stand in a URL; leave it out"),
    ("https://mano.example/a b", "it has spaces or control characters; escape them with %"),
  ]

  @Test(arguments: urls) func callbackURL(_ url: String, _ message: String?) {
    var service = World.service("s", 13)
    service.spec.callbackURL = url
    #expect(service.validate().map(\.message) == [message].compactMap { $0 })
  }

  @Test func aNodeNetworkNamesBridgesOnceAndRealVLANs() {
    var network = Samples.nodeNetwork
    network.spec.bridges.append(.init(name: "br-data", vlans: [0]))
    #expect(
      network.validate().map(\.description) == [
        #"spec.bridges[1].name: Duplicate value: "br-data": another bridge has this name; list every bridge once"#,
        "spec.bridges[1].vlans[0]: Invalid value: 0: 0 stands for untagged frames (IEEE 802.1Q); use 1-4094",
      ])
  }
}
