import JSON
import NetworkAnnotations
import NetworkTypes
import Testing

@Suite struct AnnotationTextTests {
  @Test func allocationsAreWrittenAndRead() throws {
    let list = [
      Allocation(
        network: NetworkReference(namespace: "test", name: "vlan13"), interface: "net1",
        mac: MACAddress("02:4e:0a:0a:0d:0a"),
        ips: [InterfaceAddress("10.10.13.10/24")!, InterfaceAddress("2001:db8::a/64")!],
        gateway: [IPAddress("10.10.13.1")!],
        routes: [
          Allocation.Route(destination: CIDR("30.30.13.0/24")!, nextHop: IPAddress("10.10.13.1")),
          Allocation.Route(destination: CIDR("30.30.14.0/24")!),
        ], mtu: 1500, vlan: VLANID(rawValue: 13)),
      Allocation(network: NetworkReference(namespace: "test", name: "trunk"), interface: "net2"),
      Allocation(
        network: NetworkReference(namespace: "test", name: "claimed"), interface: "net3",
        ips: [InterfaceAddress("10.10.14.10/24")!],
        dns: NetworkStatus.DNS(nameservers: ["10.10.14.2"], domain: "example.com", search: ["a.example.com"]),
        probe: true, claim: "vm.data0"),
    ]
    let text =
      #"[{"gateway":["10.10.13.1"],"interface":"net1","ips":["10.10.13.10/24","2001:db8::a/64"],"#
      + #""mac":"02:4e:0a:0a:0d:0a","mtu":1500,"network":"test/vlan13","routes":[{"destination":"30.30.13.0/24","#
      + #""nextHop":"10.10.13.1"},{"destination":"30.30.14.0/24"}],"vlan":13},{"interface":"net2","network":"test/trunk"},"#
      + #"{"claim":"vm.data0","dns":{"domain":"example.com","nameservers":["10.10.14.2"],"search":["a.example.com"]},"#
      + #""interface":"net3","ips":["10.10.14.10/24"],"network":"test/claimed","probe":true}]"#
    #expect(Allocation.text(of: list) == text)
    #expect(try Allocation.list(parsing: text) == list)
    #expect(try Allocation.list(parsing: "[]") == [])
  }

  @Test(arguments: [
    ("", ""), ("{}", ""), (#"[{"interface":"net1"}]"#, "[0]"),
    (#"[{"interface":"net1","network":"x"}]"#, "[0].network"),
    (#"[{"interface":"net1","network":"a/x","vlan":4095}]"#, "[0].vlan"),
    (#"[{"interface":"net1","network":"a/x","ips":["10.0.0.1"]}]"#, "[0].ips[0]"),
    (#"[{"interface":"net1","network":"a/x","routes":[{"destination":"10.0.0.1/8"}]}]"#, "[0].routes[0].destination"),
    (#"[{"interface":"net1","network":"a/x","mtu":0}]"#, "[0].mtu"),
    (#"[{"interface":"net1","network":"a/x","dns":{"search":["a",1]}}]"#, "[0].dns.search[1]"),
    (#"[{"interface":"net1","network":"a/x","probe":"yes"}]"#, "[0].probe"),
    (#"[{"interface":"net1","network":"a/x","claim":"A"}]"#, "[0].claim"),
  ])
  func aMalformedAllocationIsNamed(text: String, field: String) {
    #expect { try Allocation.list(parsing: text) } throws: { ($0 as? NetworkAnnotationError)?.field == field }
  }

  @Test func conflictsAreWrittenAndRead() throws {
    let list = [
      AddressConflict(
        address: IPAddress("10.10.13.5")!, mac: MACAddress("02:00:00:00:00:09"), vlan: VLANID(rawValue: 13)),
      AddressConflict(address: IPAddress("fd00::5")!),
    ]
    let text = #"[{"address":"10.10.13.5","mac":"02:00:00:00:00:09","vlan":13},{"address":"fd00::5"}]"#
    #expect(AddressConflict.text(of: list) == text)
    #expect(try AddressConflict.list(parsing: text) == list)
  }

  @Test(arguments: [
    ("x", ""), ("{}", ""), (#"[{"mac":"02:00:00:00:00:09"}]"#, "[0]"), (#"[{"address":"10.0.0.0/8"}]"#, "[0].address"),
    (#"[{"address":"10.0.0.1","mac":"02"}]"#, "[0].mac"), (#"[{"address":"10.0.0.1","vlan":0}]"#, "[0].vlan"),
  ])
  func aMalformedConflictIsNamed(text: String, field: String) {
    #expect { try AddressConflict.list(parsing: text) } throws: { ($0 as? NetworkAnnotationError)?.field == field }
  }

  @Test func statusIsWrittenAndRead() throws {
    let list = [
      NetworkStatus(name: "cbr0", interface: "eth0", ips: [IPAddress("10.244.0.5")!], isDefault: true),
      NetworkStatus(
        name: "test/vlan13", interface: "net1", ips: [IPAddress("10.10.13.10")!], mac: MACAddress("02:4e:0a:0a:0d:0a"),
        mtu: 1500, dns: NetworkStatus.DNS(nameservers: ["10.10.13.2"], domain: "example.com", search: ["example.com"]),
        defaultRoute: [IPAddress("10.10.13.1")!], deviceInfo: ["type": "pci", "version": "1.1.0"]),
    ]
    let text =
      #"[{"default":true,"interface":"eth0","ips":["10.244.0.5"],"name":"cbr0"},{"default":false,"#
      + #""default-route":["10.10.13.1"],"device-info":{"type":"pci","version":"1.1.0"},"dns":{"domain":"example.com","#
      + #""nameservers":["10.10.13.2"],"search":["example.com"]},"interface":"net1","ips":["10.10.13.10"],"#
      + #""mac":"02:4e:0a:0a:0d:0a","mtu":1500,"name":"test/vlan13"}]"#
    #expect(NetworkStatus.text(of: list) == text)
    #expect(try NetworkStatus.list(parsing: text) == list)
  }

  /// As Multus writes it.
  @Test func theStatusOfOthersIsRead() throws {
    let list = try NetworkStatus.list(
      parsing: """
        [{
            "name": "cbr0",
            "interface": "eth0",
            "ips": ["10.244.1.73/24"],
            "mac": "6a:1f:00:00:00:01",
            "default": true,
            "dns": {},
            "gateway": ["10.244.1.1"]
        },{
            "name": "default/macvlan", "interface": "net1", "dns": {}
        }]
        """)
    #expect(list.map(\.isDefault) == [true, false])
    #expect(list[0].ips == [IPAddress("10.244.1.73")!])
  }
}
