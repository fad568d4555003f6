extension Fabric: DeclaredResource {
  public static let declaration = Declaration(
    "One managed fabric: its switches, and what is plugged in where. Made once by the platform admin.",
    spec: .object(
      "The fabric as the platform admin built it.",
      [
        .optional("description", .note),
        .required(
          "driver", .objectName("Who programs the switches: ovs, or the name of a driver that lives elsewhere.")),
        .required("switches", .list("The switches.", of: switchSchema, .map(keys: ["name"]), count: 1...1024)),
        .optional(
          "links",
          .list(
            "Node side: which interface of which node is plugged into which port.", of: link,
            .map(keys: ["switch", "port"]), count: 0...16384)),
        .optional(
          "interSwitchLinks",
          .list(
            "Between the switches: these ports carry every VLAN that has to reach more than one switch.",
            of: .object(
              "A cable between two switches.", [.required("a", end("One end.")), .required("b", end("The other end."))]),
            .atomic, count: 0...4096)),
        .optional(
          "uplinks",
          .list(
            "DC gateway side.", of: uplink, .map(keys: ["physicalNetwork", "switch", "port"]), count: 0...1024)),
        .optional("callbackURL", .callbackURL),
      ]),
    status: .status([
      .optional("switchCount", .count("How many switches the fabric has.")),
      .optional("switchesConnected", .count("How many of them answer.")),
      .optional(
        "switches",
        .list("The switches one by one.", of: switchStatus, .map(keys: ["name"]), count: 0...1024)),
      .optional("vlanCount", .count("How many VLANs are carried here.")),
    ]),
    columns: [
      .text("Driver", ".spec.driver", "Who programs the switches"),
      .number("Switches", ".status.switchCount", "How many switches it has"),
      .number("Connected", ".status.switchesConnected", "How many of them answer"),
      .number("VLANs", ".status.vlanCount", "How many VLANs are carried here"),
    ])

  private static let switchName = Schema.plainName("Name of the switch, one of spec.switches.")
  private static let portName = Schema.plainName("Name of the port on the switch.")

  private static let switchSchema = Schema.object(
    "One switch and how to reach it.",
    [
      .required("name", .plainName("Its name in this fabric.")),
      .required(
        "endpoint",
        .string(
          "Where its management answers: tcp:HOST:PORT, ssl:HOST:PORT (TLS) or unix:/PATH. An IPv6 host stands in"
            + " brackets.", pattern: #"^((tcp|ssl):(\[[0-9a-fA-F:.]+\]|[^\s:]+):[0-9]{1,5}|unix:/\S+)$"#,
          length: 6...512)),
      .optional(
        "credentials",
        .object(
          "The Secret with tls.crt, tls.key and ca.crt, for an ssl endpoint.",
          [
            .required("secretName", .objectName("Name of the Secret.")),
            .required("secretNamespace", .objectName("Namespace of the Secret.")),
          ])),
    ])

  private static let link = Schema.object(
    "A cable between a node and a switch.",
    [
      .required("node", .objectName("Name of the Node.")),
      .required("interface", .interfaceName("The node's interface: what a ConnectionPoint calls its uplink.")),
      .required("switch", switchName), .required("port", portName),
    ])

  private static func end(_ description: String) -> Schema {
    .object(description, [.required("switch", switchName), .required("port", portName)])
  }

  private static let uplink = Schema.object(
    "A cable between a DC gateway and a switch.",
    [
      .required("gateway", .plainName("Name of the gateway.")),
      .required(
        "physicalNetwork", .plainName("The physical network that L2Services name to meet the gateway here.")),
      .required("switch", switchName), .required("port", portName),
    ])

  private static let switchStatus = Schema.object(
    "What is known of one switch.",
    [
      .required("name", .plainName("Name of the switch.")),
      .required("connected", .boolean("Whether its management answers.")),
      .optional("message", .string("Why not, or what is wrong with it.")),
    ])
}
