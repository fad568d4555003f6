import APIMachinery
import JSON
import YAML

/// Turns answers into bytes of the form that the client asked for.
struct AnswerEncoder: Sendable {
  let served: Served
  let representation: Representation
  /// What rows of a Table carry beside their cells.
  var includeObject = Table.RowObject.metadata

  func encode(_ content: Answer.Content) throws -> [UInt8] {
    switch content {
    case .plain(let value): return try format(value)
    case .stored(let object):
      if representation.shape == .whole && !representation.isYAML { return try served.bytes(of: object) }
      return try encode(one: served.represent(object))
    case .object(let object): return try encode(one: object)
    case .list(let objects, let metadata): return try encode(objects, metadata)
    }
  }

  /// The object of a watch event; `includeColumns` in the first event of a watch in Table form only.
  func encode(event object: StoredObject, includeColumns: Bool) throws -> [UInt8] {
    switch representation.shape {
    case .table(let version):
      let value = try served.represent(object)
      return table([value], metadata: revision(of: value), version: version, includeColumns: includeColumns)
        .serialized()
    case .metadata: return PartialObjectMetadata.render(try served.represent(object)).serialized()
    case .whole, .discovery: return try served.bytes(of: object)
    }
  }

  private func encode(one object: JSONValue) throws -> [UInt8] {
    switch representation.shape {
    case .whole, .discovery: return try format(object)
    case .metadata: return try format(PartialObjectMetadata.render(object))
    case .table(let version):
      return try format(
        table([object], metadata: revision(of: object), version: version, includeColumns: true))
    }
  }

  private func revision(of object: JSONValue) -> JSONValue {
    ["resourceVersion": object[path: "metadata", "resourceVersion"] ?? ""]
  }

  private func encode(_ objects: [StoredObject], _ metadata: JSONValue) throws -> [UInt8] {
    var metadata = metadata
    switch representation.shape {
    case .table(let version):
      let items = try objects.map(served.represent)
      return try format(table(items, metadata: metadata, version: version, includeColumns: true))
    case .metadata:
      let items = try objects.map { PartialObjectMetadata.render(try served.represent($0)) }
      return try format([
        "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "items": .array(items),
      ])
    case .whole, .discovery:
      if served.type.isCustom && metadata["continue"] == nil { metadata["continue"] = "" }
      let bytes = try list(objects, metadata)
      return representation.isYAML ? try format(try JSONValue(parsing: bytes)) : bytes
    }
  }

  /// A whole list, put together from the stored bytes. Items of built-in kinds carry no apiVersion and kind.
  private func list(_ objects: [StoredObject], _ metadata: JSONValue) throws -> [UInt8] {
    let type = served.type
    var bytes = [UInt8](
      "{\"apiVersion\":\(JSONValue.string(type.apiVersion)),\"kind\":\(JSONValue.string(type.listKind)),\"metadata\":"
        .utf8)
    bytes.reserveCapacity(objects.reduce(256) { $0 + $1.value.count + served.prefix.count })
    metadata.serialize(into: &bytes)
    bytes += ",\"items\":[".utf8
    for (index, object) in objects.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += try served.bytes(of: object, withKind: type.isCustom)
    }
    bytes += "]}".utf8
    return bytes
  }

  private func table(
    _ items: [JSONValue], metadata: JSONValue, version: String, includeColumns: Bool
  ) -> JSONValue {
    var table = Table.render(
      type: served.type, items: items, now: Chance.now(), includeObject: includeObject, includeColumns: includeColumns,
      version: version)
    table["metadata"] = metadata
    return table
  }

  private func format(_ value: JSONValue) throws -> [UInt8] {
    representation.isYAML ? [UInt8](try YAML.text(value).utf8) : value.serialized()
  }
}
