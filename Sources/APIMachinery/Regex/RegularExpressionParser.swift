/// Reads RE2's syntax.
struct RegularExpressionParser {
  private typealias Node = RegularExpression.Node
  private typealias SyntaxError = RegularExpression.SyntaxError

  private let pattern: String
  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var depth = 0
  private var ignoresCase = false
  private var dotMatchesNewline = false
  private var multipleLines = false

  init(_ pattern: String) {
    self.pattern = pattern
    scalars = Array(pattern.unicodeScalars)
  }

  mutating func parse() throws(RegularExpression.SyntaxError) -> RegularExpression.Node {
    let node = try alternatives()
    guard position == scalars.count else { throw error("unexpected )", pattern) }
    return node
  }

  private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard current == scalar else { return false }
    position += 1
    return true
  }

  private func error(_ what: String, _ text: String) -> RegularExpression.SyntaxError {
    RegularExpression.SyntaxError(message: "error parsing regexp: \(what): `\(text)`")
  }

  private func text(from start: Int) -> String {
    var result = ""
    result.unicodeScalars.append(contentsOf: scalars[start..<min(position, scalars.count)])
    return result
  }

  private mutating func alternatives() throws(RegularExpression.SyntaxError) -> RegularExpression.Node {
    depth += 1
    defer { depth -= 1 }
    guard depth < 200 else { throw error("expression nests too deeply", pattern) }
    var nodes = [try sequence()]
    while take("|") { nodes.append(try sequence()) }
    return nodes.count == 1 ? nodes[0] : .alternatives(nodes)
  }

  private mutating func sequence() throws(RegularExpression.SyntaxError) -> RegularExpression.Node {
    var nodes: [Node] = []
    while let scalar = current, scalar != "|", scalar != ")" {
      let atom = try atom()
      nodes.append(try repetition(of: atom))
    }
    return nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  private mutating func repetition(of atom: RegularExpression.Node) throws(RegularExpression.SyntaxError)
    -> RegularExpression.Node
  {
    let start = position
    let result: Node
    if take("*") {
      result = .repeated(atom, 0, nil)
    } else if take("+") {
      result = .repeated(atom, 1, nil)
    } else if take("?") {
      result = .repeated(atom, 0, 1)
    } else if let (least, most) = try counts() {
      result = .repeated(atom, least, most)
    } else {
      return atom
    }
    _ = take("?")  // lazy: the same matches
    if let scalar = current, "*+?".unicodeScalars.contains(scalar) {
      position += 1
      throw error("invalid nested repetition operator", text(from: start))
    }
    return result
  }

  /// `{n}`, `{n,}` or `{n,m}`; nil when the brace is none of them and so stands for itself.
  private mutating func counts() throws(RegularExpression.SyntaxError) -> (Int, Int?)? {
    let start = position
    guard take("{"), let least = number() else {
      position = start
      return nil
    }
    var most: Int? = least
    if take(",") { most = number() }
    guard take("}") else {
      position = start
      return nil
    }
    guard least <= 1000, most ?? 0 <= 1000, most ?? least >= least else {
      throw error("invalid repeat count", text(from: start))
    }
    return (least, most)
  }

  private mutating func number() -> Int? {
    let start = position
    while let scalar = current, ScalarSet.digits.contains(scalar), position - start < 5 { position += 1 }
    return Int(text(from: start))
  }

  private func set(_ set: ScalarSet) -> RegularExpression.Node { .set(ignoresCase ? set.ignoringCase : set) }

  private mutating func atom() throws(RegularExpression.SyntaxError) -> RegularExpression.Node {
    let start = position
    let scalar = scalars[position]
    position += 1
    switch scalar {
    case "(": return try group(start)
    case "[": return set(try bracket(start))
    case ".": return .set(dotMatchesNewline ? .anything : .anythingButNewline)
    case "^": return .assertion(multipleLines ? .lineStart : .textStart)
    case "$": return .assertion(multipleLines ? .lineEnd : .textEnd)
    case "*", "+", "?": throw error("missing argument to repetition operator", text(from: start))
    case "\\": return try escape(start)
    default: return set(ScalarSet(ranges: [scalar.value...scalar.value]))
    }
  }

  private mutating func group(_ start: Int) throws(RegularExpression.SyntaxError) -> RegularExpression.Node {
    let flags = (ignoresCase, dotMatchesNewline, multipleLines)
    if take("?") {
      if take("P") || current == "<" {
        guard take("<") else { throw error("invalid named capture", text(from: start)) }
        while let scalar = current, scalar != ">" { position += scalar == ")" ? scalars.count : 1 }
        guard take(">") else { throw error("invalid named capture", pattern) }
      } else if try setFlags(start) {
        return .empty
      }
    }
    let node = try alternatives()
    guard take(")") else { throw error("missing closing )", pattern) }
    (ignoresCase, dotMatchesNewline, multipleLines) = flags
    return node
  }

  /// Reads flags; true when they stand alone (`(?i)`), false when a group follows (`(?i:`).
  private mutating func setFlags(_ start: Int) throws(RegularExpression.SyntaxError) -> Bool {
    var value = true
    while let scalar = current {
      position += 1
      switch scalar {
      case "i": ignoresCase = value
      case "s": dotMatchesNewline = value
      case "m": multipleLines = value
      case "U": break
      case "-": value = false
      case ":": return false
      case ")": return true
      default: throw error("invalid or unsupported Perl syntax", text(from: start))
      }
    }
    throw error("missing closing )", pattern)
  }

  private mutating func escape(_ start: Int) throws(RegularExpression.SyntaxError) -> RegularExpression.Node {
    switch current {
    case "b":
      position += 1
      return .assertion(.wordBoundary)
    case "B":
      position += 1
      return .assertion(.noWordBoundary)
    case "A":
      position += 1
      return .assertion(.textStart)
    case "z":
      position += 1
      return .assertion(.textEnd)
    default: return set(try escapedSet(start))
    }
  }

  /// What a backslash and the following stand for.
  private mutating func escapedSet(_ start: Int) throws(RegularExpression.SyntaxError) -> ScalarSet {
    guard let scalar = current else { throw error("trailing backslash at end of expression", "") }
    position += 1
    let controls: [Unicode.Scalar: UInt32] = ["n": 10, "r": 13, "t": 9, "f": 12, "v": 11, "a": 7]
    switch scalar {
    case "d": return .digits
    case "D": return ScalarSet.digits.negated
    case "w": return .word
    case "W": return ScalarSet.word.negated
    case "s": return .space
    case "S": return ScalarSet.space.negated
    case "x": return try hexadecimalEscape(start)
    case _ where controls[scalar] != nil: return ScalarSet(ranges: [controls[scalar]!...controls[scalar]!])
    case _ where scalar.isASCII && !ScalarSet.word.contains(scalar):
      return ScalarSet(ranges: [scalar.value...scalar.value])
    default: throw error("invalid escape sequence", text(from: start))
    }
  }

  private mutating func hexadecimalEscape(_ start: Int) throws(RegularExpression.SyntaxError) -> ScalarSet {
    var digits = ""
    if take("{") {
      while let scalar = current, scalar != "}" {
        digits.unicodeScalars.append(scalar)
        position += 1
      }
      position += 1
    } else {
      for _ in 0..<2 {
        guard let scalar = current else { break }
        digits.unicodeScalars.append(scalar)
        position += 1
      }
    }
    guard let value = UInt32(digits, radix: 16), value <= 0x10FFFF else {
      throw error("invalid escape sequence", text(from: start))
    }
    return ScalarSet(ranges: [value...value])
  }

  private mutating func bracket(_ start: Int) throws(RegularExpression.SyntaxError) -> ScalarSet {
    let isNegated = take("^")
    var ranges: [ClosedRange<UInt32>] = []
    var isFirst = true
    while isFirst || current != "]" {
      guard current != nil else { throw error("missing closing ]", text(from: start)) }
      isFirst = false
      if let named = try namedClass() {
        ranges += named.plainRanges
        continue
      }
      let low = try bracketItem(start)
      guard low.count == 1, current == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
        ranges += low
        continue
      }
      position += 1
      let high = try bracketItem(start)
      guard high.count == 1, low[0].lowerBound <= high[0].upperBound else {
        throw error("invalid character class range", text(from: start))
      }
      ranges.append(low[0].lowerBound...high[0].upperBound)
    }
    position += 1
    return ScalarSet(ranges: ranges, isNegated: isNegated)
  }

  private mutating func bracketItem(_ start: Int) throws(RegularExpression.SyntaxError) -> [ClosedRange<UInt32>] {
    guard let scalar = current else { throw error("missing closing ]", text(from: start)) }
    position += 1
    return scalar == "\\" ? try escapedSet(position - 1).plainRanges : [scalar.value...scalar.value]
  }

  /// `[:alpha:]` and its like inside brackets.
  private mutating func namedClass() throws(RegularExpression.SyntaxError) -> ScalarSet? {
    guard current == "[", position + 1 < scalars.count, scalars[position + 1] == ":" else { return nil }
    let start = position
    while position + 1 < scalars.count,
      !(scalars[position] == ":" && scalars[position + 1] == "]" && position > start + 1)
    {
      position += 1
    }
    let name = text(from: start).dropFirst(2)
    position += 2
    let isNegated = name.hasPrefix("^")
    guard let ranges = Self.classes[isNegated ? String(name.dropFirst()) : String(name)] else {
      throw error("invalid character class range", text(from: start))
    }
    return ScalarSet(ranges: ranges, isNegated: isNegated)
  }

  private static let classes: [String: [ClosedRange<UInt32>]] = [
    "alnum": [48...57, 65...90, 97...122], "alpha": [65...90, 97...122], "ascii": [0...127], "blank": [9...9, 32...32],
    "cntrl": [0...31, 127...127], "digit": [48...57], "graph": [33...126], "lower": [97...122], "print": [32...126],
    "punct": [33...47, 58...64, 91...96, 123...126], "space": [9...13, 32...32], "upper": [65...90],
    "word": [48...57, 65...90, 95...95, 97...122], "xdigit": [48...57, 65...70, 97...102],
  ]
}
