import CNI
import JSON
import NetworkAnnotations
import NetworkTypes
import OpenVSwitchEngine

/// What a NetworkAttachmentDefinition of implementation `netloom` says: where an interface plugs in.
struct AttachmentConfiguration: Sendable, Hashable {
  /// The L2ServiceAttachment, which is also the NetworkAttachmentDefinition; nil outside Kubernetes.
  var network: NetworkReference?
  /// The Open vSwitch bridge.
  var bridge: String
  /// One VLAN untagged, or several tagged.
  var vlans: PortVLANs
  /// In bytes; nil where the allocation is to say it.
  var mtu: Int?

  /// Reads the plugin's configuration. Errors have code 7 and name the field.
  init(_ configuration: NetworkConfiguration) throws(CNIError) {
    let json = configuration.json
    network = try Self.network(json["attachment"])
    guard let bridge = json["bridge"]?.string, (1...15).contains(bridge.utf8.count) else {
      throw .invalidField("bridge", json["bridge"], expected: "the name of an Open vSwitch bridge, 1 to 15 bytes")
    }
    self.bridge = bridge
    switch (json["vlan"], json["trunk"]) {
    case (let vlan?, nil): vlans = .access(try Self.vlan(vlan, field: "vlan"))
    case (nil, let trunk?): vlans = .trunk(try Self.trunk(trunk))
    case (nil, nil): throw .invalidField("vlan", nil, expected: "a VLAN id, 1 to 4094, or a \"trunk\"")
    case (_?, let trunk?): throw .invalidField("trunk", trunk, expected: "allowed beside \"vlan\": give one of the two")
    }
    mtu = try json["mtu"].map { value throws(CNIError) in
      guard let mtu = value.integer, (68...65535).contains(mtu) else {
        throw .invalidField("mtu", value, expected: "a number of bytes, 68 to 65535")
      }
      return Int(mtu)
    }
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
  private static func trunk(_ json: JSONValue) throws(CNIError) -> Set<VLANID> {
    guard let elements = json.array, !elements.isEmpty else {
      throw .invalidField("trunk", json, expected: "a list of at least one VLAN: [{\"id\": 10}]")
    }
    var vlans: Set<VLANID> = []
    for (position, element) in elements.enumerated() {
      let field = "trunk[\(position)]"
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
