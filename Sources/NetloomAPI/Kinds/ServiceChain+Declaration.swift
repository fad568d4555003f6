extension ServiceChain: DeclaredResource {
  public static let declaration = Declaration(
    "Leads the traffic between two networks that a Router joins through functions, in order and both ways through the"
      + " same instance of each.",
    spec: .object(
      "The chain as its author wants it.",
      [
        .optional("description", .note),
        .required("left", end("Where the traffic comes from.")),
        .required("right", end("Where it goes to; answers go the other way.")),
        .required(
          "functions", .list("The functions, in the order from left to right.", of: function, .atomic, count: 1...16)),
        .optional(
          "onFailure",
          .enumeration(
            "What happens when a function has no pod. block: the traffic does not pass. bypass: it passes without that"
              + " function. Absent: block.", FailureMode.self)),
        .optional("callbackURL", .callbackURL),
      ]),
    status: .status([
      .optional(
        "functions",
        .list(
          "The functions one by one.",
          of: .object(
            "A function that traffic passes.",
            [
              .required("name", functionName),
              .required("podCount", .count("How many pods share its flows.")),
              .required(
                "instances",
                .list(
                  "These pods, at most 20.",
                  of: .object(
                    "A pod of a function.",
                    [
                      .required("pod", .string("The pod as namespace/name.")),
                      .required("addresses", .names("Its addresses on the function's left network.")),
                      .required("share", .count("How many percent of the left side's addresses pass it, rounded.")),
                    ]), .map(keys: ["pod"]), count: 0...20)),
            ]), .map(keys: ["name"]), count: 0...16))
    ]),
    columns: [
      .text("Left", ".spec.left.l2Service", "Where the traffic comes from"),
      .text("Right", ".spec.right.l2Service", "Where the traffic goes to"),
      .text("OnFailure", ".spec.onFailure", "What happens when a function has no pod"),
    ])

  private static func end(_ description: String) -> Schema {
    .object(
      description,
      [
        .required("l2Service", .reference("An L2Service that a Router joins")),
        .optional("podSelector", .labelSelector("The pods on it. Absent: everything on it.")),
        .optional(
          "namespaceSelector", .labelSelector("The namespaces of these pods. Absent: that of the chain.")),
      ])
  }

  private static let function = Schema.object(
    "A function: its pods share the flows.",
    [
      .required("name", functionName),
      .required("podSelector", .labelSelector("Its pods, in the chain's namespace.")),
      .required("left", .reference("The L2Service of the same Router on which it takes what comes from the left")),
      .optional(
        "right",
        .reference("The L2Service on which it gives that on and takes the answers. Absent: the same, it is one-armed")),
    ])

  private static let functionName = Schema.string(
    "A name for it, unique in the chain (RFC 1123 label).", pattern: #"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"#, length: 1...63
  )
}
