public import KubernetesModel

/// What one node's bridges must carry: to the node what ``BridgeDomain`` is to the fabric. Made by Netloom only, named
/// after the node; the node's agent brings the bridges to it and reports in the status.
public struct NodeNetwork: NetloomResource {
  public static let definition = ResourceDefinition.netloom(
    "NodeNetwork", plural: "nodenetworks", shortNames: ["nn"], scope: .cluster)

  public var metadata: ObjectMeta
  public var spec: Spec
  public var status: Status?

  /// A NodeNetwork, without status unless one is given.
  public init(metadata: ObjectMeta, spec: Spec, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  /// The bridges that Netloom needs on the node.
  public struct Spec: Codable, Sendable, Hashable {
    /// The bridges, by name.
    public var bridges: [Bridge]

    /// The given bridges.
    public init(bridges: [Bridge]) {
      self.bridges = bridges
    }
  }

  /// One Open vSwitch bridge on the node.
  public struct Bridge: Codable, Sendable, Hashable {
    /// Name of the bridge.
    public var name: String
    /// The node's interface that joins the bridge to the fabric; absent: the bridge stays inside the node.
    public var uplink: String?
    /// The VLANs that the uplink carries, sorted. Empty: none passes.
    public var vlans: [Int]
    /// Largest IP packet in bytes; absent: 1500.
    public var mtu: Int?
    /// The name by which OVN knows what is behind the bridge (`ovn-bridge-mappings`); absent: OVN does not use it.
    public var physicalNetwork: String?
    /// The objects that need this bridge, as `Kind namespace/name`.
    public var owners: [String]?

    /// A bridge with its uplink and VLANs.
    public init(
      name: String, uplink: String? = nil, vlans: [Int], mtu: Int? = nil, physicalNetwork: String? = nil,
      owners: [String]? = nil
    ) {
      self.name = name
      self.uplink = uplink
      self.vlans = vlans
      self.mtu = mtu
      self.physicalNetwork = physicalNetwork
      self.owners = owners
    }
  }

  /// What the node's agent has programmed.
  public struct Status: NetloomStatus {
    public var phase: Phase?
    public var observedGeneration: Int64?
    public var conditions: [Condition]?
    /// The bridges one by one.
    public var bridges: [BridgeStatus]?

    public init() {}
  }

  /// What one bridge really carries.
  public struct BridgeStatus: Codable, Sendable, Hashable {
    /// Name of the bridge.
    public var name: String
    /// The VLANs that its uplink carries, sorted.
    public var vlans: [Int]
    /// What is missing or went wrong.
    public var message: String?

    /// The state of the bridge of that name.
    public init(name: String, vlans: [Int], message: String? = nil) {
      self.name = name
      self.vlans = vlans
      self.message = message
    }
  }
}
