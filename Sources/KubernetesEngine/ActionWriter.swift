public import Compiler
import JSON
public import KubernetesClient
import KubernetesModel
import NetloomAPI
import NetworkAnnotations

/// Carries out one action at the API server.
///
/// Every write says which object it is meant for (by uid or version), so that an object that was replaced meanwhile is
/// never written to, and nothing that Netloom did not make is deleted.
public struct ActionWriter: Sendable {
  /// What the server answered.
  public enum Answer: Sendable {
    /// The object is now like this.
    case object(WorldObject, version: String?, isNew: Bool)
    /// The object does not exist.
    case absent(WorldID)
    /// Nothing is known beyond what a watch will tell.
    case accepted
  }

  private let client: KubernetesClient

  /// Writes by a client.
  public init(client: KubernetesClient) { self.client = client }

  /// Carries an action out.
  ///
  /// - Parameter observed: the object as it is known.
  /// - Throws: `KubernetesAPIError`: a conflict when the object has changed meanwhile.
  public func carryOut(_ action: Action, observed: WorldObject?) async throws -> Answer {
    do {
      switch action {
      case .create(let made): return try await create(made)
      case .update(let made): return try await update(made, observed)
      case .delete(let id, let uid):
        try await delete(id, uid: uid)
        return .accepted
      case .setStatus(let id, let status, let uid): return try await setStatus(id, status, uid: uid)
      case .addFinalizer(let id, _):
        return try await setFinalizers(of: id, observed) {
          $0.contains(Netloom.finalizer) ? $0 : $0 + [Netloom.finalizer]
        }
      case .removeFinalizer(let id, _):
        return try await setFinalizers(of: id, observed) { $0.filter { $0 != Netloom.finalizer } }
      case .allocate(let pod, let uid, let allocations, let resolved):
        return try await allocate(pod, uid, allocations, resolved)
      case .fulfil(let claim, let uid, let ips): return try await fulfil(claim, uid, ips)
      case .announce, .program: return .accepted
      }
    } catch let error as KubernetesAPIError where error.isNotFound {
      if case .create = action { throw error }
      return .absent(action.id)
    }
  }

  // MARK: What Netloom makes

  private func create(_ made: Action.Made) async throws -> Answer {
    switch made {
    case .bridgeDomain(let object): answer(try await client.create(object), WorldObject.bridgeDomain, isNew: true)
    case .nodeNetwork(let object): answer(try await client.create(object), WorldObject.nodeNetwork, isNew: true)
    case .definition(let object): answer(try await client.create(object), WorldObject.definition, isNew: true)
    }
  }

  private func update(_ made: Action.Made, _ observed: WorldObject?) async throws -> Answer {
    switch made {
    case .bridgeDomain(let object):
      let before = if case .bridgeDomain(let before)? = observed { before } else { BridgeDomain?.none }
      return answer(
        try await patch(object, over: before) { try JSONValue(encoding: $0.spec) }, WorldObject.bridgeDomain)
    case .nodeNetwork(let object):
      let before = if case .nodeNetwork(let before)? = observed { before } else { NodeNetwork?.none }
      return answer(
        try await patch(object, over: before) { try JSONValue(encoding: $0.spec) }, WorldObject.nodeNetwork)
    case .definition(let object):
      let before = if case .definition(let before)? = observed { before } else { NetworkAttachmentDefinition?.none }
      return answer(
        try await patch(object, over: before) { try JSONValue(encoding: $0.spec) }, WorldObject.definition)
    }
  }

  /// Sets the specification, the labels, the annotations and the owner of an object in the version that was looked at.
  private func patch<T: KubernetesResource>(
    _ object: T, over before: T?, spec: (T) throws -> JSONValue
  ) async throws -> T {
    let metadata = object.metadata
    var changes: [String: JSONValue] = [:]
    changes["resourceVersion"] = metadata.resourceVersion.map(JSONValue.string)
    changes["labels"] = Self.map(before?.metadata.labels).mergePatch(to: Self.map(metadata.labels))
    changes["annotations"] = Self.map(before?.metadata.annotations).mergePatch(to: Self.map(metadata.annotations))
    if let owners = metadata.ownerReferences { changes["ownerReferences"] = try JSONValue(encoding: owners) }
    let wanted = try spec(object)
    return try await client.resource(T.self).patch(
      metadata.namespacedName,
      .merge(["metadata": .object(changes), "spec": before.map { try spec($0).mergePatch(to: wanted) } ?? wanted]))
  }

  private static func map(_ texts: [String: String]?) -> JSONValue {
    .object((texts ?? [:]).mapValues(JSONValue.string))
  }

  private func delete(_ id: WorldID, uid: String?) async throws {
    let options = DeleteOptions(propagation: .background, uid: uid)
    switch id.kind {
    case .bridgeDomain: try await client.resource(BridgeDomain.self).delete(id.name, options)
    case .nodeNetwork: try await client.resource(NodeNetwork.self).delete(id.name, options)
    case .definition: try await client.resource(NetworkAttachmentDefinition.self).delete(id.name, options)
    case .connectionPoint, .fabric, .service, .subnet, .attachment, .node, .namespace, .pod, .claim, .switches,
      .router, .networkPort, .serviceChain, .trafficMirror, .policy:
      preconditionFailure("Netloom never deletes \(id)")
    }
  }

  // MARK: What users make

  private func setStatus(_ id: WorldID, _ status: AnyStatus, uid: String?) async throws -> Answer {
    let json = try JSONValue(encoding: status)
    switch status {
    case .connectionPoint: return answer(try await patchStatus(id, json, uid), WorldObject.connectionPoint)
    case .fabric: return answer(try await patchStatus(id, json, uid), WorldObject.fabric)
    case .bridgeDomain: return answer(try await patchStatus(id, json, uid), WorldObject.bridgeDomain)
    case .service: return answer(try await patchStatus(id, json, uid), WorldObject.service)
    case .subnet: return answer(try await patchStatus(id, json, uid), WorldObject.subnet)
    case .attachment: return answer(try await patchStatus(id, json, uid), WorldObject.attachment)
    case .nodeNetwork: return answer(try await patchStatus(id, json, uid), WorldObject.nodeNetwork)
    case .router: return answer(try await patchStatus(id, json, uid), WorldObject.router)
    case .networkPort: return answer(try await patchStatus(id, json, uid), WorldObject.networkPort)
    case .serviceChain: return answer(try await patchStatus(id, json, uid), WorldObject.serviceChain)
    case .trafficMirror: return answer(try await patchStatus(id, json, uid), WorldObject.trafficMirror)
    }
  }

  private func patchStatus<T: KubernetesResource>(_ id: WorldID, _ status: JSONValue, _ uid: String?) async throws -> T
  {
    try await client.resource(T.self).patch(
      id.name, .json(Self.operations(["op": "add", "path": "/status", "value": status], onlyFor: uid)),
      subresource: "status")
  }

  private func setFinalizers(
    of id: WorldID, _ observed: WorldObject?, _ change: ([String]) -> [String]
  ) async throws -> Answer {
    switch observed {
    case .connectionPoint(let object): answer(try await patchFinalizers(object, change), WorldObject.connectionPoint)
    case .fabric(let object): answer(try await patchFinalizers(object, change), WorldObject.fabric)
    case .service(let object): answer(try await patchFinalizers(object, change), WorldObject.service)
    case .subnet(let object): answer(try await patchFinalizers(object, change), WorldObject.subnet)
    case .attachment(let object): answer(try await patchFinalizers(object, change), WorldObject.attachment)
    case .router(let object): answer(try await patchFinalizers(object, change), WorldObject.router)
    case .networkPort(let object): answer(try await patchFinalizers(object, change), WorldObject.networkPort)
    case .serviceChain(let object): answer(try await patchFinalizers(object, change), WorldObject.serviceChain)
    case .trafficMirror(let object): answer(try await patchFinalizers(object, change), WorldObject.trafficMirror)
    default: .absent(id)
    }
  }

  /// A list cannot be patched in part: the version says that it is still the one that was looked at.
  private func patchFinalizers<T: KubernetesResource>(_ object: T, _ change: ([String]) -> [String]) async throws -> T {
    var metadata: JSONValue = [
      "finalizers": .array(change(object.metadata.finalizers ?? []).map(JSONValue.string))
    ]
    metadata["resourceVersion"] = object.metadata.resourceVersion.map(JSONValue.string)
    return try await client.resource(T.self).patch(object.metadata.namespacedName, .merge(["metadata": metadata]))
  }

  /// The pod exists with annotations: it asked for networks, or has addresses.
  private func allocate(
    _ pod: NamespacedName, _ uid: String, _ allocations: [Allocation], _ resolved: String?
  ) async throws -> Answer {
    func path(_ annotation: String) -> JSONValue {
      let key = annotation.replacing("~", with: "~0").replacing("/", with: "~1")
      return .string("/metadata/annotations/\(key)")
    }
    var operations = Self.operations(
      ["op": "add", "path": path(PodAnnotation.allocations), "value": .string(Allocation.text(of: allocations))],
      onlyFor: uid)
    if let resolved {
      // A conflict that is reported meanwhile is not removed unread.
      operations.append(["op": "test", "path": path(PodAnnotation.conflicts), "value": .string(resolved)])
      operations.append(["op": "remove", "path": path(PodAnnotation.conflicts)])
    }
    let written = try await client.resource(Pod.self).patch(pod, .json(operations))
    return PodRecord(written).map {
      .object(.pod($0), version: written.metadata.resourceVersion, isNew: false)
    } ?? .accepted
  }

  private func fulfil(_ claim: NamespacedName, _ uid: String?, _ ips: [String]) async throws -> Answer {
    let status = try JSONValue(encoding: IPAMClaim.Status(ips: ips))
    let written = try await client.resource(IPAMClaim.self).patch(
      claim, .json(Self.operations(["op": "add", "path": "/status", "value": status], onlyFor: uid)),
      subresource: "status")
    return answer(written, WorldObject.claim)
  }

  /// An operation that fails when the object is not the one of a uid.
  private static func operations(_ operation: JSONValue, onlyFor uid: String?) -> [JSONValue] {
    (uid.map { [["op": "test", "path": "/metadata/uid", "value": .string($0)]] } ?? []) + [operation]
  }

  private func answer<T: KubernetesResource>(
    _ object: T, _ convert: (T) -> WorldObject, isNew: Bool = false
  ) -> Answer {
    .object(convert(object), version: object.metadata.resourceVersion, isNew: isNew)
  }
}

extension JSONValue {
  fileprivate init(encoding status: AnyStatus) throws {
    switch status {
    case .connectionPoint(let status): try self.init(encoding: status)
    case .fabric(let status): try self.init(encoding: status)
    case .bridgeDomain(let status): try self.init(encoding: status)
    case .service(let status): try self.init(encoding: status)
    case .subnet(let status): try self.init(encoding: status)
    case .attachment(let status): try self.init(encoding: status)
    case .nodeNetwork(let status): try self.init(encoding: status)
    case .router(let status): try self.init(encoding: status)
    case .networkPort(let status): try self.init(encoding: status)
    case .serviceChain(let status): try self.init(encoding: status)
    case .trafficMirror(let status): try self.init(encoding: status)
    }
  }
}

extension JSONValue {
  /// The merge patch (RFC 7396) that makes this another value: what that lacks is null, and so removed.
  fileprivate func mergePatch(to wanted: JSONValue) -> JSONValue {
    guard case (.object(let before), .object(let after)) = (self, wanted) else { return wanted }
    let removed = before.filter { after[$0.key] == nil }.mapValues { _ in JSONValue.null }
    return .object(removed.merging(after.map { ($0, before[$0]?.mergePatch(to: $1) ?? $1) }) { $1 })
  }
}
