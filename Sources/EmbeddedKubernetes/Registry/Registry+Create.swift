import APIMachinery
import JSON

extension Registry {
  /// POST of a new object.
  func create(_ target: Target, body: JSONValue, options: WriteOptions) async throws -> Answer {
    let type = target.type
    if target.served.terminating { throw StatusError.terminatingDefinition }
    let (object, warnings) = try type.decode(
      body, duplicates: options.duplicates, fieldValidation: options.fieldValidation, isPatch: false)
    let given = object[path: "metadata", "name"]?.string ?? ""
    if let namespace = target.namespace {
      if let own = object[path: "metadata", "namespace"]?.string, !own.isEmpty, own != namespace {
        throw StatusError.namespaceMismatch
      }
      try await admitNamespace(namespace, for: target, name: given)
    }
    if let revision = object[path: "metadata", "resourceVersion"]?.string, !revision.isEmpty {
      throw StatusError.resourceVersionOnCreate
    }
    var answer = try await insert(object, target, options)
    answer.warnings = warnings + answer.warnings
    return answer
  }

  /// Prepares and stores a decoded object; a generated name that is taken is drawn again.
  private func insert(_ object: JSONValue, _ target: Target, _ options: WriteOptions) async throws -> Answer {
    let generated = (object[path: "metadata", "name"]?.string ?? "").isEmpty
    var attempts = generated ? 8 : 1
    while true {
      attempts -= 1
      let (admitted, claim) = try addresses.admit(object, type: target.type)
      do {
        var prepared = try target.type.prepareForCreate(
          admitted, context: Chance.context(namespace: target.namespace, name: target.name))
        let name = prepared[path: "metadata", "name"]?.string ?? ""
        if options.dryRun {
          if try store.get(target.key(name)) != nil { throw StoreError.exists(target.key(name)) }
          claim?.release()
          prepared[path: "metadata", "resourceVersion"] = nil
          return Answer(status: 201, content: .object(prepared))
        }
        let written = try await store.commit(
          Mutation(
            key: target.key(name), effect: .create, schema: target.served.schema,
            value: target.served.stored(prepared)))
        return Answer(status: 201, content: .stored(written.object))
      } catch StoreError.exists(let key) {
        claim?.release()
        if attempts == 0 { throw StatusError.alreadyExists(target.type.resourceName, name: key.name) }
      } catch {
        claim?.release()
        throw error
      }
    }
  }
}

extension StatusError {
  /// A CustomResourceDefinition that is being deleted takes no new objects.
  static let terminatingDefinition = StatusError(
    code: 405, reason: "MethodNotAllowed",
    message: "create not allowed while custom resource definition is terminating", details: .init())
}
