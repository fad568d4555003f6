public import KubernetesModel

/// Copies of the traffic of chosen pods or of a network, for a pod or a virtual machine that analyses it. Made by the
/// tenant.
public struct TrafficMirror: NetloomResource {
  public static let definition = ResourceDefinition.netloom(
    "TrafficMirror", plural: "trafficmirrors", shortNames: ["tm"])

  public var metadata: ObjectMeta
  public var spec: Spec
  public var status: Status?

  /// A TrafficMirror as written by its author, without status unless one is given.
  public init(metadata: ObjectMeta, spec: Spec, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  public var callbackURL: String? { spec.callbackURL }

  /// Which way packets go, seen from the pod or machine that is copied.
  public enum Direction: String, Codable, Sendable, Hashable, CaseIterable {
    /// To it and from it.
    case both
    /// To it.
    case ingress
    /// From it.
    case egress
  }

  /// What is copied where.
  public struct Spec: Codable, Sendable, Hashable {
    /// A note for people.
    public var description: String?
    /// Whose traffic is copied.
    public var source: Source
    /// Which way it goes; absent: both.
    public var direction: Direction?
    /// Who gets the copies.
    public var destination: Destination
    /// Where every change of the state is POSTed.
    public var callbackURL: String?

    /// Copies from a source to a destination.
    public init(
      source: Source, destination: Destination, direction: Direction? = nil, description: String? = nil,
      callbackURL: String? = nil
    ) {
      self.source = source
      self.direction = direction
      self.destination = destination
      self.description = description
      self.callbackURL = callbackURL
    }
  }

  /// Whose traffic is copied: that of pods, or that of a network.
  public struct Source: Codable, Sendable, Hashable {
    /// Pods in this namespace: all their interfaces on OVN.
    public var podSelector: LabelSelector?
    /// The L2Service, every pod and every NetworkPort of type `VM` on it: `name` in this namespace, or `namespace/name` where
    /// that service allows it.
    public var l2Service: String?

    /// One of the two.
    public init(podSelector: LabelSelector? = nil, l2Service: String? = nil) {
      self.podSelector = podSelector
      self.l2Service = l2Service
    }
  }

  /// Who gets the copies: an interface of a pod, or what is behind a NetworkPort.
  public struct Destination: Codable, Sendable, Hashable {
    /// Name of the pod in this namespace; with `interface`.
    public var pod: String?
    /// The name of its interface; with `pod`.
    public var interface: String?
    /// Name of the NetworkPort in this namespace, of type `VM`.
    public var networkPort: String?

    /// An interface of a pod, or a NetworkPort.
    public init(pod: String? = nil, interface: String? = nil, networkPort: String? = nil) {
      self.pod = pod
      self.interface = interface
      self.networkPort = networkPort
    }
  }

  /// What was made of it.
  public struct Status: NetloomStatus {
    public var phase: Phase?
    public var observedGeneration: Int64?
    public var conditions: [Condition]?
    /// How many interfaces are mirrored.
    public var interfaceCount: Int?
    /// The pods that they are of as `namespace/name`, sorted; at most 20.
    public var pods: [String]?
    /// The NetworkPorts that are mirrored as `namespace/name`, sorted; at most 20.
    public var networkPorts: [String]?
    /// Who gets the copies: `pod/interface`, or the name of a NetworkPort.
    public var destination: String?

    public init() {}
  }
}
