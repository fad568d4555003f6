extension BridgeDomain: DeclaredResource {
  public static let declaration = Declaration(
    "One VLAN in one fabric and the ports that it must be open on. Made by Netloom only; the fabric's driver brings the"
      + " switches to it.",
    spec: .object(
      "The VLAN and its ports.",
      [
        .required("fabric", .objectName("Name of the Fabric.")),
        .required("vlan", .vlan("The VLAN, 1 to 4094.")),
        .required(
          "ports",
          .list(
            "Every port that carries the VLAN, tagged. Empty: the VLAN is open nowhere.",
            of: .object("One port of one switch.", portFields), .map(keys: ["switch", "port"]), count: 0...16384)),
      ]),
    status: .status([
      .optional("portCount", .count("How many ports should carry the VLAN.")),
      .optional("portsProgrammed", .count("How many of them do.")),
      .optional(
        "ports",
        .list(
          "The ports one by one.",
          of: .object(
            "What is known of one port.",
            portFields + [
              .required(
                "state",
                .enumeration("Whether the port is as wanted: programmed, pending or error.", ProgrammingState.self)),
              .optional("message", .string("What is missing or went wrong.")),
            ]), .map(keys: ["switch", "port"]), count: 0...16384)),
    ]),
    columns: [
      .text("Fabric", ".spec.fabric", "The fabric"),
      .number("VLAN", ".spec.vlan", "The VLAN"),
      .number("Ports", ".status.portCount", "How many ports should carry it"),
      .number("Programmed", ".status.portsProgrammed", "How many ports do"),
    ])

  private static let portFields: [Schema.Field] = [
    .required("switch", .plainName("Name of the switch.")),
    .required("port", .plainName("Name of the port on the switch.")),
  ]
}
