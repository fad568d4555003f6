import JSON

/// One of a schema's `x-kubernetes-validations`, compiled.
struct ValidationRule: Sendable {
  private let text: String
  private let rule: CELExpression
  private let message: String
  private let messageExpression: CELExpression?
  private let reason: FieldError.Reason
  private let fieldPath: String
  /// Whether the rule compares with the former value, so that there must be one.
  let isTransition: Bool

  /// Compiles a rule of the schema that it stands in.
  init(_ json: JSONValue, schema: JSONValue, path: String) throws(Schema.CompilationError) {
    func failure(_ field: String, _ detail: String) -> Schema.CompilationError {
      // Go prints the internal struct, whose fields have no JSON names.
      let fields: [(String, JSONValue)] = [
        ("Rule", json["rule"] ?? ""), ("Message", json["message"] ?? ""),
        ("MessageExpression", json["messageExpression"] ?? ""), ("Reason", json["reason"] ?? .null),
        ("FieldPath", json["fieldPath"] ?? ""), ("OptionalOldSelf", json["optionalOldSelf"] ?? .null),
      ]
      let value = fields.map { "\"\($0)\":\(goJSON($1))" }.joined(separator: ",")
      return Schema.CompilationError(
        error: FieldError("\(path).\(field)", .invalid, value: "{\(value)}", detail: detail))
    }
    text = json["rule"]?.string ?? ""
    message = json["message"]?.string ?? ""
    fieldPath = json["fieldPath"]?.string ?? ""
    reason = json["reason"]?.string.flatMap(FieldError.Reason.init(rawValue:)) ?? .invalid
    if json["optionalOldSelf"]?.bool == true {
      throw failure("optionalOldSelf", "optionalOldSelf is not supported by this server")
    }
    let isRoot = path.hasPrefix(".x-kubernetes-validations")
    let selfType = CELType(schema: schema, isRoot: isRoot)
    let checker = CELChecker(variables: ["self": selfType, "oldSelf": selfType])
    do throws(CELError) {
      let expression = try CELParser.parse(text)
      let type = try checker.type(of: expression)
      guard type.name == "bool" || type.isDynamic else {
        throw CELError(message: "cel expression must evaluate to a bool")
      }
      rule = expression
      isTransition = expression.mentions("oldSelf")
    } catch {
      throw failure("rule", "compilation failed: ERROR: <input>: \(error.message)")
    }
    do {
      messageExpression = try json["messageExpression"]?.string.map { text throws(CELError) in
        let expression = try CELParser.parse(text)
        let type = try checker.type(of: expression)
        guard type.name == "string" || type.isDynamic else { throw CELError(message: "must evaluate to a string") }
        return expression
      }
    } catch {
      throw failure("messageExpression", "messageExpression compilation failed: ERROR: <input>: \(error.message)")
    }
  }

  /// The error of a value that breaks the rule; nil when it holds.
  func error(_ value: JSONValue, old: JSONValue?, path: String) -> FieldError? {
    var variables = ["self": value]
    if let old { variables["oldSelf"] = old }
    let evaluator = CELEvaluator(variables: variables)
    let place = path + fieldPath
    do {
      guard try evaluator.evaluate(rule) != true else { return nil }
    } catch {
      return .invalid(place, value, "rule evaluation error: \(error.message)")
    }
    let computed = messageExpression.flatMap { try? evaluator.evaluate($0).string }.flatMap { $0.isEmpty ? nil : $0 }
    let detail = computed ?? (message.isEmpty ? "failed rule: \(text)" : message)
    let field = place.hasPrefix(".") ? String(place.dropFirst()) : place
    switch reason {
    case .forbidden, .required: return FieldError(field, reason, detail: detail)
    default:
      let isScalar = value.array == nil && value.object == nil
      return FieldError(field, reason, value: isScalar ? goValue(value) : nil, detail: detail)
    }
  }
}

extension Schema {
  /// The errors of the rules (`x-kubernetes-validations`) of this schema and of those within.
  /// - Parameter old: the former value, for rules about changes; nil when there is none to compare with.
  func ruleErrors(_ value: JSONValue, old: JSONValue?, path: String = "") -> [FieldError] {
    guard hasRules, !value.isNull else { return [] }
    var errors: [FieldError] = []
    if !rules.isEmpty {
      let typed = withDoubles(value)
      let typedOld = old.map(withDoubles)
      for rule in rules where !rule.isTransition || old != nil {
        if let error = rule.error(typed, old: typedOld, path: path) { errors.append(error) }
      }
    }
    switch value {
    case .object(let members):
      for key in members.keys.sorted() {
        guard let schema = schema(of: key) else { continue }
        errors += schema.ruleErrors(members[key]!, old: old?[key], path: path.isEmpty ? key : "\(path).\(key)")
      }
    case .array(let elements):
      guard let items, items.hasRules else { break }
      for (index, element) in elements.enumerated() {
        errors += items.ruleErrors(element, old: former(of: element, in: old), path: "\(path)[\(index)]")
      }
    default: break
    }
    return errors
  }

  /// The former state of an element: known only in lists of type `map`.
  private func former(of element: JSONValue, in old: JSONValue?) -> JSONValue? {
    guard listType == "map" else { return nil }
    return old?.array?.first { candidate in listMapKeys.allSatisfy { candidate[$0] == element[$0] } }
  }

  /// The value with whole numbers as doubles wherever the schema says `number`: CEL computes with them as such.
  private func withDoubles(_ value: JSONValue) -> JSONValue {
    switch value {
    case .integer(let number): types == ["number"] ? .number(Double(number)) : value
    case .object(let members):
      .object(members.reduce(into: [:]) { $0[$1.key] = schema(of: $1.key)?.withDoubles($1.value) ?? $1.value })
    case .array(let elements): items.map { items in .array(elements.map(items.withDoubles)) } ?? value
    default: value
    }
  }
}
