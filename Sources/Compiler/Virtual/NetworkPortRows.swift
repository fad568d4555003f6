import KubernetesModel
import NetloomAPI
import OVNModel

extension NetworkPort {
  /// The name of its port: what an interface of Open vSwitch names as its `iface-id`.
  var logicalPort: String { Self.logicalPort(metadata.namespacedName) }

  static func logicalPort(_ name: NamespacedName) -> String { "\(name)/port" }
}

extension HostEdge {
  /// The name of the port by which a switch reaches the hosts behind it.
  func logicalPort(on logicalSwitch: String) -> String { "\(logicalSwitch)/host/\(physicalNetwork)/\(vlan)" }
}

extension Reader {
  /// A NetworkPort: its port, and what DHCP answers there. Hosts behind one VLAN share a port, as the VLAN reaches the
  /// switch once.
  func networkPortRows(_ name: NamespacedName) -> LogicalPlan? {
    guard let port = networkPort(name), let plan = portPlan(name) else { return nil }
    if port.metadata.isBeingDeleted, nestedPorts(in: name).isEmpty { return LogicalPlan() }
    if let finding = plan.finding { return .kept([finding]) }
    guard let network = networkView(port.serviceName), let mac = plan.mac else { return .kept([]) }
    guard network.findings.isEmpty else { return .kept(network.findings) }
    var row: LogicalSwitchPort
    var group = [port]
    switch port.spec.type {
    case .vm:
      row = LogicalSwitchPort(name: port.logicalPort, on: network.logicalSwitch)
      row.options["requested-chassis"] = port.spec.node.flatMap { chassis(of: $0)?.name }
    case .nested:
      row = LogicalSwitchPort(name: port.logicalPort, on: network.logicalSwitch)
      row.parentName = port.parentName.map(NetworkPort.logicalPort)
      row.tag = port.spec.parent?.vlan
    case .host:
      guard let edge = hostEdge(port), let chassis = chassis(of: edge.node)?.name else { return .kept([]) }
      group = hosts(beside: port)
      row = LogicalSwitchPort(
        name: edge.logicalPort(on: network.logicalSwitch), on: network.logicalSwitch)
      row.type = "l2gateway"
      row.tag = edge.vlan
      row.options = ["network_name": edge.physicalNetwork, "l2gateway-chassis": chassis]
    }
    row.isFollowed = true
    let identity = ([mac.description] + plan.ips.map(\.address.description)).joined(separator: " ")
    row.addresses = [identity]
    if group.allSatisfy({ $0.spec.portSecurity ?? true }) { row.portSecurity = row.addresses }
    var fragments: Set<RowFragment> = []
    if group.allSatisfy({ $0.spec.dhcp ?? true }) {
      for subnet in network.subnets {
        let options = dhcpOptions(of: subnet, on: network)
        fragments.insert(options.fragment)
        switch subnet.parsed.cidr.family {
        case .v4: row.dhcpv4 = DHCPOptions.key(options.id)
        case .v6: row.dhcpv6 = DHCPOptions.key(options.id)
        }
      }
    }
    fragments.insert(row.fragment)
    return LogicalPlan(fragments: fragments)
  }

  /// The ports inside of a port.
  func nestedPorts(in name: NamespacedName) -> [NamespacedName] { names(.portsInside(name)) }
}
