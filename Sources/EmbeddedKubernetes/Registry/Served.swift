import APIMachinery
import JSON

/// One version of a resource as the server serves it now: the kind's rules, and how its stored bytes become an answer.
struct Served: Sendable {
  let type: ResourceType
  /// The identity of the schema under which values are written; 0 for built-in kinds. A stored value of the same schema
  /// needs no defaulting when it is read.
  let schema: Int64
  /// The revision before which this resource did not exist; a watch cannot start earlier.
  let since: Revision
  /// The CustomResourceDefinition is being deleted: nothing new may be created.
  var terminating = false

  /// This version is the one that is stored, not a view of it.
  let ownsStorage: Bool
  /// `{"apiVersion":"v1","kind":"Pod",`: what stored bytes (which have neither) begin with in an answer.
  let prefix: [UInt8]

  init(_ type: ResourceType, schema: Int64 = 0, since: Revision = 1, terminating: Bool = false) {
    self.type = type
    self.schema = schema
    self.since = since
    self.terminating = terminating
    ownsStorage = type.isStorageVersion && type.storageKey == type.resourceName.description
    prefix = [UInt8](
      "{\"apiVersion\":\(JSONValue.string(type.apiVersion)),\"kind\":\(JSONValue.string(type.kind)),".utf8)
  }

  func key(namespace: String?, name: String) -> StoreKey {
    StoreKey(resource: type.storageKey, namespace: namespace ?? "", name: name)
  }

  /// Stored bytes are what this version shows, but for apiVersion and kind.
  func showsBytes(of object: StoredObject) -> Bool { ownsStorage && object.schema == schema }

  /// The object as a client of this version sees it.
  func represent(_ object: StoredObject) throws -> JSONValue {
    var value = try JSONValue(parsing: object.value)
    value["apiVersion"] = .string(type.apiVersion)
    value["kind"] = .string(type.kind)
    return showsBytes(of: object) ? value : type.represent(value)
  }

  /// The object's JSON as a client of this version sees it.
  func bytes(of object: StoredObject, withKind: Bool = true) throws -> [UInt8] {
    if showsBytes(of: object) { return withKind ? prefix + object.value.dropFirst() : object.value }
    var value = try represent(object)
    if !withKind {
      value["apiVersion"] = nil
      value["kind"] = nil
    }
    return value.serialized()
  }

  /// What the store keeps of an object: no apiVersion and kind, which are those of the resource.
  func stored(_ object: JSONValue) -> @Sendable (Revision) -> [UInt8] {
    var kept = type.stored(object)
    kept["apiVersion"] = nil
    kept["kind"] = nil
    let value = kept
    return { revision in
      var value = value
      value[path: "metadata", "resourceVersion"] = .string(String(revision))
      return value.serialized()
    }
  }
}
