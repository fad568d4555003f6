public import JSON

/// The definition of a further kind (apiextensions.k8s.io/v1); schemas stay JSON.
public struct CustomResourceDefinition: KubernetesResource, Hashable {
  /// Served as `customresourcedefinitions` in `apiextensions.k8s.io/v1`.
  public static let definition = ResourceDefinition(
    group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition", plural: "customresourcedefinitions",
    shortNames: ["crd", "crds"], scope: .cluster)

  /// The standard metadata.
  public var metadata: ObjectMeta
  /// Names, versions and schemas.
  public var spec: JSONValue
  /// Conditions and accepted names.
  public var status: JSONValue?

  /// A CustomResourceDefinition of the parts.
  public init(metadata: ObjectMeta, spec: JSONValue, status: JSONValue? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }
}
