import JSON
import NetworkTypes

/// What ADD returns (CNI 1.0.0, section 5 "Add Success"), in one form for all versions.
public struct CNIResult: Sendable, Hashable {
  public struct Interface: Sendable, Hashable {
    public var name: String
    public var macAddress: MACAddress?
    /// The path of the container's namespace; nil for an interface of the host.
    public var sandbox: String?

    public init(name: String, macAddress: MACAddress? = nil, sandbox: String? = nil) {
      self.name = name
      self.macAddress = macAddress
      self.sandbox = sandbox
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

    public init(to destination: CIDR, via gateway: IPAddress? = nil) {
      self.destination = destination
      self.gateway = gateway
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
