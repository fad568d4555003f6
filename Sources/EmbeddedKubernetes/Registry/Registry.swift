import APIMachinery
import JSON
import Logging

/// What the requests of the API do: decode, admit, prepare and validate, store, answer.
///
/// The rules of the kinds are in APIMachinery; here is what needs the store: existence, concurrency, deletion, watches.
struct Registry: Sendable {
  let store: Store
  let catalog: Catalog
  let addresses: ServiceAddresses
  let logger: Logger
}

/// The object or collection that a request is about.
struct Target: Sendable {
  var served: Served
  var namespace: String?
  var name: String?
  var subresource: String?

  var type: ResourceType { served.type }

  func key(_ name: String) -> StoreKey { served.key(namespace: namespace, name: name) }
}

/// How a write is to be done.
struct WriteOptions: Sendable {
  var dryRun = false
  var fieldValidation = FieldValidation.warn
  /// Paths of fields that the body has twice.
  var duplicates: [String] = []
}

/// What a request is answered with, before it is encoded.
struct Answer: Sendable {
  enum Content: Sendable {
    /// An object as it is stored.
    case stored(StoredObject)
    /// An object that is not stored so.
    case object(JSONValue)
    /// Objects, and the metadata of their list.
    case list([StoredObject], metadata: JSONValue)
    /// A Status or another value that is sent as it is.
    case plain(JSONValue)
  }

  var status = 200
  var warnings: [String] = []
  var content: Content
}

extension Registry {
  /// The stored object of a target, or 404.
  func require(_ target: Target) async throws -> StoredObject {
    guard let name = target.name else { throw StatusError.nameRequired }
    guard let object = try store.get(target.key(name)) else {
      throw StatusError.notFound(target.type.resourceName, name: name)
    }
    return object
  }

  /// GET of one object.
  func get(_ target: Target) async throws -> Answer {
    Answer(content: .stored(try await require(target)))
  }

  /// Refuses what is made in a namespace that is not there or is going away.
  func admitNamespace(_ namespace: String, for target: Target, name: String) async throws {
    let key = StoreKey(resource: "namespaces", namespace: "", name: namespace)
    guard let object = try store.get(key) else {
      throw StatusError.notFound(ResourceName(group: "", name: "namespaces"), name: namespace)
    }
    let value = try JSONValue(parsing: object.value)
    if value[path: "metadata", "deletionTimestamp"]?.string != nil {
      throw StatusError.namespaceTerminating(target.type.resourceName, name: name, namespace: namespace)
    }
  }
}
