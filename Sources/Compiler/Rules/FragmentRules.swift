import KubernetesModel
import NetloomAPI

/// What each contributor wants of the fabric and of the nodes.
extension Reader {
  /// The fragment of a contributor; nil when the contributor no longer exists.
  func computeFragment(_ contributor: Contributor) -> Contribution? {
    switch contributor {
    case .service(let name): serviceFragment(name)
    case .attachment(let name): attachmentFragment(name)
    case .definition(let name): definitionFragment(name)
    case .carrier(let carried): carrierFragment(carried)
    case .network(let name): networkFragment(name)
    case .host(let name): hostFragment(name)
    }
  }

  /// A service wants its VLAN where it meets the DC gateways.
  ///
  /// One whose manifest is wrong wants the gateway ports that it has: a mistake changes nothing in the network. And one
  /// that is given another VLAN wants those of the VLAN that it had for as long as nodes carry it: pods move last.
  private func serviceFragment(_ name: NamespacedName) -> Contribution? {
    guard let view = serviceView(name) else { return nil }
    var contribution = Contribution()
    guard let service = l2Service(name), service.metadata.deletionTimestamp == nil || !holders(of: service).isEmpty
    else {
      return contribution
    }
    let vlan = view.findings.isEmpty ? view.vlan : nil
    if let vlan {
      for port in view.physicalNetworks.flatMap({ gatewayPorts(of: $0) }) {
        contribution.ports.insert(.init(DomainID(fabric: port.fabric, vlan: vlan), port.port))
      }
    }
    for domain in names(.bridgeDomainsOwned(by: name)).compactMap({ DomainID(name: $0.name) }) {
      guard vlan == nil || (domain.vlan != vlan && isCarried(domain)) else { continue }
      let gatewayPorts = fabricView(domain.fabric)?.uplinks.values.reduce(into: Set()) { $0.formUnion($1) } ?? []
      for port in bridgeDomain(domain)?.spec.ports ?? [] where gatewayPorts.contains(port) {
        contribution.ports.insert(.init(domain, port))
      }
    }
    return contribution
  }

  /// Whether a node behind a fabric is to carry a VLAN, or still carries it.
  private func isCarried(_ domain: DomainID) -> Bool {
    carriers(of: domain.vlan).contains { vlan in
      let carrying = carried(vlan)
      guard carrying.isSpecified || carrying.isProgrammed, let uplink = carrying.uplink else { return false }
      return ports(of: NodeInterface(node: vlan.node, interface: uplink)).contains { $0.fabric == domain.fabric }
    }
  }

  /// An attachment wants its VLANs on the fabric ports of its nodes, and then, where the fabric has them, on the nodes.
  private func attachmentFragment(_ name: NamespacedName) -> Contribution? {
    guard let view = attachmentView(name) else { return nil }
    var contribution = Contribution()
    guard view.isInUse, view.findings.isEmpty, let plug = view.plug else { return contribution }
    for use in view.services {
      guard let vlan = use.vlan else { continue }
      for port in plug.allPorts {
        contribution.ports.insert(.init(DomainID(fabric: port.fabric, vlan: vlan), port.port))
      }
      guard let bridge = plug.bridge else { continue }
      for node in plug.nodes where mayCarry(vlan, node: node, plug) {
        let vlan = BridgeVLAN(
          bridge: bridge, uplink: plug.uplinks.first, mtu: plug.mtu, vlan: vlan, physicalNetwork: plug.physicalNetwork)
        contribution.vlans.insert(.init(node, vlan))
      }
    }
    return contribution
  }

  /// A node is given a VLAN when the fabric carries it there, and keeps it while the fabric is being changed.
  private func mayCarry(_ vlan: Int, node: String, _ plug: AttachmentView.Plug) -> Bool {
    plug.bridge.map { mayCarry(NodeVLAN(node: node, bridge: $0, vlan: vlan), behind: plug.ports[node] ?? []) } ?? false
  }

  /// The same for a bridge whose uplink leads to ports of the fabric.
  func mayCarry(_ vlan: NodeVLAN, behind ports: Set<FabricPort>) -> Bool {
    carried(vlan).isSpecified || ports.allSatisfy { isProgrammed($0, vlan: vlan.vlan) }
  }

  /// Whether the fabric reports that a port carries a VLAN.
  func isProgrammed(_ port: FabricPort, vlan: Int) -> Bool {
    guard let domain = bridgeDomain(DomainID(fabric: port.fabric, vlan: vlan)) else { return false }
    return domain.isReady && domain.spec.ports.contains(port.port)
  }

  /// A definition that exists wants what pods need that join by it: the VLANs on the nodes, or where pods get devices,
  /// on the fabric ports behind them.
  private func definitionFragment(_ name: NamespacedName) -> Contribution? {
    guard let definition = definition(name) else { return nil }
    var contribution = Contribution()
    guard let requirements = definition.requirements, let placement = placement(requirements.connectionPoint) else {
      return contribution
    }
    for vlan in requirements.vlans {
      if let bridge = requirements.bridge {
        let vlan = BridgeVLAN(
          bridge: bridge, uplink: requirements.uplinks.first, mtu: placement.spec.mtu, vlan: vlan,
          physicalNetwork: placement.mappedNetwork(bridge: bridge, on: requirements.connectionPoint))
        for node in placement.nodes { contribution.vlans.insert(.init(node, vlan)) }
      } else {
        for port in requirements.uplinks.flatMap({ placement.ports[$0] ?? [:] }).flatMap(\.value) {
          contribution.ports.insert(.init(DomainID(fabric: port.fabric, vlan: vlan), port.port))
        }
      }
    }
    return contribution
  }

  /// A VLAN that a node is to carry, or still carries, wants the fabric ports behind its bridge. What becomes of frames
  /// without a tag in the fabric is its owner's affair.
  private func carrierFragment(_ vlan: NodeVLAN) -> Contribution? {
    let carrying = carried(vlan)
    guard carrying.isSpecified || carrying.isProgrammed else { return nil }
    var contribution = Contribution()
    guard vlan.vlan != NodeNetwork.Bridge.untagged, let uplink = carrying.uplink, hasNode(vlan.node) else {
      return contribution
    }
    for port in ports(of: NodeInterface(node: vlan.node, interface: uplink)) {
      contribution.ports.insert(.init(DomainID(fabric: port.fabric, vlan: vlan.vlan), port.port))
    }
    return contribution
  }
}

extension NetloomResource {
  /// Whether whoever programs the object has reported success for the specification as it is now.
  var isReady: Bool {
    guard let status, status.observedGeneration == metadata.generation else { return false }
    return status.conditions?[type: ConditionType.ready]?.status == .true
  }

  /// What the `Ready` condition says when it is not True, if anything.
  var complaint: Condition? {
    status?.conditions?[type: ConditionType.ready].flatMap { $0.status == .true ? nil : $0 }
  }
}
