import NetworkTypes

extension LabTopology {
  /// The data centre of the story about virtual networks: three workers with OVN, of which the last two have a cable into
  /// the fabric, and a DC gateway in VLAN 50 that knows the tenants' networks by their router's address there.
  public static func virtual() throws(NetworkTypeError) -> LabTopology {
    let router = try IPAddress(parsing: "10.50.0.2")
    return LabTopology(
      hosts: [Host(name: "worker1"), Host(name: "worker2"), Host(name: "worker3")],
      switches: [Switch(name: "leaf1"), Switch(name: "leaf2")],
      gateways: [
        Gateway(
          name: "dcgw1",
          networks: [
            GatewayNetwork(
              vlan: try VLANID(50), addresses: [try InterfaceAddress(parsing: "10.50.0.1/24")],
              behind: [try InterfaceAddress(parsing: "203.0.113.1/32")],
              routes: [GatewayRoute(destination: try CIDR(parsing: "10.1.0.0/16"), nextHop: router)])
          ])
      ],
      cables: [
        Cable(Socket("worker2", "eth1"), Socket("leaf1", "swp1")),
        Cable(Socket("worker3", "eth1"), Socket("leaf2", "swp1")),
        Cable(Socket("leaf1", "up1"), Socket("leaf2", "up1")),
        Cable(Socket("dcgw1", "eth1"), Socket("leaf1", "swp48")),
      ], overlay: try Overlay())
  }
}
