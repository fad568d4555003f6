import JSON

extension Patch {
  /// Strategic merge patch: a merge patch that joins the lists of built-in kinds by their merge keys.
  ///
  /// Understands the directives `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…`.
  /// Custom resources have no merge keys: 415. A malformed patch: 400.
  public static func strategic(_ patch: JSONValue, to value: JSONValue, for type: ResourceType) throws(StatusError)
    -> JSONValue
  {
    guard let description = type.typeDescription else {
      throw .unsupportedMediaType(accepted: type.patchMediaTypes)
    }
    guard case .object(let changes) = patch else {
      throw .badRequest("json: cannot unmarshal \(patch.goKind) into Go value of type map[string]interface {}")
    }
    do {
      let merge = StrategicMerge(library: .builtIn)
      return .object(
        try merge.object(value.object ?? [:], changes, .object(description.qualifiedName)))
    } catch {
      throw .badRequest(error.message)
    }
  }
}

private struct StrategicMerge {
  let library: TypeLibrary

  typealias Object = [String: JSONValue]

  func object(_ original: Object, _ patch: Object, _ type: FieldType?) throws(JSONPatchFailure) -> Object {
    switch patch["$patch"]?.string {
    case nil, "merge"?: break
    case "replace"?: return withoutDirectives(patch)
    case "delete"?: return [:]
    case let directive?: throw JSONPatchFailure(message: "unknown patch directive: \(directive)")
    }
    var result = original
    if let kept = patch["$retainKeys"]?.array?.compactMap(\.string) {
      result = result.filter { kept.contains($0.key) }
    }
    for (key, removed) in patch where key.hasPrefix("$deleteFromPrimitiveList/") {
      let name = String(key.dropFirst("$deleteFromPrimitiveList/".count))
      guard let list = result[name]?.array, let removed = removed.array else { continue }
      result[name] = .array(list.filter { !removed.contains($0) })
    }
    for (key, change) in patch where !key.hasPrefix("$") {
      let field = field(key, of: type)
      switch (result[key], change) {
      case (_, .null): result[key] = nil
      case (let old, .object(let members)):
        result[key] = .object(try object(old?.object ?? [:], members, field.type))
      case (let old, .array(let elements)) where field.merges:
        result[key] = .array(
          try list(old?.array ?? [], elements, field, order: patch["$setElementOrder/\(key)"]?.array))
      default: result[key] = change
      }
    }
    // An order alone, without a change of the list itself.
    for (key, order) in patch where key.hasPrefix("$setElementOrder/") {
      let name = String(key.dropFirst("$setElementOrder/".count))
      let field = field(name, of: type)
      guard patch[name] == nil, field.merges, let elements = result[name]?.array else { continue }
      result[name] = .array(try list(elements, [], field, order: order.array))
    }
    return result
  }

  private struct Field {
    var type: FieldType?
    var merges = false
    var key: String?
  }

  private func field(_ name: String, of type: FieldType?) -> Field {
    switch type?.pointee {
    case .object(let typeName), .objectOrBool(let typeName):
      guard let field = library[typeName][name] else { return Field() }
      return Field(type: field.type, merges: field.mergeStrategies.contains("merge"), key: field.mergeKey)
    case .map(let element): return Field(type: element)
    default: return Field()
    }
  }

  private func list(_ original: [JSONValue], _ patch: [JSONValue], _ field: Field, order: [JSONValue]?)
    throws(JSONPatchFailure) -> [JSONValue]
  {
    var merged = original
    var changed: [JSONValue] = []
    var element: FieldType?
    if case .list(let type)? = field.type?.pointee { element = type }
    if field.key != nil, patch.contains(where: { $0["$patch"]?.string == "replace" }) {
      return patch.filter { $0["$patch"] == nil }
    }
    for item in patch {
      guard let key = field.key else {
        changed.append(item)
        if !merged.contains(item) { merged.append(item) }
        continue
      }
      guard case .object(let members) = item, let identity = members[key] else {
        throw JSONPatchFailure(message: "map: \(item) does not contain declared merge key: \(key)")
      }
      let position = merged.firstIndex { $0[key] == identity }
      if members["$patch"]?.string == "delete" {
        merged.removeAll { $0[key] == identity }
      } else if let position {
        merged[position] = .object(try object(merged[position].object ?? [:], members, element))
        changed.append(item)
      } else {
        merged.append(.object(try object([:], members, element)))
        changed.append(item)
      }
    }
    return ordered(merged, asIn: order ?? changed, former: original, key: field.key)
  }

  /// The elements named by `order` in that order, the others as they were, each before what it preceded formerly.
  private func ordered(_ merged: [JSONValue], asIn order: [JSONValue], former: [JSONValue], key: String?) -> [JSONValue]
  {
    func identity(_ value: JSONValue) -> JSONValue { key.flatMap { value[$0] } ?? value }
    let wanted = Dictionary(order.enumerated().map { (identity($1), $0) }, uniquingKeysWith: min)
    let earlier = Dictionary(former.enumerated().map { (identity($1), $0) }, uniquingKeysWith: min)
    var patched = merged.filter { wanted[identity($0)] != nil }
    patched.sort { wanted[identity($0)]! < wanted[identity($1)]! }
    var others = merged.filter { wanted[identity($0)] == nil }[...]
    var result: [JSONValue] = []
    for item in patched {
      if let place = earlier[identity(item)] {
        while let other = others.first, let otherPlace = earlier[identity(other)], otherPlace < place {
          result.append(other)
          others.removeFirst()
        }
      }
      result.append(item)
    }
    return result + others
  }

  private func withoutDirectives(_ object: Object) -> Object { object.filter { !$0.key.hasPrefix("$") } }
}
