import JSON
import NetworkTypes

/// What the operator assigned to one interface of a pod: one element of its `netloom.dev/allocations` annotation. The
/// node's agent programs exactly this.
public struct Allocation: Hashable, Sendable {
  /// The NetworkAttachmentDefinition.
  public var network: NetworkReference
  /// The interface's name in the pod.
  public var interface: String
  /// The interface's MAC address; nil when the kernel may choose.
  public var mac: MACAddress?
  /// The addresses to set, each with the prefix length of its subnet.
  public var ips: [InterfaceAddress]
  /// The gateways of the networks that the addresses are in.
  public var gateway: [IPAddress]
  /// The routes beside those to the addresses' own networks.
  public var routes: [Route]
  /// The interface's MTU in bytes; nil for the bridge's.
  public var mtu: Int?
  /// The VLAN of an access port; nil for a trunk or an overlay.
  public var vlan: VLANID?
  /// Name resolution on the network; nil where it has none.
  public var dns: NetworkStatus.DNS?
  /// Whether an address is used for the first time as far as the operator knows: look for a foreign holder (RFC 5227,
  /// RFC 4862) before it is set.
  public var probe: Bool
  /// The name of the IPAMClaim, in the pod's namespace, that the addresses belong to; nil: to the pod.
  public var claim: String?
  /// The uid of the pod that it was assigned to: one that somebody else wrote, or copied from another pod, has another
  /// or none, and counts for nothing.
  public var pod: String?

  /// An allocation of these parts.
  public init(
    network: NetworkReference, interface: String, mac: MACAddress? = nil, ips: [InterfaceAddress] = [],
    gateway: [IPAddress] = [], routes: [Route] = [], mtu: Int? = nil, vlan: VLANID? = nil,
    dns: NetworkStatus.DNS? = nil, probe: Bool = false, claim: String? = nil, pod: String? = nil
  ) {
    self.network = network
    self.interface = interface
    self.mac = mac
    self.ips = ips
    self.gateway = gateway
    self.routes = routes
    self.mtu = mtu
    self.vlan = vlan
    self.dns = dns
    self.probe = probe
    self.claim = claim
    self.pod = pod
  }

  /// A route in the pod.
  public struct Route: Hashable, Sendable {
    /// Where the route leads.
    public var destination: CIDR
    /// Nil for a destination on the link.
    public var nextHop: IPAddress?

    /// A route; on the link without next hop.
    public init(destination: CIDR, nextHop: IPAddress? = nil) {
      self.destination = destination
      self.nextHop = nextHop
    }
  }
}

// MARK: - Text

extension Allocation {
  /// Reads the annotation.
  public static func list(parsing text: String) throws(NetworkAnnotationError) -> [Allocation] {
    try Field(annotation: PodAnnotation.allocations, parsing: text).map {
      field throws(NetworkAnnotationError) in try Allocation(field)
    }
  }

  /// The text of the annotation: equal lists have equal text.
  public static func text(of list: [Allocation]) -> String {
    JSONValue.array(list.map(\.json)).description
  }

  private init(_ field: Field) throws(NetworkAnnotationError) {
    network = try field.required("network").networkReference()
    interface = try field.required("interface").interfaceName()
    mac = try field["mac"]?.parsed()
    ips = try field["ips"]?.map { ip throws(NetworkAnnotationError) in try ip.parsed() } ?? []
    gateway = try field["gateway"]?.gateways() ?? []
    routes = try field["routes"]?.map { route throws(NetworkAnnotationError) in try route.route() } ?? []
    mtu = try field["mtu"]?.integer(in: 1...Int64(Int32.max))
    vlan = try field["vlan"]?.vlan()
    dns = try field["dns"]?.dns()
    probe = try field["probe"]?.bool() ?? false
    claim = try field["claim"]?.objectName()
    pod = try field["pod"]?.string()
  }

  private var json: JSONValue {
    var json: JSONValue = ["network": .string(network.description), "interface": .string(interface)]
    json["mac"] = mac.map { .string($0.description) }
    json["ips"] = ips.jsonTexts
    json["gateway"] = gateway.jsonTexts
    json["routes"] = routes.isEmpty ? nil : .array(routes.map(\.json))
    json["mtu"] = mtu.map { .integer(Int64($0)) }
    json["vlan"] = vlan.map { .integer(Int64($0.rawValue)) }
    json["dns"] = dns?.json
    if probe { json["probe"] = true }
    json["claim"] = claim.map(JSONValue.string)
    json["pod"] = pod.map(JSONValue.string)
    return json
  }
}

extension Allocation.Route {
  fileprivate var json: JSONValue {
    var json: JSONValue = ["destination": .string(destination.description)]
    json["nextHop"] = nextHop.map { .string($0.description) }
    return json
  }
}

extension Field {
  fileprivate func networkReference() throws(NetworkAnnotationError) -> NetworkReference {
    let parts = try string().split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw error("it is not namespace/name", "write the network as namespace/name") }
    let reference = NetworkReference(namespace: String(parts[0]), name: String(parts[1]))
    if let (part, problem) = reference.problem { throw error("its \(part) \(problem)", ObjectName.remedy) }
    return reference
  }

  fileprivate func route() throws(NetworkAnnotationError) -> Allocation.Route {
    Allocation.Route(destination: try required("destination").parsed(), nextHop: try self["nextHop"]?.parsed())
  }

  func vlan() throws(NetworkAnnotationError) -> VLANID {
    let number = try integer(in: .min ... .max)
    do { return try VLANID(number) } catch { throw self.error(error.reason, error.remedy) }
  }
}
