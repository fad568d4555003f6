extension TrafficMirror: DeclaredResource {
  public static let declaration = Declaration(
    "Copies of the traffic of chosen pods or of a network on OVN, for a pod or a virtual machine that analyses it.",
    spec: .object(
      "What is copied where.",
      [
        .optional("description", .note),
        .required(
          "source",
          .object(
            "Whose traffic is copied. Give one of the two.",
            [
              .optional("podSelector", .labelSelector("Pods in this namespace, all their interfaces on OVN.")),
              .optional("l2Service", .reference("An L2Service, every pod and every NetworkPort of type VM on it")),
            ])),
        .optional(
          "direction",
          .enumeration("Which way packets go, seen from who is copied. Absent: both.", Direction.self)),
        .required(
          "destination",
          .object(
            "Who gets the copies, and nothing else then. Give pod and interface, or networkPort.",
            [
              .optional("pod", .objectName("Name of a pod in this namespace.")),
              .optional("interface", .interfaceName("The name of its interface, on OVN.")),
              .optional("networkPort", .objectName("Name of a NetworkPort in this namespace, of type VM.")),
            ])),
        .optional("callbackURL", .callbackURL),
      ]),
    status: .status([
      .optional("interfaceCount", .count("How many interfaces are mirrored.")),
      .optional("pods", .names("The pods that they are of as namespace/name, at most 20.")),
      .optional("networkPorts", .names("The NetworkPorts that are mirrored as namespace/name, at most 20.")),
      .optional("destination", .string("Who gets the copies: pod/interface, or the name of a NetworkPort.")),
    ]),
    columns: [
      .text("Destination", ".status.destination", "Who gets the copies"),
      .text("Direction", ".spec.direction", "Which way packets go, seen from who is copied"),
      .number("Interfaces", ".status.interfaceCount", "How many interfaces are mirrored"),
    ])
}
