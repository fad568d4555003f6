import IPAM
import KubernetesModel
import NetloomAPI
import NetworkTypes

/// Where OVN reaches a host on a physical network.
struct HostEdge: Hashable, Sendable {
  /// How the node's bridge mappings name it.
  var physicalNetwork: String
  /// The VLAN there.
  var vlan: Int
  /// The node by which it is reached.
  var node: EdgeNode
  /// The bridge there.
  var bridge: String
  /// What is behind the bridge.
  var uplink: String?
  /// The MTU of the bridge.
  var mtu: Int?
  /// The fabric ports behind the uplink.
  var ports: Set<FabricPort>
}

extension Reader {
  /// What a NetworkPort needs; nil when it does not exist.
  func computePortNeeds(_ name: NamespacedName) -> PortNeeds? {
    guard let port = networkPort(name) else { return nil }
    let status =
      if case .networkPort(let status)? = status(WorldID(.networkPort, name)) { status } else { NetworkPort.Status() }
    let service = port.serviceName
    let subnets = (serviceView(service)?.subnets ?? []).compactMap { name in
      subnetView(name)?.parsed.map { PodNeeds.Need.Source(name: name, parsed: $0) }
    }
    return PortNeeds(
      name: name, uid: port.metadata.uid ?? "", creationTimestamp: port.metadata.creationTimestamp ?? "",
      finding: obstacle(to: port), service: service, subnets: subnets,
      requested: (port.spec.addresses ?? []).compactMap { IPAddress($0) },
      mac: port.spec.mac.flatMap { MACAddress($0) },
      held: (status.addresses ?? []).compactMap { text in
        guard let address = InterfaceAddress(text)?.address,
          let subnet = subnets.first(where: { $0.parsed.cidr.contains(address) })
        else { return nil }
        return Assignment(pool: subnet.name.description, address: address)
      }, heldMAC: status.mac.flatMap { MACAddress($0) })
  }

  /// Why a port is not to get what it asks for.
  private func obstacle(to port: NetworkPort) -> Finding? {
    if !hasOVN { return .noOVN("a NetworkPort") }
    if let error = (port.validate() + port.validate(in: self)).first { return Finding(error) }
    let service = port.serviceName
    if let finding = serviceView(service)?.findings.first { return finding.prefixed("L2Service \(service): ") }
    if let deletion = l2Service(service)?.metadata.deletionTimestamp, port.metadata.isNewer(than: deletion) {
      return Finding(
        reason: ConditionReason.conflict,
        message: "spec.l2Service: L2Service \(service) is being deleted; wait until it is gone and create it again")
    }
    if port.metadata.isBeingDeleted { return nil }
    if let node = port.spec.node, let finding = absence(of: node) { return finding }
    guard port.spec.type == .host, hostEdge(port) == nil else { return nil }
    return Finding(
      reason: ConditionReason.waitingForNodes,
      message: "no node of ConnectionPoint \(port.spec.host?.connectionPoint ?? "") is a chassis of OVN")
  }

  /// Why a port cannot be on a node.
  private func absence(of node: String) -> Finding? {
    if !hasNode(node) {
      return Finding(
        reason: ConditionReason.referenceNotFound, message: "spec.node: Not found: \"\(node)\": there is no such Node")
    }
    return chassis(of: node) == nil
      ? Finding(reason: ConditionReason.waitingForNodes, message: "Node \(node) is no chassis of OVN yet") : nil
  }

  /// The NetworkPorts that hold a service: those that may name it and are older than the wish to delete it.
  func portsHolding(_ service: L2Service) -> [NamespacedName] {
    names(.portsOnService(service.metadata.namespacedName)).filter { name in
      guard service.allows(namespace: name.namespace, in: self) else { return false }
      guard let deletion = service.metadata.deletionTimestamp, let port = networkPort(name) else { return true }
      return !port.metadata.isNewer(than: deletion)
    }
  }

  /// Where OVN reaches the host of a port: all ports of one VLAN by the node that the first of them names, or else by the
  /// one that it has for as long as that works. Nil: by no node, or it is no host.
  func hostEdge(_ port: NetworkPort) -> HostEdge? {
    guard let host = port.spec.host, let placement = placement(host.connectionPoint),
      let network = connectionPoint(host.connectionPoint)?.edgeNetwork, let interface = placement.spec.ovnInterface,
      let bridge = interface.bridge
    else { return nil }
    let first = hosts(beside: port).first ?? port
    let nodes = first.spec.node.map { node in placement.nodes.filter { $0 == node } } ?? placement.nodes
    let present = nodes.first { carried(NodeVLAN(node: $0, bridge: bridge, vlan: host.vlan)).isSpecified }
    guard let node = edgeNode(among: nodes, present: present) else { return nil }
    return HostEdge(
      physicalNetwork: network, vlan: host.vlan, node: node, bridge: bridge, uplink: interface.uplink,
      mtu: placement.spec.mtu, ports: interface.uplink.flatMap { placement.ports[$0]?[node.node] } ?? [])
  }

  /// The ports of the same L2Service and VLAN of a host, itself among them, the oldest first.
  func hosts(beside port: NetworkPort) -> [NetworkPort] {
    guard let host = port.spec.host else { return [] }
    let network = connectionPoint(host.connectionPoint)?.edgeNetwork
    return networkPorts(behindVLAN: host.vlan).filter { other in
      other.serviceName == port.serviceName && other.spec.type == .host
        && (other.spec.host.flatMap { connectionPoint($0.connectionPoint) }?.edgeNetwork) == network
    }.sorted { $0.isEarlier(than: $1) }
  }

  /// A port of a host wants its VLAN on the bridge of the node by which it is reached, and on the fabric ports behind; and
  /// where the fabric meets the physical network, as the host is there.
  func hostFragment(_ name: NamespacedName) -> Contribution? {
    guard let port = networkPort(name), port.spec.type == .host else { return nil }
    var contribution = Contribution()
    guard port.validate().isEmpty, port.validate(in: self).isEmpty, let edge = hostEdge(port) else {
      return contribution
    }
    for port in edge.ports.union(gatewayPorts(of: edge.physicalNetwork)) {
      contribution.ports.insert(.init(DomainID(fabric: port.fabric, vlan: edge.vlan), port.port))
    }
    guard mayCarry(NodeVLAN(node: edge.node.node, bridge: edge.bridge, vlan: edge.vlan), behind: edge.ports) else {
      return contribution
    }
    contribution.vlans.insert(
      .init(
        edge.node.node,
        BridgeVLAN(
          bridge: edge.bridge, uplink: edge.uplink, mtu: edge.mtu, vlan: edge.vlan,
          physicalNetwork: edge.physicalNetwork)))
    return contribution
  }
}
