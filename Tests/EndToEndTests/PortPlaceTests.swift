import JSON
import KubernetesModel
import Netlink
import NetloomAPI
import Testing

@testable import Lab

extension EndToEndTests.VirtualTests {
  /// Where things are, as the southbound database tells and kubectl shows.
  @Suite(.serialized) struct PortPlaceTests {
    /// A machine's port is nowhere, then on the one node, then on the other, as interfaces of Open vSwitch come and go.
    @Test func aMachinesPortIsWhereItsInterfaceIs() async throws {
      try await Tenant.with("places") { tenant in
        try await tenant.declareOverlay(pods: ["a": "worker1"])
        try await tenant.apply(Manifest.netloom("NetworkPort", "vm", spec: ["l2Service": "net", "type": "VM"]))
        let port = try await tenant.wait(for: NetworkPort.definition, "vm", "is bound to nothing") {
          $0.isReady && $0.condition("Bound")?["status"] == "False"
        }
        let id = try #require(port[path: "status", "interfaceID"]?.string)
        #expect(port.condition("Bound")?["message"]?.string?.contains("external_ids:iface-id=\(id)") == true)
        #expect(port[path: "status", "node"] == nil)
        for node in ["worker1", "worker2"] {
          try await tenant.vsctl(
            node, "add-port", "br-int", "vm0", "--", "set", "Interface", "vm0", "type=internal",
            "external_ids:iface-id=\(id)")
          try await tenant.wait(for: NetworkPort.definition, "vm", "is on \(node)") {
            $0[path: "status", "node"]?.string == node && $0.condition("Bound")?["status"] == "True"
          }
          try await tenant.vsctl(node, "del-port", "br-int", "vm0")
          try await tenant.wait(for: NetworkPort.definition, "vm", "has left \(node)") {
            $0[path: "status", "node"] == nil && $0.isReady
          }
        }
      }
    }
  }
}

extension Tenant {
  /// Runs `ovs-vsctl` on a host, as what runs machines there does.
  fileprivate func vsctl(_ host: String, _ arguments: String...) async throws {
    let database = cluster.lab.directory.databaseEndpoint(of: host)
    try await NamespaceProcess.run(ProcessCommand("ovs-vsctl", ["--db=\(database)", "--timeout=10"] + arguments))
      .succeeded()
  }
}
