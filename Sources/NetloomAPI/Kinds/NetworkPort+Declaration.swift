extension NetworkPort: DeclaredResource {
  public static let declaration = Declaration(
    "A port of an L2Service on OVN for what is not a pod: a virtual machine, a VLAN inside one, a bare-metal host.",
    spec: .object(
      "The port as its author wants it.",
      [
        .optional("description", .note),
        .required("l2Service", .reference("The L2Service")),
        .required(
          "type",
          .enumeration(
            "VM: an interface of Open vSwitch on any node, with the iface-id of the status. Nested: a VLAN inside another"
              + " port. Host: a host on a physical network.", PortType.self)),
        .optional("mac", .string("The Ethernet address. Absent: one is made.", length: 17...17)),
        .optional(
          "addresses",
          .list(
            "The IP addresses. Absent: one of each Subnet of the L2Service is assigned.",
            of: .address("An address of a Subnet of the L2Service."), .set, count: 1...64)),
        .optional(
          "parent",
          .object(
            "With type Nested: where it is.",
            [
              .required("networkPort", .objectName("Name of a NetworkPort in this namespace, of type VM.")),
              .required("vlan", .vlan("The VLAN of its frames inside that port.")),
            ])),
        .optional(
          "host",
          .object(
            "With type Host: where it is.",
            [
              .required("connectionPoint", .objectName("The ConnectionPoint on whose physical network it is.")),
              .required("vlan", .vlan("The VLAN of its frames there, which no L2Service has there.")),
            ])),
        .optional(
          "dhcp",
          .boolean(
            "Whether its addresses are told by DHCP, of both IP families, and over IPv4 the routes and the domains that"
              + " pods get, of 255 bytes at most each. Absent: true. For IPv6 routes a Router has to join the"
              + " L2Service: router advertisements come from there.")),
        .optional("portSecurity", .boolean("Whether only its own addresses may be sent from. Absent: true.")),
        .optional(
          "node",
          .objectName(
            "The only node where an interface is accepted. Absent: any. With type Host: the node through which it is"
              + " reached. Absent: one of the ConnectionPoint's.")),
        .optional("callbackURL", .callbackURL),
      ]),
    status: .status([
      .optional(
        "interfaceID",
        .string(
          "With type VM: what to set as external_ids:iface-id of the interface of Open vSwitch.", length: 1...1024)),
      .optional("mac", .string("The Ethernet address.", length: 17...17)),
      .optional("addresses", .names("The IP addresses with the prefix lengths of their Subnets.")),
      .optional("node", .objectName("The node where it is bound.")),
      .optional("up", .boolean("Whether it is bound to an interface, and its node is programmed for it.")),
    ]),
    columns: [
      .text("L2Service", ".spec.l2Service", "The L2Service"),
      .text("Type", ".spec.type", "What is behind it"),
      .text("Addresses", ".status.addresses", "The IP addresses"),
      .text("Node", ".status.node", "The node where it is bound"),
      .text("MAC", ".status.mac", "The Ethernet address").wide,
      .text("InterfaceID", ".status.interfaceID", "The iface-id of the interface of Open vSwitch").wide,
    ])
}
