public import JSON

/// A kind of object that the API server stores, as a Swift type.
///
/// Stored properties are the fields beside `apiVersion` and `kind` (`metadata`, `spec`, `status`, ...): those two come
/// from `definition` and are written by `json()`. Declare only the fields that are read: memory and decoding time
/// follow them, and unknown fields are dropped when decoding. So write objects of which only a part is declared by
/// patches, never by replacing them.
public protocol KubernetesResource: Codable, Sendable {
  /// Where the API server serves the kind.
  static var definition: ResourceDefinition { get }
  /// The standard metadata.
  var metadata: ObjectMeta { get set }
}

extension KubernetesResource {
  /// Decodes an object; unknown fields (and `apiVersion` and `kind`) are ignored.
  ///
  /// - Throws: `DecodingError` when a declared field is missing or of another type.
  public init(json: JSONValue) throws { self = try json.decode(Self.self) }

  /// The object with `apiVersion` and `kind`. Absent optional fields are left out.
  public func json() throws -> JSONValue {
    var json = try JSONValue(encoding: self)
    json["apiVersion"] = .string(Self.definition.apiVersion)
    json["kind"] = .string(Self.definition.kind)
    return json
  }

  /// The kind, the namespace and the name.
  public var key: ObjectKey { ObjectKey(kind: Self.definition.groupKind, metadata.namespacedName) }

  /// A reference by which other objects name this one as their owner.
  ///
  /// Nil until the server has given the object its `uid`. The other object must be in the same namespace, or this one
  /// cluster-scoped.
  public func ownerReference(controller: Bool = true, blockOwnerDeletion: Bool = true) -> OwnerReference? {
    metadata.uid.map {
      OwnerReference(
        apiVersion: Self.definition.apiVersion, kind: Self.definition.kind, name: metadata.name, uid: $0,
        controller: controller ? true : nil, blockOwnerDeletion: blockOwnerDeletion ? true : nil)
    }
  }
}

/// An object of a kind that is known only at run time: its definition and its JSON as it stands.
public struct DynamicResource: Sendable, Hashable {
  /// Where the API server serves the kind.
  public var definition: ResourceDefinition
  /// The whole object.
  public var json: JSONValue

  /// An object of a definition; `apiVersion` and `kind` are set when they are absent.
  public init(definition: ResourceDefinition, json: JSONValue) {
    self.definition = definition
    self.json = json
    if json["apiVersion"] == nil { self.json["apiVersion"] = .string(definition.apiVersion) }
    if json["kind"] == nil { self.json["kind"] = .string(definition.kind) }
  }

  /// The standard metadata, decoded at every use.
  ///
  /// Setting changes the fields that `ObjectMeta` declares and keeps others (`managedFields`).
  /// - Throws: `DecodingError` when the metadata is missing or malformed.
  public var metadata: ObjectMeta {
    get throws { try (json["metadata"] ?? .object([:])).decode(ObjectMeta.self) }
  }

  /// Changes the metadata; fields that `ObjectMeta` does not declare are kept.
  ///
  /// - Throws: `DecodingError` when the present metadata is malformed, `EncodingError`, or what `body` throws.
  public mutating func updateMetadata(_ body: (inout ObjectMeta) throws -> Void) throws {
    let before = try metadata
    var after = before
    try body(&after)
    var fields = json["metadata"]?.object ?? [:]
    for key in try JSONValue(encoding: before).object?.keys.map({ $0 }) ?? [] { fields[key] = nil }
    for (key, value) in try JSONValue(encoding: after).object ?? [:] { fields[key] = value }
    json["metadata"] = .object(fields)
  }

  /// The kind, the namespace and the name; the name is empty when the object has none.
  public var key: ObjectKey {
    ObjectKey(
      kind: definition.groupKind, namespace: json[path: "metadata", "namespace"]?.string,
      name: json[path: "metadata", "name"]?.string ?? "")
  }
}

/// An object of any kind of which only the metadata is kept.
public struct PartialObjectMetadata: Sendable, Hashable, Codable {
  /// The standard metadata.
  public var metadata: ObjectMeta

  /// An object of this metadata.
  public init(metadata: ObjectMeta) { self.metadata = metadata }
}
