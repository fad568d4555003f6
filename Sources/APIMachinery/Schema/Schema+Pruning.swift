import JSON

extension Schema {
  /// The members that every object has, whatever its schema says.
  private static let objectMembers: Set = ["apiVersion", "kind", "metadata"]

  /// Drops what the schema does not name, except under `x-kubernetes-preserve-unknown-fields`.
  /// - Parameter unknown: gets the paths of what was dropped (`spec.ports[0].sped`).
  func prune(_ value: inout JSONValue, isObjectRoot: Bool, path: String = "", unknown: inout [String]) {
    switch value {
    case .object(var members):
      value = .null
      for key in members.keys {
        if isObjectRoot, Self.objectMembers.contains(key) { continue }
        let place = path.isEmpty ? key : "\(path).\(key)"
        guard let schema = schema(of: key) else {
          if preservesUnknownFields { continue }
          if case .any = additionalProperties { continue }
          unknown.append(place)
          members[key] = nil
          continue
        }
        var member = members[key]!
        members[key] = .null
        schema.prune(&member, isObjectRoot: schema.isEmbeddedResource, path: place, unknown: &unknown)
        members[key] = member
      }
      value = .object(members)
    case .array(var elements):
      guard let items else { return }
      value = .null
      for index in elements.indices {
        items.prune(
          &elements[index], isObjectRoot: items.isEmbeddedResource, path: "\(path)[\(index)]", unknown: &unknown)
      }
      value = .array(elements)
    default: break
    }
  }

  /// Fills in defaults, also where null is given to what is not nullable.
  func setDefaults(_ value: inout JSONValue) {
    guard hasDefaults else { return }
    switch value {
    case .object(var members):
      value = .null
      for (name, property) in properties {
        guard let defaultValue = property.defaultValue else { continue }
        guard let present = members[name], !present.isNull || property.isNullable else {
          members[name] = defaultValue
          continue
        }
      }
      for key in members.keys {
        guard let schema = schema(of: key), var member = members[key] else { continue }
        if member.isNull, !schema.isNullable, let defaultValue = schema.defaultValue { member = defaultValue }
        members[key] = .null
        schema.setDefaults(&member)
        members[key] = member
      }
      value = .object(members)
    case .array(var elements):
      guard let items else { return }
      value = .null
      for index in elements.indices {
        if elements[index].isNull, !items.isNullable, let defaultValue = items.defaultValue {
          elements[index] = defaultValue
        }
        items.setDefaults(&elements[index])
      }
      value = .array(elements)
    default: break
    }
  }

  /// Drops members that are null although their schema is not nullable.
  func dropNulls(_ value: inout JSONValue) {
    switch value {
    case .object(var members):
      value = .null
      for key in members.keys {
        guard let schema = schema(of: key), var member = members[key] else { continue }
        if member.isNull {
          if !schema.isNullable { members[key] = nil }
          continue
        }
        members[key] = .null
        schema.dropNulls(&member)
        members[key] = member
      }
      value = .object(members)
    case .array(var elements):
      guard let items else { return }
      value = .null
      for index in elements.indices { items.dropNulls(&elements[index]) }
      value = .array(elements)
    default: break
    }
  }
}
