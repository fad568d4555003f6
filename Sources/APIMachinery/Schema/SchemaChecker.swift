import JSON

/// Finds what makes a schema of a CustomResourceDefinition not structural or not valid.
struct SchemaChecker {
  let path: String

  func check(_ schema: JSONValue) -> [FieldError] {
    var errors = check(schema, path, level: .root)
    if let type = schema["type"]?.string, !type.isEmpty, type != "object" {
      errors.append(.invalid("\(path).type", .string(type), "must be object at the root"))
    }
    if errors.isEmpty {
      do {
        let compiled = try Schema(schema)
        errors += defaultErrors(compiled, path)
      } catch {
        errors.append(at(error.error))
      }
    }
    return errors
  }

  private func at(_ error: FieldError) -> FieldError {
    var error = error
    error.field = path + error.field
    return error
  }

  private enum Level {
    case root, member, item, combination

    var typeMessage: String {
      switch self {
      case .root: "must not be empty at the root"
      case .item: "must not be empty for specified array items"
      default: "must not be empty for specified object fields"
      }
    }
  }

  private static let types = ["array", "boolean", "integer", "number", "object", "string"]

  private func check(_ schema: JSONValue, _ path: String, level: Level) -> [FieldError] {
    guard level != .combination else { return checkCombination(schema, path) }
    var errors: [FieldError] = []
    let type = schema["type"]?.string ?? ""
    let isIntOrString = schema["x-kubernetes-int-or-string"]?.bool == true
    let preserves = schema["x-kubernetes-preserve-unknown-fields"]?.bool == true
    if type.isEmpty, !isIntOrString, !(preserves && level != .root) {
      errors.append(.required("\(path).type", level.typeMessage))
    } else if !type.isEmpty, isIntOrString {
      errors.append(.forbidden("\(path).type", "must be empty if x-kubernetes-int-or-string is true"))
    } else if !type.isEmpty, !Self.types.contains(type) {
      errors.append(.notSupported("\(path).type", .string(type), supported: Self.types))
    }
    if schema["properties"]?.object?.isEmpty == false, schema["additionalProperties"] != nil {
      errors.append(
        .forbidden("\(path).additionalProperties", "additionalProperties and properties are mutual exclusive"))
    }
    if type == "array", schema["items"] == nil { errors.append(.required("\(path).items", "must be specified")) }
    if schema["uniqueItems"]?.bool == true {
      errors.append(
        .forbidden(
          "\(path).uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"))
    }
    for key in ["$ref", "definitions", "dependencies", "patternProperties", "additionalItems"] where schema[key] != nil
    {
      errors.append(.forbidden("\(path).\(key)", "\(key) is not supported"))
    }
    errors += listErrors(schema, type, path)
    for (name, property) in schema["properties"]?.object?.sorted(by: { $0.key < $1.key }) ?? [] {
      // What metadata is, the server says; a schema may restrict the name.
      if level == .root, name == "metadata" { continue }
      errors += check(property, "\(path).properties[\(name)]", level: .member)
    }
    if let items = schema["items"] { errors += check(items, "\(path).items", level: .item) }
    if let additional = schema["additionalProperties"], additional.object != nil {
      errors += check(additional, "\(path).additionalProperties", level: .member)
    }
    for key in ["allOf", "anyOf", "oneOf"] where !(isIntOrString && Self.isIntOrStringAlternative(schema[key])) {
      for (index, element) in (schema[key]?.array ?? []).enumerated() {
        errors += check(element, "\(path).\(key)[\(index)]", level: .combination)
      }
    }
    if let not = schema["not"] { errors += check(not, "\(path).not", level: .combination) }
    return errors
  }

  private static func isIntOrStringAlternative(_ value: JSONValue?) -> Bool {
    value == [["type": "integer"], ["type": "string"]]
  }

  /// Inside allOf, anyOf, oneOf and not only value checks may stand.
  private func checkCombination(_ schema: JSONValue, _ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    for key in ["type", "title", "description", "default", "additionalProperties", "nullable"]
    where schema[key] != nil && schema[key] != "" && schema[key] != false {
      errors.append(.forbidden("\(path).\(key)", "must be empty to be structural"))
    }
    for (name, property) in schema["properties"]?.object?.sorted(by: { $0.key < $1.key }) ?? [] {
      errors += checkCombination(property, "\(path).properties[\(name)]")
    }
    if let items = schema["items"] { errors += checkCombination(items, "\(path).items") }
    return errors
  }

  private func listErrors(_ schema: JSONValue, _ type: String, _ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    let keys = schema["x-kubernetes-list-map-keys"]?.array?.compactMap(\.string) ?? []
    guard let listType = schema["x-kubernetes-list-type"]?.string else {
      if !keys.isEmpty {
        errors.append(
          .required("\(path).x-kubernetes-list-type", "must be map if x-kubernetes-list-map-keys is non-empty"))
      }
      return errors
    }
    if type != "array" {
      errors.append(.invalid("\(path).type", .string(type), "must be array if x-kubernetes-list-type is specified"))
    }
    if !["atomic", "set", "map"].contains(listType) {
      errors.append(
        .notSupported("\(path).x-kubernetes-list-type", .string(listType), supported: ["atomic", "map", "set"]))
    }
    guard listType == "map" else { return errors }
    if keys.isEmpty {
      errors.append(
        .required("\(path).x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map"))
    }
    let required = schema[path: "items", "required"]?.array?.compactMap(\.string) ?? []
    for (index, key) in keys.enumerated() {
      guard let property = schema[path: "items", "properties", key] else {
        errors.append(
          .invalid(
            "\(path).x-kubernetes-list-map-keys[\(index)]", .string(key), "entries must all be names of item properties"
          ))
        continue
      }
      if !required.contains(key), property["default"] == nil {
        errors.append(
          .required(
            "\(path).items.properties[\(key)].default",
            "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"))
      }
    }
    return errors
  }

  /// Defaults that do not fit the schema they are in.
  private func defaultErrors(_ schema: Schema, _ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    if let defaultValue = schema.defaultValue {
      errors += schema.validate(defaultValue).map { error in
        FieldError.invalid("\(path).default" + (error.field.isEmpty ? "" : ".\(error.field)"), defaultValue, error.body)
      }
    }
    for name in schema.propertyNames {
      errors += defaultErrors(schema.properties[name]!, "\(path).properties[\(name)]")
    }
    if let items = schema.items { errors += defaultErrors(items, "\(path).items") }
    if case .schema(let additional) = schema.additionalProperties {
      errors += defaultErrors(additional, "\(path).additionalProperties")
    }
    return errors
  }
}
