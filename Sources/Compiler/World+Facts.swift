import KubernetesModel
import NetloomAPI

extension WorldObject {
  /// The object without what changes when nothing was asked for: its status and its `resourceVersion`.
  var withoutStatus: WorldObject {
    switch self {
    case .connectionPoint(let object): .connectionPoint(Self.stripped(object))
    case .fabric(let object): .fabric(Self.stripped(object))
    case .bridgeDomain(let object): .bridgeDomain(Self.stripped(object))
    case .service(let object): .service(Self.stripped(object))
    case .subnet(let object): .subnet(Self.stripped(object))
    case .attachment(let object): .attachment(Self.stripped(object))
    case .nodeNetwork(let object): .nodeNetwork(Self.stripped(object))
    case .router(let object): .router(Self.stripped(object))
    case .networkPort(let object): .networkPort(Self.stripped(object))
    case .serviceChain(let object): .serviceChain(Self.stripped(object))
    case .trafficMirror(let object): .trafficMirror(Self.stripped(object))
    case .definition(var object):
      {
        object.metadata.resourceVersion = nil
        return .definition(object)
      }()
    case .claim(var claim):
      {
        claim.metadata.resourceVersion = nil
        return .claim(claim)
      }()
    case .policy(var policy):
      {
        policy.metadata.resourceVersion = nil
        return .policy(policy)
      }()
    case .node, .namespace, .pod, .switches: self
    }
  }

  /// The status alone.
  var statusOnly: AnyStatus? {
    switch self {
    case .connectionPoint(let object): object.status.map(AnyStatus.connectionPoint)
    case .fabric(let object): object.status.map(AnyStatus.fabric)
    case .bridgeDomain(let object): object.status.map(AnyStatus.bridgeDomain)
    case .service(let object): object.status.map(AnyStatus.service)
    case .subnet(let object): object.status.map(AnyStatus.subnet)
    case .attachment(let object): object.status.map(AnyStatus.attachment)
    case .nodeNetwork(let object): object.status.map(AnyStatus.nodeNetwork)
    case .router(let object): object.status.map(AnyStatus.router)
    case .networkPort(let object): object.status.map(AnyStatus.networkPort)
    case .serviceChain(let object): object.status.map(AnyStatus.serviceChain)
    case .trafficMirror(let object): object.status.map(AnyStatus.trafficMirror)
    case .definition, .node, .namespace, .pod, .claim, .policy, .switches: nil
    }
  }

  private static func stripped<T: NetloomResource>(_ object: T) -> T {
    var object = object
    object.status = nil
    object.metadata.resourceVersion = nil
    return object
  }

  /// The index entries that the object is to be found under.
  var indexKeys: Set<IndexKey> {
    switch self {
    case .attachment(let attachment):
      let services = attachment.serviceNames.map(IndexKey.attachmentsOfService)
      return Set(services).union(attachment.spec.connectionPoint.map { [.attachmentsOnConnectionPoint($0)] } ?? [])
    case .service(let service):
      let subnets = service.subnetNames.map(IndexKey.servicesOnSubnet)
      return Set(subnets).union(service.spec.segmentationID.map { [.servicesWithVLAN($0)] } ?? [])
        .union(service.spec.untaggedNetwork.map { [.servicesUntagged(on: $0)] } ?? [])
    case .bridgeDomain(let domain):
      let owners = domain.owningServices.map(IndexKey.bridgeDomainsOwned(by:))
      return Set(owners).union([.bridgeDomainsOfVLAN(domain.spec.vlan), .bridgeDomainsOfFabric(domain.spec.fabric)])
    case .pod(let pod):
      guard !pod.isFinished else { return [] }
      return Set((pod.networkNames + pod.allocatedNames).map(IndexKey.podsOnAttachment))
        .union([.podsInNamespace(pod.name.namespace ?? "")])
    case .router(let router): return Set(router.serviceNames.map(IndexKey.routersOnService))
    case .networkPort(let port):
      let parent = port.parentName.map(IndexKey.portsInside)
      let host = (port.spec.host?.vlan).map(IndexKey.portsBehindVLAN)
      return Set([.portsOnService(port.serviceName)] + [parent, host].compactMap { $0 })
    case .serviceChain(let chain): return Set(chain.serviceNames.map(IndexKey.chainsOnService))
    case .trafficMirror(let mirror): return Set([mirror.receiver].compactMap { $0.map(IndexKey.mirrorsTo) })
    case .policy(let policy): return Set([policy.metadata.namespace].compactMap { $0.map(IndexKey.policiesIn) })
    case .node(_, _, let chassis, _): return Set([chassis].compactMap { $0.map { .nodesOfChassis($0.name) } })
    case .connectionPoint, .fabric, .subnet, .nodeNetwork, .definition, .namespace, .claim, .switches:
      return []
    }
  }

  /// What the agent of a node says has failed.
  var failure: Condition? { if case .nodeNetwork(let network) = self { network.failure } else { nil } }

  /// The VLANs that a NodeNetwork is to carry and carries.
  var carrying: [NodeVLAN: World.Carrying] {
    guard case .nodeNetwork(let network) = self else { return [:] }
    var carrying: [NodeVLAN: World.Carrying] = [:]
    var uplinks: [String: String] = [:]
    for bridge in network.spec.bridges {
      uplinks[bridge.name] = bridge.uplink
      for vlan in bridge.vlans {
        carrying[NodeVLAN(node: network.metadata.name, bridge: bridge.name, vlan: vlan)] =
          World.Carrying(uplink: bridge.uplink, isSpecified: true)
      }
    }
    for bridge in network.status?.bridges ?? [] {
      for vlan in bridge.vlans {
        let key = NodeVLAN(node: network.metadata.name, bridge: bridge.name, vlan: vlan)
        carrying[key, default: World.Carrying(uplink: uplinks[bridge.name])].isProgrammed = true
      }
    }
    return carrying
  }
}

/// The status of an object of any kind of ours.
public enum AnyStatus: Sendable, Hashable {
  case connectionPoint(ConnectionPoint.Status)
  case fabric(Fabric.Status)
  case bridgeDomain(BridgeDomain.Status)
  case service(L2Service.Status)
  case subnet(Subnet.Status)
  case attachment(L2ServiceAttachment.Status)
  case nodeNetwork(NodeNetwork.Status)
  case router(Router.Status)
  case networkPort(NetworkPort.Status)
  case serviceChain(ServiceChain.Status)
  case trafficMirror(TrafficMirror.Status)

  /// What every status says.
  public var common: any NetloomStatus {
    switch self {
    case .connectionPoint(let status): status
    case .fabric(let status): status
    case .bridgeDomain(let status): status
    case .service(let status): status
    case .subnet(let status): status
    case .attachment(let status): status
    case .nodeNetwork(let status): status
    case .router(let status): status
    case .networkPort(let status): status
    case .serviceChain(let status): status
    case .trafficMirror(let status): status
    }
  }
}

extension L2Service {
  /// The subnets that it names, in the manifest's order.
  var subnetNames: [NamespacedName] {
    (spec.subnets ?? []).map { NamespacedName(namespace: metadata.namespace, name: $0) }
  }
}

extension NodeNetwork {
  /// What the agent says has failed; being at work is no failure.
  var failure: Condition? { complaint.flatMap { $0.isFailure ? $0 : nil } }
}

extension BridgeDomain {
  /// The services whose VLAN this is, as the compiler wrote them.
  var owningServices: [NamespacedName] {
    (metadata.annotations?[Marks.services] ?? "").split(separator: ",")
      .map { NamespacedName(reference: String($0), from: nil) }
  }

  /// Which domain it is.
  var id: DomainID { DomainID(fabric: spec.fabric, vlan: spec.vlan) }
}
