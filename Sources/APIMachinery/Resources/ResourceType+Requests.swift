import JSON

extension ResourceType {
  /// Reads the body of a POST or PUT, or the result of a patch.
  ///
  /// Checks apiVersion and kind, drops unknown fields, fills in defaults. Unknown and doubled fields are warned of or
  /// refused as `fieldValidation` says.
  /// - Parameter duplicates: paths of doubled keys, from ``DuplicateFields``.
  /// - Returns: the object and the warnings to send with the answer.
  public func decode(_ body: JSONValue, duplicates: [String] = [], fieldValidation: FieldValidation, isPatch: Bool)
    throws(StatusError) -> (object: JSONValue, warnings: [String])
  {
    guard case .object = body else {
      throw cannotBeHandled(
        "json: cannot unmarshal \(body.goKind) into Go value of type v1.\(kind)", kind: kind, isPatch)
    }
    var object = body
    if !isCustom {
      if (object["kind"]?.string ?? "").isEmpty { object["kind"] = .string(kind) }
      if (object["apiVersion"]?.string ?? "").isEmpty { object["apiVersion"] = .string(apiVersion) }
    }
    try checkIdentity(of: object, isPatch)
    let decoded: (object: JSONValue, unknown: [String])
    do {
      decoded = try behavior.read(object, as: self)
    } catch {
      throw cannotBeHandled(error.message, kind: kind, isPatch)
    }
    let problems =
      duplicates.map { "duplicate field \(goQuoted($0))" } + decoded.unknown.map { "unknown field \(goQuoted($0))" }
    switch fieldValidation {
    case .strict where !problems.isEmpty:
      throw cannotBeHandled("strict decoding error: \(problems.joined(separator: ", "))", kind: kind, isPatch)
    case .warn: return (decoded.object, problems + MetadataRules.warnings(decoded.object["metadata"] ?? .null))
    case .strict, .ignore: return (decoded.object, MetadataRules.warnings(decoded.object["metadata"] ?? .null))
    }
  }

  /// Completes and checks a new object: identity, what the kind sets on create, validation (422).
  public func prepareForCreate(_ object: JSONValue, context: RequestContext) throws(StatusError) -> JSONValue {
    var object = object
    var metadata = object["metadata"] ?? .object([:])
    guard (metadata["resourceVersion"]?.string ?? "").isEmpty else { throw .resourceVersionOnCreate }
    try checkNamespace(metadata, context)
    MetadataRules.prepareForCreate(
      &metadata, context: context, isNamespaced: namespaced, generation: behavior.hasGeneration ? 1 : nil)
    object["metadata"] = metadata
    behavior.prepareForCreate(&object)
    let errors =
      MetadataRules.validate(object["metadata"] ?? .null, isNamespaced: namespaced, name: behavior.nameErrors)
      + behavior.validate(object)
    try refuse(object, errors)
    return object
  }

  /// Completes and checks the new state of an object: keeps what the request may not change, moves the generation,
  /// checks what is immutable (422). The resourceVersion is left as the request has it: comparing is the server's.
  /// - Parameter old: the present state, in this version.
  /// - Parameter subresource: nil, `status` or another of ``subresources``.
  public func prepareForUpdate(
    _ object: JSONValue, over old: JSONValue, subresource: String?, context: RequestContext
  ) throws(StatusError) -> JSONValue {
    var object = object
    var metadata = object["metadata"] ?? .object([:])
    let name = metadata["name"]?.string ?? ""
    guard !name.isEmpty else { throw .nameRequired }
    if let expected = context.name, expected != name { throw .nameMismatch(object: name, url: expected) }
    try checkNamespace(metadata, context)
    let oldMetadata = old["metadata"] ?? .object([:])
    if let uid = metadata["uid"]?.string, !uid.isEmpty, !context.isPatch, let actual = oldMetadata["uid"]?.string,
      uid != actual
    {
      throw .uidMismatch(resourceName, name: name, precondition: uid, actual: actual)
    }
    MetadataRules.prepareForUpdate(&metadata, old: oldMetadata)
    object["metadata"] = metadata
    behavior.prepareForUpdate(&object, over: old, subresource: subresource)
    if behavior.hasGeneration, behavior.isNewGeneration(object, over: old) {
      object[path: "metadata", "generation"] = .integer((oldMetadata["generation"]?.integer ?? 0) + 1)
    }
    // Kubernetes checks metadata twice, and so names each cause twice.
    let metadataErrors = MetadataRules.validateUpdate(object["metadata"] ?? .null, old: oldMetadata)
    try refuse(
      object,
      metadataErrors + metadataErrors + behavior.validateUpdate(object, over: old, subresource: subresource))
    return object
  }

  private func refuse(_ object: JSONValue, _ errors: [FieldError]) throws(StatusError) {
    guard !errors.isEmpty else { return }
    throw .invalid(qualifiedKind, name: object[path: "metadata", "name"]?.string ?? "", errors)
  }

  private func checkNamespace(_ metadata: JSONValue, _ context: RequestContext) throws(StatusError) {
    guard namespaced, let given = metadata["namespace"]?.string, !given.isEmpty, given != context.namespace else {
      return
    }
    throw .namespaceMismatch
  }

  /// Refuses a body of another kind or version, in the words that Kubernetes has for each of the ways to get there.
  private func checkIdentity(of object: JSONValue, _ isPatch: Bool) throws(StatusError) {
    let givenKind = object["kind"]?.string ?? ""
    let givenVersion = object["apiVersion"]?.string ?? ""
    guard givenKind != kind || givenVersion != apiVersion else { return }
    let name = object[path: "metadata", "name"]?.string ?? ""
    guard isCustom else {
      guard givenVersion == apiVersion else { throw .versionMismatch(data: givenVersion, expected: apiVersion) }
      throw .unknownConversion(kind: givenKind, version: version, package: version, to: kind)
    }
    if givenKind.isEmpty { throw .badRequest("Object 'Kind' is missing in '\(object)'") }
    if givenVersion.isEmpty { throw .badRequest("Object 'apiVersion' is missing in '\(object)'") }
    let mismatch: StatusError
    if givenVersion != apiVersion {
      mismatch =
        isPatch
        ? .invalid(
          ResourceName(group: group, name: givenKind), name: name,
          [.invalid("apiVersion", .string(givenVersion), "must be \(apiVersion)")])
        : .versionMismatch(data: givenVersion, expected: apiVersion)
    } else {
      mismatch = .invalid(
        ResourceName(group: group, name: givenKind), name: name,
        [.invalid("kind", .string(givenKind), "must be \(kind)")])
    }
    throw givenVersion.hasPrefix("\(group)/") && givenVersion != apiVersion
      ? mismatch.warning(of: unknownTopLevelFields(object)) : mismatch
  }

  /// In a version that nobody serves every field but those of all objects is unknown.
  private func unknownTopLevelFields(_ object: JSONValue) -> [String] {
    let known: Set = ["apiVersion", "kind", "metadata"]
    return (object.object ?? [:]).keys.filter { !known.contains($0) }.sorted().map { "unknown field \(goQuoted($0))" }
  }

  private func cannotBeHandled(_ why: String, kind: String, _ isPatch: Bool) -> StatusError {
    isPatch ? .invalidPatch(why) : .cannotBeHandled(kind: kind, version: version, as: self.kind, why)
  }
}
