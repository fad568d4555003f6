import JSON
import NetworkTypes

/// What ADD returns (CNI 1.1.0, section 5 "Add Success"), in one form for all versions.
public struct CNIResult: Sendable, Hashable {
  public struct Interface: Sendable, Hashable {
    public var name: String
    public var macAddress: MACAddress?
    /// The path of the container's namespace; nil for an interface of the host.
    public var sandbox: String?
    /// In bytes. Like what follows, told by version 1.1.0 and newer.
    public var mtu: Int?
    /// The path of the socket of an interface of userspace (vhost-user).
    public var socketPath: String?
    /// The PCI address of a device or virtual function.
    public var pciID: String?

    public init(
      name: String, macAddress: MACAddress? = nil, sandbox: String? = nil, mtu: Int? = nil, socketPath: String? = nil,
      pciID: String? = nil
    ) {
      self.name = name
      self.macAddress = macAddress
      self.sandbox = sandbox
      self.mtu = mtu
      self.socketPath = socketPath
      self.pciID = pciID
    }
  }

  public struct Address: Sendable, Hashable {
    public var address: InterfaceAddress
    public var gateway: IPAddress?
    /// A position in ``CNIResult/interfaces``.
    public var interface: Int?

    public init(_ address: InterfaceAddress, gateway: IPAddress? = nil, interface: Int? = nil) {
      self.address = address
      self.gateway = gateway
      self.interface = interface
    }
  }

  public struct Route: Sendable, Hashable {
    public var destination: CIDR
    /// Nil: the gateway of the address of that family.
    public var gateway: IPAddress?
    /// In bytes. Like what follows, told by version 1.1.0 and newer.
    public var mtu: Int?
    /// The maximal TCP segment to advertise, in bytes.
    public var advertisedSegmentSize: Int?
    /// The metric; smaller wins.
    public var priority: Int?
    public var table: Int?
    /// As the kernel numbers it: 0 global, 253 link, 254 host.
    public var scope: Int?

    public init(
      to destination: CIDR, via gateway: IPAddress? = nil, mtu: Int? = nil, advertisedSegmentSize: Int? = nil,
      priority: Int? = nil, table: Int? = nil, scope: Int? = nil
    ) {
      self.destination = destination
      self.gateway = gateway
      self.mtu = mtu
      self.advertisedSegmentSize = advertisedSegmentSize
      self.priority = priority
      self.table = table
      self.scope = scope
    }
  }

  public struct DNS: Sendable, Hashable {
    public var nameservers: [String]
    public var domain: String?
    public var search: [String]
    public var options: [String]

    public init(nameservers: [String] = [], domain: String? = nil, search: [String] = [], options: [String] = []) {
      self.nameservers = nameservers
      self.domain = domain
      self.search = search
      self.options = options
    }
  }

  public var interfaces: [Interface]
  public var ips: [Address]
  public var routes: [Route]
  public var dns: DNS

  public init(interfaces: [Interface] = [], ips: [Address] = [], routes: [Route] = [], dns: DNS = DNS()) {
    self.interfaces = interfaces
    self.ips = ips
    self.routes = routes
    self.dns = dns
  }
}
