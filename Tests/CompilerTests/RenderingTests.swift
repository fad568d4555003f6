import JSON
import KubernetesModel
import NetloomAPI
import Testing

@testable import Compiler

/// What plugins are told, word by word.
@Suite struct RenderingTests {
  private typealias Interface = ConnectionPoint.Interface
  private typealias Spec = L2ServiceAttachment.Spec

  private func render(
    _ interface: ConnectionPoint.Interface, _ spec: L2ServiceAttachment.Spec = .init(l2Services: ["s"]),
    _ vlans: [Int] = [13],
    mtu: Int? = nil, hasAddresses: Bool = true
  ) throws -> Rendering {
    let point = ConnectionPoint.Spec(interfaces: [interface], mtu: mtu)
    return try Rendering(
      attachment: NamespacedName(namespace: "test", name: "a"),
      plug: AttachmentView.Plug(
        connectionPoint: "cp", attachment: spec, interface: interface, podInterfaceType: interface.supportedTypes[0],
        mtu: mtu, podMTU: spec.effectiveMTU(on: point), vlans: vlans, uplinks: [], nodes: [], ports: [:]),
      hasAddresses: hasAddresses)
  }

  private func expect(_ rendering: Rendering, _ config: String, _ resourceName: String? = nil) throws {
    #expect(rendering.config == (try JSONValue(parsing: config)))
    #expect(rendering.resourceName == resourceName)
  }

  @Test func netloomWithEverything() throws {
    let interface = Interface(implementation: .netloom, bridge: "br")
    let limits = L2ServiceAttachment.Bandwidth(ingressRate: 5_000_000, ingressBurst: 80_000, egressRate: 1_000_000)
    try expect(
      render(
        interface,
        Spec(
          l2Services: ["s"], vlanType: .qinq, customerVLANs: ["7", "100-199"], bandwidth: limits, portSecurity: false),
        mtu: 9000),
      """
      {"cniVersion": "1.0.0", "name": "test.a", "type": "netloom", "attachment": "test/a", "bridge": "br", "mtu": 8996,
       "qinq": {"serviceVLAN": 13, "customerVLANs": [{"id": 7}, {"minID": 100, "maxID": 199}]}, "portSecurity": false,
       "bandwidth": {"ingressRate": 5000000, "ingressBurst": 80000, "egressRate": 1000000},
       "capabilities": {"ips": true, "mac": true, "bandwidth": true, "deviceID": false}}
      """)
    let trunk = try render(
      interface, Spec(l2Services: ["s"], vlanType: .selectiveTrunk, mtu: 1400), [1, 3, 4, 5, 9, 10])
    #expect(
      trunk.config["trunk"] == [["id": 1], ["minID": 3, "maxID": 5], ["minID": 9, "maxID": 10]])
    #expect(trunk.config["mtu"] == 1400)
  }

  @Test func devicesOnAnUplink() throws {
    try expect(
      render(Interface(implementation: .macvlan, uplink: "eth1")),
      """
      {"cniVersion": "0.3.1", "name": "test.a", "type": "macvlan", "master": "eth1.13", "mode": "bridge", "mtu": 1500,
       "capabilities": {"mac": true}, "ipam": {"type": "netloom-ipam", "attachment": "test/a"}}
      """)
    try expect(
      render(Interface(implementation: .ipvlan, uplink: "eth1"), mtu: 9000),
      """
      {"cniVersion": "0.3.1", "name": "test.a", "type": "ipvlan", "master": "eth1.13", "mode": "l2", "mtu": 9000,
       "ipam": {"type": "netloom-ipam", "attachment": "test/a"}}
      """)
    let tooLong = #expect(throws: FindingError.self) {
      try render(Interface(implementation: .ipvlan, uplink: "enp129s0f0np0"))
    }
    #expect(tooLong?.finding.message.contains("enp129s0f0np0.13, which has more than the 15 bytes") == true)
  }

  @Test func bridgeWithAndWithoutALimit() throws {
    let interface = Interface(implementation: .bridge, bridge: "lan")
    try expect(
      render(interface, hasAddresses: false),
      """
      {"cniVersion": "0.3.1", "name": "test.a", "type": "bridge", "bridge": "lan", "vlan": 13, "mtu": 1500,
       "capabilities": {"mac": true}}
      """)
    let limits = L2ServiceAttachment.Bandwidth(ingressRate: 5_000_000, egressRate: 1_000_000, egressBurst: 90_000)
    try expect(
      render(interface, Spec(l2Services: ["s"], bandwidth: limits, portSecurity: true)),
      """
      {"cniVersion": "0.4.0", "name": "test.a", "plugins": [
        {"type": "bridge", "bridge": "lan", "vlan": 13, "mtu": 1500, "macspoofchk": true, "capabilities": {"mac": true},
         "ipam": {"type": "netloom-ipam", "attachment": "test/a"}},
        {"type": "bandwidth", "ingressRate": 5000000, "ingressBurst": 500000, "egressRate": 1000000, "egressBurst": 90000}]}
      """)
  }

  @Test func devicesOfPools() throws {
    let sriov = Interface(implementation: .sriov, types: [.dpdk], resourceName: "intel.com/vf")
    try expect(
      render(sriov, Spec(l2Services: ["s"], bandwidth: .init(egressRate: 25_000_000))),
      """
      {"cniVersion": "0.3.1", "name": "test.a", "type": "sriov", "vlan": 13, "spoofchk": "on", "trust": "off",
       "max_tx_rate": 25, "capabilities": {"mac": true}, "ipam": {"type": "netloom-ipam", "attachment": "test/a"}}
      """, "intel.com/vf")
    try expect(
      render(sriov, Spec(l2Services: ["s"], vlanType: .qinq, portSecurity: false), hasAddresses: false),
      """
      {"cniVersion": "0.3.1", "name": "test.a", "type": "sriov", "vlan": 13, "vlanProto": "802.1ad", "spoofchk": "off",
       "trust": "on", "capabilities": {"mac": true}}
      """, "intel.com/vf")
    try expect(
      render(
        Interface(implementation: .hostDevice, resourceName: "intel.com/virtio"),
        Spec(l2Services: ["s"], vlanType: .trunk), hasAddresses: false),
      #"{"cniVersion": "0.3.1", "name": "test.a", "type": "host-device"}"#, "intel.com/virtio")
    try expect(
      render(
        Interface(implementation: .userspace, bridge: "br-dpdk"), Spec(l2Services: ["s"], vlanType: .trunk),
        hasAddresses: false),
      """
      {"cniVersion": "0.3.1", "name": "test.a", "type": "userspace", "sharedDir": "/usr/local/var/run/openvswitch/",
       "host": {"engine": "ovs-dpdk", "iftype": "vhostuser", "netType": "bridge", "vhost": {"mode": "client"},
                "bridge": {"bridgeName": "br-dpdk"}},
       "container": {"engine": "ovs-dpdk", "iftype": "vhostuser", "netType": "interface", "vhost": {"mode": "server"}}}
      """)
  }
}
