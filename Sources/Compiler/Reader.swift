import IPAM
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

/// The only way in which a computation sees anything: it notes every fact that was read.
///
/// A class, so that the checks of NetloomAPI can look things up through it (``References``); it lives for one
/// computation.
final class Reader {
  private let world: World
  private let results: [Computation: Result]
  private let ports: WantedPorts
  private let vlans: WantedVLANs
  private let addresses: Addresses
  /// Whether there is an OVN to write to.
  let hasOVN: Bool
  /// The time, for conditions that change.
  let time: Moment
  /// What was read.
  private(set) var facts: Set<Fact> = []

  init(
    world: World, results: [Computation: Result], ports: WantedPorts, vlans: WantedVLANs, addresses: Addresses,
    hasOVN: Bool, time: Moment
  ) {
    self.world = world
    self.results = results
    self.ports = ports
    self.vlans = vlans
    self.addresses = addresses
    self.hasOVN = hasOVN
    self.time = time
  }
}

// MARK: Objects, without what their status says

extension Reader {
  func connectionPoint(_ name: String) -> ConnectionPoint? {
    facts.insert(.object(WorldID(.connectionPoint, name)))
    return world.connectionPoints[name]
  }

  func fabric(_ name: String) -> Fabric? {
    facts.insert(.object(WorldID(.fabric, name)))
    return world.fabrics[name]
  }

  func l2Service(_ name: NamespacedName) -> L2Service? {
    facts.insert(.object(WorldID(.service, name)))
    return world.services[name]
  }

  func subnet(_ name: NamespacedName) -> Subnet? {
    facts.insert(.object(WorldID(.subnet, name)))
    return world.subnets[name]
  }

  func attachment(_ name: NamespacedName) -> L2ServiceAttachment? {
    facts.insert(.object(WorldID(.attachment, name)))
    return world.attachments[name]
  }

  func definition(_ name: NamespacedName) -> NetworkAttachmentDefinition? {
    facts.insert(.object(WorldID(.definition, name)))
    return world.definitions[name]
  }

  func namespaceLabels(_ name: String) -> [String: String]? {
    facts.insert(.object(WorldID(.namespace, name)))
    return world.namespaces[name]
  }

  /// The names of the namespaces that a selector chooses, sorted.
  func namespaces(matching selector: LabelSelector) -> [String] {
    facts.insert(.names(.namespace))
    for name in world.namespaces.keys { facts.insert(.object(WorldID(.namespace, name))) }
    return world.namespaces.filter { selector.matches($0.value) }.keys.sorted()
  }

  func pod(_ name: NamespacedName) -> PodRecord? {
    facts.insert(.object(WorldID(.pod, name)))
    return world.pods[name]
  }

  func claim(_ name: NamespacedName) -> IPAMClaim? {
    facts.insert(.object(WorldID(.claim, name)))
    return world.claims[name]
  }

  func router(_ name: NamespacedName) -> Router? {
    facts.insert(.object(WorldID(.router, name)))
    return world.routers[name]
  }

  func networkPort(_ name: NamespacedName) -> NetworkPort? {
    facts.insert(.object(WorldID(.networkPort, name)))
    return world.networkPorts[name]
  }

  func serviceChain(_ name: NamespacedName) -> ServiceChain? {
    facts.insert(.object(WorldID(.serviceChain, name)))
    return world.serviceChains[name]
  }

  func trafficMirror(_ name: NamespacedName) -> TrafficMirror? {
    facts.insert(.object(WorldID(.trafficMirror, name)))
    return world.trafficMirrors[name]
  }

  func policy(_ name: NamespacedName) -> MultiNetworkPolicy? {
    facts.insert(.object(WorldID(.policy, name)))
    return world.policies[name]
  }

  /// Whether there is a node of a name.
  func hasNode(_ name: String) -> Bool {
    facts.insert(.object(WorldID(.node, name)))
    return world.nodes[name] != nil
  }

  /// The names of the nodes that a selector chooses (nil: all), sorted.
  func nodes(matching selector: LabelSelector?) -> [String] {
    facts.insert(.names(.node))
    for name in world.nodes.keys { facts.insert(.object(WorldID(.node, name))) }
    return world.nodes.filter { selector?.matches($0.value.labels) ?? true }.keys.sorted()
  }

  /// What a node is to OVN; nil: no chassis.
  func chassis(of node: String) -> Chassis? {
    facts.insert(.object(WorldID(.node, node)))
    return world.nodes[node]?.chassis
  }

  /// Whether a node is known to work.
  func isReady(node: String) -> Bool {
    facts.insert(.object(WorldID(.node, node)))
    return world.nodes[node]?.isReady ?? false
  }

  /// The names of the pods of a namespace that have to do with networks of ours, sorted.
  func pods(in namespace: String) -> [NamespacedName] { names(.podsInNamespace(namespace)) }

  /// The names of all ConnectionPoints, sorted.
  func connectionPointNames() -> [String] {
    facts.insert(.names(.connectionPoint))
    return world.connectionPoints.keys.sorted()
  }

  /// The names of all Subnets, sorted.
  func subnetNames() -> [NamespacedName] {
    facts.insert(.names(.subnet))
    return world.subnets.keys.sorted()
  }

  /// The names of all TrafficMirrors, sorted.
  func trafficMirrorNames() -> [NamespacedName] {
    facts.insert(.names(.trafficMirror))
    return world.trafficMirrors.keys.sorted()
  }

  /// The names of all Fabrics, sorted.
  func fabricNames() -> [String] {
    facts.insert(.names(.fabric))
    return world.fabrics.keys.sorted()
  }
}

// MARK: The checks of NetloomAPI

extension Reader: References {
  func l2Services(segmentationID: Int) -> [L2Service] {
    names(.servicesWithVLAN(segmentationID)).compactMap { l2Service($0) }
  }

  func l2Services(untaggedOn network: String) -> [L2Service] {
    names(.servicesUntagged(on: network)).compactMap { l2Service($0) }
  }

  func attachments(connectionPoint: String) -> [L2ServiceAttachment] {
    names(.attachmentsOnConnectionPoint(connectionPoint)).compactMap { attachment($0) }
  }

  func routers(on service: NamespacedName) -> [Router] {
    names(.routersOnService(service)).compactMap { router($0) }
  }

  func networkPorts(inside parent: NamespacedName) -> [NetworkPort] {
    names(.portsInside(parent)).compactMap { networkPort($0) }
  }

  func networkPorts(behindVLAN vlan: Int) -> [NetworkPort] {
    names(.portsBehindVLAN(vlan)).compactMap { networkPort($0) }
  }

  func isPhysicalNetworkKnown(_ name: String) -> Bool {
    let fabrics = fabricNames()
    if !fabrics.isEmpty { return fabrics.contains { fabricView($0)?.uplinks[name] != nil } }
    return connectionPointNames().contains { connectionPoint($0)?.spec.physicalNetwork == name }
  }
}

// MARK: What the targets report

extension Reader {
  /// A BridgeDomain with its status.
  func bridgeDomain(_ id: DomainID) -> BridgeDomain? {
    facts.insert(.object(WorldID(.bridgeDomain, id.name)))
    facts.insert(.status(WorldID(.bridgeDomain, id.name)))
    return world.bridgeDomains[id.name]
  }

  /// The services whose VLAN a BridgeDomain is.
  func bridgeDomainOwners(_ id: DomainID) -> [NamespacedName] {
    facts.insert(.object(WorldID(.bridgeDomain, id.name)))
    return world.bridgeDomains[id.name]?.owningServices ?? []
  }

  /// A NodeNetwork with its status.
  func nodeNetwork(_ node: String) -> NodeNetwork? {
    facts.insert(.object(WorldID(.nodeNetwork, node)))
    facts.insert(.status(WorldID(.nodeNetwork, node)))
    return world.nodeNetworks[node]
  }

  /// Whether a node is to carry, and carries, a VLAN.
  func carried(_ vlan: NodeVLAN) -> World.Carrying {
    facts.insert(.carried(vlan))
    return world.carried[vlan] ?? World.Carrying()
  }

  /// What the agent of a node says has failed, if anything.
  func complaint(of node: String) -> Condition? {
    facts.insert(.complaint(node: node))
    return world.nodeNetworks[node]?.failure
  }

  /// Where a VLAN is to be carried or is carried.
  func carriers(of vlan: Int) -> Set<NodeVLAN> {
    facts.insert(.carriers(vlan: vlan))
    return world.carriers[vlan] ?? []
  }

  /// What a fabric's driver found of its switches.
  func switches(of fabric: String) -> [Fabric.SwitchStatus]? {
    facts.insert(.object(WorldID(.switches, fabric)))
    return world.switches[fabric]
  }

  /// What OVN has of what an object wants.
  func northbound(of id: WorldID) -> NorthboundState? {
    facts.insert(.northbound(id))
    return world.northbound[id]
  }

  /// Where a port of OVN is.
  func place(ofPort name: String) -> PortPlace {
    facts.insert(.southbound)
    guard world.southbound.isKnown else { return .unknown }
    facts.insert(.bound(port: name))
    guard let chassis = world.chassis[name] else { return .nowhere }
    return .on(chassis: chassis, node: names(.nodesOfChassis(chassis)).first?.name)
  }

  /// Why it is not known where ports are now, if it should be.
  func southboundOutage() -> Finding? {
    facts.insert(.southbound)
    return world.southbound.outage.map {
      Finding(reason: ConditionReason.unreachable, message: "what stands here of nodes may have changed since: \($0)")
    }
  }

  /// The present status of an object, to compare with and to keep transition times from.
  func status(_ id: WorldID) -> AnyStatus? {
    facts.insert(.status(id))
    return world[id]?.statusOnly
  }
}

// MARK: Addresses

extension Reader {
  /// How full a subnet is; nil for one that gives nothing out.
  func usage(of subnet: NamespacedName) -> PoolUsage? {
    facts.insert(.addresses(subnet))
    return addresses.usage(of: subnet, at: time.elapsed)
  }

  /// The addresses of a subnet that are set aside, ascending.
  func setAside(of subnet: NamespacedName) -> [SetAside] {
    facts.insert(.addresses(subnet))
    return addresses.setAside(of: subnet)
  }

  /// The addresses of a subnet that are kept for names, the longest kept first.
  func reservations(of subnet: NamespacedName) -> [(address: IPAddress, name: InterfaceIdentity)] {
    facts.insert(.addresses(subnet))
    return addresses.reservations(of: subnet)
  }

  /// The claims that have addresses of a subnet, sorted.
  func claims(on subnet: NamespacedName) -> [NamespacedName] {
    facts.insert(.addresses(subnet))
    return addresses.claims(on: subnet)
  }

  /// Who has an address of a subnet, sorted: nobody, one, or several that took it from one another.
  func owners(of address: IPAddress, in subnet: NamespacedName) -> [AddressOwner] {
    facts.insert(.addresses(subnet))
    return addresses.allocator.owners(of: Assignment(pool: subnet.description, address: address)).sorted()
  }

  /// The interface that uses what an owner has: itself, or the one that uses the claim.
  func user(_ owner: AddressOwner) -> AddressOwner? {
    guard case .claim(let name) = owner else { return owner }
    facts.insert(.claimed(name))
    return addresses.claims[name]?.user
  }

  /// The addresses that a claim has.
  func claimed(_ name: NamespacedName) -> [Assignment] {
    facts.insert(.claimed(name))
    return addresses.assignments(of: .claim(name))
  }
}

// MARK: Indexes, results and unions

extension Reader {
  /// The members of an index, sorted by name.
  func names(_ key: IndexKey) -> [NamespacedName] {
    facts.insert(.index(key))
    return (world.index[key] ?? []).map(\.name).sorted()
  }

  /// The result of a computation of a lower level.
  func result(_ computation: Computation) -> Result? {
    facts.insert(.result(computation))
    return results[computation]
  }

  func fabricView(_ name: String) -> FabricView? {
    if case .fabric(let view)? = result(.fabric(name)) { view } else { nil }
  }

  func subnetView(_ name: NamespacedName) -> SubnetView? {
    if case .subnet(let view)? = result(.subnet(name)) { view } else { nil }
  }

  func placement(_ name: String) -> Placement? {
    if case .placement(let view)? = result(.placement(name)) { view } else { nil }
  }

  func serviceView(_ name: NamespacedName) -> ServiceView? {
    if case .service(let view)? = result(.service(name)) { view } else { nil }
  }

  func resolution(_ name: NamespacedName) -> Resolution? {
    if case .resolution(let view)? = result(.resolution(name)) { view } else { nil }
  }

  func trunk(_ connectionPoint: String) -> Trunk? {
    if case .trunk(let view)? = result(.trunk(connectionPoint)) { view } else { nil }
  }

  func attachmentView(_ name: NamespacedName) -> AttachmentView? {
    if case .attachment(let view)? = result(.attachment(name)) { view } else { nil }
  }

  func mirrorView(_ name: NamespacedName) -> MirrorView? {
    if case .mirror(let view)? = result(.mirror(name)) { view } else { nil }
  }

  func networkView(_ name: NamespacedName) -> NetworkView? {
    if case .network(let view)? = result(.network(name)) { view } else { nil }
  }

  func routerView(_ name: NamespacedName) -> RouterView? {
    if case .router(let view)? = result(.router(name)) { view } else { nil }
  }

  func logicalPlan(_ id: WorldID) -> LogicalPlan? {
    if case .logical(let plan)? = result(.logical(id)) { plan } else { nil }
  }

  /// Where OVN can carry overlays, and how large a packet of them can be.
  func overlayView() -> OverlayView? {
    if case .overlay(let view)? = result(.overlay) { view } else { nil }
  }

  func domainPlan(_ id: DomainID) -> DomainPlan? {
    if case .bridgeDomain(let plan)? = result(.bridgeDomain(id)) { plan } else { nil }
  }

  func definitionPlan(_ name: NamespacedName) -> DefinitionPlan? {
    if case .definition(let plan)? = result(.definition(name)) { plan } else { nil }
  }

  func portPlan(_ name: NamespacedName) -> PortPlan? {
    if case .port(let plan)? = result(.port(name)) { plan } else { nil }
  }

  func podPlan(_ name: NamespacedName) -> PodPlan? {
    if case .pod(let plan)? = result(.pod(name)) { plan } else { nil }
  }

  /// The ports wanted of a domain.
  func wantedPorts(of domain: DomainID) -> [Fabric.PortReference] {
    facts.insert(.wantedPorts(domain))
    return ports.things(of: domain).sorted()
  }

  /// Who wants a port of a domain.
  func contributors(to port: Fabric.PortReference, of domain: DomainID) -> Set<Contributor> {
    facts.insert(.wantedPorts(domain))
    return ports.contributors(to: port, of: domain)
  }

  /// Whether anybody wants a VLAN of a bridge of a node.
  func isWanted(_ carried: NodeVLAN) -> Bool {
    facts.insert(.wantedVLAN(carried))
    return vlans.things(of: carried.node).contains { $0.bridge == carried.bridge && $0.vlan == carried.vlan }
  }

  /// The VLANs wanted of a node.
  func wantedVLANs(of node: String) -> [BridgeVLAN] {
    facts.insert(.wantedVLANs(node: node))
    return Array(vlans.things(of: node))
  }
}
