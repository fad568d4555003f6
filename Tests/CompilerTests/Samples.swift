import KubernetesModel
import NetloomAPI

@testable import Compiler

/// The objects of ENO's examples (Nordix/eno, folder examples), in Netloom's words, and a fabric of two leaves.
enum Samples {
  static let names = [
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    "twenty",
  ]

  static func name(_ name: String) -> NamespacedName { NamespacedName(namespace: "test", name: name) }

  static func service(
    _ name: String, vlan: Int?, physicalNetworks: [String]? = nil, subnets: [String]? = nil
  ) -> WorldObject {
    .service(
      L2Service(
        metadata: ObjectMeta(name: name, namespace: "test"),
        spec: .init(segmentationID: vlan, physicalNetworks: physicalNetworks, subnets: subnets)))
  }

  static func attachment(
    _ name: String, _ services: [String], at connectionPoint: String, _ type: VLANType,
    podInterfaceType: PodInterfaceType? = nil, implementation: Implementation? = nil
  ) -> WorldObject {
    .attachment(
      L2ServiceAttachment(
        metadata: ObjectMeta(name: name, namespace: "test"),
        spec: .init(
          l2Services: services, connectionPoint: connectionPoint, vlanType: type, podInterfaceType: podInterfaceType,
          implementation: implementation)))
  }

  static func connectionPoint(
    _ name: String, pool: String?, physicalNetwork: String? = nil, mtu: Int? = nil,
    _ interfaces: [ConnectionPoint.Interface]
  ) -> WorldObject {
    .connectionPoint(
      ConnectionPoint(
        metadata: ObjectMeta(name: name),
        spec: .init(
          interfaces: interfaces, physicalNetwork: physicalNetwork,
          nodeSelector: pool.map { LabelSelector(matchLabels: ["node-pool": $0]) }, mtu: mtu)))
  }

  static func subnet(_ name: String, _ spec: Subnet.Spec) -> WorldObject {
    .subnet(Subnet(metadata: ObjectMeta(name: name, namespace: "test"), spec: spec))
  }

  static func pod(_ name: String, uid: String? = nil, networks: String, created: String? = nil) -> WorldObject {
    .pod(
      PodRecord(
        name: self.name(name), uid: uid ?? "uid-\(name)", node: "worker1", creationTimestamp: created,
        networks: networks))
  }

  // MARK: ENO's examples

  static var enoServices: [WorldObject] {
    zip(names, 10...20).flatMap { name, vlan -> [WorldObject] in
      var subnets = [
        subnet(
          "ipv4-\(name)",
          .init(
            cidr: "10.10.\(vlan).0/24", pools: [.init(start: "10.10.\(vlan).10", end: "10.10.\(vlan).255")],
            routes: [.init(destination: "30.30.\(vlan).0/24", nextHop: "10.10.\(vlan).1")],
            dns: vlan == 20 ? .init(nameservers: ["8.8.8.8"], domain: "example.com") : nil))
      ]
      if vlan == 20 {
        subnets.append(
          subnet(
            "ipv6-twenty",
            .init(
              cidr: "2001::/64", pools: [.init(start: "2001::10", end: "2001::100")],
              routes: [.init(destination: "2002::/64", nextHop: "2001::1")])))
      }
      return subnets + [
        service(name, vlan: vlan, subnets: (vlan == 20 ? ["ipv6-twenty"] : []) + ["ipv4-\(name)"])
      ]
    }
  }

  /// The connection points with the implementation that ENO uses, ovs-cni.
  static func enoInfrastructure(_ implementation: Implementation = .ovs) -> [WorldObject] {
    [
      .node(name: "master0", labels: ["node-pool": "ovs-pool"]),
      .node(name: "node0", labels: ["node-pool": "virtio-pool"]),
      connectionPoint(
        "cp-br-data", pool: "ovs-pool", [.init(implementation: implementation, bridge: "br-data", uplink: "ens27")]),
      connectionPoint(
        "cp-br-trunk", pool: "ovs-pool", [.init(implementation: implementation, bridge: "br-trunk", uplink: "ens26")]),
      connectionPoint(
        "cp-virtio", pool: "virtio-pool",
        [.init(implementation: .hostDevice, uplink: "ens10", resourceName: "intel.com/virtio_net_device")]),
      .fabric(
        Fabric(
          metadata: ObjectMeta(name: "fabric0"),
          spec: .init(
            switches: [.init(name: "br-fabric", endpoint: "tcp:10.2.0.1:6640")],
            links: [("master0", 26, 7), ("master0", 27, 8), ("node0", 10, 13), ("node0", 11, 14)].map(link)
              + [("node0", 12, 15), ("node0", 13, 16), ("master0", 3, 3), ("node0", 9, 9)].map(link)))),
    ]
  }

  private static func link(_ node: String, _ interface: Int, _ port: Int) -> Fabric.Link {
    .init(node: node, interface: "ens\(interface)", switch: "br-fabric", port: "vport\(port)")
  }

  static var enoAttachments: [WorldObject] {
    [
      attachment("ovs-access", ["thirteen"], at: "cp-br-data", .access),
      attachment("ovs-selective", Array(names[0...4]), at: "cp-br-data", .selectiveTrunk),
      attachment("ovs-trunk", Array(names[3...6]), at: "cp-br-trunk", .trunk),
      attachment("hostdevice-trunk", Array(names[2...10]), at: "cp-virtio", .trunk),
    ]
  }

  // MARK: Two leaves

  /// Two workers on two leaves with two links between them, and one DC gateway on the first.
  static var twoLeaves: [WorldObject] {
    [
      .node(name: "worker1", labels: ["node-pool": "data"]),
      .node(name: "worker2", labels: ["node-pool": "data"]),
      .namespace(name: "test", labels: [:]),
      connectionPoint(
        "cp-br-data", pool: "data", physicalNetwork: "physnet1", mtu: 1500,
        [.init(implementation: .netloom, types: [.kernel], bridge: "br-data", uplink: "eth1")]),
      connectionPoint(
        "cp-br-trunk", pool: "data", physicalNetwork: "physnet1",
        [.init(implementation: .netloom, bridge: "br-trunk", uplink: "eth2")]),
      .fabric(twoLeafFabric),
    ]
  }

  static var twoLeafFabric: Fabric {
    Fabric(
      metadata: ObjectMeta(name: "dc1"),
      spec: .init(
        switches: [
          .init(name: "leaf1", endpoint: "tcp:127.0.0.1:6641"), .init(name: "leaf2", endpoint: "tcp:127.0.0.1:6642"),
        ],
        links: [
          .init(node: "worker1", interface: "eth1", switch: "leaf1", port: "swp1"),
          .init(node: "worker2", interface: "eth1", switch: "leaf2", port: "swp1"),
          .init(node: "worker1", interface: "eth2", switch: "leaf1", port: "swp2"),
          .init(node: "worker2", interface: "eth2", switch: "leaf2", port: "swp2"),
        ],
        interSwitchLinks: [
          .init(a: .init(switch: "leaf1", port: "up1"), b: .init(switch: "leaf2", port: "up1")),
          .init(a: .init(switch: "leaf1", port: "up2"), b: .init(switch: "leaf2", port: "up2")),
        ],
        uplinks: [.init(gateway: "dcgw1", physicalNetwork: "physnet1", switch: "leaf1", port: "swp48")]))
  }

  static func simulation(_ objects: [WorldObject]) -> Simulation {
    var simulation = Simulation()
    for object in objects { simulation.apply(object) }
    return simulation
  }
}
