extension L2Service: DeclaredResource {
  public static let declaration = Declaration(
    "An L2 network: a VLAN that meets the DC gateways, the untagged frames of a physical network, or an overlay. Made by"
      + " the cloud admin; pods join it through an L2ServiceAttachment.",
    spec: .object(
      "The network as its author wants it.",
      [
        .optional("description", .note),
        .optional(
          "segmentationID",
          .vlan("The VLAN, 1 to 4094. Absent: an overlay, or with physicalNetworks the untagged frames there.")),
        .optional(
          "physicalNetworks",
          .list(
            "Where it meets the DC gateways. With a segmentationID also the scope in which that VLAN is unique; without one the one physical network whose untagged frames it is.",
            of: .plainName("Name of a physical network."), .set, count: 0...64)),
        .optional(
          "subnets",
          .list(
            "Names of Subnets in this namespace: none, one, or one of each IP family.",
            of: .objectName("Name of a Subnet."), .set, count: 0...2)),
        .optional(
          "allowedNamespaces",
          .object(
            "From where attachments may use it. Absent: from this namespace only.",
            [
              .required(
                "from",
                .enumeration(
                  "Same: this namespace. All: every namespace. Selector: this one and those that the selector matches.",
                  NamespaceSource.self)),
              .optional("selector", .labelSelector("Labels of the namespaces, for the rule Selector.")),
            ])),
        .optional("callbackURL", .callbackURL),
      ]),
    status: .status([
      .optional("fabrics", targets("The fabrics that carry it.", "Name of the Fabric.")),
      .optional("nodes", targets("Nodes whose bridges carry it, at most 20, the unready first.", "Name of the Node.")),
      .optional("pending", .names("What is still missing, in words, at most 20.")),
      .optional("attachmentCount", .count("How many attachments name it.")),
      .optional("attachments", .names("These attachments as namespace/name, at most 20.")),
      .optional("gatewayNode", .objectName("The node by which the overlay reaches the physical network.")),
      .optional("podCount", .count("How many pods are attached.")),
      .optional("pods", .names("These pods as namespace/name, at most 20.")),
    ]),
    columns: [
      .number("VLAN", ".spec.segmentationID", "The VLAN; empty for an overlay and for untagged frames"),
      .text("Subnets", ".spec.subnets", "Names of the subnets"),
      .number("Pods", ".status.podCount", "How many pods are attached"),
      .text("PhysicalNetworks", ".spec.physicalNetworks", "Where it meets the DC gateways").wide,
      .number("Attachments", ".status.attachmentCount", "How many attachments name it").wide,
    ])

  private static func targets(_ description: String, _ name: String) -> Schema {
    let target = Schema.object(
      "How far the network has come on one target.",
      [
        .required("name", .objectName(name)),
        .required("state", .enumeration("programmed, pending or error.", ProgrammingState.self)),
        .optional("message", .string("What is missing or went wrong.")),
      ])
    return .list(description, of: target, .map(keys: ["name"]), count: 0...100)
  }
}
