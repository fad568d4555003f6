public import KubernetesModel

/// A port of an L2Service on OVN for what is not a pod: a virtual machine, a VLAN inside one, a bare-metal host. Made by
/// the cloud admin or the tenant.
public struct NetworkPort: NetloomResource {
  public static let definition = ResourceDefinition.netloom("NetworkPort", plural: "networkports", shortNames: ["np"])

  public var metadata: ObjectMeta
  public var spec: Spec
  public var status: Status?

  /// A NetworkPort as written by its author, without status unless one is given.
  public init(metadata: ObjectMeta, spec: Spec, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  public var callbackURL: String? { spec.callbackURL }

  /// What is behind a port.
  public enum PortType: String, Codable, Sendable, Hashable, CaseIterable {
    /// An interface of Open vSwitch on any node, with the `iface-id` of the status.
    case vm = "VM"
    /// A VLAN inside another port.
    case nested = "Nested"
    /// A host on a physical network.
    case host = "Host"
  }

  /// The port as its author wants it.
  public struct Spec: Codable, Sendable, Hashable {
    /// A note for people.
    public var description: String?
    /// The L2Service: `name` in this namespace, or `namespace/name` where that service allows it.
    public var l2Service: String
    /// What is behind it.
    public var type: PortType
    /// The Ethernet address; absent: one is made.
    public var mac: String?
    /// The IP addresses, of the L2Service's Subnets; absent: one of each is assigned.
    public var addresses: [String]?
    /// With type `Nested`: the port that it is inside of.
    public var parent: Parent?
    /// With type `Host`: where the host is.
    public var host: Host?
    /// Whether its addresses are told by DHCP; absent: they are.
    public var dhcp: Bool?
    /// Whether only its own addresses may be sent from; absent: only these.
    public var portSecurity: Bool?
    /// The node; absent: the one where the interface is found. With type `Host`: the one through which it is reached.
    public var node: String?
    /// Where every change of the state is POSTed.
    public var callbackURL: String?

    /// A port of an L2Service.
    public init(
      l2Service: String, type: PortType, mac: String? = nil, addresses: [String]? = nil, parent: Parent? = nil,
      host: Host? = nil, dhcp: Bool? = nil, portSecurity: Bool? = nil, node: String? = nil, description: String? = nil,
      callbackURL: String? = nil
    ) {
      self.l2Service = l2Service
      self.type = type
      self.mac = mac
      self.addresses = addresses
      self.parent = parent
      self.host = host
      self.dhcp = dhcp
      self.portSecurity = portSecurity
      self.node = node
      self.description = description
      self.callbackURL = callbackURL
    }
  }

  /// Where a nested port is.
  public struct Parent: Codable, Sendable, Hashable {
    /// Name of the NetworkPort in this namespace, of type `VM`.
    public var networkPort: String
    /// The VLAN of its frames inside that port.
    public var vlan: Int

    /// A VLAN inside a port.
    public init(networkPort: String, vlan: Int) {
      self.networkPort = networkPort
      self.vlan = vlan
    }
  }

  /// Where a host is.
  public struct Host: Codable, Sendable, Hashable {
    /// Name of the ConnectionPoint on whose physical network it is.
    public var connectionPoint: String
    /// The VLAN of its frames there, which nothing else uses.
    public var vlan: Int

    /// A place on a physical network.
    public init(connectionPoint: String, vlan: Int) {
      self.connectionPoint = connectionPoint
      self.vlan = vlan
    }
  }

  /// What was made of it.
  public struct Status: NetloomStatus {
    public var phase: Phase?
    public var observedGeneration: Int64?
    public var conditions: [Condition]?
    /// With type `VM`: the `iface-id` to be set on the interface of Open vSwitch (`external_ids`).
    public var interfaceID: String?
    /// The Ethernet address.
    public var mac: String?
    /// The IP addresses with the prefix lengths of their Subnets.
    public var addresses: [String]?
    /// The node where it is bound.
    public var node: String?
    /// Whether it is bound to an interface there, and the node is programmed for it.
    public var up: Bool?

    public init() {}

    /// Where it is bound.
    public var whereabouts: [String] { node.map { [$0] } ?? [] }
  }
}
