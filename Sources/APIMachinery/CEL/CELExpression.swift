import JSON

/// An expression of the Common Expression Language, as far as rules of CustomResourceDefinitions commonly use it.
indirect enum CELExpression: Sendable {
  case literal(JSONValue)
  case identifier(String)
  /// `operand.field`
  case select(CELExpression, String)
  /// `has(operand.field)`
  case has(CELExpression, String)
  /// `operand[index]`
  case index(CELExpression, CELExpression)
  /// A function, or with a target a method; operators are functions with CEL's own names (`_+_`).
  case call(String, target: CELExpression?, [CELExpression])
  case list([CELExpression])
  case map([(key: String, value: CELExpression)])
  /// `range.macro(variable, body...)`: all, exists, exists_one, map, filter.
  case comprehension(String, CELExpression, variable: String, [CELExpression])

  /// Whether the expression names a variable.
  func mentions(_ name: String) -> Bool {
    switch self {
    case .literal: false
    case .identifier(let identifier): identifier == name
    case .select(let operand, _), .has(let operand, _): operand.mentions(name)
    case .index(let operand, let index): operand.mentions(name) || index.mentions(name)
    case .call(_, let target, let arguments):
      target?.mentions(name) ?? false || arguments.contains { $0.mentions(name) }
    case .list(let elements): elements.contains { $0.mentions(name) }
    case .map(let entries): entries.contains { $0.value.mentions(name) }
    case .comprehension(_, let range, _, let body): range.mentions(name) || body.contains { $0.mentions(name) }
    }
  }
}

/// A rule that cannot be compiled, or that failed while it ran.
struct CELError: Error {
  var message: String
}
