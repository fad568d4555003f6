import JSON

/// Runs a checked expression over JSON values.
struct CELEvaluator {
  private var variables: [String: JSONValue]
  /// How many steps may still be taken: rules end, whatever the data.
  private let budget: Budget

  private final class Budget {
    var steps = 1_000_000
  }

  init(variables: [String: JSONValue]) {
    self.variables = variables
    budget = Budget()
  }

  func evaluate(_ expression: CELExpression) throws(CELError) -> JSONValue {
    budget.steps -= 1
    guard budget.steps > 0 else { throw CELError(message: "operation cancelled: actual cost limit exceeded") }
    switch expression {
    case .literal(let value): return value
    case .identifier(let name):
      guard let value = variables[name] else { throw CELError(message: "no such attribute: \(name)") }
      return value
    case .select(let operand, let field):
      let name = CELFieldName.unescaped(field)
      guard let value = try evaluate(operand)[name] else { throw CELError(message: "no such key: \(name)") }
      return value
    case .has(let operand, let field):
      guard case .object(let members) = try evaluate(operand) else { throw CELError(message: "no such overload") }
      return .bool(members[CELFieldName.unescaped(field)] != nil)
    case .index(let operand, let index): return try element(of: try evaluate(operand), at: try evaluate(index))
    case .list(let elements):
      var values: [JSONValue] = []
      for element in elements { values.append(try evaluate(element)) }
      return .array(values)
    case .map(let entries):
      var members: [String: JSONValue] = [:]
      for entry in entries { members[entry.key] = try evaluate(entry.value) }
      return .object(members)
    case .call(let name, let target, let arguments):
      return try call(name, target, arguments)
    case .comprehension(let macro, let range, let variable, let body):
      return try comprehension(macro, try evaluate(range), variable, body)
    }
  }

  private func element(of value: JSONValue, at index: JSONValue) throws(CELError) -> JSONValue {
    switch (value, index) {
    case (.array(let elements), .integer(let position)):
      guard elements.indices.contains(Int(clamping: position)) else {
        throw CELError(message: "index out of bounds: \(position)")
      }
      return elements[Int(position)]
    case (.object(let members), .string(let key)):
      guard let member = members[key] else { throw CELError(message: "no such key: \(key)") }
      return member
    default: throw CELError(message: "no such overload")
    }
  }

  private func call(_ name: String, _ target: CELExpression?, _ arguments: [CELExpression]) throws(CELError)
    -> JSONValue
  {
    switch name {
    case "_&&_": return try logical(arguments, decisive: false)
    case "_||_": return try logical(arguments, decisive: true)
    case "_?_:_": return try evaluate(try condition(arguments[0]) ? arguments[1] : arguments[2])
    default: break
    }
    var values: [JSONValue] = []
    for argument in (target.map { [$0] } ?? []) + arguments { values.append(try evaluate(argument)) }
    switch name {
    case "!_":
      guard let value = values[0].bool else { throw CELError(message: "no such overload") }
      return .bool(!value)
    case "-_": return try CELArithmetic.negate(values[0])
    case "_==_": return .bool(values[0].isEqualJSON(values[1]))
    case "_!=_": return .bool(!values[0].isEqualJSON(values[1]))
    case "_<_": return .bool(try CELOrder.compare(values[0], values[1]) < 0)
    case "_<=_": return .bool(try CELOrder.compare(values[0], values[1]) <= 0)
    case "_>_": return .bool(try CELOrder.compare(values[0], values[1]) > 0)
    case "_>=_": return .bool(try CELOrder.compare(values[0], values[1]) >= 0)
    case "@in":
      switch values[1] {
      case .array(let elements): return .bool(elements.contains { $0.isEqualJSON(values[0]) })
      case .object(let members): return .bool(values[0].string.map { members[$0] != nil } ?? false)
      default: throw CELError(message: "no such overload")
      }
    case "_+_", "_-_", "_*_", "_/_", "_%_": return try CELArithmetic.compute(name, values[0], values[1])
    default: break
    }
    let overload = CELFunctions.table.first {
      $0.name == name && $0.isMethod == (target != nil) && $0.parameters.count == values.count
    }
    guard let overload else { throw CELError(message: "no such overload: \(name)") }
    return try overload.body(values)
  }

  private func condition(_ expression: CELExpression) throws(CELError) -> Bool {
    guard let value = try evaluate(expression).bool else { throw CELError(message: "no such overload") }
    return value
  }

  /// && and ||: an error counts only when the other operand does not decide.
  private func logical(_ operands: [CELExpression], decisive: Bool) throws(CELError) -> JSONValue {
    let failure: CELError
    do {
      if try condition(operands[0]) == decisive { return .bool(decisive) }
      return .bool(try condition(operands[1]))
    } catch {
      failure = error
    }
    if let second = try? condition(operands[1]), second == decisive { return .bool(decisive) }
    throw failure
  }

  private func comprehension(_ macro: String, _ range: JSONValue, _ variable: String, _ body: [CELExpression])
    throws(CELError) -> JSONValue
  {
    let elements: [JSONValue]
    switch range {
    case .array(let array): elements = array
    case .object(let members): elements = members.keys.sorted().map(JSONValue.string)
    default: throw CELError(message: "no such overload")
    }
    var inner = self
    var results: [JSONValue] = []
    var holds = 0
    var failure: CELError?
    for element in elements {
      inner.variables[variable] = element
      guard macro != "map" || body.count == 2 else {
        results.append(try inner.evaluate(body[0]))
        continue
      }
      do {
        guard try inner.condition(body[0]) else {
          if macro == "all" { return false }
          continue
        }
      } catch  where macro == "all" || macro == "exists" {
        failure = failure ?? error
        continue
      }
      holds += 1
      if macro == "exists" { return true }
      if macro == "filter" { results.append(element) }
      if macro == "map" { results.append(try inner.evaluate(body[1])) }
    }
    if let failure { throw failure }
    return switch macro {
    case "all": true
    case "exists": false
    case "exists_one": .bool(holds == 1)
    default: .array(results)
    }
  }
}

/// Arithmetic that reports overflow.
enum CELArithmetic {
  static func negate(_ value: JSONValue) throws(CELError) -> JSONValue {
    switch value {
    case .integer(let number) where number != .min: .integer(-number)
    case .number(let number): .number(-number)
    default: throw CELError(message: "integer overflow")
    }
  }

  static func compute(_ name: String, _ left: JSONValue, _ right: JSONValue) throws(CELError) -> JSONValue {
    switch (left, right) {
    case (.integer(let left), .integer(let right)): return .integer(try whole(name, left, right))
    case (.string(let left), .string(let right)) where name == "_+_": return .string(left + right)
    case (.array(let left), .array(let right)) where name == "_+_": return .array(left + right)
    default: break
    }
    guard let left = left.number, let right = right.number else { throw CELError(message: "no such overload") }
    switch name {
    case "_+_": return .number(left + right)
    case "_-_": return .number(left - right)
    case "_*_": return .number(left * right)
    case "_/_": return .number(left / right)
    default: throw CELError(message: "no such overload")
    }
  }

  private static func whole(_ name: String, _ left: Int64, _ right: Int64) throws(CELError) -> Int64 {
    let (result, overflows): (Int64, Bool)
    switch name {
    case "_+_": (result, overflows) = left.addingReportingOverflow(right)
    case "_-_": (result, overflows) = left.subtractingReportingOverflow(right)
    case "_*_": (result, overflows) = left.multipliedReportingOverflow(by: right)
    default:
      guard right != 0 else { throw CELError(message: name == "_/_" ? "division by zero" : "modulus by zero") }
      (result, overflows) =
        name == "_/_" ? left.dividedReportingOverflow(by: right) : left.remainderReportingOverflow(dividingBy: right)
    }
    guard !overflows else { throw CELError(message: "integer overflow") }
    return result
  }
}
