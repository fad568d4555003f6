public import KubernetesModel

/// Joins L2Services on OVN: a distributed router, with a gateway to the outside where one is asked for. Made by the cloud
/// admin.
///
/// On a network it has the gateway addresses of the network's Subnets.
public struct Router: NetloomResource {
  public static let definition = ResourceDefinition.netloom("Router", plural: "routers", shortNames: ["rt"])

  public var metadata: ObjectMeta
  public var spec: Spec
  public var status: Status?

  /// A Router as written by its author, without status unless one is given.
  public init(metadata: ObjectMeta, spec: Spec, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  public var callbackURL: String? { spec.callbackURL }

  /// What is joined, and how it goes out.
  public struct Spec: Codable, Sendable, Hashable {
    /// A note for people.
    public var description: String?
    /// The L2Services that it joins.
    public var networks: [Network]
    /// The way out; absent: there is none.
    public var gateway: Gateway?
    /// The networks between the router and its gateways, at most one of each family: the router has the first address,
    /// gateways the next ones. Absent: ``ParsedRouter/defaultJoinSubnets`` as far as they are needed.
    public var joinSubnets: [String]?
    /// Routes beside those to its own networks.
    public var routes: [Route]?
    /// Addresses of the outside that lead to one address inside, and back.
    public var floatingAddresses: [FloatingAddress]?
    /// Where every change of the state is POSTed.
    public var callbackURL: String?

    /// A router of the given networks.
    public init(
      networks: [Network], gateway: Gateway? = nil, joinSubnets: [String]? = nil, routes: [Route]? = nil,
      floatingAddresses: [FloatingAddress]? = nil, description: String? = nil, callbackURL: String? = nil
    ) {
      self.networks = networks
      self.gateway = gateway
      self.joinSubnets = joinSubnets
      self.routes = routes
      self.floatingAddresses = floatingAddresses
      self.description = description
      self.callbackURL = callbackURL
    }
  }

  /// A network that is joined.
  public struct Network: Codable, Sendable, Hashable {
    /// The L2Service: `name` in this namespace, or `namespace/name` where that service allows it.
    public var l2Service: String
    /// Whether its IPv4 addresses are hidden behind the gateway's; absent: they are not.
    public var snat: Bool?
    /// Whether pods of the router's other networks get a route to it; absent: they do.
    public var announce: Bool?

    /// A network, its addresses seen outside and announced unless told otherwise.
    public init(l2Service: String, snat: Bool? = nil, announce: Bool? = nil) {
      self.l2Service = l2Service
      self.snat = snat
      self.announce = announce
    }
  }

  /// Where traffic leaves.
  public enum GatewayMode: String, Codable, Sendable, Hashable, CaseIterable {
    /// By one node; another takes over when BFD finds it gone.
    case activeStandby
    /// By the node where the pod is, both ways.
    case perNode
  }

  /// The way out.
  public struct Gateway: Codable, Sendable, Hashable {
    /// The L2Service that leads outside: a VLAN, as `name` or `namespace/name`.
    public var l2Service: String
    /// The gateway's addresses there; with `perNode` at least one for each node and family.
    public var addresses: [String]
    /// Where traffic leaves; absent: `activeStandby`.
    public var mode: GatewayMode?
    /// The nodes that can be the gateway; absent: every node that reaches the L2Service's physical network.
    public var nodeSelector: LabelSelector?

    /// A gateway on an L2Service.
    public init(l2Service: String, addresses: [String], mode: GatewayMode? = nil, nodeSelector: LabelSelector? = nil) {
      self.l2Service = l2Service
      self.addresses = addresses
      self.mode = mode
      self.nodeSelector = nodeSelector
    }
  }

  /// A static route.
  public struct Route: Codable, Sendable, Hashable {
    /// The network that is reached.
    public var destination: String
    /// The addresses on the router's networks through which it is reached; several share the flows (ECMP).
    public var nextHops: [String]
    /// Whether a next hop that does not answer BFD (RFC 5880) is left out; absent: it is not asked.
    public var bfd: Bool?

    /// A route.
    public init(destination: String, nextHops: [String], bfd: Bool? = nil) {
      self.destination = destination
      self.nextHops = nextHops
      self.bfd = bfd
    }
  }

  /// An address of the outside for one address inside.
  public struct FloatingAddress: Codable, Sendable, Hashable {
    /// The address outside, in a Subnet of the gateway's L2Service.
    public var external: String
    /// The address inside, in a Subnet of one of the networks.
    public var `internal`: String

    /// The two addresses.
    public init(external: String, internal: String) {
      self.external = external
      self.internal = `internal`
    }
  }

  /// What was made of it.
  public struct Status: NetloomStatus {
    public var phase: Phase?
    public var observedGeneration: Int64?
    public var conditions: [Condition]?
    /// The networks one by one, in the manifest's order.
    public var networks: [NetworkStatus]?
    /// The nodes that are, or can become, its gateway; the active first.
    public var gateways: [GatewayStatus]?

    public init() {}

    /// Where traffic leaves.
    public var whereabouts: [String] { gateways?.filter(\.active).map(\.node) ?? [] }
  }

  /// The router on one network.
  public struct NetworkStatus: Codable, Sendable, Hashable {
    /// The L2Service as `namespace/name`.
    public var l2Service: String
    /// The router's addresses there, with prefix lengths.
    public var addresses: [String]

    /// The router's addresses on an L2Service.
    public init(l2Service: String, addresses: [String]) {
      self.l2Service = l2Service
      self.addresses = addresses
    }
  }

  /// A gateway on one node.
  public struct GatewayStatus: Codable, Sendable, Hashable {
    /// Name of the node.
    public var node: String
    /// Its addresses outside.
    public var addresses: [String]
    /// Whether traffic leaves here now.
    public var active: Bool

    /// A gateway on the node of that name.
    public init(node: String, addresses: [String], active: Bool) {
      self.node = node
      self.addresses = addresses
      self.active = active
    }
  }
}
