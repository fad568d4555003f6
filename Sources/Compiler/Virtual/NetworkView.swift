import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import OVNModel

/// Where OVN can carry overlays.
struct OverlayView: Hashable, Sendable {
  /// The largest packet in bytes that fits into the tunnels of all nodes.
  var mtu: Int
}

/// An L2Service that is on OVN.
struct NetworkView: Hashable, Sendable {
  /// What is wrong; then OVN keeps what it has of it.
  var findings: [Finding]
  /// The L2Service.
  var name: NamespacedName
  /// Its subnets, in the manifest's order.
  var subnets: [Member]
  /// The largest packet of its pods in bytes.
  var mtu: Int
  /// Where it meets its physical network.
  var edge: Edge?
  /// Whether it is to be there: until its deletion was asked for and nothing holds it.
  var isInUse: Bool

  /// The name of its switch.
  var logicalSwitch: String { name.description }

  /// A subnet.
  struct Member: Hashable, Sendable {
    var name: NamespacedName
    var parsed: ParsedSubnet
  }

  /// Where the switch meets a physical network.
  struct Edge: Hashable, Sendable {
    /// How the nodes' bridge mappings name it.
    var physicalNetwork: String
    /// The VLAN there; nil: what has no tag.
    var tag: Int?
    /// The ConnectionPoints by which nodes reach it, sorted.
    var connectionPoints: [String]
    /// The nodes that reach it, sorted.
    var nodes: [String]
    /// Whether the overlay is to reach it by one node, instead of every node by its own bridge.
    var isGateway: Bool
    /// That node; nil: there is none, or it takes none.
    var gateway: EdgeNode?

    /// What nodes carry of it.
    var carriage: Int { tag ?? NodeNetwork.Bridge.untagged }
  }
}

/// A node by which OVN's overlays reach a physical network.
struct EdgeNode: Hashable, Sendable {
  /// Its name in Kubernetes.
  var node: String
  /// Its name in OVN.
  var chassis: String
}

extension ConnectionPoint.Spec {
  /// The interface by which pods and OVN reach the physical network.
  var ovnInterface: ConnectionPoint.Interface? { interfaces.first { $0.implementation == .ovn } }
}

extension Placement {
  /// The name by which OVN knows what is behind a bridge; nil: OVN has nothing to do with the bridge.
  func mappedNetwork(bridge: String, on connectionPoint: String) -> String? {
    spec.ovnInterface?.bridge == bridge ? spec.physicalNetwork ?? connectionPoint : nil
  }
}

extension Reader {
  /// Looks over all nodes; nil: none is a chassis.
  func computeOverlay() -> OverlayView? {
    nodes(matching: nil).compactMap { chassis(of: $0)?.mtu }.min().map(OverlayView.init)
  }

  /// An L2Service as OVN carries it; nil: it is not on OVN.
  func computeNetwork(_ name: NamespacedName) -> NetworkView? {
    guard hasOVN, let service = l2Service(name), let view = serviceView(name) else { return nil }
    let uses = names(.attachmentsOfService(name)).compactMap { attachmentView($0) }
      .filter { $0.plug?.logicalSwitch != nil && $0.isInUse }
    guard view.vlan == nil || !uses.isEmpty || isNamedOnOVN(name) else { return nil }
    var network = NetworkView(
      findings: view.findings, name: name,
      subnets: view.subnets.compactMap { name in subnetView(name)?.parsed.map { .init(name: name, parsed: $0) } },
      mtu: ConnectionPoint.defaultMTU,
      isInUse: !service.metadata.isBeingDeleted || !holders(of: service).isEmpty || !routersHolding(service).isEmpty
        || !portsHolding(service).isEmpty)
    do throws(FindingError) {
      network.edge = try edge(of: name, view, uses.compactMap(\.plug))
    } catch {
      network.findings.append(error.finding)
    }
    var mtus = network.edge?.connectionPoints.compactMap { placement($0)?.spec.effectiveMTU } ?? []
    if network.edge?.isGateway ?? true, let overlay = overlayView()?.mtu { mtus.append(overlay) }
    network.mtu = mtus.min() ?? ConnectionPoint.defaultMTU
    return network
  }

  /// The one node by which an overlay reaches a physical network: that which has it, for as long as it works, so that nothing
  /// moves without need; else the first that works.
  func edgeNode(among nodes: [String], present: String?) -> EdgeNode? {
    let candidates = nodes.compactMap { node in chassis(of: node).map { EdgeNode(node: node, chassis: $0.name) } }
    let held = candidates.first { $0.node == present }
    if let held, isReady(node: held.node) { return held }
    // With none at work nobody would gain by a change.
    return candidates.first { isReady(node: $0.node) } ?? held ?? candidates.first
  }

  /// The node by which the overlay of a service reaches its physical network, as its status tells.
  private func presentGateway(of service: NamespacedName) -> String? {
    if case .service(let status)? = status(WorldID(.service, service)) { status.gatewayNode } else { nil }
  }

  /// Where a service meets its physical network: by the ConnectionPoints of its attachments, or where no attachment
  /// names one, by all that lead there.
  private func edge(
    of name: NamespacedName, _ service: ServiceView, _ plugs: [AttachmentView.Plug]
  ) throws(FindingError) -> NetworkView.Edge? {
    guard service.carriage != nil else { return nil }
    let isOverlay = plugs.contains { $0.connectionPoint.isEmpty }
    var points = Set(plugs.map(\.connectionPoint)).subtracting([""])
    if points.isEmpty { points = Set(connectionPoints(leadingTo: service.physicalNetworks)) }
    let placements = points.sorted().compactMap { name in placement(name).map { (name: name, placement: $0) } }
    let networks = Set(placements.map { $0.placement.spec.physicalNetwork ?? $0.name }).sorted()
    guard let network = networks.first else {
      let listed = service.physicalNetworks.joined(separator: ", ")
      throw FindingError(
        Finding(
          reason: ConditionReason.referenceNotFound,
          message: "no ConnectionPoint with an interface of implementation ovn leads to physical network \(listed): "
            + "make one, or give the one that there is such an interface"))
    }
    guard networks.count == 1 else {
      throw FindingError(
        Finding(
          reason: ConditionReason.conflict,
          message: "its ConnectionPoints lead to physical networks \(networks.joined(separator: ", ")); on OVN it can "
            + "be on one of them"))
    }
    let nodes = Set(placements.flatMap(\.placement.nodes)).sorted()
    return NetworkView.Edge(
      physicalNetwork: network, tag: service.vlan, connectionPoints: placements.map(\.name), nodes: nodes,
      isGateway: isOverlay, gateway: isOverlay ? edgeNode(among: nodes, present: presentGateway(of: name)) : nil)
  }

  /// The ConnectionPoints by which OVN reaches one of the physical networks, sorted.
  func connectionPoints(leadingTo physicalNetworks: [String]) -> [String] {
    connectionPointNames().filter { name in
      guard let spec = connectionPoint(name)?.spec, spec.ovnInterface != nil else { return false }
      return physicalNetworks.contains(spec.physicalNetwork ?? name)
    }
  }

  /// Whether something that only OVN can carry names an L2Service.
  private func isNamedOnOVN(_ name: NamespacedName) -> Bool {
    guard let service = l2Service(name) else { return false }
    return (names(.portsOnService(name)) + names(.routersOnService(name)))
      .contains { service.allows(namespace: $0.namespace, in: self) }
  }

  /// Why the nodes do not carry an edge yet; nil: they do. Those that do not work keep nothing up.
  func unprepared(_ edge: NetworkView.Edge) -> Finding? {
    for placement in edge.connectionPoints.compactMap({ placement($0) }) {
      guard let bridge = placement.spec.ovnInterface?.bridge else { continue }
      for node in placement.nodes where edge.isGateway ? node == edge.gateway?.node : isReady(node: node) {
        if let finding = state(ofNode: node, bridge: bridge, vlans: [edge.carriage]).finding { return finding }
      }
    }
    return nil
  }

  /// A network on OVN wants its VLAN on the bridges that its physical network is mapped to, and on the fabric ports
  /// behind them. Of what has no tag it wants nothing of the fabric: which VLAN that is there, is the fabric's owner's to say.
  func networkFragment(_ name: NamespacedName) -> Contribution? {
    guard let network = networkView(name) else { return nil }
    var contribution = Contribution()
    guard network.isInUse, network.findings.isEmpty, let edge = network.edge else {
      return contribution
    }
    for point in edge.connectionPoints {
      guard let placement = placement(point), let interface = placement.spec.ovnInterface, let bridge = interface.bridge
      else { continue }
      for node in placement.nodes {
        var ports: Set<FabricPort> = []
        if let vlan = edge.tag {
          ports = interface.uplink.flatMap { placement.ports[$0]?[node] } ?? []
          for port in ports { contribution.ports.insert(.init(DomainID(fabric: port.fabric, vlan: vlan), port.port)) }
        }
        guard mayCarry(NodeVLAN(node: node, bridge: bridge, vlan: edge.carriage), behind: ports) else { continue }
        contribution.vlans.insert(
          .init(
            node,
            BridgeVLAN(
              bridge: bridge, uplink: interface.uplink, mtu: placement.spec.mtu, vlan: edge.carriage,
              physicalNetwork: edge.physicalNetwork)))
      }
    }
    return contribution
  }
}
