public import JSON
public import KubernetesModel

/// Names one version of one object.
public struct ObjectIdentity: Sendable, Hashable {
  /// The namespace and the name.
  public var name: NamespacedName
  /// Unique over time: a re-created object has another.
  public var uid: String?
  /// The version.
  public var resourceVersion: String?

  /// An identity of the parts.
  public init(name: NamespacedName, uid: String? = nil, resourceVersion: String? = nil) {
    self.name = name
    self.uid = uid
    self.resourceVersion = resourceVersion
  }

  /// That which metadata tells.
  public init(_ metadata: ObjectMeta) {
    self.init(name: metadata.namespacedName, uid: metadata.uid, resourceVersion: metadata.resourceVersion)
  }

  /// That of an object in JSON.
  public init(_ json: JSONValue) {
    let metadata = json["metadata"]
    self.init(
      name: NamespacedName(namespace: metadata?["namespace"]?.string, name: metadata?["name"]?.string ?? ""),
      uid: metadata?["uid"]?.string, resourceVersion: metadata?["resourceVersion"]?.string)
  }
}

/// Everything that can be done with the objects of one kind: typed, as JSON, or as metadata alone.
///
/// A value that is cheap to make and to copy: `client.resource(Pod.self)`, `client.resource(definition)`,
/// `client.metadata(of: definition)`. Every method throws `KubernetesAPIError` or `CancellationError`; an answer that
/// is not an object of the kind is `undecodable`.
public struct ResourceAPI<Object: Sendable>: Sendable {
  /// The client that sends.
  public let client: KubernetesClient
  /// Builds the requests.
  public let requests: ResourceRequests
  /// Names the version of an object.
  public let identity: @Sendable (Object) -> ObjectIdentity
  let decode: @Sendable (JSONValue) throws -> Object
  let encode: @Sendable (Object) throws -> JSONValue

  /// Where the API server serves the kind.
  public var definition: ResourceDefinition { requests.definition }

  /// Reads an object.
  public func get(_ name: NamespacedName, subresource: String? = nil) async throws -> Object {
    try await object(requests.get(name, subresource: subresource))
  }

  /// Reads an object; nil when there is none of this name.
  public func find(_ name: NamespacedName) async throws -> Object? {
    do { return try await get(name) } catch let error as KubernetesAPIError where error.isNotFound { return nil }
  }

  /// Reads one page; without a namespace, of all namespaces. Objects that cannot be read do not break the others.
  public func list(namespace: String? = nil, _ options: ListOptions = .init()) async throws -> ResourceList<Object> {
    let request = requests.list(namespace: namespace, options)
    return try await ResourceList(client.send(request), attempt: request.attempt, decode: decode)
  }

  /// Reads the whole collection in pages. The version is that of the first page, as it is of all.
  public func listAll(
    namespace: String? = nil, _ options: ListOptions = .init(), pageSize: Int = 500
  ) async throws -> ResourceList<Object> {
    var options = options
    options.limit = pageSize
    var all = try await list(namespace: namespace, options)
    while let token = all.continueToken {
      options.continueToken = token
      let page = try await list(namespace: namespace, options)
      all.items += page.items
      all.undecodable += page.undecodable
      all.continueToken = page.continueToken
    }
    return all
  }

  /// Creates an object in the namespace of its metadata and returns it as the server completed it.
  @discardableResult
  public func create(_ object: Object, _ options: WriteOptions = .init()) async throws -> Object {
    let json = try encoded(object, "create")
    return try await self.object(requests.create(json, namespace: identity(object).name.namespace, options))
  }

  /// Replaces an object, or one of its subresources; a conflict when its `resourceVersion` is not the newest.
  ///
  /// Fields that the Swift type does not declare are lost: patch those kinds instead.
  @discardableResult
  public func replace(
    _ object: Object, subresource: String? = nil, _ options: WriteOptions = .init()
  ) async throws -> Object {
    let json = try encoded(object, "replace")
    return try await self.object(
      requests.replace(identity(object).name, with: json, subresource: subresource, options))
  }

  /// Replaces the status of an object; a conflict when its `resourceVersion` is not the newest.
  @discardableResult
  public func replaceStatus(_ object: Object, _ options: WriteOptions = .init()) async throws -> Object {
    try await replace(object, subresource: "status", options)
  }

  /// Patches an object, or one of its subresources.
  @discardableResult
  public func patch(
    _ name: NamespacedName, _ patch: Patch, subresource: String? = nil, _ options: WriteOptions = .init()
  ) async throws -> Object {
    try await object(requests.patch(name, patch, subresource: subresource, options))
  }

  /// Makes an object be as given in all fields that it has, and creates it where there is none (server-side apply).
  @discardableResult
  public func apply(
    _ object: Object, manager: String, force: Bool = false, subresource: String? = nil,
    _ options: WriteOptions = .init()
  ) async throws -> Object {
    let json = try encoded(object, "apply")
    return try await patch(
      identity(object).name, .apply(json, manager: manager, force: force), subresource: subresource, options)
  }

  /// Deletes an object; one with finalizers still exists afterwards.
  public func delete(_ name: NamespacedName, _ options: DeleteOptions = .init()) async throws {
    _ = try await client.send(requests.delete(name, options))
  }

  /// Deletes every object that the list options choose; without a namespace, in all namespaces.
  public func deleteCollection(
    namespace: String? = nil, matching: ListOptions = .init(), _ options: DeleteOptions = .init()
  ) async throws {
    _ = try await client.send(requests.deleteCollection(namespace: namespace, options, matching: matching))
  }

  /// Watches for changes after a resource version; without a namespace, in all namespaces.
  ///
  /// The sequence ends when the server ends the watch, as it does regularly: go on from the last version then. To
  /// hold a copy of a collection use an informer, which does that.
  public func watch(
    namespace: String? = nil, from resourceVersion: String, _ options: WatchOptions = .init()
  ) async throws -> ResourceWatch<Object> {
    var options = options
    options.timeout = min(options.timeout ?? client.options.watchTimeout, client.options.watchTimeout)
    let request = requests.watch(namespace: namespace, from: resourceVersion, options)
    return ResourceWatch(body: try await client.open(request), attempt: request.attempt, decode: decode)
  }

  private func object(_ request: APIRequest) async throws -> Object {
    let json = try await client.send(request)
    do { return try decode(json) } catch {
      throw KubernetesAPIError(
        attempt: request.attempt, reason: .undecodable, message: "the answer is no \(definition.kind): \(error)")
    }
  }

  private func encoded(_ object: Object, _ verb: String) throws(KubernetesAPIError) -> JSONValue {
    do { return try encode(object) } catch {
      throw KubernetesAPIError(
        attempt: "\(verb) \(definition.kind) \(identity(object).name)", reason: .undecodable,
        message: "it cannot be written as JSON: \(error)")
    }
  }
}

extension KubernetesClient {
  /// The objects of a Swift type.
  public func resource<Object: KubernetesResource>(_ type: Object.Type = Object.self) -> ResourceAPI<Object> {
    ResourceAPI(
      client: self, requests: ResourceRequests(Object.definition), identity: { ObjectIdentity($0.metadata) },
      decode: { try Object(json: $0) }, encode: { try $0.json() })
  }

  /// The objects of a kind that is known only at run time, as JSON.
  public func resource(_ definition: ResourceDefinition) -> ResourceAPI<JSONValue> {
    ResourceAPI(
      client: self, requests: ResourceRequests(definition), identity: { ObjectIdentity($0) }, decode: { $0 },
      encode: { DynamicResource(definition: definition, json: $0).json })
  }

  /// The metadata alone of the objects of a kind: for who needs only names and labels. Reading only.
  public func metadata(of definition: ResourceDefinition) -> ResourceAPI<PartialObjectMetadata> {
    let type = "g=meta.k8s.io;v=v1,application/json"
    return ResourceAPI(
      client: self,
      // Lists and single objects have different names; the server takes the first that fits.
      requests: ResourceRequests(
        definition,
        accept: "application/json;as=PartialObjectMetadataList;\(type);as=PartialObjectMetadata;\(type)"),
      identity: { ObjectIdentity($0.metadata) }, decode: { try $0.decode() }, encode: { try JSONValue(encoding: $0) })
  }
}
