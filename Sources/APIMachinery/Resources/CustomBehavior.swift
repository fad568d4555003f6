import JSON

extension ResourceType {
  /// The resources that a valid CustomResourceDefinition makes: one for each served version.
  /// 500 when its schema does not compile, which validation of the definition would have refused.
  public static func custom(crd: JSONValue) throws(StatusError) -> [ResourceType] {
    let spec = crd["spec"] ?? .null
    let names = spec["names"] ?? .null
    let versions = spec["versions"]?.array ?? []
    let storage = CustomResourceDefinitions.storageVersion(of: crd)?.string
    var types: [ResourceType] = []
    for version in versions where version["served"]?.bool == true {
      let behavior: CustomBehavior
      do {
        behavior = try CustomBehavior(version: version, namespaced: spec["scope"]?.string == "Namespaced")
      } catch {
        throw .internalError("schema of \(crd[path: "metadata", "name"]?.string ?? ""): \(error.error.message)")
      }
      types.append(
        ResourceType(
          group: spec["group"]?.string ?? "", version: version["name"]?.string ?? "", kind: names["kind"]?.string ?? "",
          plural: names["plural"]?.string ?? "", singular: names["singular"]?.string,
          listKind: names["listKind"]?.string,
          shortNames: names["shortNames"]?.array?.compactMap(\.string) ?? [],
          categories: names["categories"]?.array?.compactMap(\.string) ?? [],
          namespaced: spec["scope"]?.string == "Namespaced", verbs: ResourceType.customVerbs,
          subresources: version[path: "subresources", "status"] == nil ? [] : ["status"], isCustom: true,
          storageVersionName: storage, warnings: deprecationWarnings(of: version, spec), behavior: behavior))
    }
    return types
  }

  private static func deprecationWarnings(of version: JSONValue, _ spec: JSONValue) -> [String] {
    guard version["deprecated"]?.bool == true else { return [] }
    if let text = version["deprecationWarning"]?.string { return [text] }
    let group = spec["group"]?.string ?? ""
    let kind = spec[path: "names", "kind"]?.string ?? ""
    let better = (spec["versions"]?.array ?? [])
      .filter { $0["served"]?.bool == true && $0["deprecated"]?.bool != true }.compactMap { $0["name"]?.string }
      .max { VersionPriority($0) < VersionPriority($1) }
    let advice = better.map { "; use \(group)/\($0) \(kind)" } ?? ""
    return ["\(group)/\(version["name"]?.string ?? "") \(kind) is deprecated\(advice)"]
  }
}

/// The behaviour of custom resources, driven by the schema of one version.
struct CustomBehavior: KindBehavior {
  let schema: Schema
  /// The schema as the definition has it, for OpenAPI.
  let schemaJSON: JSONValue
  let hasStatus: Bool
  let columns: [TableColumn]
  private let selectable: [SelectableField]

  var typeName: String? { nil }
  var errorGroup: String? { nil }
  var hasGeneration: Bool { true }
  var namesSelectableFields: Bool { false }
  var selectableFields: [String] { selectable.map(\.name) }
  /// The fields that the definition itself names.
  var declaredSelectableFields: [String] { selectableFields.filter { !$0.hasPrefix("metadata.") } }

  init(version: JSONValue, namespaced: Bool) throws(Schema.CompilationError) {
    schemaJSON = version[path: "schema", "openAPIV3Schema"] ?? .object([:])
    schema = try Schema(schemaJSON)
    hasStatus = version[path: "subresources", "status"] != nil
    selectable =
      [SelectableField("metadata.name")] + (namespaced ? [SelectableField("metadata.namespace")] : [])
      + (version["selectableFields"]?.array ?? []).compactMap { field in
        field["jsonPath"]?.string.map { SelectableField(String($0.drop { $0 == "." })) }
      }
    let declared = version["additionalPrinterColumns"]?.array ?? []
    columns = [.name] + (declared.isEmpty ? [Self.ageColumn] : declared.compactMap(TableColumn.init(declared:)))
  }

  private static let ageColumn = TableColumn(
    "Age", type: "date",
    description: "CreationTimestamp is a timestamp representing the server time when this object was created."
  ) { object, now in .string(BuiltInKind.age(object[path: "metadata", "creationTimestamp"]?.string, now)) }

  func selectableValue(_ field: String, of object: JSONValue) -> String? {
    selectable.first { $0.name == field }?.value(object)
  }

  func read(_ body: JSONValue, as type: ResourceType) throws(DecodingFailure) -> (object: JSONValue, unknown: [String])
  {
    var object = body
    var decoder = TypedDecoder()
    object["metadata"] = try decoder.decodeMetadata(body["metadata"] ?? .null)
    var unknown = decoder.unknownFields
    schema.prune(&object, isObjectRoot: true, unknown: &unknown)
    schema.setDefaults(&object)
    schema.dropNulls(&object)
    return (object, unknown.sorted())
  }

  func nameErrors(_ name: String) -> [String] { Names.dns1123Subdomain(name) }

  func prepareForCreate(_ object: inout JSONValue) {
    if hasStatus { object["status"] = nil }
  }

  func prepareForUpdate(_ object: inout JSONValue, over old: JSONValue, subresource: String?) {
    if subresource == "status" {
      let status = object["status"]
      let resourceVersion = object[path: "metadata", "resourceVersion"]
      object = old
      object["status"] = status
      object[path: "metadata", "resourceVersion"] = resourceVersion
    } else if hasStatus {
      object["status"] = old["status"]
    }
  }

  func isNewGeneration(_ object: JSONValue, over old: JSONValue) -> Bool {
    func counted(_ value: JSONValue) -> [String: JSONValue] {
      (value.object ?? [:]).filter { $0.key != "metadata" && !(hasStatus && $0.key == "status") }
    }
    return counted(object) != counted(old)
  }

  func validate(_ object: JSONValue) -> [FieldError] { errors(object, schema, old: nil) }

  func validateUpdate(_ object: JSONValue, over old: JSONValue, subresource: String?) -> [FieldError] {
    guard subresource == "status" else { return errors(object, schema, old: old) }
    guard let statusSchema = schema.properties["status"], let status = object["status"] else { return [] }
    return errors(status, statusSchema, old: old["status"]).map { $0.field == "<nil>" ? $0 : $0.under("status") }
  }

  /// The errors of a value that the old one did not have already: what a stricter schema would refuse today may stay
  /// as it is (Kubernetes' validation ratcheting), so that such an object can still be changed elsewhere, and deleted.
  private func errors(_ value: JSONValue, _ schema: Schema, old: JSONValue?) -> [FieldError] {
    func added(_ errors: [FieldError], since former: (JSONValue) -> [FieldError]) -> [FieldError] {
      guard let old, !errors.isEmpty else { return errors }
      let known = Set(former(old))
      return errors.filter { !known.contains($0) }
    }
    var errors = added(schema.validate(value) + schema.listErrors(value)) {
      schema.validate($0) + schema.listErrors($0)
    }
    guard self.schema.hasRules else { return errors }
    let blocking: Set<FieldError.Reason> = [.notSupported, .required, .tooLong, .tooMany, .typeInvalid]
    if errors.contains(where: { blocking.contains($0.reason) }) {
      errors.append(
        .invalid(
          "<nil>", .null,
          "some validation rules were not checked because the object was invalid; correct the existing errors to "
            + "complete validation"))
    } else {
      errors += added(schema.ruleErrors(value, old: old)) { schema.ruleErrors($0, old: nil) }
    }
    return errors
  }

  func represent(_ stored: JSONValue, as type: ResourceType) -> JSONValue {
    var object = stored
    var unknown: [String] = []
    object["apiVersion"] = .string(type.apiVersion)
    schema.prune(&object, isObjectRoot: true, unknown: &unknown)
    schema.setDefaults(&object)
    return object
  }

  func stored(_ object: JSONValue, of type: ResourceType) -> JSONValue {
    var object = object
    object["apiVersion"] = .string("\(type.group)/\(type.storageVersionName)")
    return object
  }
}

extension TableColumn {
  /// A column of a definition's `additionalPrinterColumns`; nil when its path is none.
  init?(declared column: JSONValue) {
    guard let name = column["name"]?.string, let path = column["jsonPath"]?.string.flatMap({ JSONPath($0) }) else {
      return nil
    }
    let type = column["type"]?.string ?? "string"
    self.init(
      name, type: type, format: column["format"]?.string ?? "", priority: column["priority"]?.integer ?? 0,
      description: column["description"]?.string
        ?? "Custom resource definition column (in JSONPath format): \(column["jsonPath"]?.string ?? "")"
    ) { object, now in Self.cell(path.values(in: object), type: type, now: now) }
  }

  private static func cell(_ values: [JSONValue], type: String, now: Timestamp) -> JSONValue {
    guard let value = values.first else { return .null }
    switch (type, value) {
    case ("integer", .integer), ("number", .integer), ("number", .number), ("boolean", .bool): return value
    case ("integer", .number(let number)):
      return Int64(exactly: number.rounded(.towardZero)).map { .integer($0) } ?? .null
    case ("integer", _), ("number", _), ("boolean", _): return .null
    case ("date", .string(let time)): return .string(BuiltInKind.age(time, now))
    case ("date", _): return .null
    default: return .string(values.map { $0.string ?? $0.description }.joined(separator: ","))
    }
  }
}
