extension Subnet: DeclaredResource {
  public static let declaration = Declaration(
    "The addresses of an L2Service, of one IP family. Made by the cloud admin.",
    spec: .object(
      "The addresses as their author wants them.",
      [
        .optional("description", .note),
        .required("cidr", .network("The network, such as 10.10.13.0/24 or fd00:10:10:13::/64.")),
        .optional("gateway", .address("The gateway's address, in the subnet. No pod gets it.")),
        .optional(
          "pools",
          .list(
            "The addresses for pods. Absent: the whole subnet.",
            of: .object(
              "A range of addresses, both ends included.",
              [
                .required("start", .address("The first address, in the subnet.")),
                .required("end", .address("The last address, in the subnet.")),
              ]), .atomic, count: 1...256)),
        .optional(
          "exclude",
          .list(
            "Addresses and networks that no pod gets.",
            of: .string(
              "An address or a network in the subnet.", pattern: #"^[0-9a-fA-F:.]+(/[0-9]{1,3})?$"#, length: 2...49),
            .set, count: 0...1024)),
        .optional(
          "routes",
          .list(
            "Routes that pods get.",
            of: .object(
              "A route that pods get.",
              [
                .required("destination", .network("The network that is reached, such as 30.30.13.0/24.")),
                .required("nextHop", .address("The address in this subnet through which it is reached.")),
              ]), .atomic, count: 0...256)),
        .optional(
          "dns",
          .object(
            "Name resolution that pods get.",
            [
              .optional(
                "nameservers",
                .list("Addresses of the servers.", of: .address("Address of a server."), .atomic, count: 0...8)),
              .optional("domain", .domain("The local domain.")),
              .optional(
                "search",
                .list("Domains that short names are looked up in.", of: .domain("A domain."), .atomic, count: 0...32)),
            ])),
        .optional("callbackURL", .callbackURL),
      ]),
    status: .status([
      .optional("used", .count("How many addresses pods hold.")),
      .optional(
        "available",
        .string(
          "How many addresses are free. Decimal text: an IPv6 subnet has more than a JSON number carries exactly.",
          pattern: #"^[0-9]{1,39}$"#)),
      .optional(
        "utilization",
        .integer("How much of the subnet is not available, in percent, rounded down.", 0...100)),
      .optional(
        "conflicts",
        .list(
          "The addresses that are set aside because somebody else was found to have them. Each is tried again after an"
            + " hour.",
          of: .object(
            "An address that somebody else was found to have.",
            [
              .required("address", .address("The address.")),
              .optional("mac", .string("Who answered the probe, where known.", length: 17...17)),
              .required("seen", .string("When that was.", format: "date-time")),
            ]), .atomic, count: 0...1000)),
      .optional(
        "reservations",
        .list(
          "The addresses that StatefulSet pods gave back, kept for the pods of the same names. Others get them when"
            + " nothing else is free.",
          of: .object(
            "An address that is kept for a pod of a name.",
            [
              .required("address", .address("The address.")),
              .required("pod", .string("The pod, as namespace/name.", length: 1...317)),
              .required("interface", .interfaceName("The name of the interface in the pod.")),
            ]), .atomic, count: 0...1000)),
      .optional("l2Services", .names("The L2Services that name this subnet, at most 20.")),
    ]),
    columns: [
      .text("CIDR", ".spec.cidr", "The network"),
      .text("Gateway", ".spec.gateway", "The gateway's address"),
      .number("Used", ".status.used", "How many addresses pods hold"),
      .text("Available", ".status.available", "How many addresses are free"),
      .number("Percent", ".status.utilization", "How much of it is not available").wide,
      .text("L2Services", ".status.l2Services", "The L2Services that name it").wide,
    ])
}
