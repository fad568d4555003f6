import JSON

extension TypeLibrary {
  /// Fills in the constant defaults of a type, in nested objects and lists too.
  func setDefaults(_ value: inout JSONValue, _ type: TypeDescription) {
    guard typesWithDefaults.contains(type.qualifiedName), case .object(var members) = value else { return }
    value = .null
    for field in type.fields {
      if members[field.name] == nil, let defaultValue = field.defaultValue { members[field.name] = defaultValue }
      guard var member = members[field.name] else { continue }
      members[field.name] = .null
      setDefaults(&member, field.type)
      members[field.name] = member
    }
    value = .object(members)
  }

  private func setDefaults(_ value: inout JSONValue, _ type: FieldType) {
    switch type {
    case .pointer(let pointee): setDefaults(&value, pointee)
    case .object(let name) where typesWithDefaults.contains(name): setDefaults(&value, self[name])
    case .list(let element):
      guard hasDefaults(element), case .array(var elements) = value else { return }
      value = .null
      for index in elements.indices { setDefaults(&elements[index], element) }
      value = .array(elements)
    default: break
    }
  }

  private func hasDefaults(_ type: FieldType) -> Bool {
    if case .object(let name) = type { typesWithDefaults.contains(name) } else { false }
  }

  /// The errors of fields that have a value outside their enumeration.
  func enumerationErrors(_ value: JSONValue, _ type: TypeDescription, path: String = "") -> [FieldError] {
    var errors: [FieldError] = []
    for field in type.fields {
      guard let member = value[field.name] else { continue }
      let path = path.isEmpty ? field.name : "\(path).\(field.name)"
      if !field.enumeration.isEmpty, let text = member.string, !field.enumeration.contains(text) {
        errors.append(.notSupported(path, member, supported: field.enumeration))
      }
      switch field.type.pointee {
      case .object(let name): errors += enumerationErrors(member, self[name], path: path)
      case .list(.object(let name)):
        for (index, element) in (member.array ?? []).enumerated() {
          errors += enumerationErrors(element, self[name], path: "\(path)[\(index)]")
        }
      default: break
      }
    }
    return errors
  }
}
