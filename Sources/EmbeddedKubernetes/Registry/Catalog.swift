import APIMachinery
import JSON
import Synchronization

/// Which resources the server serves: the built-in kinds, and those of the established CustomResourceDefinitions.
final class Catalog: Sendable {
  private struct Path: Hashable {
    var group: String
    var version: String
    var plural: String
  }

  private struct State {
    var served: [Path: Served] = [:]
    /// By the name of the definition, in the order of its versions.
    var custom: [String: [Served]] = [:]
    /// By the name of the resource in the store: the version that is stored, or one that is served.
    var stored: [String: Served] = [:]
    var documents: [String: [UInt8]] = [:]
    var generation = 0
  }

  private let builtIn: [Served]
  private let state: Mutex<State>

  init() {
    builtIn = ResourceType.builtIn.map { Served($0) }
    state = Mutex(State())
    state.withLock { rebuild(&$0) }
  }

  /// The resource of a request path, nil when it is not served.
  func find(group: String, version: String, plural: String) -> Served? {
    state.withLock { $0.served[Path(group: group, version: version, plural: plural)] }
  }

  /// The served resource of a kind, nil when there is none. Used to follow owner references.
  func find(apiVersion: String, kind: String) -> Served? {
    state.withLock { state in
      state.served.values.first { $0.type.kind == kind && $0.type.apiVersion == apiVersion }
    }
  }

  /// One version of everything that is stored, for those who walk over all objects.
  var stored: [Served] { state.withLock { Array($0.stored.values) } }

  /// The served version of a resource as the store names it; nil when it is not served any more.
  func find(stored resource: String) -> Served? { state.withLock { $0.stored[resource] } }

  /// Everything that is served, built-in kinds first.
  var types: [ResourceType] {
    state.withLock { state in
      builtIn.map(\.type) + state.custom.sorted { $0.key < $1.key }.flatMap { $0.value.map(\.type) }
    }
  }

  func isBuiltIn(group: String) -> Bool { builtIn.contains { $0.type.group == group } }

  /// Serves what a CustomResourceDefinition says from now on; an empty list ends it.
  func setCustom(_ served: [Served], definition: String) {
    state.withLock { state in
      state.custom[definition] = served.isEmpty ? nil : served
      rebuild(&state)
    }
  }

  /// A document that depends on what is served alone; made once for each state of the catalog.
  func document(_ name: String, make: ([ResourceType]) throws -> JSONValue?) rethrows -> [UInt8]? {
    let (known, generation) = state.withLock { ($0.documents[name], $0.generation) }
    if let known { return known }
    guard let bytes = try make(types)?.serialized() else { return nil }
    state.withLock { state in
      if state.generation == generation { state.documents[name] = bytes }
    }
    return bytes
  }

  private func rebuild(_ state: inout State) {
    state.generation += 1
    state.documents = [:]
    (state.served, state.stored) = ([:], [:])
    for served in builtIn + state.custom.values.joined() {
      let type = served.type
      state.served[Path(group: type.group, version: type.version, plural: type.plural)] = served
      if served.ownsStorage || state.stored[type.storageKey] == nil { state.stored[type.storageKey] = served }
    }
  }
}
