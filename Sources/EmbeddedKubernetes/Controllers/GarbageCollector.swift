import APIMachinery
import JSON

/// Removes the dependents of what is gone, and ends foreground and orphaning deletions.
///
/// It holds in memory who names whom as an owner, and nothing else.
struct GarbageCollector: Controller {
  let registry: Registry
  let name = "garbage-collector"
  let interest = WatchHub.Interest()

  private struct Reference: Hashable {
    var apiVersion: String
    var kind: String
    var name: String
    var uid: String
    var blocks: Bool

    init(_ json: JSONValue) {
      apiVersion = json["apiVersion"]?.string ?? ""
      kind = json["kind"]?.string ?? ""
      name = json["name"]?.string ?? ""
      uid = json["uid"]?.string ?? ""
      blocks = json["blockOwnerDeletion"]?.bool ?? false
    }
  }

  private var owners: [StoreKey: [Reference]] = [:]
  private var dependents: [String: Set<StoreKey>] = [:]

  init(registry: Registry) { self.registry = registry }

  mutating func begin() async throws {
    (owners, dependents) = ([:], [:])
    var all: [StoredObject] = []
    for served in registry.catalog.stored {
      try await registry.forEach(served) { object in
        if Self.concerns(object.value) { all.append(object) }
      }
    }
    for object in all { note(object.key, try JSONValue(parsing: object.value)) }
    for object in all { try await examine(object.key, try JSONValue(parsing: object.value)) }
  }

  mutating func handle(_ event: StoreEvent) async throws {
    let key = event.object.key
    if event.kind == .deleted {
      let uid = try JSONValue(parsing: event.object.value)[path: "metadata", "uid"]?.string ?? ""
      let affected = Set(dependents[uid] ?? []).union(forget(key))
      for dependent in affected { try await reexamine(dependent) }
      return
    }
    let wasOwned = owners[key] != nil
    guard wasOwned || Self.concerns(event.object.value) else { return }
    let object = try JSONValue(parsing: event.object.value)
    note(key, object)
    try await examine(key, object)
  }

  /// A cheap look at the bytes: whether an object has owners or waits for the collector.
  private static func concerns(_ value: [UInt8]) -> Bool {
    // Keys are serialised without escapes, so a plain search finds them; a match elsewhere costs one needless look.
    Self.ownerMark.isFound(in: value) || Self.foregroundMark.isFound(in: value) || Self.orphanMark.isFound(in: value)
  }

  private static let ownerMark = BytePattern("\"ownerReferences\":")
  private static let foregroundMark = BytePattern("\"\(Registry.foregroundFinalizer)\"")
  private static let orphanMark = BytePattern("\"\(Registry.orphanFinalizer)\"")

  private mutating func note(_ key: StoreKey, _ object: JSONValue) {
    _ = forget(key)
    let references = (object[path: "metadata", "ownerReferences"]?.array ?? []).map(Reference.init)
    if references.isEmpty { return }
    owners[key] = references
    for reference in references { dependents[reference.uid, default: []].insert(key) }
  }

  /// - Returns: the owners of the forgotten object that wait for their dependents to go.
  private mutating func forget(_ key: StoreKey) -> Set<StoreKey> {
    var waiting: Set<StoreKey> = []
    for reference in owners.removeValue(forKey: key) ?? [] {
      dependents[reference.uid]?.remove(key)
      if dependents[reference.uid]?.isEmpty == true { dependents[reference.uid] = nil }
      if let owner = registry.catalog.find(apiVersion: reference.apiVersion, kind: reference.kind) {
        waiting.insert(owner.key(namespace: owner.type.namespaced ? key.namespace : nil, name: reference.name))
      }
    }
    return waiting
  }

  private func reexamine(_ key: StoreKey) async throws {
    guard let object = try registry.store.get(key) else { return }
    try await examine(key, try JSONValue(parsing: object.value))
  }

  private func examine(_ key: StoreKey, _ object: JSONValue) async throws {
    if object[path: "metadata", "deletionTimestamp"]?.string != nil {
      try await finish(key, object)
    } else if let references = owners[key], !references.isEmpty {
      try await collect(key, references, uid: object[path: "metadata", "uid"]?.string ?? "")
    }
  }

  /// Deletes a dependent none of whose owners is there.
  private func collect(_ key: StoreKey, _ references: [Reference], uid: String) async throws {
    for reference in references where try await isThere(reference, namespace: key.namespace) { return }
    try await delete(key, .inBackground(uid: uid))
  }

  /// Whether an owner exists; one whose kind is unknown here is taken to.
  private func isThere(_ reference: Reference, namespace: String) async throws -> Bool {
    guard let served = registry.catalog.find(apiVersion: reference.apiVersion, kind: reference.kind) else {
      return true
    }
    let key = served.key(namespace: served.type.namespaced ? namespace : nil, name: reference.name)
    guard let owner = try registry.store.get(key) else { return false }
    let metadata = try JSONValue(parsing: owner.value)["metadata"]
    guard metadata?["uid"]?.string == reference.uid else { return false }
    // An owner that is deleted in the foreground wants its dependents gone before itself.
    let waits = metadata?["finalizers"]?.array?.contains(.string(Registry.foregroundFinalizer)) ?? false
    return !(waits && metadata?["deletionTimestamp"]?.string != nil)
  }

  /// Does what an object's deletion waits for.
  private func finish(_ key: StoreKey, _ object: JSONValue) async throws {
    let finalizers = object[path: "metadata", "finalizers"]?.array ?? []
    let uid = object[path: "metadata", "uid"]?.string ?? ""
    if finalizers.contains(.string(Registry.orphanFinalizer)) {
      for dependent in dependents[uid] ?? [] { try await orphan(dependent, from: uid) }
      try await drop(Registry.orphanFinalizer, from: key)
    } else if finalizers.contains(.string(Registry.foregroundFinalizer)) {
      var holds = false
      for dependent in dependents[uid] ?? [] {
        let references = owners[dependent] ?? []
        holds = holds || references.contains { $0.uid == uid && $0.blocks }
        var hasOther = false
        for reference in references where reference.uid != uid {
          hasOther = try await isThere(reference, namespace: dependent.namespace) || hasOther
        }
        if hasOther { try await orphan(dependent, from: uid); continue }
        var options = DeleteOptions()
        options.propagationPolicy = .foreground
        try await delete(dependent, options)
      }
      if !holds { try await drop(Registry.foregroundFinalizer, from: key) }
    }
  }

  private func served(_ key: StoreKey) -> Served? {
    registry.catalog.find(stored: key.resource)
  }

  private func orphan(_ key: StoreKey, from uid: String) async throws {
    guard let served = served(key) else { return }
    try await registry.modify(key, as: served) { object in
      var object = object
      var references = object[path: "metadata", "ownerReferences"]?.array ?? []
      references.removeAll { $0["uid"]?.string == uid }
      object[path: "metadata", "ownerReferences"] = references.unlessEmpty
      return object
    }
  }

  private func drop(_ finalizer: String, from key: StoreKey) async throws {
    guard let served = served(key) else { return }
    try await registry.modify(key, as: served) { object in
      var object = object
      var finalizers = object[path: "metadata", "finalizers"]?.array ?? []
      finalizers.removeAll { $0.string == finalizer }
      object[path: "metadata", "finalizers"] = finalizers.unlessEmpty
      return object
    }
  }

  private func delete(_ key: StoreKey, _ options: DeleteOptions) async throws {
    if let served = served(key) { try await registry.remove(key, as: served, options) }
  }
}
