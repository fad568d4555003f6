import JSON
import KubernetesModel
import Netlink
import NetloomAPI
import NetworkTypes
import Testing

@testable import Lab

extension EndToEndTests.ProviderNetworkTests {
  /// A machine is reached from outside by an address there, and is seen outside by it. On an overlay the node that the
  /// machine is on translates; on a physical network, which the router meets on one node, the gateway does.
  @Test(
    .enabled(if: Prerequisites.hasDHCPClients, "needs busybox and isc-dhcp-client"), arguments: [true, false])
  func aFloatingAddressOfAMachine(isOverlay: Bool) async throws {
    try await Tenant.with("floating") { tenant in
      try await tenant.declareNetwork("outside", 60, vlan: 60, attachments: ["outside": "cp-ovn"])
      var network: JSONValue = ["subnets": ["net"]]
      if !isOverlay { network["physicalNetworks"] = ["physnet1"] }
      try await tenant.apply(
        Manifest.netloom("Subnet", "net", spec: ["cidr": "10.92.0.0/24", "gateway": "10.92.0.1"]),
        Manifest.netloom("L2Service", "net", spec: network),
        Manifest.netloom(
          "Router", "edge",
          spec: [
            "networks": [["l2Service": "net"]],
            "gateway": ["l2Service": "outside", "addresses": ["10.60.0.2"]],
            "floatingAddresses": [["external": "10.60.0.9", "internal": "10.92.0.30"]],
          ]),
        Manifest.netloom("NetworkPort", "vm", spec: ["l2Service": "net", "type": "VM", "addresses": ["10.92.0.30"]]))
      try await tenant.wait(for: Router.definition, "edge", "is ready") { $0.isReady }
      let port = try await tenant.port("vm")
      for host in ["worker1", "worker2"] {
        try await VirtualMachine.with("vm", on: host, of: tenant, port: port) {
          try await tenant.wait(for: NetworkPort.definition, "vm", "is on \(host)") {
            $0[path: "status", "node"]?.string == host && $0.isTrue(ConditionType.bound)
          }
          try await tenant.switchOn("vm")
          #expect(try await tenant.askDHCP("vm")["ip"] == "10.92.0.30")
          try await tenant.eventually("the outside reaches it on \(host)") {
            try await tenant.outside("ping", "-c", "1", "-w", "1", "-n", "10.60.0.9").isSuccess
          }
          #expect(try await tenant.ping("10.60.0.1", from: "vm"))
          // Where it has a MAC address of its own outside, its packets do not come by the gateway's node. What the outside
          // took for it while the gateway's node still answered for it is forgotten.
          try await tenant.eventually("\(isOverlay ? "not " : "")by the gateway's node from \(host)") {
            try await tenant.outside("ip", "neighbour", "flush", "dev", "vlan60").succeeded()
            var macs: [MACAddress?] = []
            for address in ["10.60.0.2", "10.60.0.9"] { macs.append(try await tenant.outsideMAC(of: address)) }
            return !macs.contains(nil) && (macs[0] != macs[1]) == isOverlay
          }
        }
      }
    }
  }
}
