import JSON
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

/// One of several like interfaces: access to a VLAN, with an address and a route. The first is on VLAN 13.
struct SampleInterface: Sendable {
  /// From 0.
  let number: Int

  var vlan: Int { 13 + number }
  /// The NetworkAttachmentDefinition, in namespace `test`.
  var network: String { "vlan\(vlan)" }
  var address: InterfaceAddress { try! InterfaceAddress(parsing: "10.203.\(number).2/24") }
  var gateway: IPAddress { try! IPAddress(parsing: "10.203.\(number).1") }
  var destination: CIDR { try! CIDR(parsing: "10.\(30 + number).0.0/16") }

  static func many(_ count: Int) -> [SampleInterface] { (0..<count).map { SampleInterface(number: $0) } }

  /// The configuration of Netloom's own plugin.
  var configuration: JSONValue {
    [
      "cniVersion": "1.0.0", "name": .string(network), "type": "netloom", "attachment": .string("test/\(network)"),
      "bridge": "br-data", "vlan": .integer(Int64(vlan)), "mtu": 1500,
    ]
  }

  /// What the operator would write on the pod.
  func allocation(as interface: String) -> Allocation {
    Allocation(
      network: NetworkReference(namespace: "test", name: network), interface: interface,
      mac: MACAddress(rawValue: 0x02_00_00_00_00_0a + UInt64(number)), ips: [address],
      routes: [.init(destination: destination, nextHop: gateway)])
  }

  /// The bridge that carries these interfaces, as the operator would write it.
  static func nodeNetwork(_ count: Int) -> NodeNetwork {
    NodeNetwork(
      metadata: .init(name: "worker"), spec: .init(bridges: [.init(name: "br-data", vlans: many(count).map(\.vlan))]))
  }
}
