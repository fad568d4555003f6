import JSON

/// A function that rules may call.
struct CELFunction: Sendable {
  var name: String
  /// Whether it is called on its first parameter (`a.f(b)`).
  var isMethod: Bool
  /// What each parameter must be, the target first.
  var parameters: [@Sendable (CELType) -> Bool]
  var result: @Sendable ([CELType]) -> CELType
  var body: @Sendable ([JSONValue]) throws(CELError) -> JSONValue
}

/// The functions of CEL and of Kubernetes' extensions that are supported.
enum CELFunctions {
  static let table: [CELFunction] = sizes + strings + conversions + lists + addresses

  private static let string: @Sendable (CELType) -> Bool = { $0.name == "string" }
  private static let int: @Sendable (CELType) -> Bool = { $0.name == "int" }
  private static let list: @Sendable (CELType) -> Bool = { if case .list = $0 { true } else { false } }
  private static let scalar: @Sendable (CELType) -> Bool = { ["string", "int", "double", "bool"].contains($0.name) }
  private static let sized: @Sendable (CELType) -> Bool = { type in
    switch type {
    case .string, .list, .map, .object: true
    default: false
    }
  }

  private static func noOverload(_ name: String) -> CELError { CELError(message: "no such overload: \(name)") }

  private static func text(_ value: JSONValue, _ name: String) throws(CELError) -> String {
    guard let text = value.string else { throw noOverload(name) }
    return text
  }

  private static func elements(_ value: JSONValue, _ name: String) throws(CELError) -> [JSONValue] {
    guard let elements = value.array else { throw noOverload(name) }
    return elements
  }

  private static let sizes: [CELFunction] = [false, true].map { isMethod in
    CELFunction(name: "size", isMethod: isMethod, parameters: [sized], result: { _ in .int }) {
      values throws(CELError) in
      switch values[0] {
      case .string(let text): .integer(Int64(text.unicodeScalars.count))
      case .array(let elements): .integer(Int64(elements.count))
      case .object(let members): .integer(Int64(members.count))
      default: throw noOverload("size")
      }
    }
  }

  private static func stringTest(_ name: String, _ test: @escaping @Sendable (String, String) -> Bool) -> CELFunction {
    CELFunction(name: name, isMethod: true, parameters: [string, string], result: { _ in .bool }) {
      values throws(CELError) in
      .bool(test(try text(values[0], name), try text(values[1], name)))
    }
  }

  private static func stringChange(_ name: String, _ change: @escaping @Sendable (String) -> String) -> CELFunction {
    CELFunction(name: name, isMethod: true, parameters: [string], result: { _ in .string }) { values throws(CELError) in
      .string(change(try text(values[0], name)))
    }
  }

  private static let strings: [CELFunction] = [
    stringTest("contains") { $0.unicodeScalars.contains($1.unicodeScalars) },
    stringTest("startsWith") { $0.unicodeScalars.starts(with: $1.unicodeScalars) },
    stringTest("endsWith") { $0.unicodeScalars.reversed().starts(with: $1.unicodeScalars.reversed()) },
    stringChange("lowerAscii") { $0.lowercased() },
    stringChange("upperAscii") { $0.uppercased() },
    stringChange("trim") { String($0.trimmingSuffix(while: \.isWhitespace).drop(while: \.isWhitespace)) },
    CELFunction(name: "matches", isMethod: true, parameters: [string, string], result: { _ in .bool }) {
      values throws(CELError) in
      let pattern = try text(values[1], "matches")
      do {
        return .bool(try RegularExpression(pattern).matches(try text(values[0], "matches")))
      } catch let error as RegularExpression.SyntaxError {
        throw CELError(message: error.message)
      } catch {
        throw noOverload("matches")
      }
    },
    CELFunction(name: "split", isMethod: true, parameters: [string, string], result: { _ in .list(.string) }) {
      values throws(CELError) in
      let separator = try text(values[1], "split")
      let whole = try text(values[0], "split")
      let parts = separator.isEmpty ? whole.map { String($0) } : whole.components(separatedBy: separator)
      return .array(parts.map(JSONValue.string))
    },
    CELFunction(name: "replace", isMethod: true, parameters: [string, string, string], result: { _ in .string }) {
      values throws(CELError) in
      .string(
        try text(values[0], "replace").replacing(try text(values[1], "replace"), with: try text(values[2], "replace")))
    },
    CELFunction(name: "substring", isMethod: true, parameters: [string, int], result: { _ in .string }) {
      values throws(CELError) in
      try substring(values[0], values[1].integer, nil)
    },
    CELFunction(name: "substring", isMethod: true, parameters: [string, int, int], result: { _ in .string }) {
      values throws(CELError) in
      try substring(values[0], values[1].integer, values[2].integer)
    },
    CELFunction(name: "indexOf", isMethod: true, parameters: [string, string], result: { _ in .int }) {
      values throws(CELError) in
      let whole = try text(values[0], "indexOf").unicodeScalars
      guard let range = whole.firstRange(of: try text(values[1], "indexOf").unicodeScalars) else { return -1 }
      return .integer(Int64(whole.distance(from: whole.startIndex, to: range.lowerBound)))
    },
  ]

  private static func substring(_ value: JSONValue, _ start: Int64?, _ end: Int64?) throws(CELError) -> JSONValue {
    let scalars = Array(try text(value, "substring").unicodeScalars)
    let start = start ?? -1
    let end = end ?? Int64(scalars.count)
    guard start >= 0, start <= end, end <= scalars.count else {
      throw CELError(message: "index out of range: \(start)")
    }
    return .string(String(String.UnicodeScalarView(scalars[Int(start)..<Int(end)])))
  }

  private static let conversions: [CELFunction] = [
    CELFunction(name: "string", isMethod: false, parameters: [scalar], result: { _ in .string }) {
      values throws(CELError) in
      .string(
        values[0].string ?? values[0].number.map { values[0].integer.map { "\($0)" } ?? goNumber($0) }
          ?? values[0].description)
    },
    CELFunction(name: "int", isMethod: false, parameters: [scalar], result: { _ in .int }) { values throws(CELError) in
      switch values[0] {
      case .integer: return values[0]
      case .number(let number):
        guard let whole = Int64(exactly: number.rounded(.towardZero)) else {
          throw CELError(message: "integer overflow")
        }
        return .integer(whole)
      case .string(let text):
        guard let whole = Int64(text) else { throw CELError(message: "type conversion error from 'string' to 'int'") }
        return .integer(whole)
      default: throw noOverload("int")
      }
    },
    CELFunction(name: "double", isMethod: false, parameters: [scalar], result: { _ in .double }) {
      values throws(CELError) in
      guard let number = values[0].number ?? values[0].string.flatMap({ Double($0) }) else {
        throw noOverload("double")
      }
      return .number(number)
    },
    CELFunction(name: "dyn", isMethod: false, parameters: [{ _ in true }], result: { _ in .dynamic }) {
      values throws(CELError) in values[0]
    },
  ]

  private static let lists: [CELFunction] = [
    CELFunction(name: "join", isMethod: true, parameters: [list], result: { _ in .string }) { values throws(CELError) in
      try join(values[0], "")
    },
    CELFunction(name: "join", isMethod: true, parameters: [list, string], result: { _ in .string }) {
      values throws(CELError) in
      try join(values[0], try text(values[1], "join"))
    },
    CELFunction(name: "isSorted", isMethod: true, parameters: [list], result: { _ in .bool }) {
      values throws(CELError) in
      let elements = try elements(values[0], "isSorted")
      for (left, right) in zip(elements, elements.dropFirst()) {
        guard try CELOrder.compare(left, right) <= 0 else { return false }
      }
      return true
    },
    extreme("min") { $0 < 0 }, extreme("max") { $0 > 0 },
    CELFunction(name: "sum", isMethod: true, parameters: [list], result: { _ in .dynamic }) { values throws(CELError) in
      let elements = try elements(values[0], "sum")
      let whole = elements.compactMap(\.integer)
      if whole.count == elements.count {
        var sum: Int64 = 0
        for element in whole {
          let (next, overflows) = sum.addingReportingOverflow(element)
          guard !overflows else { throw CELError(message: "integer overflow") }
          sum = next
        }
        return .integer(sum)
      }
      let numbers = elements.compactMap(\.number)
      guard numbers.count == elements.count else { throw noOverload("sum") }
      return .number(numbers.reduce(0, +))
    },
  ]

  private static func extreme(_ name: String, _ isBetter: @escaping @Sendable (Int) -> Bool) -> CELFunction {
    CELFunction(
      name: name, isMethod: true, parameters: [list],
      result: { types in if case .list(let element) = types[0] { element } else { .dynamic } }
    ) { values throws(CELError) in
      let elements = try elements(values[0], name)
      guard var best = elements.first else { throw CELError(message: "\(name) called on empty list") }
      for element in elements.dropFirst() where isBetter(try CELOrder.compare(element, best)) { best = element }
      return best
    }
  }

  private static func join(_ value: JSONValue, _ separator: String) throws(CELError) -> JSONValue {
    var texts: [String] = []
    for element in try elements(value, "join") { texts.append(try text(element, "join")) }
    return .string(texts.joined(separator: separator))
  }

  private static func addressTest(_ name: String, _ test: @escaping @Sendable (String) -> Bool) -> CELFunction {
    CELFunction(name: name, isMethod: false, parameters: [string], result: { _ in .bool }) { values throws(CELError) in
      .bool(test(try text(values[0], name)))
    }
  }

  private static let addresses: [CELFunction] = [
    addressTest("isIP") { Formats.isIPv4($0) || Formats.isIPv6($0) },
    addressTest("isCIDR") { Formats.isCIDR($0) },
  ]
}

/// The order of values of one type.
enum CELOrder {
  /// Less than, equal to or greater than zero.
  static func compare(_ left: JSONValue, _ right: JSONValue) throws(CELError) -> Int {
    switch (left, right) {
    case (.integer(let left), .integer(let right)): left < right ? -1 : left > right ? 1 : 0
    case (.integer, .number), (.number, .integer), (.number, .number):
      left.number! < right.number! ? -1 : left.number! > right.number! ? 1 : 0
    case (.string(let left), .string(let right)):
      left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars) ? -1 : left == right ? 0 : 1
    case (.bool(let left), .bool(let right)): left == right ? 0 : right ? -1 : 1
    default: throw CELError(message: "no such overload")
    }
  }
}
