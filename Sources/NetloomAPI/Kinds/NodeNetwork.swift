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
    /// The traffic of pods on OVN's bridge that is copied, sorted by name.
    public var mirrors: [Mirror]?

    /// The given bridges and mirrors.
    public init(bridges: [Bridge], mirrors: [Mirror]? = nil) {
      self.bridges = bridges
      self.mirrors = mirrors
    }

    /// Whether the node needs nothing.
    public var isEmpty: Bool { bridges.isEmpty && (mirrors ?? []).isEmpty }
  }

  /// The node's part in a TrafficMirror: it copies packets of its pods and machines, and gives copies to who gets them or
  /// sends them to the node where that is.
  public struct Mirror: Codable, Sendable, Hashable {
    /// The TrafficMirror as `namespace/name`.
    public var name: String
    /// The names of the logical ports on this node whose packets are copied, sorted.
    public var ports: [String]
    /// Which of their packets, seen from who is copied.
    public var direction: TrafficMirror.Direction
    /// The key of the tunnels by which copies go from node to node: 24 bits.
    public var key: Int
    /// The name of the logical port on this node that gets the copies; absent: it is on another node.
    public var sinkPort: String?
    /// The chassis of OVN where that port is; absent: it is here.
    public var sinkChassis: String?
    /// With `sinkPort`: the chassis from which copies come too, sorted.
    public var origins: [String]?

    /// A part in a mirror: either `sinkPort` or `sinkChassis` says where copies go.
    public init(
      name: String, ports: [String], direction: TrafficMirror.Direction, key: Int, sinkPort: String? = nil,
      sinkChassis: String? = nil, origins: [String]? = nil
    ) {
      self.name = name
      self.ports = ports
      self.direction = direction
      self.key = key
      self.sinkPort = sinkPort
      self.sinkChassis = sinkChassis
      self.origins = origins
    }
  }

  /// One Open vSwitch bridge on the node.
  public struct Bridge: Codable, Sendable, Hashable {
    /// Name of the bridge.
    public var name: String
    /// The node's interface that joins the bridge to the fabric; absent: the bridge stays inside the node.
    public var uplink: String?
    /// The VLANs that the uplink carries, sorted; ``untagged`` stands for frames without a tag. Empty: nothing passes.
    public var vlans: [Int]
    /// Largest IP packet in bytes; absent: 1500.
    public var mtu: Int?
    /// The name by which OVN knows what is behind the bridge (`ovn-bridge-mappings`); absent: OVN does not use it.
    public var physicalNetwork: String?
    /// The objects that need this bridge, as `Kind namespace/name`.
    public var owners: [String]?

    /// What stands among the VLANs for frames without a tag: the null VLAN ID of IEEE 802.1Q.
    public static let untagged = 0

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
    /// The mirrors one by one.
    public var mirrors: [MirrorStatus]?

    public init() {}
  }

  /// How the node's part in a TrafficMirror is done.
  public struct MirrorStatus: Codable, Sendable, Hashable {
    /// The TrafficMirror as `namespace/name`.
    public var name: String
    /// What copies wait for; nil: all that they need is there.
    public var message: String?

    /// The state of the mirror of that name.
    public init(name: String, message: String? = nil) {
      self.name = name
      self.message = message
    }
  }

  /// What one bridge really carries.
  public struct BridgeStatus: Codable, Sendable, Hashable {
    /// Name of the bridge.
    public var name: String
    /// The VLANs that its uplink carries, sorted; ``Bridge/untagged`` stands for frames without a tag.
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
