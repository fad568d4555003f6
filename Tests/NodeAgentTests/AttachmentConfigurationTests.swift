import CNI
import JSON
import NetworkAnnotations
import NetworkTypes
import OpenVSwitchEngine
import Testing

@testable import NodeAgent

@Suite("What an attachment's configuration says")
struct AttachmentConfigurationTests {
  private func read(_ fields: String) throws -> AttachmentConfiguration {
    let text = #"{"cniVersion": "1.0.0", "name": "n", "type": "netloom", "bridge": "br", \#(fields)}"#
    return try AttachmentConfiguration(NetworkConfiguration(json: JSONValue(parsing: text)))
  }

  @Test func everythingIsRead() throws {
    let plain = try read(#""vlan": 13"#)
    #expect(plain.portSecurity && plain.rate == nil && plain.mtu == nil)
    let full = try read(
      """
      "qinq": {"serviceVLAN": 100, "customerVLANs": [{"id": 7}, {"minID": 10, "maxID": 11}]}, "portSecurity": false,
      "mtu": 1496, "bandwidth": {"ingressRate": 5000, "ingressBurst": 20000, "egressRate": 6000}
      """)
    #expect(full.vlans.description == "tunnel 100 7,10,11")
    #expect(full.portSecurity == false && full.mtu == 1496)
    #expect(full.rate?.description == "ingress=5000/20000 egress=6000")
    let all = try read(#""qinq": {"serviceVLAN": 100}"#)
    #expect(all.vlans.description == "tunnel 100 none")
    let runtime = try read(
      #""vlan": 13, "bandwidth": {"ingressRate": 5000}, "runtimeConfig": {"bandwidth": {"egressRate": 7000}}"#)
    #expect(runtime.rate?.description == "egress=7000", "the runtime's word goes before the configuration's")
    #expect(try read(#""vlan": 13, "bandwidth": {"ingressRate": 0, "egressRate": 0}"#).rate == nil)
  }

  @Test(arguments: [
    (#""mtu": 1500"#, "vlan"), (#""vlan": 0"#, "vlan"), (#""vlan": "13""#, "vlan"),
    (#""vlan": 13, "trunk": []"#, "trunk"),
    (#""trunk": []"#, "trunk"), (#""trunk": [{"minID": 9, "maxID": 8}]"#, "trunk[0].maxID"),
    (#""vlan": 13, "qinq": {}"#, "qinq"), (#""trunk": [{"id": 1}], "qinq": {}"#, "qinq"), (#""qinq": 100"#, "qinq"),
    (#""qinq": {}"#, "qinq.serviceVLAN"), (#""qinq": {"serviceVLAN": 4095}"#, "qinq.serviceVLAN"),
    (#""qinq": {"serviceVLAN": 1, "customerVLANs": []}"#, "qinq.customerVLANs"),
    (#""qinq": {"serviceVLAN": 1, "customerVLANs": [{"id": 0}]}"#, "qinq.customerVLANs[0].id"),
    (#""vlan": 13, "portSecurity": "yes""#, "portSecurity"), (#""vlan": 13, "portSecurity": null"#, "portSecurity"),
    (#""vlan": 13, "bandwidth": 5"#, "bandwidth"),
    (#""vlan": 13, "bandwidth": {"ingressRate": "5M"}"#, "bandwidth.ingressRate"),
    (#""vlan": 13, "bandwidth": {"egressRate": -1}"#, "bandwidth.egressRate"),
    (#""vlan": 13, "bandwidth": {"egressRate": 999}"#, "bandwidth.egressRate"),
    (#""vlan": 13, "bandwidth": {"ingressBurst": 20000}"#, "bandwidth.ingressRate"),
    (#""vlan": 13, "bandwidth": {"ingressRate": 5000, "ingressBurst": 1.5}"#, "bandwidth.ingressBurst"),
    (#""vlan": 13, "mtu": 67"#, "mtu"),
  ])
  func eachWrongFieldIsNamed(fields: String, field: String) throws {
    let error = #expect(throws: CNIError.self) { try read(fields) }
    #expect(error?.code == .invalidConfiguration)
    #expect(error.map { "\($0)" }?.contains("\(field)") == true, "\(String(describing: error))")
  }

  @Test func aPodIsHeldToItsAllocation() throws {
    let allocation = Allocation(
      network: NetworkReference(namespace: "test", name: "a"), interface: "net1", mac: MACAddress("02:4e:0a:00:00:05"),
      ips: ["10.0.0.5/24", "fd00::5/64"].compactMap { InterfaceAddress($0) })
    func security(_ fields: String, _ allocation: Allocation?) throws -> String? {
      let configuration = try read(fields)
      let interface = try PodInterface(
        name: "net1", configuration: configuration, allocation: allocation, runtime: RuntimeConfiguration(),
        needsCompleteChecksums: false)
      return PodPort(name: "p", configuration, interface, externalIDs: [:]).security?.description
    }
    #expect(try security(#""vlan": 13"#, allocation) == "02:4e:0a:00:00:05 10.0.0.5,fd00::5")
    #expect(try security(#""trunk": [{"id": 13}]"#, allocation) == "02:4e:0a:00:00:05")
    #expect(try security(#""qinq": {"serviceVLAN": 13}"#, allocation) == "02:4e:0a:00:00:05")
    #expect(try security(#""vlan": 13, "portSecurity": false"#, allocation) == nil)
    #expect(try security(#""vlan": 13"#, nil) == nil)
  }
}
