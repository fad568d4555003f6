import KubernetesModel
import NetloomAPI
import OVNModel

extension NetworkPort {
  /// The name of its port: what an interface of Open vSwitch names as its `iface-id`.
  var logicalPort: String { Self.logicalPort(metadata.namespacedName) }

  /// No pod's port is called so: those begin with a namespace, which has no capitals.
  static func logicalPort(_ name: NamespacedName) -> String { "NetworkPort/\(name)" }
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
      guard let edge = hostEdge(port) else { return .kept([]) }
      // As with a network's own VLAN: the fabric first, then the node, then OVN.
      let carriage = state(ofNode: edge.node.node, bridge: edge.bridge, vlans: [edge.vlan])
      if let finding = carriage.finding { return .kept([finding]) }
      group = hosts(beside: port)
      row = LogicalSwitchPort(
        name: edge.logicalPort(on: network.logicalSwitch), on: network.logicalSwitch)
      row.type = "l2gateway"
      row.tag = edge.vlan
      row.options = ["network_name": edge.physicalNetwork, "l2gateway-chassis": edge.node.chassis]
    }
    row.isFollowed = true
    let identity = PortIdentity(mac: mac, addresses: plan.ips.map(\.address))
    row.addresses = [identity.text]
    var result = LogicalPlan(fragments: routerMemberships(of: plan.ips, on: network.name, at: node(of: port)))
    if group.allSatisfy({ $0.spec.portSecurity ?? true }) {
      if port.spec.type == .host {
        let security = HostSecurity(port: row.name, logicalSwitch: network.logicalSwitch)
        let own = security.own(port.logicalPort, mac, plan.ips.map(\.address))
        result.fragments.formUnion([own.fragment, security.others.fragment])
      } else {
        row.portSecurity = [identity.permitted]
      }
    }
    if let names = names(of: port, plan.ips.map(\.address)) { result.fragments.insert(names) }
    if group.allSatisfy({ $0.spec.dhcp ?? true }) {
      // A port is told one address of a family, which is the first that it has.
      let four = network.subnets.first { $0.parsed.cidr.family == .v4 }.map { dhcpOptions(of: $0, on: network) }
      let six = network.subnets.first { $0.parsed.cidr.family == .v6 }.map { dhcpOptions(of: $0, on: network) }
      row.dhcpv4 = (four?.options.id).map(DHCPOptions.key)
      row.dhcpv6 = (six?.options.id).map(DHCPOptions.key)
      result.fragments.formUnion([four, six].compactMap { $0?.options.fragment })
      result.findings = [four, six].flatMap { $0?.findings ?? [] }
    }
    result.fragments.insert(row.fragment)
    return result
  }

  /// The name of its port in OVN, which others behind the same VLAN can share; nil: it has none yet.
  func boundPort(of port: NetworkPort) -> String? {
    guard port.spec.type == .host else { return port.logicalPort }
    guard let edge = hostEdge(port), let network = networkView(port.serviceName) else { return nil }
    return edge.logicalPort(on: network.logicalSwitch)
  }

  /// The ports inside of a port.
  func nestedPorts(in name: NamespacedName) -> [NamespacedName] { names(.portsInside(name)) }
}
