import KubernetesModel
import NetloomAPI
import OVNModel

extension Reader {
  /// An L2Service: its switch, and the port by which the switch meets the physical network.
  func serviceRows(_ name: NamespacedName) -> LogicalPlan? {
    guard let network = networkView(name) else { return nil }
    guard network.isInUse else { return LogicalPlan() }
    guard network.findings.isEmpty else { return .kept(network.findings) }
    let names = NetworkNames.table(of: name)
    var logicalSwitch = LogicalSwitch(name: network.logicalSwitch)
    logicalSwitch.dns = [DNSTable.key(names.id)]
    var plan = LogicalPlan(fragments: [logicalSwitch.fragment, names.fragment])
    guard let edge = network.edge else { return plan }
    // What OVN sends into a VLAN is to arrive: the fabric first, then the nodes, then OVN.
    if let finding = unprepared(edge) { return .kept([finding]) }
    // A port of another type is another port: ovn-controller goes on sending by a localnet port that has become something else.
    let type = edge.isGateway ? "l2gateway" : "localnet"
    var port = LogicalSwitchPort(
      name: "\(network.logicalSwitch)/physical/\(type)", on: network.logicalSwitch)
    port.type = type
    port.addresses = ["unknown"]
    port.tag = edge.tag
    port.options = ["network_name": edge.physicalNetwork]
    port.options["l2gateway-chassis"] = edge.gateway?.chassis
    plan.fragments.insert(port.fragment)
    return plan
  }
}
