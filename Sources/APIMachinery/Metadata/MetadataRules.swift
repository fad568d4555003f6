import JSON

/// What holds for `metadata` of every kind.
enum MetadataRules {
  /// The keys that only the server writes, apart from name and namespace.
  private static let systemFields = [
    "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation",
  ]

  /// Errors of the metadata of a new object.
  static func validate(_ metadata: JSONValue, isNamespaced: Bool, name validateName: (String) -> [String])
    -> [FieldError]
  {
    var errors: [FieldError] = []
    let name = metadata["name"]?.string ?? ""
    if name.isEmpty {
      errors.append(.required("metadata.name", "name or generateName is required"))
    } else {
      errors += validateName(name).map { .invalid("metadata.name", .string(name), $0) }
    }
    let namespace = metadata["namespace"]?.string ?? ""
    if isNamespaced, namespace.isEmpty {
      errors.append(.required("metadata.namespace"))
    } else if isNamespaced {
      errors += Names.dns1123Label(namespace).map { .invalid("metadata.namespace", .string(namespace), $0) }
    }
    return errors + validateCommon(metadata)
  }

  /// Errors that a new state of an object has beside those of `validate`.
  static func validateUpdate(_ metadata: JSONValue, old: JSONValue) -> [FieldError] {
    var errors: [FieldError] = []
    let added = strings(metadata["finalizers"]).filter { !strings(old["finalizers"]).contains($0) }
    if old["deletionTimestamp"] != nil, !added.isEmpty {
      let list = added.map(goQuoted).joined(separator: ", ")
      errors.append(
        .forbidden(
          "metadata.finalizers",
          "no new finalizers can be added if the object is being deleted, found new finalizers []string{\(list)}"))
    }
    for key in ["name", "namespace", "uid"] where metadata[key] != old[key] {
      errors.append(.invalid("metadata.\(key)", metadata[key] ?? "", "field is immutable"))
    }
    return errors + validateCommon(metadata)
  }

  /// Gives a new object its identity and takes away what only the server may set.
  static func prepareForCreate(
    _ metadata: inout JSONValue, context: RequestContext, isNamespaced: Bool, generation: Int64?
  ) {
    for key in ["selfLink", "managedFields", "resourceVersion"] + systemFields { metadata[key] = nil }
    if (metadata["name"]?.string ?? "").isEmpty, let base = metadata["generateName"]?.string, !base.isEmpty {
      metadata["name"] = .string(NameSuffix.name(base: base, suffix: context.nameSuffix))
    }
    metadata["namespace"] = isNamespaced ? context.namespace.map(JSONValue.string) : nil
    metadata["uid"] = .string(context.uid)
    metadata["creationTimestamp"] = .string(context.now)
    metadata["generation"] = generation.map(JSONValue.integer)
  }

  /// Keeps of the old metadata what an update may not change.
  static func prepareForUpdate(_ metadata: inout JSONValue, old: JSONValue) {
    for key in systemFields where key != "uid" { metadata[key] = old[key] }
    for key in ["uid", "namespace"] where (metadata[key]?.string ?? "").isEmpty { metadata[key] = old[key] }
    if metadata["generateName"] == nil { metadata["generateName"] = old["generateName"] }
    metadata["selfLink"] = nil
    metadata["managedFields"] = nil
  }

  /// Warnings about metadata that is right but unwise.
  static func warnings(_ metadata: JSONValue) -> [String] {
    let unqualified = strings(metadata["finalizers"]).filter { !$0.contains("/") && !standardFinalizers.contains($0) }
    return unqualified.map {
      "metadata.finalizers: \(goQuoted($0)): prefer a domain-qualified finalizer name to avoid accidental conflicts "
        + "with other finalizer writers"
    }
  }

  private static let standardFinalizers: Set = ["kubernetes", "orphan", "foregroundDeletion"]

  private static func validateCommon(_ metadata: JSONValue) -> [FieldError] {
    var errors: [FieldError] = []
    for (key, value) in metadata["labels"]?.stringMap.sorted(by: { $0.key < $1.key }) ?? [] {
      errors += Names.qualifiedName(key).map { .invalid("metadata.labels", .string(key), $0) }
      errors += Names.labelValue(value).map { .invalid("metadata.labels", .string(value), $0) }
    }
    errors += validateAnnotations(metadata["annotations"]?.stringMap ?? [:])
    errors += validateOwners(metadata["ownerReferences"]?.array ?? [])
    for finalizer in strings(metadata["finalizers"]) where !standardFinalizers.contains(finalizer) {
      errors += Names.qualifiedName(finalizer).map { .invalid("metadata.finalizers", .string(finalizer), $0) }
    }
    return errors
  }

  private static func validateAnnotations(_ annotations: [String: String]) -> [FieldError] {
    var errors: [FieldError] = []
    for key in annotations.keys.sorted() {
      errors += Names.qualifiedName(key.lowercased()).map { .invalid("metadata.annotations", .string(key), $0) }
    }
    let limit = 256 * 1024
    if annotations.reduce(0, { $0 + $1.key.utf8.count + $1.value.utf8.count }) > limit {
      errors.append(.tooLong("metadata.annotations", limit: limit))
    }
    return errors
  }

  private static func validateOwners(_ owners: [JSONValue]) -> [FieldError] {
    var errors: [FieldError] = []
    let field = "metadata.ownerReferences"
    for owner in owners {
      let version = owner["apiVersion"]?.string ?? ""
      if version.isEmpty {
        errors.append(.invalid("\(field).apiVersion", .string(version), "version must not be empty"))
      }
      for key in ["kind", "name", "uid"] where (owner[key]?.string ?? "").isEmpty {
        errors.append(.invalid("\(field).\(key)", "", "must not be empty"))
      }
    }
    let controllers = owners.filter { $0["controller"]?.bool == true }
    if controllers.count > 1 {
      func name(_ owner: JSONValue) -> String { "\(owner["kind"]?.string ?? "")/\(owner["name"]?.string ?? "")" }
      let order = ["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"]
      errors.append(
        FieldError(
          field, .invalid, value: "[\(owners.map { orderedJSON($0, keys: order) }.joined(separator: ","))]",
          detail: "Only one reference can have Controller set to true. Found \"true\" in references for "
            + "\(name(controllers[0])) and \(name(controllers[1]))"))
    }
    return errors
  }

  private static func strings(_ list: JSONValue?) -> [String] { list?.array?.compactMap(\.string) ?? [] }
}
