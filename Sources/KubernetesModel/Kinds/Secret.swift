/// Confidential data (core/v1).
public struct Secret: KubernetesResource, Hashable {
  /// Served as `secrets` in `v1`.
  public static let definition = ResourceDefinition(
    group: "", version: "v1", kind: "Secret", plural: "secrets", scope: .namespaced)

  /// The standard metadata.
  public var metadata: ObjectMeta
  /// What the data is, for example `kubernetes.io/tls`.
  public var type: String?
  /// The values, in Base64.
  public var data: [String: String]?

  /// A Secret of the parts.
  public init(metadata: ObjectMeta, type: String? = nil, data: [String: String]? = nil) {
    self.metadata = metadata
    self.type = type
    self.data = data
  }
}

extension Secret {
  /// The bytes of one value; nil when it is absent or not Base64.
  public func bytes(_ key: String) -> [UInt8]? { data?[key].flatMap { Base64.decode($0) } }
}
