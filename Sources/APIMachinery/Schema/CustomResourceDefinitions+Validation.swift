import JSON

extension CustomResourceDefinitions {
  /// The errors of a definition.
  @Sendable static func validate(_ crd: JSONValue) -> [FieldError] {
    let spec = crd["spec"] ?? .null
    let group = spec["group"]?.string ?? ""
    let plural = spec[path: "names", "plural"]?.string ?? ""
    let name = crd[path: "metadata", "name"]?.string ?? ""
    var errors: [FieldError] = []
    if name != "\(plural).\(group)" {
      errors.append(.invalid("metadata.name", .string(name), "must be spec.names.plural+\".\"+spec.group"))
    }
    errors += validateGroup(group)
    let scope = spec["scope"]?.string ?? ""
    if scope.isEmpty {
      errors.append(.required("spec.scope"))
    } else if !["Cluster", "Namespaced"].contains(scope) {
      errors.append(.notSupported("spec.scope", .string(scope), supported: ["Cluster", "Namespaced"]))
    }
    errors += validateVersions(spec["versions"]?.array ?? [])
    errors += validateNames(spec["names"] ?? .null)
    let strategy = spec[path: "conversion", "strategy"]?.string ?? "None"
    if strategy == "Webhook" {
      errors.append(
        .invalid("spec.conversion.strategy", "Webhook", "conversion by webhook is not supported by this server"))
    } else if strategy != "None" {
      errors.append(.notSupported("spec.conversion.strategy", .string(strategy), supported: ["None", "Webhook"]))
    }
    if spec["preserveUnknownFields"]?.bool == true {
      errors.append(
        .invalid("spec.preserveUnknownFields", true, "must be false in order to use defaults in the schema"))
    }
    if isProtectedGroup(group), (crd[path: "metadata", "annotations", approvalAnnotation]?.string ?? "").isEmpty {
      errors.append(
        .required(
          "metadata.annotations[\(approvalAnnotation)]",
          "protected groups must have approval annotation \(goQuoted(approvalAnnotation)), see "
            + "https://github.com/kubernetes/enhancements/pull/1111"))
    }
    return errors
  }

  /// What an established definition may not change.
  static func validateUpdate(_ crd: JSONValue, old: JSONValue) -> [FieldError] {
    var immutable = ["group"]
    if isEstablished(old) { immutable.append("scope") }
    var errors = immutable.filter { crd[path: "spec", $0] != old[path: "spec", $0] }
      .map { FieldError.invalid("spec.\($0)", crd[path: "spec", $0] ?? "", "field is immutable") }
    if isEstablished(old), crd[path: "spec", "names", "kind"] != old[path: "spec", "names", "kind"] {
      errors.append(.invalid("spec.names.kind", crd[path: "spec", "names", "kind"] ?? "", "field is immutable"))
    }
    let present = Set((crd[path: "spec", "versions"]?.array ?? []).compactMap { $0["name"]?.string })
    for (index, version) in (crd[path: "status", "storedVersions"]?.array ?? []).enumerated() {
      guard let text = version.string, !present.contains(text) else { continue }
      errors.append(
        .invalid(
          "status.storedVersions[\(index)]", version,
          "missing from spec.versions; \(text) was previously a storage version, and must remain in spec.versions "
            + "until a storage migration ensures no data remains persisted in \(text) and removes \(text) from status.storedVersions"
        ))
    }
    return errors
  }

  private static func validateGroup(_ group: String) -> [FieldError] {
    if group.isEmpty { return [.required("spec.group")] }
    let errors = Names.dns1123Subdomain(group).map { FieldError.invalid("spec.group", .string(group), $0) }
    if errors.isEmpty, !group.contains(".") {
      return [.invalid("spec.group", .string(group), "should be a domain with at least one dot")]
    }
    return errors
  }

  private static func validateNames(_ names: JSONValue) -> [FieldError] {
    var errors: [FieldError] = []
    func check(_ key: String, lowercase: Bool) {
      let text = names[key]?.string ?? ""
      if text.isEmpty {
        errors.append(.required("spec.names.\(key)"))
      } else if lowercase {
        errors += Names.dns1035Label(text).map { .invalid("spec.names.\(key)", .string(text), $0) }
      } else {
        errors += Names.dns1035Label(text.lowercased()).map {
          .invalid("spec.names.\(key)", .string(text), "may have mixed case, but should otherwise match: \($0)")
        }
      }
    }
    check("plural", lowercase: true)
    check("singular", lowercase: true)
    check("kind", lowercase: false)
    check("listKind", lowercase: false)
    if let kind = names["kind"]?.string, !kind.isEmpty, names["listKind"]?.string == kind {
      errors.append(.invalid("spec.names.listKind", .string(kind), "kind and listKind may not be the same"))
    }
    for key in ["shortNames", "categories"] {
      for (index, element) in (names[key]?.array ?? []).enumerated() {
        errors += Names.dns1035Label(element.string ?? "").map { .invalid("spec.names.\(key)[\(index)]", element, $0) }
      }
    }
    return errors
  }

  private static func validateVersions(_ versions: [JSONValue]) -> [FieldError] {
    var errors: [FieldError] = []
    var names: Set<String> = []
    // Kubernetes keeps a schema that all versions share in one place, and names it there.
    let schemas = Set(versions.map { $0[path: "schema", "openAPIV3Schema"] ?? .null })
    for (index, version) in versions.enumerated() {
      let path = "spec.versions[\(index)]"
      let name = version["name"]?.string ?? ""
      errors += Names.dns1035Label(name).map { .invalid("\(path).name", .string(name), $0) }
      if !names.insert(name).inserted { errors.append(.invalid("\(path).name", .string(name), "must be unique")) }
      guard let schema = version[path: "schema", "openAPIV3Schema"] else {
        errors.append(.required("\(path).schema.openAPIV3Schema"))
        continue
      }
      let isShared = schemas.count == 1
      if !isShared || index == 0 {
        let checker = SchemaChecker(
          path: isShared ? "spec.validation.openAPIV3Schema" : "\(path).schema.openAPIV3Schema")
        errors += checker.check(schema)
      }
      errors += validateColumns(version["additionalPrinterColumns"]?.array ?? [], "\(path).additionalPrinterColumns")
      for (field, element) in (version["selectableFields"]?.array ?? []).enumerated() {
        let text = element["jsonPath"]?.string ?? ""
        guard JSONPath(text)?.memberNames == nil || !text.hasPrefix(".") else { continue }
        errors.append(
          .invalid(
            "\(path).selectableFields[\(field)].jsonPath", .string(text),
            "is an invalid path: only member access is allowed"))
      }
      if version["subresources"]?["scale"] != nil {
        errors.append(.forbidden("\(path).subresources.scale", "the scale subresource is not supported by this server"))
      }
    }
    if versions.filter({ $0["storage"]?.bool == true }).count != 1 {
      errors.append(
        .invalid(
          "spec.versions", .array(versions.map { $0["name"] ?? "" }),
          "must have exactly one version marked as storage version"))
    }
    return errors
  }

  private static func validateColumns(_ columns: [JSONValue], _ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    let types = ["integer", "number", "string", "boolean", "date"]
    for (index, column) in columns.enumerated() {
      let path = "\(path)[\(index)]"
      if (column["name"]?.string ?? "").isEmpty { errors.append(.required("\(path).name")) }
      let type = column["type"]?.string ?? ""
      if type.isEmpty {
        errors.append(.required("\(path).type", "must be one of \(types.joined(separator: ","))"))
      } else if !types.contains(type) {
        errors.append(.invalid("\(path).type", .string(type), "must be one of \(types.joined(separator: ","))"))
      }
      let text = column["jsonPath"]?.string ?? ""
      if text.isEmpty {
        errors.append(.required("\(path).jsonPath"))
      } else if JSONPath(text) == nil || !text.hasPrefix(".") {
        errors.append(
          .invalid("\(path).jsonPath", .string(text), "is an invalid path: must be a simple json path starting with ."))
      }
    }
    return errors
  }
}
