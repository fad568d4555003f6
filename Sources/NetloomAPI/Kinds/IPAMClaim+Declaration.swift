public import KubernetesModel

extension IPAMClaim: DeclaredResource {
  public static let declaration = Declaration(
    "Addresses that outlive the pods that use them (Kubernetes Network Custom Resource Definition De-facto Standard 1.3)."
      + " A pod names it by ipam-claim-reference in its networks annotation.",
    spec: .object(
      "What the addresses are for.",
      [
        .required(
          "network",
          .string("The network: the NetworkAttachmentDefinition as name or namespace/name.", length: 1...512)),
        .required("interface", .interfaceName("The name of the interface in the pod.")),
      ]),
    plainStatus: .object(
      "The addresses. Written by whoever assigns them.",
      [
        .optional(
          "ips",
          .list(
            "Each with the prefix length of its subnet.", of: .string("An address.", length: 2...49), .atomic,
            count: 0...64))
      ]),
    columns: [
      .text("Network", ".spec.network", "The network"),
      .text("Interface", ".spec.interface", "The interface in the pod"),
      .text("IPs", ".status.ips", "The addresses"),
      .age,
    ])
}
