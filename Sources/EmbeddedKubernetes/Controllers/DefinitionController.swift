import APIMachinery
import JSON

/// Serves what the CustomResourceDefinitions say, and removes the objects of a definition before it goes.
struct DefinitionController: Controller {
  let registry: Registry
  let name = "custom-resource-definition"
  let interest = WatchHub.Interest()

  /// The definitions as last seen.
  private var definitions: [String: JSONValue] = [:]
  /// The revision at which a definition was made, where that was seen.
  private var births: [String: Revision] = [:]
  /// The definitions that are being deleted, by the resource whose objects must go first.
  private var terminating: [String: String] = [:]

  private static let resource = "customresourcedefinitions.apiextensions.k8s.io"

  init(registry: Registry) { self.registry = registry }

  private var served: Served? {
    registry.catalog.find(apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition")
  }

  mutating func begin() async throws {
    (definitions, terminating) = ([:], [:])
    guard let served else { return }
    var all: [StoredObject] = []
    try await registry.forEach(served) { all.append($0) }
    for object in all { definitions[object.key.name] = try served.represent(object) }
    for name in definitions.keys.sorted() { try await look(name) }
  }

  mutating func handle(_ event: StoreEvent) async throws {
    let key = event.object.key
    guard key.resource == Self.resource else {
      guard let definition = terminating[key.resource] else { return }
      // What was let in just before the deletion of its definition began goes too.
      if event.kind == .added { try await removeObjects(of: key.resource) }
      if event.kind == .deleted { try await finish(definition) }
      return
    }
    guard let served else { return }
    if event.kind == .added { births[key.name] = event.revision }
    if event.kind == .deleted {
      definitions[key.name] = nil
      births[key.name] = nil
      terminating = terminating.filter { $0.value != key.name }
      registry.catalog.setCustom([], definition: key.name)
      // Names that it held are free for others now.
      for other in definitions.keys.sorted() { try await look(other) }
    } else {
      definitions[key.name] = try served.represent(event.object)
      try await look(key.name)
    }
  }

  private mutating func look(_ name: String) async throws {
    guard var definition = definitions[name], let served else { return }
    let others = definitions.filter { $0.key != name }.map(\.value)
    let updated = CustomResourceDefinitions.conditions(for: definition, others: others, now: Chance.now())
    definition["status"] = updated["status"]
    try serve(definition, name: name)
    if definition["status"] != definitions[name]?["status"] {
      let status = definition["status"]
      definitions[name] = definition
      try await registry.modify(served.key(namespace: nil, name: name), as: served) { object in
        var object = object
        object["status"] = status
        return object
      }
    }
    if definition[path: "metadata", "deletionTimestamp"]?.string != nil { try await terminate(definition, name: name) }
  }

  private func serve(_ definition: JSONValue, name: String) throws {
    let conditions = definition[path: "status", "conditions"]?.array ?? []
    let isEstablished = conditions.contains { $0["type"] == "Established" && $0["status"] == "True" }
    let isTerminating = definition[path: "metadata", "deletionTimestamp"]?.string != nil
    guard isEstablished else {
      registry.catalog.setCustom([], definition: name)
      return
    }
    let schema = Self.identity(of: definition)
    registry.catalog.setCustom(
      try ResourceType.custom(crd: definition).map {
        Served($0, schema: schema, since: births[name] ?? 1, terminating: isTerminating)
      }, definition: name)
  }

  /// A number that differs when the definition's uid or versions do (FNV-1a).
  private static func identity(of definition: JSONValue) -> Int64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    let value: JSONValue = [
      definition[path: "metadata", "uid"] ?? .null, definition[path: "spec", "versions"] ?? .null,
    ]
    for byte in value.serialized() { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int64(hash >> 1) | 1
  }

  private mutating func terminate(_ definition: JSONValue, name: String) async throws {
    let plural = definition[path: "spec", "names", "plural"]?.string ?? ""
    let resource = "\(plural).\(definition[path: "spec", "group"]?.string ?? "")"
    if terminating[resource] == nil {
      terminating[resource] = name
      try await removeObjects(of: resource)
    }
    try await finish(name)
  }

  private func removeObjects(of resource: String) async throws {
    guard let served = registry.catalog.find(stored: resource) else { return }
    var keys: [StoreKey] = []
    try await registry.forEach(served) { keys.append($0.key) }
    for key in keys { try await registry.remove(key, as: served, .inBackground()) }
  }

  /// Lets a definition go when no object of it is left.
  private func finish(_ name: String) async throws {
    guard let served, let resource = terminating.first(where: { $0.value == name })?.key else { return }
    if try await registry.store.count(ListRange(resource: resource)) > 0 { return }
    try await registry.modify(served.key(namespace: nil, name: name), as: served) { object in
      var object = object
      var finalizers = object[path: "metadata", "finalizers"]?.array ?? []
      finalizers.removeAll { $0.string == Registry.definitionFinalizer }
      object[path: "metadata", "finalizers"] = finalizers.unlessEmpty
      return object
    }
  }
}
