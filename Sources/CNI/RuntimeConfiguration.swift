import JSON
import NetworkTypes

/// What a runtime asks of one attachment beside its configuration: `runtimeConfig`, and `args.cni` where that has none of it
/// (CNI conventions, "Dynamic plugin specific fields" and "args in network config").
public struct RuntimeConfiguration: Sendable, Hashable {
  /// An address that the runtime wants, with the prefix length when it says one.
  public struct RequestedAddress: Sendable, Hashable, CustomStringConvertible {
    public var address: IPAddress
    public var prefixLength: Int?

    public init(_ address: IPAddress, prefixLength: Int? = nil) {
      self.address = address
      self.prefixLength = prefixLength
    }

    public var description: String { "\(address)\(prefixLength.map { "/\($0)" } ?? "")" }
  }

  /// Limits, in bits a second and bits; `ingress` is what the container receives. Nil: none.
  public struct Bandwidth: Sendable, Hashable {
    public var ingressRate: Int64?
    public var ingressBurst: Int64?
    public var egressRate: Int64?
    public var egressBurst: Int64?

    public init(
      ingressRate: Int64? = nil, ingressBurst: Int64? = nil, egressRate: Int64? = nil, egressBurst: Int64? = nil
    ) {
      self.ingressRate = ingressRate
      self.ingressBurst = ingressBurst
      self.egressRate = egressRate
      self.egressBurst = egressBurst
    }
  }

  public var ips: [RequestedAddress]
  public var macAddress: MACAddress?
  public var bandwidth: Bandwidth?
  /// The PCI address or name of a device that the kubelet has set aside for the container.
  public var deviceID: String?
  /// The file that tells what the device is (device-info specification 1.1.0).
  public var deviceInfoFile: String?

  public init(
    ips: [RequestedAddress] = [], macAddress: MACAddress? = nil, bandwidth: Bandwidth? = nil, deviceID: String? = nil,
    deviceInfoFile: String? = nil
  ) {
    self.ips = ips
    self.macAddress = macAddress
    self.bandwidth = bandwidth
    self.deviceID = deviceID
    self.deviceInfoFile = deviceInfoFile
  }
}

extension NetworkConfiguration {
  /// Reads what the runtime asks. Fails with ``CNIError/Code/invalidConfiguration`` and the field's name.
  public func runtimeConfiguration() throws(CNIError) -> RuntimeConfiguration {
    let reader = RuntimeFields(json: json)
    return RuntimeConfiguration(
      ips: try reader.ips(), macAddress: try reader.macAddress(), bandwidth: try reader.bandwidth(),
      deviceID: try reader.text("deviceID"), deviceInfoFile: try reader.text("CNIDeviceInfoFile"))
  }
}

/// Finds a value and says where it stands when it is wrong.
private struct RuntimeFields {
  let json: JSONValue

  private func field(_ name: String, elsewhere: Bool = false) -> (path: String, value: JSONValue)? {
    if let value = json[path: "runtimeConfig", name], !value.isNull { return ("runtimeConfig.\(name)", value) }
    if elsewhere, let value = json[path: "args", "cni", name], !value.isNull { return ("args.cni.\(name)", value) }
    return nil
  }

  func ips() throws(CNIError) -> [RuntimeConfiguration.RequestedAddress] {
    guard let (path, value) = field("ips", elsewhere: true) else { return [] }
    guard let elements = value.array else {
      throw .invalidField(path, value, expected: "a list of addresses like \"10.0.0.5/24\"")
    }
    var addresses: [RuntimeConfiguration.RequestedAddress] = []
    for (position, element) in elements.enumerated() {
      guard let address = element.string.flatMap(Self.address) else {
        throw .invalidField("\(path)[\(position)]", element, expected: "an address like \"10.0.0.5/24\"")
      }
      addresses.append(address)
    }
    return addresses
  }

  private static func address(_ text: String) -> RuntimeConfiguration.RequestedAddress? {
    if let address = try? InterfaceAddress(parsing: text) {
      return .init(address.address, prefixLength: address.prefixLength)
    }
    return (try? IPAddress(parsing: text)).map { .init($0) }
  }

  func macAddress() throws(CNIError) -> MACAddress? {
    guard let (path, value) = field("mac", elsewhere: true), value != "" else { return nil }
    guard let address = value.string.flatMap({ try? MACAddress(parsing: $0) }) else {
      throw .invalidField(path, value, expected: "a MAC address like \"02:00:00:00:00:05\"")
    }
    return address
  }

  func text(_ name: String) throws(CNIError) -> String? {
    guard let (path, value) = field(name), value != "" else { return nil }
    guard let text = value.string else { throw .invalidField(path, value, expected: "a text") }
    return text
  }

  /// Zero means no limit, as the reference plugin `bandwidth` has it.
  func bandwidth() throws(CNIError) -> RuntimeConfiguration.Bandwidth? {
    guard let (path, value) = field("bandwidth") else { return nil }
    guard value.object != nil else { throw .invalidField(path, value, expected: "an object") }
    func number(_ name: String) throws(CNIError) -> Int64? {
      guard let value = value[name], !value.isNull else { return nil }
      guard let number = value.integer, number >= 0 else {
        throw .invalidField("\(path).\(name)", value, expected: "a whole number of bits (for a rate: a second)")
      }
      return number == 0 ? nil : number
    }
    let bandwidth = RuntimeConfiguration.Bandwidth(
      ingressRate: try number("ingressRate"), ingressBurst: try number("ingressBurst"),
      egressRate: try number("egressRate"), egressBurst: try number("egressBurst"))
    for (burst, rate, name) in [
      (bandwidth.ingressBurst, bandwidth.ingressRate, "ingress"),
      (bandwidth.egressBurst, bandwidth.egressRate, "egress"),
    ] where burst != nil && rate == nil {
      throw .invalidField("\(path).\(name)Rate", nil, expected: "a rate, as there is a \(name)Burst")
    }
    return bandwidth
  }
}
