public import KubernetesModel

/// The usual requests in one step; the rest is on `resource(_:)`.
extension KubernetesClient {
  /// Reads an object.
  public func get<T: KubernetesResource>(
    _ type: T.Type = T.self, name: String, namespace: String? = nil
  ) async throws -> T {
    try await resource(type).get(NamespacedName(namespace: namespace, name: name))
  }

  /// Reads an object; nil when there is none of this name.
  public func find<T: KubernetesResource>(
    _ type: T.Type = T.self, name: String, namespace: String? = nil
  ) async throws -> T? {
    try await resource(type).find(NamespacedName(namespace: namespace, name: name))
  }

  /// Reads a whole collection in pages; without a namespace, of all namespaces.
  public func list<T: KubernetesResource>(
    _ type: T.Type = T.self, namespace: String? = nil, _ options: ListOptions = .init()
  ) async throws -> ResourceList<T> {
    try await resource(type).listAll(namespace: namespace, options)
  }

  /// Creates an object in the namespace of its metadata.
  @discardableResult
  public func create<T: KubernetesResource>(_ object: T, _ options: WriteOptions = .init()) async throws -> T {
    try await resource(T.self).create(object, options)
  }

  /// Replaces an object; a conflict when its `resourceVersion` is not the newest.
  @discardableResult
  public func replace<T: KubernetesResource>(_ object: T, _ options: WriteOptions = .init()) async throws -> T {
    try await resource(T.self).replace(object, options)
  }

  /// Replaces the status of an object; a conflict when its `resourceVersion` is not the newest.
  @discardableResult
  public func replaceStatus<T: KubernetesResource>(_ object: T, _ options: WriteOptions = .init()) async throws -> T {
    try await resource(T.self).replaceStatus(object, options)
  }

  /// Patches an object, or one of its subresources.
  @discardableResult
  public func patch<T: KubernetesResource>(
    _ type: T.Type = T.self, name: String, namespace: String? = nil, _ patch: Patch, subresource: String? = nil,
    _ options: WriteOptions = .init()
  ) async throws -> T {
    try await resource(type).patch(
      NamespacedName(namespace: namespace, name: name), patch, subresource: subresource, options)
  }

  /// Makes an object be as given in all fields that it has (server-side apply).
  @discardableResult
  public func apply<T: KubernetesResource>(
    _ object: T, manager: String, force: Bool = false, subresource: String? = nil
  ) async throws -> T {
    try await resource(T.self).apply(object, manager: manager, force: force, subresource: subresource)
  }

  /// Deletes an object; one with finalizers still exists afterwards.
  public func delete<T: KubernetesResource>(
    _ type: T.Type, name: String, namespace: String? = nil, _ options: DeleteOptions = .init()
  ) async throws {
    try await resource(type).delete(NamespacedName(namespace: namespace, name: name), options)
  }

  /// Watches for changes after a resource version.
  public func watch<T: KubernetesResource>(
    _ type: T.Type = T.self, namespace: String? = nil, from resourceVersion: String, _ options: WatchOptions = .init()
  ) async throws -> ResourceWatch<T> {
    try await resource(type).watch(namespace: namespace, from: resourceVersion, options)
  }
}
