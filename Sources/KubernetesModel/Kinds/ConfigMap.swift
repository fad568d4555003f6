/// Configuration data (core/v1).
public struct ConfigMap: KubernetesResource, Hashable {
  /// Served as `configmaps` in `v1`.
  public static let definition = ResourceDefinition(
    group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", shortNames: ["cm"], scope: .namespaced)

  /// The standard metadata.
  public var metadata: ObjectMeta
  /// The text values.
  public var data: [String: String]?
  /// The binary values, in Base64.
  public var binaryData: [String: String]?

  /// A ConfigMap of the parts.
  public init(metadata: ObjectMeta, data: [String: String]? = nil, binaryData: [String: String]? = nil) {
    self.metadata = metadata
    self.data = data
    self.binaryData = binaryData
  }
}
