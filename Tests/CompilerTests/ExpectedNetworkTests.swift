import JSON
import KubernetesModel
import NetloomAPI
import Testing

@testable import Compiler

/// What ENO's examples must become.
@Suite struct ExpectedNetworkTests {
  static let settled: Simulation = {
    var simulation = Samples.simulation(
      Samples.enoInfrastructure() + Samples.enoServices + Samples.enoAttachments)
    simulation.settle()
    return simulation
  }()

  @Test(arguments: [
    (
      "ovs-access",
      """
      {"cniVersion": "0.3.1", "name": "test.ovs-access", "type": "ovs", "vlan": 13, "bridge": "br-data",
       "ipam": {"type": "netloom-ipam", "attachment": "test/ovs-access"}}
      """, "ovs-cni.network.kubevirt.io/br-data"
    ),
    (
      "ovs-selective",
      """
      {"cniVersion": "0.3.1", "name": "test.ovs-selective", "type": "ovs", "bridge": "br-data",
       "trunk": [{"minID": 10, "maxID": 14}]}
      """, "ovs-cni.network.kubevirt.io/br-data"
    ),
    (
      "ovs-trunk", #"{"cniVersion": "0.3.1", "name": "test.ovs-trunk", "type": "ovs", "bridge": "br-trunk"}"#,
      "ovs-cni.network.kubevirt.io/br-trunk"
    ),
    (
      "hostdevice-trunk", #"{"cniVersion": "0.3.1", "name": "test.hostdevice-trunk", "type": "host-device"}"#,
      "intel.com/virtio_net_device"
    ),
  ])
  func definitions(name: String, config: String, resourceName: String) throws {
    let definition = try #require(Self.settled.definition(name))
    #expect(try JSONValue(parsing: definition.spec?.config ?? "") == JSONValue(parsing: config))
    #expect(definition.metadata.annotations?["k8s.v1.cni.cncf.io/resourceName"] == resourceName)
    let attachment = try #require(Self.settled.attachment(name))
    #expect(definition.metadata.ownerReferences?.first?.uid == attachment.metadata.uid)
    #expect(definition.metadata.labels?["app.kubernetes.io/managed-by"] == "netloom")
    #expect(attachment.status?.phase == .ready)
  }

  @Test func fabricPorts() {
    let data: Set<Int> = [10, 11, 12, 13, 14]
    #expect(Self.settled.vlans(on: "br-fabric", "vport8") == data)
    #expect(Self.settled.vlans(on: "br-fabric", "vport7") == [13, 14, 15, 16])
    #expect(Self.settled.vlans(on: "br-fabric", "vport13") == Set(12...20))
    for port in [3, 9] { #expect(Self.settled.vlans(on: "br-fabric", "vport\(port)") == []) }
  }

  @Test func deletedTrunkLeavesNoVLAN() {
    var simulation = Self.settled
    simulation.delete(WorldID(.attachment, Samples.name("ovs-trunk")))
    simulation.settle()
    #expect(simulation.attachment("ovs-trunk") == nil)
    #expect(simulation.definition("ovs-trunk") == nil)
    #expect(simulation.vlans(on: "br-fabric", "vport7") == [])
    #expect(simulation.vlans(on: "br-fabric", "vport8") == [10, 11, 12, 13, 14])
    #expect(simulation.nodeNetwork("master0")?.spec.bridges.map(\.name) == ["br-data"])
  }

  @Test func ownImplementation() throws {
    var simulation = Samples.simulation(
      Samples.twoLeaves + [
        Samples.service("vlan13", vlan: 13, physicalNetworks: ["physnet1"]),
        Samples.service("vlan14", vlan: 14),
        Samples.attachment("access", ["vlan13"], at: "cp-br-data", .access),
        Samples.attachment("trunk", ["vlan13", "vlan14"], at: "cp-br-trunk", .trunk),
      ])
    simulation.settle()
    let access = try #require(simulation.definition("access")?.spec?.config)
    #expect(
      try JSONValue(parsing: access)
        == JSONValue(
          parsing: """
            {"cniVersion": "1.0.0", "name": "test.access", "type": "netloom", "attachment": "test/access",
             "bridge": "br-data", "vlan": 13, "mtu": 1500, "portSecurity": true,
             "capabilities": {"ips": true, "mac": true, "bandwidth": true, "deviceID": false}}
            """))
    let trunk = try JSONValue(parsing: try #require(simulation.definition("trunk")?.spec?.config))
    #expect(trunk["trunk"] == [["minID": 13, "maxID": 14]])
    #expect(trunk["vlan"] == nil)
    #expect(
      simulation.bridgeDomain("dc1-vlan13")?.spec.ports.map { "\($0.switch)/\($0.port)" } == [
        "leaf1/swp1", "leaf1/swp2", "leaf1/swp48", "leaf1/up1", "leaf2/swp1", "leaf2/swp2", "leaf2/up1",
      ])
    #expect(
      simulation.bridgeDomain("dc1-vlan14")?.spec.ports.map { "\($0.switch)/\($0.port)" } == [
        "leaf1/swp2", "leaf1/up1", "leaf2/swp2", "leaf2/up1",
      ])
    #expect(
      simulation.nodeNetwork("worker1")?.spec.bridges == [
        .init(name: "br-data", uplink: "eth1", vlans: [13], mtu: 1500),
        .init(name: "br-trunk", uplink: "eth2", vlans: [13, 14]),
      ])
    #expect(simulation.service("vlan13")?.status?.phase == .ready)
  }

  @Test func unattachedServiceIsOpenAtTheGatewaysOnly() {
    var simulation = Samples.simulation(
      Samples.twoLeaves + [
        Samples.service("vlan5", vlan: 5), Samples.service("vlan13", vlan: 13, physicalNetworks: ["physnet1"]),
      ])
    simulation.settle()
    #expect(simulation.made == [WorldID(.bridgeDomain, "dc1-vlan13")])
    #expect(simulation.bridgeDomain("dc1-vlan13")?.spec.ports == [.init(switch: "leaf1", port: "swp48")])
    #expect(simulation.service("vlan5")?.status?.phase == .ready)
    #expect(simulation.service("vlan13")?.status?.phase == .ready)
  }
}
