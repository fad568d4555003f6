import KubernetesModel
import NetloomAPI

/// One memoised step from the world to what is wanted of the targets.
///
/// The steps form levels: a step reads the world and the results of lower levels only, so that one pass upwards over
/// the levels brings everything up to date.
enum Computation: Hashable, Sendable {
  /// A Fabric, read and checked: ``FabricView``.
  case fabric(String)
  /// A Subnet, read and checked: ``SubnetView``.
  case subnet(NamespacedName)
  /// The nodes and fabric ports behind a ConnectionPoint: ``Placement``.
  case placement(String)
  /// An L2Service, checked against its neighbours: ``ServiceView``.
  case service(NamespacedName)
  /// The services of an attachment: ``Resolution``.
  case resolution(NamespacedName)
  /// The VLANs of all trunk attachments on a ConnectionPoint: ``Trunk``.
  case trunk(String)
  /// An attachment, complete: ``AttachmentView``.
  case attachment(NamespacedName)
  /// Where OVN can carry overlays: ``OverlayView``.
  case overlay
  /// An L2Service that is on OVN: ``NetworkView``.
  case network(NamespacedName)
  /// A Router, checked: ``RouterView``.
  case router(NamespacedName)
  /// A TrafficMirror: ``MirrorView``.
  case mirror(NamespacedName)
  /// What one object contributes to the wanted ports and VLANs.
  case fragment(Contributor)
  /// The desired BridgeDomain: ``DomainPlan``.
  case bridgeDomain(DomainID)
  /// The desired NodeNetwork of a node: ``NodePlan``.
  case nodeNetwork(String)
  /// The desired NetworkAttachmentDefinition of an attachment: ``DefinitionPlan``.
  case definition(NamespacedName)
  /// The addresses of a pod: ``PodPlan``.
  case pod(NamespacedName)
  /// The addresses of a claim: ``ClaimPlan``.
  case claim(NamespacedName)
  /// The addresses of a NetworkPort: ``PortPlan``.
  case port(NamespacedName)
  /// What an object wants of OVN: ``LogicalPlan``.
  case logical(WorldID)
  /// The desired status of an object: ``StatusPlan``.
  case status(WorldID)

  /// How many levels there are.
  static let levels = 10
  /// From here on computations lead to actions.
  static let firstLevelOfTargets = 7

  /// The object that the actions are about; nil below ``firstLevelOfTargets``.
  var target: WorldID? {
    switch self {
    case .fabric, .subnet, .placement, .service, .resolution, .trunk, .attachment, .overlay, .network, .router, .mirror,
      .fragment:
      nil
    case .bridgeDomain(let id): WorldID(.bridgeDomain, id.name)
    case .nodeNetwork(let name): WorldID(.nodeNetwork, name)
    case .definition(let name): WorldID(.definition, name)
    case .pod(let name): WorldID(.pod, name)
    case .claim(let name): WorldID(.claim, name)
    case .port(let name): WorldID(.networkPort, name)
    case .logical(let id), .status(let id): id
    }
  }

  /// The level; only results of lower levels are read.
  var level: Int {
    switch self {
    case .fabric, .subnet, .overlay: 0
    case .placement, .service: 1
    case .resolution: 2
    case .trunk: 3
    case .attachment: 4
    case .network, .mirror: 5
    case .router, .fragment: 6
    case .bridgeDomain, .nodeNetwork, .definition, .pod, .claim, .port: 7
    case .logical: 8
    case .status: 9
    }
  }

  /// The computations that are about the subject of a fact, whether or not they have read it yet.
  static func about(_ fact: Fact) -> [Computation] {
    switch fact {
    case .object(let id): about(id)
    case .status(let id):
      switch id.kind {
      case .bridgeDomain: DomainID(name: id.name.name).map { [.bridgeDomain($0)] } ?? []
      case .nodeNetwork: [.nodeNetwork(id.name.name)]
      default: [.status(id)]
      }
    case .carried(let carried): [.fragment(.carrier(carried))]
    case .wantedPorts(let domain): [.bridgeDomain(domain)]
    case .wantedVLANs(let node): [.nodeNetwork(node)]
    case .index(.attachmentsOnConnectionPoint(let name)): [.trunk(name)]
    case .claimed(let name): [.claim(name)]
    case .northbound(let id): [.logical(id)]
    case .names, .index, .carriers, .complaint, .result, .addresses, .hardware, .wantedVLAN, .bound, .southbound: []
    }
  }

  private static func about(_ id: WorldID) -> [Computation] {
    switch id.kind {
    case .connectionPoint: [.placement(id.name.name), .status(id)]
    case .fabric: [.fabric(id.name.name), .status(id)]
    case .subnet: [.subnet(id.name), .status(id)]
    case .service:
      [
        .service(id.name), .network(id.name), .fragment(.service(id.name)), .fragment(.network(id.name)), .logical(id),
        .status(id),
      ]
    case .attachment:
      [
        .resolution(id.name), .attachment(id.name), .fragment(.attachment(id.name)), .definition(id.name), .status(id),
      ]
    case .definition: [.fragment(.definition(id.name)), .definition(id.name)]
    case .bridgeDomain: DomainID(name: id.name.name).map { [.bridgeDomain($0)] } ?? []
    case .nodeNetwork: [.nodeNetwork(id.name.name)]
    case .node: [.nodeNetwork(id.name.name), .overlay]
    case .pod: [.pod(id.name), .logical(id)]
    case .claim: [.claim(id.name)]
    case .namespace, .switches: []
    case .router: [.router(id.name), .logical(id), .status(id)]
    case .networkPort: [.port(id.name), .fragment(.host(id.name)), .logical(id), .status(id)]
    case .serviceChain: [.logical(id), .status(id)]
    case .trafficMirror: [.mirror(id.name), .status(id)]
    case .policy: [.logical(id)]
    }
  }
}

extension Sequence<Computation> {
  /// Those that lead to actions, in an order that does not change: of the targets, definitions before the nodes that
  /// they need, so that what is taken back is taken back from the top.
  func targetsInOrder() -> [Computation] {
    compactMap { computation in
      computation.target.map { (order: (computation.level, $0.kind.name, $0.name), computation: computation) }
    }
    .sorted { $0.order < $1.order }.map { $0.computation }
  }
}

/// Who can want something of the fabric or of a node.
///
/// Beside the objects of users also what exists on a target and needs what is below it: a definition needs the VLANs
/// on the nodes, a VLAN on a node needs its port in the fabric. So everything outlives what requires it.
enum Contributor: Hashable, Sendable {
  case service(NamespacedName)
  case attachment(NamespacedName)
  case definition(NamespacedName)
  case carrier(NodeVLAN)
  /// A NetworkPort of a host.
  case host(NamespacedName)
  /// An L2Service as far as OVN carries it: where it meets its physical network.
  case network(NamespacedName)
}

/// A VLAN on a bridge of a node, with what the bridge is made of.
struct BridgeVLAN: Hashable, Sendable {
  var bridge: String
  var uplink: String?
  var mtu: Int?
  var vlan: Int
  /// The physical network that OVN reaches by the bridge, if it does.
  var physicalNetwork: String?
}

extension NodeVLAN {
  /// What nodes carry, for people.
  static func title(_ vlan: Int) -> String { vlan == NodeNetwork.Bridge.untagged ? "untagged frames" : "VLAN \(vlan)" }

  /// The VLAN that is wanted.
  init(_ want: WantedVLANs.Want) {
    self.init(node: want.target, bridge: want.thing.bridge, vlan: want.thing.vlan)
  }
}

/// The ports wanted of bridge domains.
typealias WantedPorts = Wanted<DomainID, Fabric.PortReference, Contributor>
/// The VLANs wanted of nodes.
typealias WantedVLANs = Wanted<String, BridgeVLAN, Contributor>

/// What a fragment contributes.
struct Contribution: Hashable, Sendable {
  var ports: Set<WantedPorts.Want> = []
  var vlans: Set<WantedVLANs.Want> = []
}

/// Why something is not as its author wants it: a reason of ``ConditionReason`` and a text for people.
struct Finding: Hashable, Sendable {
  var reason: String
  var message: String
}

/// A finding as an error.
struct FindingError: Error {
  var finding: Finding

  init(_ finding: Finding) { self.finding = finding }
}

/// The result of a computation. Indirect, because the largest takes several times what most of them do.
indirect enum Result: Hashable, Sendable {
  case fabric(FabricView)
  case subnet(SubnetView)
  case placement(Placement)
  case service(ServiceView)
  case resolution(Resolution)
  case trunk(Trunk)
  case attachment(AttachmentView)
  case overlay(OverlayView)
  case network(NetworkView)
  case router(RouterView)
  case mirror(MirrorView)
  case contribution(Contribution)
  case bridgeDomain(DomainPlan)
  case nodeNetwork(NodePlan)
  case definition(DefinitionPlan)
  case pod(PodPlan)
  case claim(ClaimPlan)
  case port(PortPlan)
  case logical(LogicalPlan)
  case status(StatusPlan)
}

extension DomainID {
  /// Reads ``name``; nil for the name of a BridgeDomain that the compiler did not make.
  public init?(name: String) {
    guard let range = name.lastRange(of: "-vlan"), let vlan = Int(name[range.upperBound...]) else { return nil }
    self.init(fabric: String(name[..<range.lowerBound]), vlan: vlan)
    guard self.name == name else { return nil }
  }
}

extension String {
  /// Where a text occurs last.
  fileprivate func lastRange(of text: String) -> Range<Index>? {
    var end = endIndex
    while let start = index(end, offsetBy: -text.count, limitedBy: startIndex) {
      if self[start..<end] == text { return start..<end }
      end = index(before: end)
    }
    return nil
  }
}
