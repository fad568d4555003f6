extension TrafficMirror: DeclaredResource {
  public static let declaration = Declaration(
    "Copies of the traffic of chosen pods or of a network on OVN, for a pod that analyses it.",
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
              .optional("l2Service", .reference("An L2Service, every pod on it")),
            ])),
        .optional(
          "direction",
          .enumeration("Which way packets go, seen from the pod that is copied. Absent: both.", Direction.self)),
        .required(
          "destination",
          .object(
            "Who gets the copies.",
            [
              .required("pod", .objectName("Name of a pod in this namespace.")),
              .required("interface", .interfaceName("The name of its interface, on OVN.")),
            ])),
        .optional("callbackURL", .callbackURL),
      ]),
    status: .status([
      .optional("interfaceCount", .count("How many interfaces are mirrored.")),
      .optional("pods", .names("The pods that they are of as namespace/name, at most 20.")),
    ]),
    columns: [
      .text("Destination", ".spec.destination.pod", "Who gets the copies"),
      .text("Direction", ".spec.direction", "Which way packets go, seen from the pod that is copied"),
      .number("Interfaces", ".status.interfaceCount", "How many interfaces are mirrored"),
      .text("Interface", ".spec.destination.interface", "The interface that gets the copies").wide,
    ])
}
