/// Where an object lives in the store: its resource, its namespace ("" for a cluster-scoped kind) and its name.
struct StoreKey: Hashable, Sendable, CustomStringConvertible {
  /// The resource as the store names it: "configmaps", "networks.example.netloom.dev".
  var resource: String
  var namespace: String
  var name: String

  var description: String { namespace.isEmpty ? "\(resource) \(name)" : "\(resource) \(namespace)/\(name)" }
}

/// A point in the history of the whole server. Every committed write has its own, greater than all before it.
typealias Revision = Int64

/// One version of an object as the store holds it.
struct StoredObject: Sendable {
  var key: StoreKey
  /// The write that made this version; the object's `metadata.resourceVersion`.
  var revision: Revision
  /// The schema under which the value was written; 0 for built-in kinds.
  var schema: Int64
  /// The whole object as compact JSON.
  var value: [UInt8]
}
