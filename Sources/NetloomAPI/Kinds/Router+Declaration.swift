extension Router: DeclaredResource {
  public static let declaration = Declaration(
    "Joins L2Services on OVN: a distributed router, with a gateway to the outside where one is asked for. On a network it"
      + " has the gateway addresses of the network's Subnets. Made by the cloud admin.",
    spec: .object(
      "What is joined, and how it goes out.",
      [
        .optional("description", .note),
        .required("networks", .list("The L2Services that it joins.", of: network, .atomic, count: 1...256)),
        .optional("gateway", gateway),
        .optional(
          "joinSubnets",
          .list(
            "The networks between the router and its gateways, at most one of each IP family: the router has the first"
              + " address, gateways the next ones. Absent: 100.64.0.0/24 and fd64::/120, as far as they are needed.",
            of: .network("A network of which nothing else knows."), .set, count: 1...2)),
        .optional("routes", .list("Routes beside those to its own networks.", of: route, .atomic, count: 0...256)),
        .optional(
          "floatingAddresses",
          .list(
            "Addresses of the outside that lead to one address inside, and back.", of: floatingAddress, .atomic,
            count: 0...1024)),
        .optional("callbackURL", .callbackURL),
      ]),
    status: .status([
      .optional(
        "networks",
        .list(
          "The router on its networks.",
          of: .object(
            "The router on one network.",
            [
              .required("l2Service", .string("The L2Service as namespace/name.")),
              .required("addresses", .names("The router's addresses there, with prefix lengths.")),
            ]), .atomic, count: 0...256)),
      .optional(
        "gateways",
        .list(
          "The nodes that are, or can become, its gateway, the active first.",
          of: .object(
            "A gateway on one node.",
            [
              .required("node", .objectName("Name of the Node.")),
              .required("addresses", .names("Its addresses outside.")),
              .required("active", .boolean("Whether traffic leaves here now.")),
            ]), .atomic, count: 0...1000)),
    ]),
    columns: [
      .text("Outside", ".spec.gateway.l2Service", "Where it goes out"),
      .text("Gateway", ".status.gateways[0].node", "The node, or the first, where traffic leaves"),
      .text("Addresses", ".spec.gateway.addresses", "The addresses of the gateway").wide,
    ])

  private static let network = Schema.object(
    "A network that is joined.",
    [
      .required("l2Service", .reference("An L2Service with Subnets that have a gateway address")),
      .optional(
        "snat",
        .boolean(
          "Whether outside the gateway's address stands for its IPv4 addresses. Absent: false, they are seen as they are."
        )
      ),
      .optional(
        "announce", .boolean("Whether pods of the router's other networks get a route to it. Absent: true.")),
    ])

  private static let gateway = Schema.object(
    "The way out. Absent: there is none.",
    [
      .required("l2Service", .reference("The L2Service that leads outside, a VLAN on OVN")),
      .required(
        "addresses",
        .list(
          "The gateway's addresses in its Subnets. With mode perNode at least one for each node and IP family.",
          of: .address("An address that nobody else has."), .set, count: 1...1024)),
      .optional(
        "mode",
        .enumeration(
          "activeStandby: traffic leaves by one node, and by another when BFD finds that gone. perNode: traffic leaves by"
            + " the node where the pod is, both ways. Absent: activeStandby.", GatewayMode.self)),
      .optional(
        "nodeSelector",
        .labelSelector(
          "The nodes that can be the gateway. Absent: every node that reaches the L2Service's physical network.")),
    ])

  private static let route = Schema.object(
    "A static route.",
    [
      .required("destination", .network("The network that is reached, such as 0.0.0.0/0.")),
      .required(
        "nextHops",
        .list(
          "The addresses on the router's networks through which it is reached. Several share the flows (ECMP).",
          of: .address("An address of the same IP family."), .set, count: 1...32)),
      .optional(
        "bfd",
        .boolean("Whether a next hop that does not answer BFD (RFC 5880) is left out. Absent: false.")),
    ])

  private static let floatingAddress = Schema.object(
    "An address of the outside for one address inside.",
    [
      .required("external", .address("An address in a Subnet of the gateway's L2Service.")),
      .required("internal", .address("An address in a Subnet of one of the networks.")),
    ])
}
