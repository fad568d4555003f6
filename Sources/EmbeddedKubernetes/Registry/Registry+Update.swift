import APIMachinery
import JSON

/// The four ways of changing an object that a request can ask for.
enum Change: Sendable {
  case replace(JSONValue)
  case jsonPatch(JSONValue)
  case mergePatch(JSONValue)
  case strategicPatch(JSONValue)

  var isPatch: Bool {
    if case .replace = self { return false }
    return true
  }

  fileprivate func apply(to old: JSONValue, type: ResourceType) throws -> JSONValue {
    switch self {
    case .replace(let body): body
    case .jsonPatch(let patch): try Patch.json(patch, to: old)
    case .mergePatch(let patch): Patch.merge(patch, to: old)
    case .strategicPatch(let patch): try Patch.strategic(patch, to: old, for: type)
    }
  }
}

extension Registry {
  /// PUT or PATCH of an object or of one of its subresources.
  ///
  /// Without a resourceVersion of the client's the change is computed again when another write came between.
  func update(_ target: Target, change: Change, options: WriteOptions) async throws -> Answer {
    guard let name = target.name else { throw StatusError.nameRequired }
    while true {
      guard let stored = try store.get(target.key(name)) else {
        if case .replace(let body) = change, target.type.isCreatedByReplace, target.subresource == nil {
          return try await create(target, body: body, options: options)
        }
        throw StatusError.notFound(target.type.resourceName, name: name)
      }
      let old = try target.served.represent(stored)
      let (object, warnings) = try target.type.decode(
        try change.apply(to: old, type: target.type), duplicates: options.duplicates,
        fieldValidation: options.fieldValidation, isPatch: change.isPatch)
      try admitUpdate(object, target, name: name)
      let conditional = try checkRevision(of: object, against: stored, target, change)
      let context = Chance.context(namespace: target.namespace, name: name, isPatch: change.isPatch)
      var new = try target.type.prepareForUpdate(object, over: old, subresource: target.subresource, context: context)
      new[path: "metadata", "resourceVersion"] = .string(String(stored.revision))
      do {
        var answer = try await save(new, old: old, stored: stored, target, options)
        answer.warnings = warnings
        return answer
      } catch StoreError.changed, StoreError.absent {
        if conditional { throw StatusError.modified(target.type.resourceName, name: name) }
      }
    }
  }

  /// The name and namespace of the body must be those of the URL.
  private func admitUpdate(_ object: JSONValue, _ target: Target, name: String) throws {
    let own = object[path: "metadata", "name"]?.string ?? ""
    if own != name && !own.isEmpty { throw StatusError.nameMismatch(object: own, url: name) }
    if own.isEmpty {
      throw StatusError.badRequest(
        "the name of the object (\(name) based on URL) was undeterminable: name must be provided")
    }
    if let namespace = target.namespace, let own = object[path: "metadata", "namespace"]?.string, !own.isEmpty,
      own != namespace
    {
      throw StatusError.namespaceMismatch
    }
  }

  /// Compares the client's resourceVersion with the stored one.
  ///
  /// - Returns: whether the client gave one itself, so that a later write is a conflict.
  private func checkRevision(
    of object: JSONValue, against stored: StoredObject, _ target: Target, _ change: Change
  ) throws -> Bool {
    let asked = object[path: "metadata", "resourceVersion"]?.string ?? ""
    if asked.isEmpty || asked == "0" {
      if !change.isPatch && !target.type.isReplacedUnconditionally {
        let error = FieldError.invalid(
          "metadata.resourceVersion", .integer(0), "must be specified for an update")
        throw StatusError.invalid(target.type.resourceName, name: stored.key.name, [error])
      }
      return false
    }
    guard asked == String(stored.revision) else {
      throw StatusError.modified(target.type.resourceName, name: stored.key.name)
    }
    return !change.isPatch
  }

  /// Writes the prepared state, unless nothing changed; removes what was only waiting for its last finalizer.
  private func save(
    _ new: JSONValue, old: JSONValue, stored: StoredObject, _ target: Target, _ options: WriteOptions
  ) async throws -> Answer {
    let ends = isFinished(new, target.type)
    if new == old && !ends { return Answer(content: .stored(stored)) }
    if options.dryRun { return Answer(content: .object(new)) }
    let mutation = Mutation(
      key: stored.key, effect: ends ? .remove(old: stored) : .replace(old: stored), schema: target.served.schema,
      // What goes is seen last as it was before its last finalizer was taken.
      value: target.served.stored(ends ? old : new))
    let written = try await store.commit(mutation)
    if ends {
      addresses.release(new, type: target.type)
      return Answer(content: .object(new))
    }
    return Answer(content: .stored(written.object))
  }

  /// Deletion has begun and nothing holds the object any more.
  func isFinished(_ object: JSONValue, _ type: ResourceType) -> Bool {
    guard let metadata = object["metadata"], metadata["deletionTimestamp"]?.string != nil else { return false }
    if let finalizers = metadata["finalizers"]?.array, !finalizers.isEmpty { return false }
    if let grace = metadata["deletionGracePeriodSeconds"]?.integer, grace > 0 { return false }
    if type.storageKey == "namespaces", let finalizers = object[path: "spec", "finalizers"]?.array, !finalizers.isEmpty
    {
      return false
    }
    return true
  }
}

extension ResourceType {
  /// A replace without a resourceVersion is taken as "whatever it is now" (AllowUnconditionalUpdate).
  var isReplacedUnconditionally: Bool {
    !isCustom
      && !["leases.coordination.k8s.io", "serviceaccounts", "customresourcedefinitions.apiextensions.k8s.io"]
        .contains(storageKey)
  }

  /// A replace of what is not there makes it (AllowCreateOnUpdate).
  var isCreatedByReplace: Bool {
    ["leases.coordination.k8s.io", "events", "services"].contains(storageKey)
  }
}
