import CNI
import JSON
import NetworkAnnotations
import NetworkTypes
import OpenVSwitchEngine

/// What a NetworkAttachmentDefinition of implementation `netloom` says: where an interface plugs in.
struct AttachmentConfiguration: Sendable, Hashable {
  /// The L2ServiceAttachment, which is also the NetworkAttachmentDefinition; nil outside Kubernetes.
  var network: NetworkReference?
  /// The switch of OVN, NAMESPACE/NAME; nil: the interface plugs into VLANs of a bridge.
  var logicalSwitch: String?
  /// The Open vSwitch bridge; OVN's own for a logical switch.
  var bridge: String
  /// One VLAN untagged, or several tagged.
  var vlans: PortVLANs
  /// In bytes; nil where the allocation is to say it.
  var mtu: Int?
  /// How much may pass, by the runtime's word or, without one, by the configuration's.
  var rate: PortRate?
  /// Whether a pod with an allocation can send only as what it was allocated.
  var portSecurity: Bool

  /// Reads the plugin's configuration. Errors have code 7 and name the field.
  init(_ configuration: NetworkConfiguration) throws(CNIError) {
    let json = configuration.json
    network = try Self.network(json["attachment"])
    logicalSwitch = try Self.network(json["logicalSwitch"], field: "logicalSwitch")?.description
    mtu = try Self.mtu(json["mtu"])
    guard logicalSwitch == nil else {
      if let field = ["bridge", "vlan", "trunk", "qinq"].first(where: { json[$0] != nil }) {
        throw .invalidField(field, json[field], expected: "absent beside \"logicalSwitch\": OVN has its own bridge")
      }
      // What may pass, and how much, OVN sees to.
      (bridge, vlans, portSecurity) = (ObservedSwitch.integrationBridge, .any, false)
      return
    }
    guard let bridge = json["bridge"]?.string, (1...15).contains(bridge.utf8.count) else {
      throw .invalidField("bridge", json["bridge"], expected: "the name of an Open vSwitch bridge, 1 to 15 bytes")
    }
    self.bridge = bridge
    vlans = try Self.vlans(json)
    var limits = try configuration.runtimeConfiguration().bandwidth
    if limits == nil { limits = try Self.bandwidth(json["bandwidth"]) }
    if let limits { rate = try Self.rate(limits) }
    guard let portSecurity = json["portSecurity"].map(\.bool) ?? true else {
      throw .invalidField("portSecurity", json["portSecurity"], expected: "true or false")
    }
    self.portSecurity = portSecurity
  }

  private static func mtu(_ json: JSONValue?) throws(CNIError) -> Int? {
    guard let json else { return nil }
    guard let mtu = json.integer, (68...65535).contains(mtu) else {
      throw .invalidField("mtu", json, expected: "a number of bytes, 68 to 65535")
    }
    return Int(mtu)
  }

  private static func vlans(_ json: JSONValue) throws(CNIError) -> PortVLANs {
    let given = ["vlan", "trunk", "qinq"].filter { json[$0] != nil }
    guard given.count <= 1 else {
      throw .invalidField(given[1], json[given[1]], expected: "allowed beside \"\(given[0])\": give one of the two")
    }
    if let vlan = json["vlan"] { return .access(try Self.vlan(vlan, field: "vlan")) }
    if let trunk = json["trunk"] { return .trunk(try vlanSet(trunk, field: "trunk")) }
    guard let qinq = json["qinq"] else {
      throw .invalidField("vlan", nil, expected: "a VLAN id, 1 to 4094, or a \"trunk\" or \"qinq\"")
    }
    guard qinq.object != nil else {
      throw .invalidField("qinq", qinq, expected: "an object such as {\"serviceVLAN\": 100}")
    }
    let customers = try qinq["customerVLANs"].map { json throws(CNIError) in
      try vlanSet(json, field: "qinq.customerVLANs")
    }
    return .tunnel(try vlan(qinq["serviceVLAN"], field: "qinq.serviceVLAN"), customers: customers ?? [])
  }

  /// `{"ingressRate": 1000000, "ingressBurst": 80000}`, as the reference plugin `bandwidth` has it; 0 is no limit.
  private static func bandwidth(_ json: JSONValue?) throws(CNIError) -> RuntimeConfiguration.Bandwidth? {
    guard let json else { return nil }
    guard json.object != nil else { throw .invalidField("bandwidth", json, expected: "an object") }
    func number(_ name: String) throws(CNIError) -> Int64? {
      guard let value = json[name] else { return nil }
      guard let number = value.integer, number >= 0 else {
        throw .invalidField("bandwidth.\(name)", value, expected: "a whole number of bits (for a rate: a second)")
      }
      return number == 0 ? nil : number
    }
    return .init(
      ingressRate: try number("ingressRate"), ingressBurst: try number("ingressBurst"),
      egressRate: try number("egressRate"), egressBurst: try number("egressBurst"))
  }

  private static func rate(_ bandwidth: RuntimeConfiguration.Bandwidth) throws(CNIError) -> PortRate? {
    func limit(_ rate: Int64?, _ burst: Int64?, _ direction: String) throws(CNIError) -> PortRate.Limit? {
      guard let rate else {
        guard burst == nil else {
          throw .invalidField("bandwidth.\(direction)Rate", nil, expected: "a rate, as there is a \(direction)Burst")
        }
        return nil
      }
      guard rate >= 1000 else {
        throw .invalidField("bandwidth.\(direction)Rate", .integer(rate), expected: "at least 1000 bits a second")
      }
      return PortRate.Limit(rate: Int(rate), burst: burst.map { Int($0) })
    }
    let rate = PortRate(
      ingress: try limit(bandwidth.ingressRate, bandwidth.ingressBurst, "ingress"),
      egress: try limit(bandwidth.egressRate, bandwidth.egressBurst, "egress"))
    return rate == PortRate() ? nil : rate
  }

  static func network(_ json: JSONValue?, field: String = "attachment") throws(CNIError) -> NetworkReference? {
    guard let json else { return nil }
    let parts = json.string?.split(separator: "/", omittingEmptySubsequences: false) ?? []
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
      throw .invalidField(field, json, expected: "a name of the form namespace/name")
    }
    return NetworkReference(namespace: String(parts[0]), name: String(parts[1]))
  }

  private static func vlan(_ json: JSONValue?, field: String) throws(CNIError) -> VLANID {
    guard let number = json?.integer, let vlan = try? VLANID(number) else {
      throw .invalidField(field, json, expected: "a VLAN id, 1 to 4094")
    }
    return vlan
  }

  /// `[{"id": 10}, {"minID": 20, "maxID": 29}]`, the form of ovs-cni.
  private static func vlanSet(_ json: JSONValue, field name: String) throws(CNIError) -> Set<VLANID> {
    guard let elements = json.array, !elements.isEmpty else {
      throw .invalidField(name, json, expected: "a list of at least one VLAN: [{\"id\": 10}]")
    }
    var vlans: Set<VLANID> = []
    for (position, element) in elements.enumerated() {
      let field = "\(name)[\(position)]"
      if element["minID"] == nil, element["maxID"] == nil {
        vlans.insert(try vlan(element["id"], field: "\(field).id"))
        continue
      }
      let first = try vlan(element["minID"], field: "\(field).minID")
      let last = try vlan(element["maxID"], field: "\(field).maxID")
      guard first <= last else {
        throw .invalidField("\(field).maxID", element["maxID"], expected: "at least minID, which is \(first)")
      }
      vlans.formUnion((first.rawValue...last.rawValue).compactMap { VLANID(rawValue: $0) })
    }
    return vlans
  }
}
