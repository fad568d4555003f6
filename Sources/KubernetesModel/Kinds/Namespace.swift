/// A namespace (core/v1).
public struct Namespace: KubernetesResource, Hashable {
  /// Served as `namespaces` in `v1`.
  public static let definition = ResourceDefinition(
    group: "", version: "v1", kind: "Namespace", plural: "namespaces", shortNames: ["ns"], scope: .cluster)

  /// The standard metadata.
  public var metadata: ObjectMeta
  /// Whether it is active or terminating.
  public var status: Status?

  /// A Namespace of the parts.
  public init(metadata: ObjectMeta, status: Status? = nil) {
    self.metadata = metadata
    self.status = status
  }
}

extension Namespace {
  /// The state of a namespace.
  public struct Status: Sendable, Hashable, Codable {
    /// `Active` or `Terminating`.
    public var phase: String?

    /// Of the parts.
    public init(phase: String? = nil) {
      self.phase = phase
    }
  }
}
