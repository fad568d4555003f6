/// A label selector as the query parameter `labelSelector` gives it: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>5`.
public struct LabelSelector: Sendable, Hashable {
  enum Operator: Sendable, Hashable { case isIn, isNotIn, exists, doesNotExist, greaterThan, lessThan }

  struct Requirement: Sendable, Hashable {
    var key: String
    var operation: Operator
    var values: Set<String> = []

    func matches(_ labels: [String: String]) -> Bool {
      let value = labels[key]
      return switch operation {
      case .exists: value != nil
      case .doesNotExist: value == nil
      case .isIn: value.map(values.contains) ?? false
      case .isNotIn: value.map { !values.contains($0) } ?? true
      case .greaterThan: compare(value) { $0 > $1 }
      case .lessThan: compare(value) { $0 < $1 }
      }
    }

    private func compare(_ value: String?, _ holds: (Int64, Int64) -> Bool) -> Bool {
      guard let actual = value.flatMap({ Int64($0) }), let bound = values.first.flatMap({ Int64($0) }) else {
        return false
      }
      return holds(actual, bound)
    }
  }

  var requirements: [Requirement] = []

  /// Whether every object fits.
  public var isEverything: Bool { requirements.isEmpty }

  /// The selector that every object fits.
  public static let everything = LabelSelector()

  /// Whether labels fit all terms.
  public func matches(_ labels: [String: String]) -> Bool { requirements.allSatisfy { $0.matches(labels) } }

  /// Reads a selector; 400 with the words of Kubernetes' parser when it is none.
  public static func parse(_ text: String) throws(StatusError) -> LabelSelector {
    var parser = LabelSelectorParser(text)
    do {
      return LabelSelector(requirements: try parser.parse())
    } catch {
      throw .badRequest("unable to parse requirement: \(error.message)")
    }
  }
}

private struct LabelSelectorParser {
  struct Failure: Error { var message: String }

  enum Token: Equatable {
    case word(String), symbol(String), end

    var text: String {
      switch self {
      case .word(let text), .symbol(let text): text
      case .end: ""
      }
    }
  }

  private var tokens: [Token] = []
  private var position = 0

  init(_ text: String) {
    let symbols: Set<Character> = ["=", "!", "(", ")", ",", "<", ">"]
    var rest = text[...]
    while let first = rest.first {
      if first.isWhitespace {
        rest.removeFirst()
      } else if symbols.contains(first) {
        let length = rest.hasPrefix("==") || rest.hasPrefix("!=") ? 2 : 1
        tokens.append(.symbol(String(rest.prefix(length))))
        rest.removeFirst(length)
      } else {
        let word = rest.prefix { !$0.isWhitespace && !symbols.contains($0) }
        tokens.append(.word(String(word)))
        rest.removeFirst(word.count)
      }
    }
  }

  private var current: Token { position < tokens.count ? tokens[position] : .end }
  private var next: Token { position + 1 < tokens.count ? tokens[position + 1] : .end }

  mutating func parse() throws(Failure) -> [LabelSelector.Requirement] {
    var requirements: [LabelSelector.Requirement] = []
    while current != .end {
      requirements.append(try requirement())
      if current == .end { break }
      guard current == .symbol(",") else {
        throw Failure(message: "found '\(current.text)', expected: ',' or 'end of string'")
      }
      position += 1
      guard current != .end, current != .symbol(",") else {
        throw Failure(message: "found '\(current.text)', expected: identifier after ','")
      }
    }
    return requirements
  }

  private mutating func requirement() throws(Failure) -> LabelSelector.Requirement {
    let negated = current == .symbol("!")
    if negated { position += 1 }
    guard case .word(let key) = current else {
      throw Failure(message: "found '\(current.text)', expected: !, identifier, or 'end of string'")
    }
    if let problem = Names.qualifiedName(key).first {
      throw Failure(message: "key: Invalid value: \(goQuoted(key)): \(problem)")
    }
    position += 1
    if negated { return .init(key: key, operation: .doesNotExist) }
    let operation = current
    switch operation {
    case .end, .symbol(","): return .init(key: key, operation: .exists)
    case .symbol("="), .symbol("=="): return .init(key: key, operation: .isIn, values: [try value(key)])
    case .symbol("!="): return .init(key: key, operation: .isNotIn, values: [try value(key)])
    case .symbol(">"), .symbol("<"):
      let bound = try value(key)
      guard Int64(bound) != nil else {
        throw Failure(
          message:
            "values[0][\(key)]: Invalid value: \(goQuoted(bound)): for 'Gt', 'Lt' operators, the value must be an integer"
        )
      }
      return .init(key: key, operation: operation == .symbol(">") ? .greaterThan : .lessThan, values: [bound])
    case .word("in"): return .init(key: key, operation: .isIn, values: try values(key))
    case .word("notin"): return .init(key: key, operation: .isNotIn, values: try values(key))
    default:
      throw Failure(
        message: "found '\(operation.text)', expected: in, notin, =, ==, !=, gt, lt")
    }
  }

  /// The value after an operator; it may be empty.
  private mutating func value(_ key: String) throws(Failure) -> String {
    position += 1
    guard case .word(let text) = current else {
      guard current == .end || current == .symbol(",") else {
        throw Failure(message: "found '\(current.text)', expected: identifier")
      }
      return ""
    }
    position += 1
    return try checked(text, key)
  }

  private mutating func values(_ key: String) throws(Failure) -> Set<String> {
    position += 1
    guard current == .symbol("(") else { throw Failure(message: "found '\(current.text)' expected: '('") }
    position += 1
    var result: Set<String> = []
    while true {
      if case .word(let text) = current {
        result.insert(try checked(text, key))
        position += 1
      } else {
        result.insert("")
      }
      switch current {
      case .symbol(","): position += 1
      case .symbol(")"):
        position += 1
        return result
      default: throw Failure(message: "found '\(current.text)', expected: ',' or ')'")
      }
    }
  }

  private func checked(_ text: String, _ key: String) throws(Failure) -> String {
    if let problem = Names.labelValue(text).first {
      throw Failure(message: "values[0][\(key)]: Invalid value: \(goQuoted(text)): \(problem)")
    }
    return text
  }
}
