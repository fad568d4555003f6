public import KubernetesModel

/// An L2 network: a VLAN that meets the DC gateways, what has no tag on a physical network, or an overlay. Made by the cloud
/// admin.
public struct L2Service: NetloomResource {
  public static let definition = ResourceDefinition.netloom("L2Service", plural: "l2services", shortNames: ["l2s"])

  public var metadata: ObjectMeta
  public var spec: Spec
  public var status: Status?

  /// An L2Service as written by its author, without status unless one is given.
  public init(metadata: ObjectMeta, spec: Spec, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  public var callbackURL: String? { spec.callbackURL }

  /// The network as its author wants it.
  public struct Spec: Codable, Sendable, Hashable {
    /// A note for people.
    public var description: String?
    /// The VLAN, 1 to 4094; absent: an overlay, or with `physicalNetworks` the untagged frames of that one.
    public var segmentationID: Int?
    /// Where it meets the DC gateways; with a VLAN also the scope in which that VLAN is unique, without one the physical
    /// network whose untagged frames it is.
    public var physicalNetworks: [String]?
    /// Names of Subnets in this namespace: none, one, or one of each family.
    public var subnets: [String]?
    /// From where attachments may use it; absent: this namespace only.
    public var allowedNamespaces: AllowedNamespaces?
    /// Where every change of the state is POSTed.
    public var callbackURL: String?

    /// A network; without a VLAN and physical networks it is an overlay.
    public init(
      segmentationID: Int? = nil, physicalNetworks: [String]? = nil, subnets: [String]? = nil,
      allowedNamespaces: AllowedNamespaces? = nil, description: String? = nil, callbackURL: String? = nil
    ) {
      self.segmentationID = segmentationID
      self.physicalNetworks = physicalNetworks
      self.subnets = subnets
      self.allowedNamespaces = allowedNamespaces
      self.description = description
      self.callbackURL = callbackURL
    }

    /// Whether it is on no physical network of its own.
    public var isOverlay: Bool { segmentationID == nil && (physicalNetworks ?? []).isEmpty }
    /// The physical network whose untagged frames it is; nil: it is a VLAN or an overlay.
    public var untaggedNetwork: String? { segmentationID == nil ? physicalNetworks?.first : nil }
  }

  /// Which namespaces may use a network.
  public struct AllowedNamespaces: Codable, Sendable, Hashable {
    /// The rule.
    public var from: NamespaceSource
    /// The labels of the namespaces, for the rule `Selector`.
    public var selector: LabelSelector?

    /// A rule, with a selector when the rule is `.selector`.
    public init(from: NamespaceSource, selector: LabelSelector? = nil) {
      self.from = from
      self.selector = selector
    }
  }

  /// Where the network is programmed, and who uses it.
  public struct Status: NetloomStatus {
    public var phase: Phase?
    public var observedGeneration: Int64?
    public var conditions: [Condition]?
    /// The fabrics that carry it.
    public var fabrics: [TargetStatus]?
    /// The nodes whose bridges carry it; at most 20, those that are not programmed first.
    public var nodes: [TargetStatus]?
    /// What is still missing, in words; at most 20.
    public var pending: [String]?
    /// How many attachments name it.
    public var attachmentCount: Int?
    /// These attachments as `namespace/name`, sorted; at most 20.
    public var attachments: [String]?
    /// The node by which the overlay reaches the physical network; absent: there is no overlay, or no way.
    public var gatewayNode: String?
    /// How many pods are attached.
    public var podCount: Int?
    /// These pods as `namespace/name`, sorted; at most 20.
    public var pods: [String]?

    public init() {}

    /// Where the overlay meets the physical network.
    public var whereabouts: [String] { gatewayNode.map { [$0] } ?? [] }
  }

  /// How far the network has come on one fabric or node.
  public struct TargetStatus: Codable, Sendable, Hashable {
    /// Name of the Fabric or Node.
    public var name: String
    /// How far it is.
    public var state: ProgrammingState
    /// What is missing or went wrong.
    public var message: String?

    /// The state on the fabric or node of that name.
    public init(name: String, state: ProgrammingState, message: String? = nil) {
      self.name = name
      self.state = state
      self.message = message
    }
  }
}
