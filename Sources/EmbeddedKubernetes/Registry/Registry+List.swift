import APIMachinery
import JSON

extension Registry {
  private struct Page: Sendable {
    var objects: [StoredObject] = []
    var hasMore = false
  }

  /// GET of a collection, in pages when a limit is given; all pages show the state of the first.
  func list(_ target: Target, options: ListOptions) async throws -> Answer {
    let served = target.served
    let selection = try Selection(options, type: target.type)
    let token = options.continueToken.isEmpty ? nil : try ContinueToken(parsing: options.continueToken)
    let limit = options.limit.flatMap { $0 > 0 ? $0 : nil }
    var range = ListRange(
      resource: target.type.storageKey, namespace: target.namespace, name: target.name ?? selection.fields.exactName)
    range.after = token.map { ($0.namespace, $0.name) }
    let revision = try token?.revision ?? exactRevision(options)
    do {
      let (page, seen) = try await store.list(range, at: revision, into: Page()) { page, object in
        guard try selection.matches(object, as: served) else { return true }
        if page.objects.count == limit {
          page.hasMore = true
          return false
        }
        page.objects.append(object)
        return true
      }
      var metadata: JSONValue = ["resourceVersion": .string(String(seen))]
      if page.hasMore, let last = page.objects.last?.key {
        metadata["continue"] = .string(
          ContinueToken(revision: seen, namespace: last.namespace, name: last.name).text)
        if selection.isEverything {
          range.after = (last.namespace, last.name)
          metadata["remainingItemCount"] = .integer(Int64(try await store.count(range, at: seen)))
        }
      }
      return Answer(content: .list(page.objects, metadata: metadata))
    } catch StoreError.compacted {
      throw StatusError.expired(
        token == nil
          ? "The resourceVersion for the provided list is too old."
          : "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter."
      )
    }
  }

  /// The revision whose state a list asks for exactly; nil for the present one, which is never too old.
  private func exactRevision(_ options: ListOptions) throws -> Revision? {
    guard !options.resourceVersion.isEmpty else { return nil }
    guard let asked = UInt64(options.resourceVersion) else {
      throw StatusError.badRequest(
        "invalid resource version: \(StatusError.notANumber(options.resourceVersion).message)")
    }
    let current = UInt64(store.revision)
    if asked > current { throw StatusError.tooLargeResourceVersion(asked, current: current) }
    return options.resourceVersionMatch == .exact ? Revision(asked) : nil
  }
}

extension StatusError {
  /// A resourceVersion that is no number, as Go's parser says it.
  static func notANumber(_ text: String) -> StatusError {
    .internalFailure(
      "resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid syntax")
  }
}
