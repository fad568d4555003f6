import NetworkTypes

extension LabTopology {
  /// The data centre of the demo: two workers on two leaves, a DC gateway with an address in VLAN 13 and in VLAN 20.
  ///
  /// Each worker has one interface for data (eth1) and one for trunks (eth2). The gateway's port carries VLAN 100 for
  /// somebody else already: it has to survive all that Netloom does.
  public static func demo() throws(NetworkTypeError) -> LabTopology {
    LabTopology(
      hosts: [Host(name: "worker1"), Host(name: "worker2")],
      switches: [Switch(name: "leaf1", carried: ["swp48": [try VLANID(100)]]), Switch(name: "leaf2")],
      gateways: [
        Gateway(
          name: "dcgw1",
          networks: [
            GatewayNetwork(
              vlan: try VLANID(13), addresses: [try InterfaceAddress(parsing: "10.10.13.1/24")],
              behind: [try InterfaceAddress(parsing: "30.30.13.1/32")]),
            GatewayNetwork(
              vlan: try VLANID(20),
              addresses: [
                try InterfaceAddress(parsing: "10.10.20.1/24"), try InterfaceAddress(parsing: "fd00:10:10:20::1/64"),
              ], behind: [try InterfaceAddress(parsing: "30.30.20.1/32")]),
          ])
      ],
      cables: [
        Cable(Socket("worker1", "eth1"), Socket("leaf1", "swp1")),
        Cable(Socket("worker1", "eth2"), Socket("leaf1", "swp2")),
        Cable(Socket("worker2", "eth1"), Socket("leaf2", "swp1")),
        Cable(Socket("worker2", "eth2"), Socket("leaf2", "swp2")),
        Cable(Socket("leaf1", "up1"), Socket("leaf2", "up1")),
        Cable(Socket("dcgw1", "eth1"), Socket("leaf1", "swp48")),
      ])
  }
}
