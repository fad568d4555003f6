import JSON
import NetworkTypes

/// The members of an element of the networks annotation, each with the rules that the standard gives it.
extension Field {
  func interfaceName() throws(NetworkAnnotationError) -> String {
    let name = try string()
    if let problem = InterfaceName.problem(name) { throw error("it \(problem)", InterfaceName.remedy) }
    return name
  }

  func objectName() throws(NetworkAnnotationError) -> String {
    let name = try string()
    if let problem = ObjectName.problem(inSubdomain: name) { throw error("it \(problem)", ObjectName.remedy) }
    return name
  }

  func requestedAddresses() throws(NetworkAnnotationError) -> [AddressWithOptionalPrefix] {
    var addresses: [AddressWithOptionalPrefix] = []
    for element in try nonEmptyElements() {
      let address: AddressWithOptionalPrefix = try element.parsed()
      if addresses.contains(where: { $0.address == address.address }) {
        throw element.error("it is listed twice", "list each address once")
      }
      if address.address.isMulticast || address.address.isUnspecified || address.address.isLoopback {
        throw element.error("no interface can have this address", "use a unicast address of the network")
      }
      addresses.append(address)
    }
    return addresses
  }

  func interfaceMAC() throws(NetworkAnnotationError) -> MACAddress {
    let mac: MACAddress = try parsed()
    if mac.isMulticast { throw error("it is a group address", "make its first octet even, such as 02") }
    if mac.rawValue == 0 { throw error("it is all zeros", "use an address such as 02:00:00:00:00:01") }
    return mac
  }

  func gateways() throws(NetworkAnnotationError) -> [IPAddress] {
    try map { element throws(NetworkAnnotationError) in try element.parsed() }
  }

  func portMappings() throws(NetworkAnnotationError) -> [PortMapping] {
    var mappings: [PortMapping] = []
    for element in try nonEmptyElements() { mappings.append(try element.portMapping()) }
    return mappings
  }

  private func portMapping() throws(NetworkAnnotationError) -> PortMapping {
    _ = try object()
    return PortMapping(
      hostPort: UInt16(try required("hostPort").integer(in: 1...65535)),
      containerPort: UInt16(try required("containerPort").integer(in: 1...65535)),
      transportProtocol: try self["protocol"]?.transportProtocol() ?? .tcp,
      hostIP: try self["hostIP"]?.parsed())
  }

  private func transportProtocol() throws(NetworkAnnotationError) -> PortMapping.TransportProtocol {
    guard let known = PortMapping.TransportProtocol(rawValue: try string().lowercased()) else {
      throw error("it is not a known protocol", "use TCP, UDP or SCTP")
    }
    return known
  }

  func bandwidth() throws(NetworkAnnotationError) -> Bandwidth {
    let members = try object()
    guard ["ingressRate", "egressRate"].contains(where: { members[$0]?.isNull == false }) else {
      throw error("it has neither ingressRate nor egressRate", "set at least one, in bit/s")
    }
    for direction in ["ingress", "egress"] {
      if let burst = self["\(direction)Burst"], self["\(direction)Rate"] == nil {
        throw burst.error("it stands without \(direction)Rate", "set \(direction)Rate too, in bit/s")
      }
    }
    return Bandwidth(
      ingressRate: try self["ingressRate"]?.integer(in: 1...Int64.max),
      ingressBurst: try self["ingressBurst"]?.integer(in: 1...Int64.max),
      egressRate: try self["egressRate"]?.integer(in: 1...Int64.max),
      egressBurst: try self["egressBurst"]?.integer(in: 1...Int64.max))
  }

  func infinibandGUID() throws(NetworkAnnotationError) -> String {
    let text = try string()
    let pairs = text.split(separator: ":", omittingEmptySubsequences: false)
    guard pairs.count == 8, pairs.allSatisfy({ $0.utf8.count == 2 && $0.allSatisfy { $0.isASCII && $0.isHexDigit } })
    else { throw error("it is not an 8-byte GUID", "write eight pairs of hexadecimal digits separated by colons") }
    return text.lowercased()
  }
}

extension NetworkReference {
  /// The part that Kubernetes would refuse as a name, "namespace" or "name", and why; nil when both are right.
  var problem: (part: String, problem: String)? {
    if let problem = ObjectName.problem(inLabel: namespace) { return ("namespace", problem) }
    return ObjectName.problem(inSubdomain: name).map { ("name", $0) }
  }
}
