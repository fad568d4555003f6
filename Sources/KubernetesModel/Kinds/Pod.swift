/// A pod (core/v1); only what networking reads.
public struct Pod: KubernetesResource, Hashable {
  /// Served as `pods` in `v1`.
  public static let definition = ResourceDefinition(
    group: "", version: "v1", kind: "Pod", plural: "pods", shortNames: ["po"], scope: .namespaced)

  /// The standard metadata.
  public var metadata: ObjectMeta
  /// What is to run, and where.
  public var spec: Spec?
  /// What the node reports.
  public var status: Status?

  /// A Pod of the parts.
  public init(metadata: ObjectMeta, spec: Spec? = nil, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }
}

extension Pod {
  /// What is to run, and where.
  public struct Spec: Sendable, Hashable, Codable {
    /// The containers.
    public var containers: [Container]
    /// The node that it is bound to.
    public var nodeName: String?
    /// Labels that its node must have.
    public var nodeSelector: [String: String]?
    /// Whether it uses the node's own network.
    public var hostNetwork: Bool?

    /// Of the parts.
    public init(
      containers: [Container], nodeName: String? = nil, nodeSelector: [String: String]? = nil, hostNetwork: Bool? = nil
    ) {
      self.containers = containers
      self.nodeName = nodeName
      self.nodeSelector = nodeSelector
      self.hostNetwork = hostNetwork
    }
  }
}

extension Pod {
  /// One container.
  public struct Container: Sendable, Hashable, Codable {
    /// The name, unique in the pod.
    public var name: String
    /// The image.
    public var image: String?

    /// Of the parts.
    public init(name: String, image: String? = nil) {
      self.name = name
      self.image = image
    }
  }
}

extension Pod {
  /// What the node reports of a pod.
  public struct Status: Sendable, Hashable, Codable {
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    public var phase: String?
    /// The primary address.
    public var podIP: String?
    /// The primary addresses, one a family.
    public var podIPs: [PodIP]?
    /// The address of the node.
    public var hostIP: String?
    /// `Ready` and others.
    public var conditions: [Condition]?

    /// Of the parts.
    public init(
      phase: String? = nil, podIP: String? = nil, podIPs: [PodIP]? = nil, hostIP: String? = nil,
      conditions: [Condition]? = nil
    ) {
      self.phase = phase
      self.podIP = podIP
      self.podIPs = podIPs
      self.hostIP = hostIP
      self.conditions = conditions
    }
  }
}

extension Pod {
  /// One address of a pod.
  public struct PodIP: Sendable, Hashable, Codable {
    /// IPv4 or IPv6.
    public var ip: String

    /// Of the parts.
    public init(ip: String) {
      self.ip = ip
    }
  }
}

extension Pod {
  /// Whether it has run to its end, so that its resources may be freed though the object still exists.
  public var isFinished: Bool { status?.phase == "Succeeded" || status?.phase == "Failed" }
}
