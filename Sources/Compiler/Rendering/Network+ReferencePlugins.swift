import JSON
import NetloomAPI

/// The reference plugins of the CNI project (www.cni.dev/plugins/current/main).
extension Network {
  /// macvlan or ipvlan. They know no VLANs: the master is the VLAN interface of the uplink, `eth1.13`, which the node's
  /// administrator makes.
  func onUplink(_ type: String, _ fields: [String: JSONValue?]) throws(FindingError) -> JSONValue {
    let master = [plug.interface.uplink, plug.vlans.first.map { "\($0)" }].compactMap { $0 }.joined(separator: ".")
    // IFNAMSIZ less the terminating zero.
    guard master.utf8.count <= 15 else { throw FindingError(.longMaster(master)) }
    let own: [String: JSONValue?] = [
      "master": .string(master), "mtu": .integer(Int64(plug.podMTU)), "ipam": ipam,
    ]
    return plugin(type, own.merging(fields) { $1 })
  }

  /// The plugin bridge with its VLAN filtering, and bandwidth behind it when there is a limit.
  var bridge: JSONValue {
    let fields: [String: JSONValue?] = [
      "bridge": plug.interface.bridge.map(JSONValue.string), "vlan": vlan, "mtu": .integer(Int64(plug.podMTU)),
      "macspoofchk": plug.attachment.portSecurity.map(JSONValue.bool), "capabilities": ["mac": true], "ipam": ipam,
    ]
    guard var bandwidth = bandwidth(completed: true) else { return plugin("bridge", fields) }
    bandwidth["type"] = "bandwidth"
    var own = fields.compactMapValues { $0 }
    own["type"] = "bridge"
    return [
      "cniVersion": "0.4.0", "name": .string(configurationName), "plugins": [.object(own), .object(bandwidth)],
    ]
  }
}

extension Finding {
  fileprivate static func longMaster(_ name: String) -> Finding {
    Finding(
      reason: ConditionReason.notSupported,
      message:
        "spec.connectionPoint: the VLAN interface of the uplink would be called \(name), which has more than the "
        + "15 bytes that Linux allows: give the uplink a shorter name, or use implementation netloom")
  }
}
