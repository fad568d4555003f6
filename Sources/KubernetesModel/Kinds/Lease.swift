/// A lock that expires (coordination.k8s.io/v1): leader election, node heartbeats.
public struct Lease: KubernetesResource, Hashable {
  /// Served as `leases` in `coordination.k8s.io/v1`.
  public static let definition = ResourceDefinition(
    group: "coordination.k8s.io", version: "v1", kind: "Lease", plural: "leases", scope: .namespaced)

  /// The standard metadata.
  public var metadata: ObjectMeta
  /// Who holds it, and until when.
  public var spec: Spec?

  /// A Lease of the parts.
  public init(metadata: ObjectMeta, spec: Spec? = nil) {
    self.metadata = metadata
    self.spec = spec
  }
}

extension Lease {
  /// Who holds a lease, and until when.
  public struct Spec: Sendable, Hashable, Codable {
    /// Who holds it; empty or absent when nobody does.
    public var holderIdentity: String?
    /// How long after `renewTime` others must wait.
    public var leaseDurationSeconds: Int?
    /// When the holder took it, `MicroTime`.
    public var acquireTime: String?
    /// When the holder last renewed it, `MicroTime`.
    public var renewTime: String?
    /// How often the holder changed.
    public var leaseTransitions: Int?

    /// Of the parts.
    public init(
      holderIdentity: String? = nil, leaseDurationSeconds: Int? = nil, acquireTime: String? = nil,
      renewTime: String? = nil, leaseTransitions: Int? = nil
    ) {
      self.holderIdentity = holderIdentity
      self.leaseDurationSeconds = leaseDurationSeconds
      self.acquireTime = acquireTime
      self.renewTime = renewTime
      self.leaseTransitions = leaseTransitions
    }
  }
}
