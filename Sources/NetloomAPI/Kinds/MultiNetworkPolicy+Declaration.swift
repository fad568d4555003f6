public import KubernetesModel

extension MultiNetworkPolicy: DeclaredResource {
  public static let declaration = Declaration(
    "What may reach the interfaces of pods on the networks that the annotation k8s.v1.cni.cncf.io/policy-for names, and"
      + " what may be reached from them.",
    optionalSpec: spec, furtherVersions: ["v1beta2"])

  private static var spec: Schema {
    .object(
      "As of a NetworkPolicy (networking.k8s.io/v1).",
      [
        .required("podSelector", .labelSelector("The pods whose interfaces it is for.")),
        .optional(
          "policyTypes",
          .list(
            "The directions that it is for. Absent: Ingress, and Egress if there are egress rules.",
            of: Schema("string", "A direction.", ["enum": ["Ingress", "Egress"]]), .atomic, count: 0...2)),
        .optional("ingress", rules("What may reach the pods.", peers: "from")),
        .optional("egress", rules("What the pods may reach.", peers: "to")),
      ])
  }

  private static func rules(_ description: String, peers: String) -> Schema {
    let rule = Schema.object(
      "One kind of traffic.",
      [
        .optional("ports", .list("The ports; none: all.", of: port, .atomic, count: 0...256)),
        .optional(peers, .list("The other ends; none: all.", of: peer, .atomic, count: 0...256)),
      ])
    return .list(description, of: rule, .atomic, count: 0...256)
  }

  private static var port: Schema {
    .object(
      "A port.",
      [
        .optional("protocol", Schema("string", "The protocol. Absent: TCP.", ["enum": ["TCP", "UDP", "SCTP"]])),
        .optional("port", .integerOrString("The number or name of a port. Absent: all.")),
        .optional("endPort", .integer("The last port of a range.", 1...65535)),
      ])
  }

  private static var peer: Schema {
    .object(
      "Pods, by their addresses on the network in question, or addresses.",
      [
        .optional("podSelector", .labelSelector("Pods, of the policy's own namespace unless others are selected.")),
        .optional("namespaceSelector", .labelSelector("The namespaces of the pods.")),
        .optional(
          "ipBlock",
          .object(
            "Addresses.",
            [
              .required("cidr", .network("A network.")),
              .optional(
                "except",
                .list("Parts of it that do not count.", of: .network("A network."), .atomic, count: 0...256)),
            ])),
      ])
  }
}
