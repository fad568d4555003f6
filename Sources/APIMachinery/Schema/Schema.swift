import JSON

/// A structural schema of a CustomResourceDefinition (OpenAPI v3 as apiextensions.k8s.io/v1 has it), compiled.
final class Schema: Sendable {
  /// What members that no property names must be.
  enum AdditionalProperties: Sendable {
    case unspecified
    case any
    case forbidden
    case schema(Schema)
  }

  /// The types that a value may have; empty for every type.
  let types: [String]
  let isNullable: Bool
  let format: String
  let properties: [String: Schema]
  /// Names of `properties`, sorted.
  let propertyNames: [String]
  let additionalProperties: AdditionalProperties
  let required: [String]
  let items: Schema?
  let enumeration: [JSONValue]
  let defaultValue: JSONValue?
  let numbers: NumberLimits
  let counts: CountLimits
  let pattern: RegularExpression?
  let allOf: [Schema]
  let anyOf: [Schema]
  let oneOf: [Schema]
  let not: Schema?
  let preservesUnknownFields: Bool
  let isEmbeddedResource: Bool
  let isIntOrString: Bool
  let listType: String?
  let listMapKeys: [String]
  let rules: [ValidationRule]

  /// Whether a default is somewhere in the schema.
  let hasDefaults: Bool
  /// Whether a rule is somewhere in the schema.
  let hasRules: Bool

  struct NumberLimits: Sendable {
    var minimum: Double?
    var maximum: Double?
    var excludesMinimum = false
    var excludesMaximum = false
    var multipleOf: Double?
  }

  struct CountLimits: Sendable {
    var items: (least: Int64?, most: Int64?)
    var length: (least: Int64?, most: Int64?)
    var properties: (least: Int64?, most: Int64?)
  }

  /// A schema that does not compile: where (`properties[spec].pattern`) and why.
  struct CompilationError: Error {
    var error: FieldError
  }

  /// Compiles a schema. Only schemas that ``SchemaChecker`` finds no fault with are sure to compile.
  init(_ json: JSONValue, path: String = "") throws(CompilationError) {
    isIntOrString = json["x-kubernetes-int-or-string"]?.bool ?? false
    types = isIntOrString ? ["integer", "string"] : json["type"]?.string.map { [$0] } ?? []
    isNullable = json["nullable"]?.bool ?? false
    format = json["format"]?.string ?? ""
    var properties: [String: Schema] = [:]
    for (name, property) in json["properties"]?.object ?? [:] {
      properties[name] = try Schema(property, path: "\(path).properties[\(name)]")
    }
    self.properties = properties
    propertyNames = properties.keys.sorted()
    additionalProperties =
      switch json["additionalProperties"] {
      case .bool(true)?: .any
      case .bool(false)?: .forbidden
      case .object?: .schema(try Schema(json["additionalProperties"]!, path: "\(path).additionalProperties"))
      default: .unspecified
      }
    required = json["required"]?.array?.compactMap(\.string) ?? []
    items = try json["items"].map { items throws(CompilationError) in try Schema(items, path: "\(path).items") }
    enumeration = json["enum"]?.array ?? []
    defaultValue = json["default"]
    numbers = NumberLimits(
      minimum: json["minimum"]?.number, maximum: json["maximum"]?.number,
      excludesMinimum: json["exclusiveMinimum"]?.bool ?? false,
      excludesMaximum: json["exclusiveMaximum"]?.bool ?? false,
      multipleOf: json["multipleOf"]?.number)
    counts = CountLimits(
      items: (json["minItems"]?.integer, json["maxItems"]?.integer),
      length: (json["minLength"]?.integer, json["maxLength"]?.integer),
      properties: (json["minProperties"]?.integer, json["maxProperties"]?.integer))
    let patternText = json["pattern"]?.string ?? ""
    do {
      pattern = patternText.isEmpty ? nil : try RegularExpression(patternText)
    } catch {
      throw CompilationError(
        error: .invalid(
          "\(path).pattern", .string(patternText),
          "must be a valid regular expression, but isn't: \(error.message)"))
    }
    func list(_ key: String) throws(CompilationError) -> [Schema] {
      var schemas: [Schema] = []
      for (index, element) in (json[key]?.array ?? []).enumerated() {
        schemas.append(try Schema(element, path: "\(path).\(key)[\(index)]"))
      }
      return schemas
    }
    allOf = try list("allOf")
    anyOf = try list("anyOf")
    oneOf = try list("oneOf")
    not = try json["not"].map { not throws(CompilationError) in try Schema(not, path: "\(path).not") }
    preservesUnknownFields = json["x-kubernetes-preserve-unknown-fields"]?.bool ?? false
    isEmbeddedResource = json["x-kubernetes-embedded-resource"]?.bool ?? false
    listType = json["x-kubernetes-list-type"]?.string
    listMapKeys = json["x-kubernetes-list-map-keys"]?.array?.compactMap(\.string) ?? []
    var children = Array(properties.values) + [items].compactMap { $0 }
    if case .schema(let schema) = additionalProperties { children.append(schema) }
    hasDefaults = children.contains { $0.hasDefaults || $0.defaultValue != nil }
    var rules: [ValidationRule] = []
    for (index, rule) in (json["x-kubernetes-validations"]?.array ?? []).enumerated() {
      let rulePath = "\(path).x-kubernetes-validations[\(index)]"
      rules.append(try ValidationRule(rule, schema: json, path: rulePath))
    }
    self.rules = rules
    hasRules = !rules.isEmpty || children.contains(where: \.hasRules)
  }

  /// The schema of a member of an object; nil when none is given.
  func schema(of member: String) -> Schema? {
    if let property = properties[member] { return property }
    if case .schema(let schema) = additionalProperties { return schema }
    return nil
  }
}
