public import Compiler
import ControllerRuntime
public import KubernetesClient
import KubernetesModel
public import Logging
import NetloomAPI
import NetworkAnnotations

/// What the API server says about the objects of the world.
public enum WorldEvent: Sendable {
  /// An object is like this, in this version.
  case put(WorldObject, version: String?)
  /// An object is gone; the version is that of its deletion.
  case remove(WorldID, version: String?)
  /// These are all objects of a kind; what else is known of that kind is gone. The first time, the kind is complete.
  case replace(WorldID.Kind, [(object: WorldObject, version: String?)])
  /// An object cannot be read: it stays as it was.
  case undecodable(WorldID)
}

/// Follows every kind of object that the network is compiled from, each by a watch of its own.
///
/// The objects are kept nowhere here: the reader keeps them, once. Of pods only those are told that ask for networks
/// or have addresses.
public struct WorldFeed: Sendable {
  private let client: KubernetesClient
  private let logger: Logger

  /// The kinds that are followed.
  public static let kinds: Set<WorldID.Kind> = [
    .connectionPoint, .fabric, .bridgeDomain, .service, .subnet, .attachment, .nodeNetwork, .definition, .node,
    .namespace, .pod, .claim, .router, .networkPort, .serviceChain, .trafficMirror, .policy,
  ]

  /// A feed; nothing happens until `run`.
  public init(client: KubernetesClient, logger: Logger) {
    self.client = client
    self.logger = logger
  }

  /// Tells everything that happens, until the task is cancelled.
  ///
  /// `tell` may be called from several tasks; for one kind in order, and it waits: a slow reader slows the server down
  /// instead of filling memory.
  public func run(_ tell: @escaping @Sendable (WorldEvent) async -> Void) async {
    await withDiscardingTaskGroup { group in
      group.addTask { await follow(ConnectionPoint.self, .connectionPoint, tell) { .connectionPoint($0) } }
      group.addTask { await follow(Fabric.self, .fabric, tell) { .fabric($0) } }
      group.addTask { await follow(BridgeDomain.self, .bridgeDomain, tell) { .bridgeDomain($0) } }
      group.addTask { await follow(L2Service.self, .service, tell) { .service($0) } }
      group.addTask { await follow(Subnet.self, .subnet, tell) { .subnet($0) } }
      group.addTask { await follow(L2ServiceAttachment.self, .attachment, tell) { .attachment($0) } }
      group.addTask { await follow(NodeNetwork.self, .nodeNetwork, tell) { .nodeNetwork($0) } }
      group.addTask { await follow(NetworkAttachmentDefinition.self, .definition, tell) { .definition($0) } }
      group.addTask {
        await follow(Node.self, .node, tell) { WorldObject($0) }
      }
      group.addTask {
        await follow(Namespace.self, .namespace, tell) {
          .namespace(name: $0.metadata.name, labels: $0.metadata.labels ?? [:])
        }
      }
      group.addTask { await follow(IPAMClaim.self, .claim, tell) { .claim($0) } }
      group.addTask { await follow(Router.self, .router, tell) { .router($0) } }
      group.addTask { await follow(NetworkPort.self, .networkPort, tell) { .networkPort($0) } }
      group.addTask { await follow(ServiceChain.self, .serviceChain, tell) { .serviceChain($0) } }
      group.addTask { await follow(TrafficMirror.self, .trafficMirror, tell) { .trafficMirror($0) } }
      group.addTask { await follow(MultiNetworkPolicy.self, .policy, tell) { .policy($0) } }
      group.addTask { await follow(Pod.self, .pod, tell) { PodRecord($0).map(WorldObject.pod) } }
    }
  }

  /// Reads every object once: for a dry run.
  ///
  /// - Throws: `KubernetesAPIError`.
  public func snapshot() async throws -> [WorldObject] {
    try await list(ConnectionPoint.self) { .connectionPoint($0) } + list(Fabric.self) { .fabric($0) }
      + list(BridgeDomain.self) { .bridgeDomain($0) } + list(L2Service.self) { .service($0) }
      + list(Subnet.self) { .subnet($0) } + list(L2ServiceAttachment.self) { .attachment($0) }
      + list(NodeNetwork.self) { .nodeNetwork($0) } + list(NetworkAttachmentDefinition.self) { .definition($0) }
      + list(Node.self) { WorldObject($0) }
      + list(Namespace.self) { .namespace(name: $0.metadata.name, labels: $0.metadata.labels ?? [:]) }
      + list(Router.self) { .router($0) } + list(NetworkPort.self) { .networkPort($0) }
      + list(ServiceChain.self) { .serviceChain($0) } + list(TrafficMirror.self) { .trafficMirror($0) }
      + list(MultiNetworkPolicy.self) { .policy($0) }
      + list(IPAMClaim.self) { .claim($0) } + list(Pod.self) { PodRecord($0).map(WorldObject.pod) }
  }

  private func list<T: KubernetesResource>(
    _ type: T.Type, _ convert: (T) -> WorldObject?
  ) async throws -> [WorldObject] {
    try await client.resource(T.self).listAll().items.compactMap(convert)
  }

  /// Follows one kind. An object that `convert` does not want is to the reader as if it were gone.
  private func follow<T: KubernetesResource>(
    _ type: T.Type, _ kind: WorldID.Kind, _ tell: @Sendable (WorldEvent) async -> Void,
    convert: @Sendable (T) -> WorldObject?
  ) async {
    var list: [(WorldObject, String?)] = []
    for await event in Watcher(ResourceCollection(client.resource(T.self))) {
      switch event {
      case .initial: list = []
      case .initialPage(let page, let undecodable):
        list += page.compactMap { object in convert(object).map { ($0, object.metadata.resourceVersion) } }
        for object in undecodable { await unreadable(object, kind, tell) }
      case .initialDone:
        await tell(.replace(kind, list))
        list = []
      case .applied(let object):
        let (name, version) = (object.metadata.namespacedName, object.metadata.resourceVersion)
        await tell(
          convert(object).map { .put($0, version: version) } ?? .remove(WorldID(kind, name), version: version))
      case .deleted(let object):
        await tell(
          .remove(WorldID(kind, object.metadata.namespacedName), version: object.metadata.resourceVersion))
      case .undecodable(let object, let deleted):
        if deleted {
          await tell(.remove(WorldID(kind, object.name), version: object.resourceVersion))
        } else {
          await unreadable(object, kind, tell)
        }
      case .failed(let error, let wait):
        logger.log(
          level: error.isGone ? .info : .warning, "watch failed, trying again",
          metadata: ["kind": "\(kind.name)", "error": "\(error)", "in": "\(wait)"])
      }
    }
  }

  private func unreadable(
    _ object: UndecodableObject, _ kind: WorldID.Kind, _ tell: @Sendable (WorldEvent) async -> Void
  ) async {
    logger.warning(
      "an object cannot be read and is left as it was",
      metadata: ["kind": "\(kind.name)", "object": "\(object.name)", "problem": "\(object.problem)"])
    await tell(.undecodable(WorldID(kind, object.name)))
  }
}

extension WorldObject {
  /// What is to be known of a node.
  init(_ node: Node) {
    let chassis = node.metadata.annotations?[NodeAnnotation.overlay].flatMap(Chassis.init(annotation:))
    let ready = node.status?.conditions?[type: ConditionType.ready]?.status
    self = .node(
      name: node.metadata.name, labels: node.metadata.labels ?? [:], chassis: chassis, isReady: ready ?? .true == .true)
  }
}

extension PodRecord {
  /// What is to be known of a pod; nil for one that asks for no network and has no addresses.
  public init?(_ pod: Pod) {
    let annotations = pod.metadata.annotations ?? [:]
    let (networks, allocations) = (annotations[PodAnnotation.networks], annotations[PodAnnotation.allocations])
    guard networks != nil || allocations != nil else { return nil }
    self.init(
      name: pod.metadata.namespacedName, uid: pod.metadata.uid ?? "", node: pod.spec?.nodeName,
      creationTimestamp: pod.metadata.creationTimestamp, isFinished: pod.isFinished, networks: networks,
      allocations: allocations, networkStatus: annotations[PodAnnotation.networkStatus],
      conflicts: annotations[PodAnnotation.conflicts], isTerminating: pod.metadata.isBeingDeleted,
      isOfStatefulSet: pod.metadata.ownerReferences?.contains { $0.kind == "StatefulSet" } ?? false,
      labels: pod.metadata.labels ?? [:])
  }
}
