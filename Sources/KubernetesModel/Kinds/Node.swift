/// A machine of the cluster (core/v1).
public struct Node: KubernetesResource, Hashable {
  /// Served as `nodes` in `v1`.
  public static let definition = ResourceDefinition(
    group: "", version: "v1", kind: "Node", plural: "nodes", shortNames: ["no"], scope: .cluster)

  /// The standard metadata.
  public var metadata: ObjectMeta
  /// How pods are placed on it.
  public var spec: Spec?
  /// What it reports.
  public var status: Status?

  /// A Node of the parts.
  public init(metadata: ObjectMeta, spec: Spec? = nil, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }
}

extension Node {
  /// How pods are placed on a node.
  public struct Spec: Sendable, Hashable, Codable {
    /// Whether new pods are kept away.
    public var unschedulable: Bool?

    /// Of the parts.
    public init(unschedulable: Bool? = nil) {
      self.unschedulable = unschedulable
    }
  }
}

extension Node {
  /// What a node reports.
  public struct Status: Sendable, Hashable, Codable {
    /// `Ready` and others.
    public var conditions: [Condition]?
    /// How it is reached.
    public var addresses: [Address]?

    /// Of the parts.
    public init(conditions: [Condition]? = nil, addresses: [Address]? = nil) {
      self.conditions = conditions
      self.addresses = addresses
    }
  }
}

extension Node {
  /// One address of a node.
  public struct Address: Sendable, Hashable, Codable {
    /// `InternalIP`, `Hostname`, ...
    public var type: String
    /// The address or the name.
    public var address: String

    /// Of the parts.
    public init(type: String, address: String) {
      self.type = type
      self.address = address
    }
  }
}
