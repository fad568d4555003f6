import JSON
import NetloomAPI

extension Network {
  /// Our own plugin: the agent does the addresses, so the configuration only says where to plug in.
  var netloom: JSONValue {
    var fields: [String: JSONValue?] = [
      "attachment": .string(name.description),
      "bridge": plug.interface.bridge.map(JSONValue.string),
      "mtu": .integer(Int64(plug.podMTU)),
      "capabilities": ["ips": true, "mac": true, "bandwidth": true, "deviceID": false],
      "portSecurity": .bool(plug.attachment.portSecurity ?? true),
      "bandwidth": bandwidth(completed: false).map(JSONValue.object),
    ]
    switch plug.attachment.vlanType {
    case .access: fields["vlan"] = vlan
    case .trunk, .selectiveTrunk: fields["trunk"] = trunk
    case .qinq: fields["qinq"] = qinq
    }
    return plugin("netloom", version: "1.0.0", fields)
  }

  /// Our own plugin on the switch of OVN that the agent finds by the pod's name: OVN holds the port to its VLAN, its
  /// addresses and its rates.
  var ovn: JSONValue {
    plugin(
      "netloom", version: "1.0.0",
      [
        "attachment": .string(name.description),
        "logicalSwitch": plug.logicalSwitch.map { .string($0.description) },
        "mtu": .integer(Int64(plug.podMTU)),
        "capabilities": ["ips": true, "mac": true, "bandwidth": true, "deviceID": false],
      ])
  }

  private var qinq: JSONValue {
    var qinq: JSONValue = [:]
    qinq["serviceVLAN"] = vlan
    if let ranges = plug.attachment.customerRanges, !ranges.isEmpty {
      qinq["customerVLANs"] = .array(
        ranges.map { Self.range(Int($0.lowerBound.rawValue)...Int($0.upperBound.rawValue)) })
    }
    return qinq
  }

  /// ovs-cni (docs/cni-plugin.md). A trunk names no VLANs: the pod sees all that the bridge carries.
  var ovs: JSONValue {
    var fields: [String: JSONValue?] = ["bridge": plug.interface.bridge.map(JSONValue.string), "ipam": ipam]
    if plug.podMTU != ConnectionPoint.defaultMTU { fields["mtu"] = .integer(Int64(plug.podMTU)) }
    switch plug.attachment.vlanType {
    case .access: fields["vlan"] = vlan
    case .selectiveTrunk: fields["trunk"] = trunk
    case .trunk, .qinq: break
    }
    return plugin("ovs", fields)
  }
}
