/// A network that pods may join by name (Kubernetes Network Custom Resource Definition De-facto Standard 1.3, section 3).
public struct NetworkAttachmentDefinition: KubernetesResource, Hashable {
  /// Served as `network-attachment-definitions` in `k8s.cni.cncf.io/v1`.
  public static let definition = ResourceDefinition(
    group: "k8s.cni.cncf.io", version: "v1", kind: "NetworkAttachmentDefinition",
    plural: "network-attachment-definitions", singular: "network-attachment-definition", shortNames: ["net-attach-def"],
    scope: .namespaced)

  /// The standard metadata.
  public var metadata: ObjectMeta
  /// How the network is joined.
  public var spec: Spec?

  /// A NetworkAttachmentDefinition of the parts.
  public init(metadata: ObjectMeta, spec: Spec? = nil) {
    self.metadata = metadata
    self.spec = spec
  }
}

extension NetworkAttachmentDefinition {
  /// How a network is joined.
  public struct Spec: Sendable, Hashable, Codable {
    /// A CNI configuration or configuration list, as JSON text.
    public var config: String?

    /// Of the parts.
    public init(config: String? = nil) {
      self.config = config
    }
  }
}
