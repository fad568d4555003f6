import KubernetesModel
import NetloomAPI
public import NetworkAnnotations
import NetworkTypes

/// What the compiler needs to know of a pod.
public struct PodRecord: Sendable, Hashable {
  /// The namespace and the name.
  public var name: NamespacedName
  /// Unique over time.
  public var uid: String
  /// The node that it is bound to.
  public var node: String?
  /// When it was made, RFC 3339.
  public var creationTimestamp: String?
  /// Whether it has run to its end: it then holds nothing.
  public var isFinished: Bool
  /// The text of `k8s.v1.cni.cncf.io/networks`: the networks that it joins.
  public var networks: String?
  /// The text of `netloom.dev/allocations`: the addresses that it has.
  public var allocations: String?
  /// The text of `k8s.v1.cni.cncf.io/network-status`: the interfaces that it has.
  public var networkStatus: String?
  /// The text of `netloom.dev/conflicts`: the addresses of it that somebody else was found to have.
  public var conflicts: String?
  /// Whether its deletion was asked for: it keeps what it has, and gets nothing new.
  public var isTerminating: Bool
  /// Whether a StatefulSet made it: the pod that comes after it has the same name and wants the same addresses.
  public var isOfStatefulSet: Bool
  /// What selectors choose it by.
  public var labels: [String: String]

  /// A pod of the parts.
  public init(
    name: NamespacedName, uid: String, node: String? = nil, creationTimestamp: String? = nil, isFinished: Bool = false,
    networks: String? = nil, allocations: String? = nil, networkStatus: String? = nil, conflicts: String? = nil,
    isTerminating: Bool = false, isOfStatefulSet: Bool = false, labels: [String: String] = [:]
  ) {
    self.name = name
    self.uid = uid
    self.node = node
    self.creationTimestamp = creationTimestamp
    self.isFinished = isFinished
    self.networks = networks
    self.allocations = allocations
    self.networkStatus = networkStatus
    self.conflicts = conflicts
    self.isTerminating = isTerminating
    self.isOfStatefulSet = isOfStatefulSet
    self.labels = labels
  }
}

/// An object as the compiler sees it: of the kinds of others, only what it reads.
public enum WorldObject: Sendable, Hashable {
  case connectionPoint(ConnectionPoint)
  case fabric(Fabric)
  case bridgeDomain(BridgeDomain)
  case service(L2Service)
  case subnet(Subnet)
  case attachment(L2ServiceAttachment)
  case nodeNetwork(NodeNetwork)
  case definition(NetworkAttachmentDefinition)
  case node(name: String, labels: [String: String], chassis: Chassis? = nil, isReady: Bool = true)
  case namespace(name: String, labels: [String: String])
  case pod(PodRecord)
  case claim(IPAMClaim)
  case router(Router)
  case networkPort(NetworkPort)
  case serviceChain(ServiceChain)
  case trafficMirror(TrafficMirror)
  case policy(MultiNetworkPolicy)
  /// What the driver of a fabric found of its switches.
  case switches(fabric: String, [Fabric.SwitchStatus])

  /// Its kind and name.
  public var id: WorldID {
    switch self {
    case .connectionPoint(let object): WorldID(.connectionPoint, object.metadata.namespacedName)
    case .fabric(let object): WorldID(.fabric, object.metadata.namespacedName)
    case .bridgeDomain(let object): WorldID(.bridgeDomain, object.metadata.namespacedName)
    case .service(let object): WorldID(.service, object.metadata.namespacedName)
    case .subnet(let object): WorldID(.subnet, object.metadata.namespacedName)
    case .attachment(let object): WorldID(.attachment, object.metadata.namespacedName)
    case .nodeNetwork(let object): WorldID(.nodeNetwork, object.metadata.namespacedName)
    case .definition(let object): WorldID(.definition, object.metadata.namespacedName)
    case .node(let name, _, _, _): WorldID(.node, name)
    case .namespace(let name, _): WorldID(.namespace, name)
    case .pod(let pod): WorldID(.pod, pod.name)
    case .claim(let object): WorldID(.claim, object.metadata.namespacedName)
    case .router(let object): WorldID(.router, object.metadata.namespacedName)
    case .networkPort(let object): WorldID(.networkPort, object.metadata.namespacedName)
    case .serviceChain(let object): WorldID(.serviceChain, object.metadata.namespacedName)
    case .trafficMirror(let object): WorldID(.trafficMirror, object.metadata.namespacedName)
    case .policy(let object): WorldID(.policy, object.metadata.namespacedName)
    case .switches(let fabric, _): WorldID(.switches, fabric)
    }
  }
}

/// The kind and the name of an object of the world.
public struct WorldID: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// A kind of object of the world.
  public enum Kind: UInt8, Sendable, Hashable, Comparable, CaseIterable {
    case connectionPoint, fabric, bridgeDomain, service, subnet, attachment, nodeNetwork, definition
    case node, namespace, pod, claim, switches
    case router, networkPort, serviceChain, trafficMirror, policy

    /// The kind as Kubernetes calls it.
    public var name: String {
      switch self {
      case .connectionPoint: "ConnectionPoint"
      case .fabric: "Fabric"
      case .bridgeDomain: "BridgeDomain"
      case .service: "L2Service"
      case .subnet: "Subnet"
      case .attachment: "L2ServiceAttachment"
      case .nodeNetwork: "NodeNetwork"
      case .definition: "NetworkAttachmentDefinition"
      case .node: "Node"
      case .namespace: "Namespace"
      case .pod: "Pod"
      case .claim: "IPAMClaim"
      case .router: "Router"
      case .networkPort: "NetworkPort"
      case .serviceChain: "ServiceChain"
      case .trafficMirror: "TrafficMirror"
      case .policy: "MultiNetworkPolicy"
      case .switches: "Switches"
      }
    }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
  }

  /// The kind.
  public var kind: Kind
  /// The namespace and the name.
  public var name: NamespacedName

  /// A kind and a name.
  public init(_ kind: Kind, _ name: NamespacedName) {
    self.kind = kind
    self.name = name
  }

  /// A cluster-scoped object.
  public init(_ kind: Kind, _ name: String) { self.init(kind, NamespacedName(namespace: nil, name: name)) }

  /// `L2Service test/vlan13`.
  public var description: String { "\(kind.name) \(name)" }

  public static func < (lhs: Self, rhs: Self) -> Bool { (lhs.kind, lhs.name) < (rhs.kind, rhs.name) }
}

/// Names one VLAN of one bridge of one node.
public struct NodeVLAN: Sendable, Hashable, Comparable {
  /// The node.
  public var node: String
  /// The bridge on the node.
  public var bridge: String
  /// The VLAN.
  public var vlan: Int

  /// A VLAN of a bridge of a node.
  public init(node: String, bridge: String, vlan: Int) {
    self.node = node
    self.bridge = bridge
    self.vlan = vlan
  }

  public static func < (lhs: Self, rhs: Self) -> Bool {
    (lhs.node, lhs.bridge, lhs.vlan) < (rhs.node, rhs.bridge, rhs.vlan)
  }
}

/// Something about the world that a computation can read, and that a change can change.
enum Fact: Hashable, Sendable {
  /// An object but for its status, or that there is none.
  case object(WorldID)
  /// The status of an object.
  case status(WorldID)
  /// Which objects of a kind there are.
  case names(WorldID.Kind)
  /// Members of an index.
  case index(IndexKey)
  /// Whether a node is to carry, and carries, a VLAN.
  case carried(NodeVLAN)
  /// What the agent of a node says has failed.
  case complaint(node: String)
  /// Which nodes are to carry, or carry, a VLAN.
  case carriers(vlan: Int)
  /// The result of another computation.
  case result(Computation)
  /// Who wants what of a bridge domain.
  case wantedPorts(DomainID)
  /// Who wants what of a node.
  case wantedVLANs(node: String)
  /// Who wants a VLAN of a bridge of a node.
  case wantedVLAN(NodeVLAN)
  /// Which addresses of a subnet are where.
  case addresses(NamespacedName)
  /// Which addresses a claim has, and who uses them.
  case claimed(NamespacedName)
  /// Who has a MAC address.
  case hardware(MACAddress)
  /// What OVN has of what an object wants.
  case northbound(WorldID)
  /// On which chassis a port of OVN is.
  case bound(port: String)
  /// How well it is known where ports are.
  case southbound
}

/// A question that the world answers from an index.
enum IndexKey: Hashable, Sendable {
  case attachmentsOfService(NamespacedName)
  case attachmentsOnConnectionPoint(String)
  case servicesWithVLAN(Int)
  case servicesUntagged(on: String)
  case servicesOnSubnet(NamespacedName)
  case podsOnAttachment(NamespacedName)
  case podsInNamespace(String)
  case bridgeDomainsOfVLAN(Int)
  case bridgeDomainsOfFabric(String)
  case bridgeDomainsOwned(by: NamespacedName)
  case routersOnService(NamespacedName)
  case portsOnService(NamespacedName)
  case portsInside(NamespacedName)
  case portsBehindVLAN(Int)
  case chainsOnService(NamespacedName)
  case mirrorsTo(TrafficMirror.Endpoint)
  case policiesIn(namespace: String)
  case nodesOfChassis(String)
}

/// An indexed snapshot of the Kubernetes objects that the network is compiled from.
///
/// A value: a copy is cheap and stays as it is.
public struct World: Sendable {
  private(set) var connectionPoints = Shelf<String, ConnectionPoint>()
  private(set) var fabrics = Shelf<String, Fabric>()
  private(set) var bridgeDomains = Shelf<String, BridgeDomain>()
  private(set) var services = Shelf<NamespacedName, L2Service>()
  private(set) var subnets = Shelf<NamespacedName, Subnet>()
  private(set) var attachments = Shelf<NamespacedName, L2ServiceAttachment>()
  private(set) var nodeNetworks = Shelf<String, NodeNetwork>()
  private(set) var definitions = Shelf<NamespacedName, NetworkAttachmentDefinition>()
  private(set) var nodes: [String: NodeRecord] = [:]
  private(set) var namespaces: [String: [String: String]] = [:]
  private(set) var pods = Shelf<NamespacedName, PodRecord>()
  private(set) var claims = Shelf<NamespacedName, IPAMClaim>()
  private(set) var routers = Shelf<NamespacedName, Router>()
  private(set) var networkPorts = Shelf<NamespacedName, NetworkPort>()
  private(set) var serviceChains = Shelf<NamespacedName, ServiceChain>()
  private(set) var trafficMirrors = Shelf<NamespacedName, TrafficMirror>()
  private(set) var policies = Shelf<NamespacedName, MultiNetworkPolicy>()
  private(set) var switches: [String: [Fabric.SwitchStatus]] = [:]
  private(set) var index: [IndexKey: Set<WorldID>] = [:]
  private(set) var northbound: [WorldID: NorthboundState] = [:]
  /// The chassis that ports of OVN are on.
  private(set) var chassis: [String: String] = [:]
  private(set) var southbound = SouthboundState.unknown(nil)
  /// The VLANs that nodes are to carry (in the specification) and do carry (in the status).
  private(set) var carried: [NodeVLAN: Carrying] = [:]

  private(set) var carriers: [Int: Set<NodeVLAN>] = [:]

  /// How a node stands to a VLAN of a bridge.
  struct Carrying: Hashable, Sendable {
    var uplink: String?
    var isSpecified = false
    var isProgrammed = false

    /// Whether it carries the VLAN and goes on doing so: one that it still carries but is to drop is as good as gone.
    var isSettled: Bool { isSpecified && isProgrammed }
  }

  /// What is to be known of a node.
  struct NodeRecord: Hashable, Sendable {
    var labels: [String: String]
    var chassis: Chassis?
    /// Whether it is known to work: its kubelet says so, and is still heard of.
    var isReady: Bool

    func object(_ name: String) -> WorldObject { .node(name: name, labels: labels, chassis: chassis, isReady: isReady) }
  }

  /// An empty world.
  public init() {}

  /// Sets what OVN has of what an object wants; nil: nothing was ever asked for it.
  ///
  /// - Returns: the facts that have changed.
  mutating func setNorthbound(_ state: NorthboundState?, of id: WorldID) -> Set<Fact> {
    guard northbound[id] != state else { return [] }
    northbound[id] = state
    return [.northbound(id)]
  }

  /// Sets the chassis that a port of OVN is on.
  ///
  /// - Returns: the facts that have changed.
  mutating func setChassis(_ name: String?, of port: String) -> Set<Fact> {
    guard chassis[port] != name else { return [] }
    chassis[port] = name
    return [.bound(port: port)]
  }

  /// Sets how well it is known where ports are.
  ///
  /// - Returns: the facts that have changed.
  mutating func setSouthbound(_ state: SouthboundState) -> Set<Fact> {
    guard southbound != state else { return [] }
    southbound = state
    return [.southbound]
  }

  /// Sets an object as it is now.
  ///
  /// - Returns: the facts that have changed; none when only the `resourceVersion` did.
  mutating func put(_ object: WorldObject) -> Set<Fact> {
    let before = self[object.id]
    switch object {
    case .connectionPoint(let new): connectionPoints[new.metadata.name] = new
    case .fabric(let new): fabrics[new.metadata.name] = new
    case .bridgeDomain(let new): bridgeDomains[new.metadata.name] = new
    case .service(let new): services[new.metadata.namespacedName] = new
    case .subnet(let new): subnets[new.metadata.namespacedName] = new
    case .attachment(let new): attachments[new.metadata.namespacedName] = new
    case .nodeNetwork(let new): nodeNetworks[new.metadata.name] = new
    case .definition(let new): definitions[new.metadata.namespacedName] = new
    case .node(let name, let labels, let chassis, let isReady):
      nodes[name] = NodeRecord(labels: labels, chassis: chassis, isReady: isReady)
    case .namespace(let name, let labels): namespaces[name] = labels
    case .pod(let pod): pods[pod.name] = pod
    case .claim(let new): claims[new.metadata.namespacedName] = new
    case .router(let new): routers[new.metadata.namespacedName] = new
    case .networkPort(let new): networkPorts[new.metadata.namespacedName] = new
    case .serviceChain(let new): serviceChains[new.metadata.namespacedName] = new
    case .trafficMirror(let new): trafficMirrors[new.metadata.namespacedName] = new
    case .policy(let new): policies[new.metadata.namespacedName] = new
    case .switches(let fabric, let reports): switches[fabric] = reports
    }
    return changes(of: object.id, from: before, to: object)
  }

  /// Removes an object.
  ///
  /// - Returns: the facts that have changed.
  mutating func remove(_ id: WorldID) -> Set<Fact> {
    guard let before = self[id] else { return [] }
    switch id.kind {
    case .connectionPoint: connectionPoints[id.name.name] = nil
    case .fabric: fabrics[id.name.name] = nil
    case .bridgeDomain: bridgeDomains[id.name.name] = nil
    case .service: services[id.name] = nil
    case .subnet: subnets[id.name] = nil
    case .attachment: attachments[id.name] = nil
    case .nodeNetwork: nodeNetworks[id.name.name] = nil
    case .definition: definitions[id.name] = nil
    case .node: nodes[id.name.name] = nil
    case .namespace: namespaces[id.name.name] = nil
    case .pod: pods[id.name] = nil
    case .claim: claims[id.name] = nil
    case .router: routers[id.name] = nil
    case .networkPort: networkPorts[id.name] = nil
    case .serviceChain: serviceChains[id.name] = nil
    case .trafficMirror: trafficMirrors[id.name] = nil
    case .policy: policies[id.name] = nil
    case .switches: switches[id.name.name] = nil
    }
    return changes(of: id, from: before, to: nil)
  }

  /// An object as it was last put.
  public subscript(id: WorldID) -> WorldObject? {
    switch id.kind {
    case .connectionPoint: connectionPoints[id.name.name].map(WorldObject.connectionPoint)
    case .fabric: fabrics[id.name.name].map(WorldObject.fabric)
    case .bridgeDomain: bridgeDomains[id.name.name].map(WorldObject.bridgeDomain)
    case .service: services[id.name].map(WorldObject.service)
    case .subnet: subnets[id.name].map(WorldObject.subnet)
    case .attachment: attachments[id.name].map(WorldObject.attachment)
    case .nodeNetwork: nodeNetworks[id.name.name].map(WorldObject.nodeNetwork)
    case .definition: definitions[id.name].map(WorldObject.definition)
    case .node: nodes[id.name.name]?.object(id.name.name)
    case .namespace: namespaces[id.name.name].map { .namespace(name: id.name.name, labels: $0) }
    case .pod: pods[id.name].map(WorldObject.pod)
    case .claim: claims[id.name].map(WorldObject.claim)
    case .router: routers[id.name].map(WorldObject.router)
    case .networkPort: networkPorts[id.name].map(WorldObject.networkPort)
    case .serviceChain: serviceChains[id.name].map(WorldObject.serviceChain)
    case .trafficMirror: trafficMirrors[id.name].map(WorldObject.trafficMirror)
    case .policy: policies[id.name].map(WorldObject.policy)
    case .switches: switches[id.name.name].map { .switches(fabric: id.name.name, $0) }
    }
  }

  /// Every object.
  public var objects: [WorldObject] { WorldID.Kind.allCases.flatMap(objects(of:)) }

  /// Every object of a kind.
  func objects(of kind: WorldID.Kind) -> [WorldObject] {
    switch kind {
    case .connectionPoint: connectionPoints.values.map(WorldObject.connectionPoint)
    case .fabric: fabrics.values.map(WorldObject.fabric)
    case .bridgeDomain: bridgeDomains.values.map(WorldObject.bridgeDomain)
    case .service: services.values.map(WorldObject.service)
    case .subnet: subnets.values.map(WorldObject.subnet)
    case .attachment: attachments.values.map(WorldObject.attachment)
    case .nodeNetwork: nodeNetworks.values.map(WorldObject.nodeNetwork)
    case .definition: definitions.values.map(WorldObject.definition)
    case .node: nodes.map { $0.value.object($0.key) }
    case .namespace: namespaces.map { .namespace(name: $0.key, labels: $0.value) }
    case .pod: pods.values.map(WorldObject.pod)
    case .claim: claims.values.map(WorldObject.claim)
    case .router: routers.values.map(WorldObject.router)
    case .networkPort: networkPorts.values.map(WorldObject.networkPort)
    case .serviceChain: serviceChains.values.map(WorldObject.serviceChain)
    case .trafficMirror: trafficMirrors.values.map(WorldObject.trafficMirror)
    case .policy: policies.values.map(WorldObject.policy)
    case .switches: switches.map { .switches(fabric: $0.key, $0.value) }
    }
  }
}

extension World {
  /// Brings the indexes to an object's change and names the facts that are now others.
  private mutating func changes(of id: WorldID, from before: WorldObject?, to after: WorldObject?) -> Set<Fact> {
    var facts: Set<Fact> = []
    if before?.withoutStatus != after?.withoutStatus { facts.insert(.object(id)) }
    if before?.statusOnly != after?.statusOnly { facts.insert(.status(id)) }
    if (before == nil) != (after == nil) { facts.insert(.names(id.kind)) }
    let (old, new) = (before?.indexKeys ?? [], after?.indexKeys ?? [])
    for key in old.subtracting(new) {
      index[key]?.remove(id)
      if index[key]?.isEmpty == true { index[key] = nil }
      facts.insert(.index(key))
    }
    for key in new.subtracting(old) {
      index[key, default: []].insert(id)
      facts.insert(.index(key))
    }
    if id.kind == .nodeNetwork {
      if before?.failure != after?.failure { facts.insert(.complaint(node: id.name.name)) }
      let (old, new) = (before?.carrying ?? [:], after?.carrying ?? [:])
      for (key, carrying) in new where old[key] != carrying {
        carried[key] = carrying
        carriers[key.vlan, default: []].insert(key)
        facts.insert(.carried(key))
        facts.insert(.carriers(vlan: key.vlan))
      }
      for key in old.keys where new[key] == nil {
        carried[key] = nil
        carriers[key.vlan]?.remove(key)
        if carriers[key.vlan]?.isEmpty == true { carriers[key.vlan] = nil }
        facts.insert(.carried(key))
        facts.insert(.carriers(vlan: key.vlan))
      }
    }
    return facts
  }
}
