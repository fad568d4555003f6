import JSON

/// OpenAPI v3 documents, as far as Kubernetes' clients need them: schemas, and paths with the actions and query
/// parameters of each.
public enum OpenAPI {
  /// `GET /openapi/v3`: where the document of each group and version is.
  public static func v3Index(_ types: [ResourceType]) -> JSONValue {
    var paths: [String: JSONValue] = [:]
    for (key, served) in Dictionary(grouping: types, by: { documentPath(group: $0.group, version: $0.version) }) {
      paths[key] = ["serverRelativeURL": "/openapi/v3/\(key)?hash=\(hash(served))"]
    }
    return ["paths": .object(paths)]
  }

  /// `GET /openapi/v3/api/v1`, `GET /openapi/v3/apis/GROUP/VERSION`; nil when nothing is served there.
  public static func v3(group: String, version: String, _ types: [ResourceType]) -> JSONValue? {
    let served = types.filter { $0.group == group && $0.version == version }
    guard !served.isEmpty else { return nil }
    var schemas = SchemaCollector()
    var paths: [String: JSONValue] = [:]
    for type in served {
      schemas.add(type)
      for (path, operations) in OpenAPIPaths(type).all { paths[path] = operations }
    }
    return [
      "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "v1.36.0"], "paths": .object(paths),
      "components": ["schemas": .object(schemas.schemas)],
    ]
  }

  private static func documentPath(group: String, version: String) -> String {
    group.isEmpty ? "api/\(version)" : "apis/\(group)/\(version)"
  }

  /// Changes whenever the document does.
  private static func hash(_ types: [ResourceType]) -> String {
    let texts = types.sorted { $0.plural < $1.plural }.map { type -> String in
      let names: [String] = [type.plural, type.singular, type.kind, type.listKind] + type.subresources.sorted()
      let schema = (type.behavior as? CustomBehavior)?.schemaJSON.description ?? ""
      return names.joined(separator: ",") + schema + type.selectableFields.joined(separator: ",")
    }
    return fingerprint(texts.joined(separator: ";"))
  }

  /// The name of the schema of a resource's kind.
  static func schemaName(_ type: ResourceType, _ kind: String? = nil) -> String {
    if let name = type.typeDescription?.qualifiedName {
      return kind.map { "\(name.dropLast(type.kind.count))\($0)" } ?? name
    }
    let domain = type.group.split(separator: ".").reversed().joined(separator: ".")
    return "\(domain).\(type.version).\(kind ?? type.kind)"
  }

  static func reference(_ name: String) -> JSONValue { ["$ref": "#/components/schemas/\(name)"] }

  static func groupVersionKind(_ type: ResourceType, _ kind: String? = nil) -> JSONValue {
    ["group": .string(type.group), "version": .string(type.version), "kind": .string(kind ?? type.kind)]
  }
}

/// Gathers schemas and those that they refer to.
private struct SchemaCollector {
  private(set) var schemas: [String: JSONValue] = [:]

  mutating func add(_ type: ResourceType) {
    let name = OpenAPI.schemaName(type)
    if let description = type.typeDescription {
      add(description)
    } else if let behavior = type.behavior as? CustomBehavior {
      schemas[name] = Self.customSchema(type, behavior)
    }
    add(TypeLibrary.builtIn["\(metaPackage).ObjectMeta"])
    add(TypeLibrary.builtIn["\(metaPackage).ListMeta"])
    schemas[name]?["x-kubernetes-group-version-kind"] = [OpenAPI.groupVersionKind(type)]
    schemas[OpenAPI.schemaName(type, type.listKind)] = Self.listSchema(type)
  }

  private mutating func add(_ type: TypeDescription) {
    guard schemas[type.qualifiedName] == nil else { return }
    schemas[type.qualifiedName] = .null  // types refer to each other in circles
    var properties: [String: JSONValue] = [:]
    for field in type.fields { properties[field.name] = schema(of: field) }
    var schema: JSONValue = ["type": "object", "description": .string(type.description)]
    if !properties.isEmpty { schema["properties"] = .object(properties) }
    let required = type.fields.filter(\.isRequired).map(\.name).sorted()
    if !required.isEmpty { schema["required"] = .array(required.map(JSONValue.string)) }
    schemas[type.qualifiedName] = schema
  }

  private mutating func schema(of field: FieldDescription) -> JSONValue {
    var schema = schema(of: field.type)
    if !field.description.isEmpty { schema["description"] = .string(field.description) }
    if let defaultValue = field.defaultValue { schema["default"] = defaultValue }
    if !field.enumeration.isEmpty { schema["enum"] = .array(field.enumeration.map(JSONValue.string)) }
    if let key = field.mergeKey { schema["x-kubernetes-patch-merge-key"] = .string(key) }
    if !field.mergeStrategies.isEmpty {
      schema["x-kubernetes-patch-strategy"] = .string(field.mergeStrategies.joined(separator: ","))
    }
    if let listType = field.listType { schema["x-kubernetes-list-type"] = .string(listType) }
    if !field.listMapKeys.isEmpty {
      schema["x-kubernetes-list-map-keys"] = .array(field.listMapKeys.map(JSONValue.string))
    }
    return schema
  }

  private mutating func schema(of type: FieldType) -> JSONValue {
    switch type {
    case .string: return ["type": "string"]
    case .bool: return ["type": "boolean"]
    case .int32: return ["type": "integer", "format": "int32"]
    case .int64: return ["type": "integer", "format": "int64"]
    case .double: return ["type": "number", "format": "double"]
    case .time, .microTime: return ["type": "string", "format": "date-time"]
    case .quantity: return ["type": "string"]
    case .intOrString:
      return [
        "format": "int-or-string", "oneOf": [["type": "integer"], ["type": "string"]],
        "x-kubernetes-int-or-string": true,
      ]
    case .bytes: return ["type": "string", "format": "byte"]
    case .any: return .object([:])
    case .list(let element): return ["type": "array", "items": schema(of: element)]
    case .map(let element): return ["type": "object", "additionalProperties": schema(of: element)]
    case .pointer(let type): return schema(of: type)
    case .object(let name):
      add(TypeLibrary.builtIn[name])
      return ["allOf": [OpenAPI.reference(name)]]
    case .objectOrBool(let name):
      add(TypeLibrary.builtIn[name])
      return ["anyOf": [OpenAPI.reference(name), ["type": "boolean"]]]
    }
  }

  private static let objectFields = TypeLibrary.builtIn["\(corePackage).ConfigMap"]

  private static func customSchema(_ type: ResourceType, _ behavior: CustomBehavior) -> JSONValue {
    var schema = published(behavior.schemaJSON)
    for key in ["apiVersion", "kind"] {
      schema[path: "properties", key] = [
        "type": "string", "description": .string(objectFields[key]?.description ?? ""),
      ]
    }
    schema[path: "properties", "metadata"] = [
      "description": .string(objectFields["metadata"]?.description ?? ""),
      "allOf": [OpenAPI.reference("\(metaPackage).ObjectMeta")],
    ]
    let fields = behavior.declaredSelectableFields
    if !fields.isEmpty {
      schema["x-kubernetes-selectable-fields"] = .array(fields.map { ["fieldPath": .string($0)] })
    }
    return schema
  }

  /// A definition's schema as Kubernetes publishes it.
  private static func published(_ schema: JSONValue) -> JSONValue {
    guard case .object(var members) = schema else { return schema }
    if let required = members["required"]?.array?.compactMap(\.string) {
      members["required"] = .array(required.sorted().map(JSONValue.string))
    }
    if members["x-kubernetes-int-or-string"]?.bool == true, members["anyOf"] == nil {
      members["anyOf"] = [["type": "integer"], ["type": "string"]]
    }
    for key in ["items", "additionalProperties", "not"] where members[key]?.object != nil {
      members[key] = published(members[key]!)
    }
    if let properties = members["properties"]?.object {
      members["properties"] = .object(properties.mapValues(published))
    }
    for key in ["allOf", "anyOf", "oneOf"] {
      if let elements = members[key]?.array { members[key] = .array(elements.map(published)) }
    }
    return .object(members)
  }

  private static func listSchema(_ type: ResourceType) -> JSONValue {
    [
      "type": "object", "description": "\(type.listKind) is a list of \(type.kind)", "required": ["items"],
      "properties": [
        "apiVersion": ["type": "string", "description": .string(objectFields["apiVersion"]?.description ?? "")],
        "kind": ["type": "string", "description": .string(objectFields["kind"]?.description ?? "")],
        "metadata": [
          "description": "Standard list metadata.", "allOf": [OpenAPI.reference("\(metaPackage).ListMeta")],
        ],
        "items": [
          "type": "array", "description": "List of \(type.plural).",
          "items": ["allOf": [OpenAPI.reference(OpenAPI.schemaName(type))]],
        ],
      ],
      "x-kubernetes-group-version-kind": [OpenAPI.groupVersionKind(type, type.listKind)],
    ]
  }
}
