import JSON
import NetloomAPI

/// Plugins that hand out devices.
extension Network {
  /// sriov-cni (docs/configuration-reference.md): the network card puts the tag on, and keeps the pod to its address. A
  /// trunk has no VLAN, so the pod sees all that the card lets through.
  var sriov: JSONValue {
    let vlanType = plug.attachment.vlanType
    let isOwnOnly = plug.attachment.portSecurity ?? true
    var fields: [String: JSONValue?] = [
      "spoofchk": .string(isOwnOnly ? "on" : "off"),
      "trust": .string(isOwnOnly ? "off" : "on"),
      // In Mbit/s; 0 would be no limit.
      "max_tx_rate": plug.attachment.bandwidth?.egressRate.map { .integer(Int64(max(1, $0 / 1_000_000))) },
      "capabilities": ["mac": true],
      "ipam": ipam,
    ]
    if vlanType.takesOneService { fields["vlan"] = vlan }
    if vlanType == .qinq { fields["vlanProto"] = "802.1ad" }
    return plugin("sriov", fields)
  }

  /// userspace-cni (pkg/types/types.go): a vhost-user port on a bridge of Open vSwitch with DPDK. The switch connects to the
  /// socket of the pod, so that either can be restarted.
  var userspace: JSONValue {
    var host: JSONValue = [
      "engine": "ovs-dpdk", "iftype": "vhostuser", "netType": "bridge", "vhost": ["mode": "client"],
    ]
    host["bridge"] = plug.interface.bridge.map { ["bridgeName": .string($0)] }
    return plugin(
      "userspace",
      [
        "sharedDir": "/usr/local/var/run/openvswitch/",
        "host": host,
        "container": [
          "engine": "ovs-dpdk", "iftype": "vhostuser", "netType": "interface", "vhost": ["mode": "server"],
        ],
      ])
  }
}
