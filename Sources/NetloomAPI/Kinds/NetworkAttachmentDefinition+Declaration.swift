public import KubernetesModel

extension NetworkAttachmentDefinition: DeclaredResource {
  public static let declaration = Declaration(
    "A network that pods may join by name (Kubernetes Network Custom Resource Definition De-facto Standard 1.3). Netloom"
      + " makes one for every L2ServiceAttachment.",
    optionalSpec: .object(
      "How the network is joined.",
      [.optional("config", .string("A CNI configuration or configuration list, as JSON text."))]))
}
