import JSON
import NetworkTypes

/// One network that a pod has: one element of its `k8s.v1.cni.cncf.io/network-status` annotation (NPWG multi-network
/// standard v1.3, section 5).
public struct NetworkStatus: Hashable, Sendable {
  /// "namespace/name" of the NetworkAttachmentDefinition, or the name of the default network.
  public var name: String
  /// The name of the interface in the pod, where known.
  public var interface: String?
  /// Without prefix lengths, as Multus writes and other programs expect them.
  public var ips: [IPAddress]
  /// The interface's MAC address, where known.
  public var mac: MACAddress?
  /// The interface's MTU in bytes, where known.
  public var mtu: Int?
  /// True for the cluster's default network only.
  public var isDefault: Bool
  /// Name resolution on this network, where it has any.
  public var dns: DNS?
  /// The gateways of the pod's default route, if this network has it because the pod asked for that.
  public var defaultRoute: [IPAddress]
  /// The gateways of the default routes that lead over this network (as Multus tells them).
  public var gateway: [IPAddress]
  /// Of the device-info specification 1.1.0.
  public var deviceInfo: JSONValue?

  /// A status of these parts.
  public init(
    name: String, interface: String? = nil, ips: [IPAddress] = [], mac: MACAddress? = nil, mtu: Int? = nil,
    isDefault: Bool = false, dns: DNS? = nil, defaultRoute: [IPAddress] = [], gateway: [IPAddress] = [],
    deviceInfo: JSONValue? = nil
  ) {
    self.name = name
    self.interface = interface
    self.ips = ips
    self.mac = mac
    self.mtu = mtu
    self.isDefault = isDefault
    self.dns = dns
    self.defaultRoute = defaultRoute
    self.gateway = gateway
    self.deviceInfo = deviceInfo
  }

  /// Name resolution on a network.
  public struct DNS: Hashable, Sendable {
    /// Addresses of servers.
    public var nameservers: [String]
    /// The local domain.
    public var domain: String?
    /// The domains to search for short names.
    public var search: [String]

    /// Name resolution of these parts.
    public init(nameservers: [String] = [], domain: String? = nil, search: [String] = []) {
      self.nameservers = nameservers
      self.domain = domain
      self.search = search
    }
  }
}

// MARK: - Text

extension NetworkStatus {
  /// Reads the annotation, ours or another implementation's; prefix lengths in `ips` are dropped.
  public static func list(parsing text: String) throws(NetworkAnnotationError) -> [NetworkStatus] {
    try Field(annotation: PodAnnotation.networkStatus, parsing: text).map {
      field throws(NetworkAnnotationError) in try NetworkStatus(field)
    }
  }

  /// What can be read of the annotation: nothing, where it is absent or wrong, which is its writer's fault and not the pod's.
  public static func readable(_ text: String?) -> [NetworkStatus] {
    guard let text else { return [] }
    do { return try list(parsing: text) } catch { return [] }
  }

  /// The text of the annotation.
  public static func text(of list: [NetworkStatus]) -> String {
    JSONValue.array(list.map(\.json)).description
  }

  private init(_ field: Field) throws(NetworkAnnotationError) {
    name = try field.required("name").string()
    interface = try field["interface"]?.string()
    ips =
      try field["ips"]?.map { ip throws(NetworkAnnotationError) in
        try ip.parsed(AddressWithOptionalPrefix.self).address
      } ?? []
    mac = try field["mac"]?.parsed()
    mtu = try field["mtu"]?.integer(in: 1...Int64(Int32.max))
    isDefault = try field["default"]?.bool() ?? false
    dns = try field["dns"]?.dns()
    defaultRoute = try field["default-route"]?.gateways() ?? []
    gateway = try field["gateway"]?.gateways() ?? []
    deviceInfo = field["device-info"]?.value
  }

  private var json: JSONValue {
    var json: JSONValue = ["name": .string(name), "default": .bool(isDefault)]
    json["interface"] = interface.map(JSONValue.string)
    json["ips"] = ips.jsonTexts
    json["mac"] = mac.map { .string($0.description) }
    json["mtu"] = mtu.map { .integer(Int64($0)) }
    json["dns"] = dns?.json
    json["default-route"] = defaultRoute.jsonTexts
    json["gateway"] = gateway.jsonTexts
    json["device-info"] = deviceInfo
    return json
  }
}

extension NetworkStatus.DNS {
  var json: JSONValue {
    var json: JSONValue = [:]
    json["nameservers"] = nameservers.jsonTexts
    json["domain"] = domain.map(JSONValue.string)
    json["search"] = search.jsonTexts
    return json
  }
}

extension Field {
  func dns() throws(NetworkAnnotationError) -> NetworkStatus.DNS {
    func texts(_ key: String) throws(NetworkAnnotationError) -> [String] {
      try self[key]?.map { text throws(NetworkAnnotationError) in try text.string() } ?? []
    }
    return NetworkStatus.DNS(
      nameservers: try texts("nameservers"), domain: try self["domain"]?.string(), search: try texts("search"))
  }
}

extension Array where Element: CustomStringConvertible {
  /// The elements' texts as a JSON list; nil when there is none, as empty lists are left out of the annotations.
  var jsonTexts: JSONValue? {
    isEmpty ? nil : .array(map { .string($0.description) })
  }
}
