public import KubernetesModel

/// Where pods can plug in: a set of equally equipped nodes, and what each offers. Made once by the platform admin.
public struct ConnectionPoint: NetloomResource {
  public static let definition = ResourceDefinition.netloom(
    "ConnectionPoint", plural: "connectionpoints", shortNames: ["cp"], scope: .cluster)

  public var metadata: ObjectMeta
  public var spec: Spec
  public var status: Status?

  /// A ConnectionPoint as written by its author, without status unless one is given.
  public init(metadata: ObjectMeta, spec: Spec, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  public var callbackURL: String? { spec.callbackURL }

  /// What the nodes offer.
  public struct Spec: Codable, Sendable, Hashable {
    /// A note for people.
    public var description: String?
    /// The nodes that have this connection point; absent: every node.
    public var nodeSelector: LabelSelector?
    /// The physical network behind the uplinks: the scope in which a VLAN means the same thing.
    public var physicalNetwork: String?
    /// Largest IP packet in bytes; absent: 1500.
    public var mtu: Int?
    /// What the nodes can do here; the first that fits is taken when an attachment does not choose.
    public var interfaces: [Interface]
    /// Where every change of the state is POSTed.
    public var callbackURL: String?

    /// A specification with the given interfaces; everything else is optional.
    public init(
      interfaces: [Interface], physicalNetwork: String? = nil, nodeSelector: LabelSelector? = nil, mtu: Int? = nil,
      description: String? = nil, callbackURL: String? = nil
    ) {
      self.interfaces = interfaces
      self.physicalNetwork = physicalNetwork
      self.nodeSelector = nodeSelector
      self.mtu = mtu
      self.description = description
      self.callbackURL = callbackURL
    }
  }

  /// One way to plug a pod in.
  public struct Interface: Codable, Sendable, Hashable {
    /// The CNI plugin.
    public var implementation: Implementation
    /// What pods can get; absent: the usual type of the implementation (see ``supportedTypes``).
    public var types: [PodInterfaceType]?
    /// The bridge on the node: for `netloom`, `ovs`, `bridge` and `userspace`, and for `ovn`, where it is the one that the
    /// physical network is mapped to.
    public var bridge: String?
    /// The node's interface behind the bridge, or under the macvlan or ipvlan: what a Fabric's link names.
    public var uplink: String?
    /// The device plugin's resource: for `host-device` and `sriov`.
    public var resourceName: String?

    /// An interface of the given implementation.
    public init(
      implementation: Implementation, types: [PodInterfaceType]? = nil, bridge: String? = nil, uplink: String? = nil,
      resourceName: String? = nil
    ) {
      self.implementation = implementation
      self.types = types
      self.bridge = bridge
      self.uplink = uplink
      self.resourceName = resourceName
    }

    /// What pods can get here: the declared types, else the first that the implementation can make.
    public var supportedTypes: [PodInterfaceType] {
      types ?? Array(implementation.podInterfaceTypes.prefix(1))
    }
  }

  /// What is known of the connection point.
  public struct Status: NetloomStatus {
    public var phase: Phase?
    public var observedGeneration: Int64?
    public var conditions: [Condition]?
    /// How many nodes the selector matches.
    public var nodeCount: Int?
    /// Names of these nodes, sorted; at most 20.
    public var nodes: [String]?
    /// How many attachments name this connection point.
    public var attachmentCount: Int?

    public init() {}
  }
}
