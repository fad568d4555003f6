public import KubernetesModel

/// The addresses of an L2Service, of one family. Made by the cloud admin.
///
/// Addresses stay text here, so that one wrong object never breaks a list; ``Spec/parsed()`` gives the values.
public struct Subnet: NetloomResource {
  public static let definition = ResourceDefinition.netloom("Subnet", plural: "subnets")

  public var metadata: ObjectMeta
  public var spec: Spec
  public var status: Status?

  /// A Subnet as written by its author, without status unless one is given.
  public init(metadata: ObjectMeta, spec: Spec, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  public var callbackURL: String? { spec.callbackURL }

  /// The addresses as their author wants them.
  public struct Spec: Codable, Sendable, Hashable {
    /// A note for people.
    public var description: String?
    /// The network, for example `10.10.13.0/24` or `fd00:10:10:13::/64`.
    public var cidr: String
    /// The gateway's address: never given to a pod; the default route only when a pod asks for it.
    public var gateway: String?
    /// The addresses for pods; absent: the whole subnet.
    public var pools: [Pool]?
    /// Addresses or networks that no pod gets.
    public var exclude: [String]?
    /// Routes that pods get.
    public var routes: [Route]?
    /// Name resolution that pods get.
    public var dns: DNS?
    /// Where every change of the state is POSTed.
    public var callbackURL: String?

    /// The addresses of a network; everything else is optional.
    public init(
      cidr: String, gateway: String? = nil, pools: [Pool]? = nil, exclude: [String]? = nil, routes: [Route]? = nil,
      dns: DNS? = nil, description: String? = nil, callbackURL: String? = nil
    ) {
      self.cidr = cidr
      self.gateway = gateway
      self.pools = pools
      self.exclude = exclude
      self.routes = routes
      self.dns = dns
      self.description = description
      self.callbackURL = callbackURL
    }
  }

  /// A range of addresses, both ends included.
  public struct Pool: Codable, Sendable, Hashable {
    /// The first address.
    public var start: String
    /// The last address.
    public var end: String

    /// The addresses from `start` to `end`.
    public init(start: String, end: String) {
      self.start = start
      self.end = end
    }
  }

  /// A route that pods get.
  public struct Route: Codable, Sendable, Hashable {
    /// The network that is reached.
    public var destination: String
    /// The address in this subnet through which it is reached.
    public var nextHop: String

    /// A route to `destination` through `nextHop`.
    public init(destination: String, nextHop: String) {
      self.destination = destination
      self.nextHop = nextHop
    }
  }

  /// Name resolution that pods get.
  public struct DNS: Codable, Sendable, Hashable {
    /// Addresses of the servers.
    public var nameservers: [String]?
    /// The local domain.
    public var domain: String?
    /// Domains that short names are looked up in.
    public var search: [String]?

    /// Name resolution with the given servers and domains.
    public init(nameservers: [String]? = nil, domain: String? = nil, search: [String]? = nil) {
      self.nameservers = nameservers
      self.domain = domain
      self.search = search
    }
  }

  /// How full the subnet is.
  public struct Status: NetloomStatus {
    public var phase: Phase?
    public var observedGeneration: Int64?
    public var conditions: [Condition]?
    /// How many addresses pods hold.
    public var used: Int64?
    /// How many are free. A decimal string: an IPv6 subnet has more than a JSON number carries exactly.
    public var available: String?
    /// How much of the subnet is not available, in percent, rounded down: 100 only when nothing is.
    public var utilization: Int?
    /// The addresses that are set aside because somebody else was found to have them, sorted.
    public var conflicts: [Conflict]?
    /// The addresses that StatefulSet pods gave back, kept for the pods of the same names; the longest kept first.
    public var reservations: [Reservation]?
    /// The L2Services that name this subnet, sorted; at most 20.
    public var l2Services: [String]?

    public init() {}
  }

  /// An address that somebody else was found to have.
  public struct Conflict: Codable, Sendable, Hashable {
    /// The address.
    public var address: String
    /// Who answered the probe, where known.
    public var mac: String?
    /// When that was, RFC 3339.
    public var seen: String

    /// Of the parts.
    public init(address: String, mac: String? = nil, seen: String) {
      self.address = address
      self.mac = mac
      self.seen = seen
    }
  }

  /// An address that is kept for a pod of a name.
  public struct Reservation: Codable, Sendable, Hashable {
    /// The address.
    public var address: String
    /// The pod, as `namespace/name`.
    public var pod: String
    /// The name of the interface in the pod.
    public var interface: String

    /// Of the parts.
    public init(address: String, pod: String, interface: String) {
      self.address = address
      self.pod = pod
      self.interface = interface
    }
  }
}
