import JSON

/// A path into a JSON value, in the simple form of printer columns and selectable fields:
/// `.spec.ports[0].name`, `.metadata.labels['a.b/c']`, `.status.conditions[?(@.type=="Ready")].status`, `.items[*].x`.
struct JSONPath: Sendable {
  enum Step: Sendable {
    case member(String)
    case index(Int)
    case all
    case filter([String], Comparison, JSONValue)
  }

  enum Comparison: String, Sendable, CaseIterable {
    case equal = "==", notEqual = "!=", atLeast = ">=", atMost = "<=", more = ">", less = "<"
  }

  private let steps: [Step]

  /// Nil when `text` is no such path.
  init?(_ text: String) {
    var rest = text[...]
    if rest.hasPrefix("{"), rest.hasSuffix("}") { rest = rest.dropFirst().dropLast() }
    if rest.hasPrefix("$") { rest = rest.dropFirst() }
    var steps: [Step] = []
    while let first = rest.first {
      rest.removeFirst()
      switch first {
      case ".":
        guard rest.first != "[" else { continue }
        var name = ""
        while let character = rest.first, character != ".", character != "[" {
          rest.removeFirst()
          if character == "\\", let escaped = rest.popFirst() { name.append(escaped) } else { name.append(character) }
        }
        guard !name.isEmpty else { return nil }
        steps.append(name == "*" ? .all : .member(name))
      case "[":
        guard let (step, length) = Self.bracket(rest) else { return nil }
        steps.append(step)
        rest.removeFirst(length)
      default: return nil
      }
    }
    guard !steps.isEmpty else { return nil }
    self.steps = steps
  }

  /// The step in brackets and its length with the closing one.
  private static func bracket(_ text: Substring) -> (Step, Int)? {
    var quote: Character?
    var depth = 0
    var length = 0
    for character in text {
      length += 1
      if let open = quote {
        if character == open { quote = nil }
        continue
      }
      switch character {
      case "'", "\"": quote = character
      case "[", "(": depth += 1
      case ")": depth -= 1
      case "]" where depth > 0: depth -= 1
      case "]":
        guard let step = step(text.prefix(length - 1)) else { return nil }
        return (step, length)
      default: break
      }
    }
    return nil
  }

  private static func step(_ text: Substring) -> Step? {
    if text == "*" { return .all }
    if let index = Int(text) { return .index(index) }
    if let name = unquoted(text) { return .member(name) }
    guard text.hasPrefix("?(@."), text.hasSuffix(")") else { return nil }
    let body = text.dropFirst(4).dropLast()
    for comparison in Comparison.allCases {
      guard let range = body.firstRange(of: comparison.rawValue) else { continue }
      let path = body[..<range.lowerBound].split(separator: ".").map { String($0.filter { $0 != " " }) }
      let literal = body[range.upperBound...].drop { $0 == " " }
      let value = unquoted(literal).map(JSONValue.string) ?? (try? JSONValue(parsing: String(literal)))
      guard let value else { return nil }
      return .filter(path, comparison, value)
    }
    return nil
  }

  private static func unquoted(_ text: Substring) -> String? {
    let trimmed = String(text).trimmingSuffix { $0 == " " }
    guard let first = trimmed.first, first == "'" || first == "\"", trimmed.count >= 2, trimmed.last == first else {
      return nil
    }
    return String(trimmed.dropFirst().dropLast())
  }

  /// The member names of a path that has nothing else in it; nil otherwise.
  var memberNames: [String]? {
    let names = steps.compactMap { step in if case .member(let name) = step { name } else { nil } }
    return names.count == steps.count ? names : nil
  }

  /// All values that the path leads to.
  func values(in value: JSONValue) -> [JSONValue] {
    steps.reduce([value]) { values, step in
      values.flatMap { value -> [JSONValue] in
        switch step {
        case .member(let name): value[name].map { [$0] } ?? []
        case .index(let index): value[index < 0 ? index + (value.array?.count ?? 0) : index].map { [$0] } ?? []
        case .all: value.array ?? value.object.map { $0.keys.sorted().compactMap { value[$0] } } ?? []
        case .filter(let path, let comparison, let literal):
          (value.array ?? []).filter { Self.holds($0[path: path], comparison, literal) }
        }
      }
    }
  }

  private static func holds(_ value: JSONValue?, _ comparison: Comparison, _ literal: JSONValue) -> Bool {
    guard let value else { return false }
    switch comparison {
    case .equal: return value.isEqualJSON(literal)
    case .notEqual: return !value.isEqualJSON(literal)
    default: break
    }
    if let left = value.number, let right = literal.number { return compare(left, comparison, right) }
    if let left = value.string, let right = literal.string { return compare(left, comparison, right) }
    return false
  }

  private static func compare<T: Comparable>(_ left: T, _ comparison: Comparison, _ right: T) -> Bool {
    switch comparison {
    case .atLeast: left >= right
    case .atMost: left <= right
    case .more: left > right
    case .less: left < right
    case .equal: left == right
    case .notEqual: left != right
    }
  }
}
