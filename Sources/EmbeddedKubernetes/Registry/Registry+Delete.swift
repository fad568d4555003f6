import APIMachinery
import JSON

extension Registry {
  static let orphanFinalizer = "orphan"
  static let foregroundFinalizer = "foregroundDeletion"
  static let definitionFinalizer = "customresourcecleanup.apiextensions.k8s.io"
  private static let protectedNamespaces: Set<String> = ["default", "kube-system", "kube-public"]

  /// DELETE of one object: at once, or by setting its deletionTimestamp when something still holds it.
  func delete(_ target: Target, options: DeleteOptions) async throws -> Answer {
    while true {
      let stored = try await require(target)
      let name = stored.key.name
      if target.type.storageKey == "namespaces" && Self.protectedNamespaces.contains(name) {
        throw StatusError.forbidden(target.type.resourceName, name: name, "this namespace may not be deleted")
      }
      let old = try target.served.represent(stored)
      try checkPreconditions(options, old, stored, target)
      do {
        return try await remove(old, stored, target, options)
      } catch StoreError.changed, StoreError.absent {
        continue
      }
    }
  }

  private func checkPreconditions(
    _ options: DeleteOptions, _ old: JSONValue, _ stored: StoredObject, _ target: Target
  ) throws {
    if let expected = options.preconditionUID, let actual = old[path: "metadata", "uid"]?.string, expected != actual {
      throw StatusError.deletePreconditionUID(
        kind: target.type.qualifiedKind, name: stored.key.name, expected: expected, actual: actual)
    }
    if let expected = options.preconditionResourceVersion, expected != String(stored.revision) {
      throw StatusError.deletePreconditionResourceVersion(
        kind: target.type.qualifiedKind, name: stored.key.name, expected: expected, actual: String(stored.revision))
    }
  }

  private func remove(
    _ old: JSONValue, _ stored: StoredObject, _ target: Target, _ options: DeleteOptions
  ) async throws -> Answer {
    let new = marked(old, target.type, options)
    let ends = isFinished(new, target.type)
    let type = target.type
    if !ends && new == old { return Answer(content: .stored(stored)) }
    // What vanishes at once keeps its last state; only a Pod shows the marks of its deletion even then.
    let last = ends && type.storageKey != "pods" ? old : new
    if options.dryRun { return ends ? answer(removed: last, target) : Answer(content: .object(new)) }
    let written = try await store.commit(
      Mutation(
        key: stored.key, effect: ends ? .remove(old: stored) : .replace(old: stored), schema: target.served.schema,
        value: target.served.stored(last)))
    if !ends { return Answer(content: .stored(written.object)) }
    addresses.release(last, type: type)
    return type.answersDeletedObject ? Answer(content: .stored(written.object)) : answer(removed: last, target)
  }

  private func answer(removed object: JSONValue, _ target: Target) -> Answer {
    if target.type.answersDeletedObject { return Answer(content: .object(object)) }
    let name = target.type.resourceName
    return Answer(
      content: .plain(
        StatusError.success(
          details: .init(
            name: object[path: "metadata", "name"]?.string ?? "", group: name.group, kind: name.name,
            uid: object[path: "metadata", "uid"]?.string ?? ""))))
  }

  /// The object with the marks of a deletion that begins, or that is asked for again.
  private func marked(_ old: JSONValue, _ type: ResourceType, _ options: DeleteOptions) -> JSONValue {
    var new = old
    new[path: "metadata", "finalizers"] = finalizers(of: old, type, options)
    let grace = gracePeriod(of: old, type, options)
    let earlier = old[path: "metadata", "deletionGracePeriodSeconds"]?.integer
    let isNamespace = type.storageKey == "namespaces"
    if old[path: "metadata", "deletionTimestamp"]?.string == nil || grace < earlier ?? 0 {
      new[path: "metadata", "deletionTimestamp"] = .string(
        Timestamp.format(secondsSince1970: Chance.seconds() + grace))
      if !isNamespace { new[path: "metadata", "deletionGracePeriodSeconds"] = .integer(grace) }
      if let generation = old[path: "metadata", "generation"]?.integer, generation > 0 {
        new[path: "metadata", "generation"] = .integer(generation + 1)
      }
    }
    if isNamespace { new[path: "status", "phase"] = "Terminating" }
    return new
  }

  private func finalizers(of old: JSONValue, _ type: ResourceType, _ options: DeleteOptions) -> JSONValue? {
    var finalizers = old[path: "metadata", "finalizers"]?.array ?? []
    if let policy = options.propagationPolicy {
      finalizers.removeAll { $0.string == Self.orphanFinalizer || $0.string == Self.foregroundFinalizer }
      if policy == .orphan { finalizers.append(.string(Self.orphanFinalizer)) }
      if policy == .foreground { finalizers.append(.string(Self.foregroundFinalizer)) }
    }
    if type.isDefinition && old[path: "metadata", "deletionTimestamp"]?.string == nil
      && !finalizers.contains(.string(Self.definitionFinalizer))
    {
      finalizers.append(.string(Self.definitionFinalizer))
    }
    return finalizers.unlessEmpty
  }

  /// Only Pods that a node runs are given time.
  private func gracePeriod(of object: JSONValue, _ type: ResourceType, _ options: DeleteOptions) -> Int64 {
    guard type.storageKey == "pods", let node = object[path: "spec", "nodeName"]?.string, !node.isEmpty else {
      return 0
    }
    let phase = object[path: "status", "phase"]?.string
    if phase == "Succeeded" || phase == "Failed" { return 0 }
    return options.gracePeriodSeconds ?? object[path: "spec", "terminationGracePeriodSeconds"]?.integer ?? 30
  }

  /// DELETE of a collection: everything that the selectors name, one after the other.
  func deleteCollection(_ target: Target, list options: ListOptions, delete: DeleteOptions) async throws -> Answer {
    let answer = try await list(target, options: options)
    guard case .list(let objects, _) = answer.content else { return answer }
    for object in objects {
      var one = target
      (one.namespace, one.name) = (object.key.namespace.isEmpty ? nil : object.key.namespace, object.key.name)
      do {
        _ = try await self.delete(one, options: delete)
      } catch let error as StatusError where error.code == 404 {
        continue  // somebody else removed it meanwhile
      }
    }
    return answer
  }
}

extension ResourceType {
  /// DELETE answers the object instead of a Status (ReturnDeletedObject).
  var answersDeletedObject: Bool { ["pods", "services", "serviceaccounts"].contains(storageKey) }

  var isDefinition: Bool { storageKey == "customresourcedefinitions.apiextensions.k8s.io" }
}
