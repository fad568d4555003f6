public import JSON

/// A structural OpenAPI v3 schema, as a CustomResourceDefinition carries it: every part with a description, so that
/// `kubectl explain` reads well. Only what every Kubernetes since 1.16 enforces is used; no CEL.
public struct Schema: Sendable, Hashable {
  /// The schema as it stands in a manifest.
  public private(set) var json: JSONValue

  init(_ type: String, _ description: String, _ members: [String: JSONValue?] = [:]) {
    json = .object(members.compactMapValues { $0 })
    json["type"] = .string(type)
    json["description"] = .string(description)
  }

  /// The standard metadata: the server knows its fields, and allows nothing here beside the type.
  static let metadata = Schema(json: ["type": "object"])

  private init(json: JSONValue) {
    self.json = json
  }

  /// One field of an object.
  struct Field {
    let name: String
    let schema: Schema
    let isRequired: Bool

    /// A field that must be there.
    static func required(_ name: String, _ schema: Schema) -> Field {
      Field(name: name, schema: schema, isRequired: true)
    }

    /// A field that may be left out.
    static func optional(_ name: String, _ schema: Schema) -> Field {
      Field(name: name, schema: schema, isRequired: false)
    }
  }

  /// An object with exactly these fields; others are pruned by the server.
  static func object(_ description: String, _ fields: [Field]) -> Schema {
    let required = fields.filter(\.isRequired).map { JSONValue.string($0.name) }
    return Schema(
      "object", description,
      [
        "properties": .object(Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.schema.json) })),
        "required": required.isEmpty ? nil : .array(required),
      ])
  }

  /// A free mapping of texts to texts.
  static func stringMap(_ description: String) -> Schema {
    Schema("object", description, ["additionalProperties": ["type": "string"]])
  }

  /// A text of `length` characters that matches the pattern (ECMA 262, anchored by its author).
  static func string(
    _ description: String, pattern: String? = nil, format: String? = nil, length: ClosedRange<Int>? = nil
  ) -> Schema {
    Schema(
      "string", description,
      [
        "pattern": pattern.map(JSONValue.string), "format": format.map(JSONValue.string),
        "minLength": length.flatMap { $0.lowerBound > 0 ? .integer(Int64($0.lowerBound)) : nil },
        "maxLength": length.map { .integer(Int64($0.upperBound)) },
      ])
  }

  /// A number or a text.
  static func integerOrString(_ description: String) -> Schema {
    Schema(json: ["x-kubernetes-int-or-string": true, "description": .string(description)])
  }

  /// One of the cases of an enumeration.
  static func enumeration<Cases: CaseIterable & RawRepresentable<String>>(
    _ description: String, _ cases: Cases.Type
  ) -> Schema {
    Schema("string", description, ["enum": .array(cases.allCases.map { .string($0.rawValue) })])
  }

  /// A number in the range, both ends included.
  static func integer(_ description: String, _ range: ClosedRange<Int>, default: Int? = nil) -> Schema {
    Schema(
      "integer", description,
      [
        "format": "int32", "minimum": .integer(Int64(range.lowerBound)), "maximum": .integer(Int64(range.upperBound)),
        "default": `default`.map { .integer(Int64($0)) },
      ])
  }

  /// A number of things, zero or more.
  static func count(_ description: String) -> Schema {
    Schema("integer", description, ["format": "int64", "minimum": 0])
  }

  /// Yes or no.
  static func boolean(_ description: String) -> Schema {
    Schema("boolean", description)
  }

  /// How the server treats the items of a list.
  enum ListKind {
    /// As one value: the order matters, and duplicates are allowed.
    case atomic
    /// Plain items, each at most once.
    case set
    /// Objects, each combination of these fields at most once.
    case map(keys: [String])
  }

  /// A list of items.
  static func list(_ description: String, of items: Schema, _ kind: ListKind, count: ClosedRange<Int>) -> Schema {
    var members: [String: JSONValue] = ["items": items.json, "maxItems": .integer(Int64(count.upperBound))]
    if count.lowerBound > 0 { members["minItems"] = .integer(Int64(count.lowerBound)) }
    switch kind {
    case .atomic: members["x-kubernetes-list-type"] = "atomic"
    case .set: members["x-kubernetes-list-type"] = "set"
    case .map(let keys):
      members["x-kubernetes-list-type"] = "map"
      members["x-kubernetes-list-map-keys"] = .array(keys.map(JSONValue.string))
    }
    return Schema("array", description, members)
  }
}
