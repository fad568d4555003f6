import JSON

extension Schema {
  /// The errors of a value, in the words of kube-openapi's validator. Paths are relative to the value.
  func validate(_ value: JSONValue, path: String = "") -> [FieldError] {
    guard !value.isNull else { return nullErrors(path) + enumerationErrors(value, path) }
    var errors = typeErrors(value, path)
    errors += combinationErrors(value, path)
    switch value {
    case .string(let text): errors += stringErrors(text, path)
    case .integer, .number: errors += numberErrors(value, path)
    case .array(let elements): errors += arrayErrors(elements, path)
    default: break
    }
    errors += enumerationErrors(value, path)
    if case .object(let members) = value { errors += objectErrors(members, path) }
    return errors
  }

  private static let integerRanges: [String: ClosedRange<Int64>] = [
    "int32": Int64(Int32.min)...Int64(Int32.max), "int64": Int64.min...Int64.max,
  ]

  private func nullErrors(_ path: String) -> [FieldError] {
    guard !types.isEmpty, !isNullable else { return [] }
    return [typeError(path, types.joined(separator: ","), "null")]
  }

  private func typeError(_ path: String, _ expected: String, _ found: String) -> FieldError {
    .typeInvalid(path, .string(found), "\(path) in body must be of type \(expected): \"\(found)\"")
  }

  private func typeErrors(_ value: JSONValue, _ path: String) -> [FieldError] {
    guard !types.isEmpty else { return [] }
    let found = value.typeName
    let isWhole = value.number.map { $0.rounded() == $0 } ?? false
    let fits =
      types.contains(found) || (found == "number" && isWhole && types.contains("integer"))
      || (found == "integer" && types.contains("number"))
    if fits { return [] }
    // Go names the format instead of the type where there is one, and the format of the value instead of its type.
    let hasGoFormat = value.number != nil || value.bool != nil || value.object != nil
    if hasGoFormat, !format.isEmpty {
      return [typeError(path, format, value.integer != nil ? "int64" : value.number != nil ? "float64" : "")]
    }
    return [typeError(path, types.joined(separator: ","), found)]
  }

  /// allOf, anyOf, oneOf and not.
  private func combinationErrors(_ value: JSONValue, _ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    func unnamed(_ text: String) -> FieldError { .invalid("<nil>", "", text) }
    if !anyOf.isEmpty {
      let results = anyOf.map { $0.validate(value, path: path) }
      if !results.contains(where: \.isEmpty) {
        errors.append(unnamed("\"\(path)\" must validate at least one schema (anyOf)"))
        errors += results.min { $0.count < $1.count } ?? []
      }
    }
    if !oneOf.isEmpty {
      let results = oneOf.map { $0.validate(value, path: path) }
      let valid = results.filter(\.isEmpty).count
      if valid != 1 {
        let found = valid == 0 ? "Found none valid" : "Found \(valid) valid alternatives"
        errors.append(unnamed("\"\(path)\" must validate one and only one schema (oneOf). \(found)"))
        if valid == 0 { errors += results.min { $0.count < $1.count } ?? [] }
      }
    }
    let failed = allOf.flatMap { $0.validate(value, path: path) }
    if !failed.isEmpty { errors += [unnamed("\"\(path)\" must validate all the schemas (allOf)")] + failed }
    if let not, not.validate(value, path: path).isEmpty {
      errors.append(unnamed("\"\(path)\" must not validate the schema (not)"))
    }
    return errors
  }

  private func stringErrors(_ text: String, _ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    let length = Int64(text.unicodeScalars.count)
    if let most = counts.length.most, length > most { errors.append(.tooLong(path, limit: Int(most))) }
    if let least = counts.length.least, length < least {
      errors.append(.invalid(path, .string(text), "\(path) in body should be at least \(least) chars long"))
    }
    if let pattern, !pattern.matches(text) {
      errors.append(.invalid(path, .string(text), "\(path) in body should match '\(pattern.pattern)'"))
    }
    if !format.isEmpty, types.contains("string") || types.isEmpty, !Formats.fits(text, format) {
      errors.append(.typeInvalid(path, .string(text), "\(path) in body must be of type \(format): \(goQuoted(text))"))
    }
    return errors
  }

  private func numberErrors(_ value: JSONValue, _ path: String) -> [FieldError] {
    guard let number = value.number else { return [] }
    var errors: [FieldError] = []
    func error(_ text: String) { errors.append(.invalid(path, value, "\(path) in body \(text)")) }
    if types.contains("integer"), let range = Self.integerRanges[format],
      value.integer.map({ !range.contains($0) }) ?? true,
      number.rounded() != number || Int64(exactly: number).map({ !range.contains($0) }) ?? true
    {
      errors.append(
        .invalid("<nil>", "", "Checked value must be of type integer with format \(format) in \(path)"))
    }
    if let factor = numbers.multipleOf {
      let quotient = number / factor
      if abs(quotient - quotient.rounded()) > 1e-9 { error("should be a multiple of \(goNumber(factor))") }
    }
    if let maximum = numbers.maximum, numbers.excludesMaximum ? number >= maximum : number > maximum {
      error("should be less than \(numbers.excludesMaximum ? "" : "or equal to ")\(goNumber(maximum))")
    }
    if let minimum = numbers.minimum, numbers.excludesMinimum ? number <= minimum : number < minimum {
      error("should be greater than \(numbers.excludesMinimum ? "" : "or equal to ")\(goNumber(minimum))")
    }
    return errors
  }

  private func arrayErrors(_ elements: [JSONValue], _ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    if let items {
      for (index, element) in elements.enumerated() { errors += items.validate(element, path: "\(path)[\(index)]") }
    }
    if let least = counts.items.least, Int64(elements.count) < least {
      errors.append(
        .invalid(path, .integer(Int64(elements.count)), "\(path) in body should have at least \(least) items"))
    }
    if let most = counts.items.most, Int64(elements.count) > most {
      errors.append(.tooMany(path, count: elements.count, limit: Int(most)))
    }
    return errors
  }

  private func enumerationErrors(_ value: JSONValue, _ path: String) -> [FieldError] {
    guard !enumeration.isEmpty, !enumeration.contains(where: { $0.isEqualJSON(value) }) else { return [] }
    return [.notSupported(path, value, supported: enumeration.map { $0.string ?? $0.description })]
  }

  private func objectErrors(_ members: [String: JSONValue], _ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
    if let least = counts.properties.least, Int64(members.count) < least {
      errors.append(
        .invalid(path, .integer(Int64(members.count)), "\(path) in body should have at least \(least) properties"))
    }
    if let most = counts.properties.most, Int64(members.count) > most {
      errors.append(.tooMany(path, count: members.count, limit: Int(most)))
    }
    for key in members.keys.sorted() {
      if let schema = schema(of: key) {
        errors += schema.validate(members[key]!, path: place(key))
      } else if case .forbidden = additionalProperties {
        errors.append(.invalid(place(key), "", "\(place(key)) in body is a forbidden property"))
      }
    }
    for key in required where members[key] == nil { errors.append(.required(place(key))) }
    return errors
  }

  /// Elements that a list of type `set` or `map` may have once only.
  func listErrors(_ value: JSONValue, path: String = "") -> [FieldError] {
    switch value {
    case .object(let members):
      return members.keys.sorted().flatMap { key in
        schema(of: key)?.listErrors(members[key]!, path: path.isEmpty ? key : "\(path).\(key)") ?? []
      }
    case .array(let elements):
      var errors: [FieldError] = []
      var seen: [JSONValue: Int] = [:]
      for (index, element) in elements.enumerated() {
        guard let identity = identity(of: element) else { break }
        seen[identity, default: 0] += 1
        if seen[identity] == 2 { errors.append(.duplicate("\(path)[\(index)]", identity)) }
      }
      guard let items else { return errors }
      return errors + elements.enumerated().flatMap { items.listErrors($1, path: "\(path)[\($0)]") }
    default: return []
    }
  }

  private func identity(of element: JSONValue) -> JSONValue? {
    switch listType {
    case "set": element
    case "map":
      .object(listMapKeys.reduce(into: [:]) { $0[$1] = element[$1] ?? items?.properties[$1]?.defaultValue })
    default: nil
    }
  }
}

/// A number as Go's `%v` prints it.
func goNumber(_ number: Double) -> String {
  if number.rounded() == number, abs(number) < 1e21, let whole = Int64(exactly: number) { return "\(whole)" }
  return "\(number)"
}
