import JSON

/// Reads a rule (the grammar of the CEL language definition).
struct CELParser {
  private let tokens: [CELToken]
  private var position = 0
  private var depth = 0

  static func parse(_ text: String) throws(CELError) -> CELExpression {
    var parser = CELParser(tokens: try CELLexer.tokens(of: text))
    let expression = try parser.conditional()
    guard parser.current == .end else { throw parser.unexpected() }
    return expression
  }

  private init(tokens: [CELToken]) { self.tokens = tokens }

  private var current: CELToken { position < tokens.count ? tokens[position] : .end }

  private func unexpected() -> CELError { CELError(message: "Syntax error: mismatched input '\(current.text)'") }

  private mutating func take(_ symbol: String) -> Bool {
    guard current == .symbol(symbol) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ symbol: String) throws(CELError) {
    guard take(symbol) else {
      throw CELError(message: "Syntax error: mismatched input '\(current.text)' expecting '\(symbol)'")
    }
  }

  private mutating func conditional() throws(CELError) -> CELExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw CELError(message: "expression recursion limit exceeded: 100") }
    let condition = try binary(0)
    guard take("?") else { return condition }
    let yes = try conditional()
    try expect(":")
    return .call("_?_:_", target: nil, [condition, yes, try conditional()])
  }

  /// Operators from the loosest to the tightest, with CEL's names for them.
  private static let levels: [[String: String]] = [
    ["||": "_||_"], ["&&": "_&&_"],
    ["==": "_==_", "!=": "_!=_", "<": "_<_", "<=": "_<=_", ">": "_>_", ">=": "_>=_", "in": "@in"],
    ["+": "_+_", "-": "_-_"], ["*": "_*_", "/": "_/_", "%": "_%_"],
  ]

  private mutating func binary(_ level: Int) throws(CELError) -> CELExpression {
    guard level < Self.levels.count else { return try unary() }
    var left = try binary(level + 1)
    while case .symbol(let symbol) = current, let name = Self.levels[level][symbol] {
      position += 1
      left = .call(name, target: nil, [left, try binary(level + 1)])
    }
    return left
  }

  private mutating func unary() throws(CELError) -> CELExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw CELError(message: "expression recursion limit exceeded: 100") }
    if take("!") { return .call("!_", target: nil, [try unary()]) }
    if take("-") {
      switch try unary() {
      case .literal(.integer(let value)): return .literal(.integer(-value))
      case .literal(.number(let value)): return .literal(.number(-value))
      case let operand: return .call("-_", target: nil, [operand])
      }
    }
    return try member()
  }

  private mutating func member() throws(CELError) -> CELExpression {
    var expression = try primary()
    while true {
      if take(".") {
        guard case .identifier(let name) = current else { throw unexpected() }
        position += 1
        expression = take("(") ? try method(name, of: expression) : .select(expression, name)
      } else if take("[") {
        let index = try conditional()
        try expect("]")
        expression = .index(expression, index)
      } else {
        return expression
      }
    }
  }

  private static let macros: [String: ClosedRange<Int>] = [
    "all": 2...2, "exists": 2...2, "exists_one": 2...2, "filter": 2...2, "map": 2...3,
  ]

  private mutating func method(_ name: String, of target: CELExpression) throws(CELError) -> CELExpression {
    let arguments = try self.arguments(until: ")")
    guard let counts = Self.macros[name], counts.contains(arguments.count) else {
      return .call(name, target: target, arguments)
    }
    guard case .identifier(let variable) = arguments[0] else {
      throw CELError(message: "argument is not an identifier")
    }
    return .comprehension(name, target, variable: variable, Array(arguments.dropFirst()))
  }

  private mutating func arguments(until end: String) throws(CELError) -> [CELExpression] {
    var arguments: [CELExpression] = []
    while !take(end) {
      arguments.append(try conditional())
      if !take(",") {
        try expect(end)
        break
      }
    }
    return arguments
  }

  private mutating func primary() throws(CELError) -> CELExpression {
    let token = current
    position += 1
    switch token {
    case .literal(let value): return .literal(value)
    case .identifier(let name):
      guard take("(") else { return .identifier(name) }
      let arguments = try self.arguments(until: ")")
      guard name == "has" else { return .call(name, target: nil, arguments) }
      guard arguments.count == 1, case .select(let operand, let field) = arguments[0] else {
        throw CELError(message: "invalid argument to has() macro")
      }
      return .has(operand, field)
    case .symbol("("):
      let expression = try conditional()
      try expect(")")
      return expression
    case .symbol("["): return .list(try arguments(until: "]"))
    case .symbol("{"): return try map()
    default:
      position -= 1
      throw unexpected()
    }
  }

  private mutating func map() throws(CELError) -> CELExpression {
    var entries: [(key: String, value: CELExpression)] = []
    while !take("}") {
      guard case .literal(.string(let key)) = try conditional() else {
        throw CELError(message: "map keys other than string literals are not supported by this server")
      }
      try expect(":")
      entries.append((key, try conditional()))
      if !take(",") {
        try expect("}")
        break
      }
    }
    return .map(entries)
  }
}
