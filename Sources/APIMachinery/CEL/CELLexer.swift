import JSON

enum CELToken: Equatable {
  case literal(JSONValue)
  case identifier(String)
  case symbol(String)
  case end

  var text: String {
    switch self {
    case .literal(let value): value.description
    case .identifier(let name), .symbol(let name): name
    case .end: "<EOF>"
    }
  }
}

/// Splits a rule into tokens.
struct CELLexer {
  private let scalars: [Unicode.Scalar]
  private var position = 0

  static func tokens(of text: String) throws(CELError) -> [CELToken] {
    var lexer = CELLexer(scalars: Array(text.unicodeScalars))
    var tokens: [CELToken] = []
    while let token = try lexer.next() { tokens.append(token) }
    return tokens
  }

  private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

  private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
    scalars.indices.contains(position + offset) ? scalars[position + offset] : nil
  }

  private func text(from start: Int) -> String {
    String(String.UnicodeScalarView(scalars[start..<position]))
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool { ScalarSet.word.contains(scalar) }

  private mutating func next() throws(CELError) -> CELToken? {
    while let scalar = peek() {
      if scalar.properties.isWhitespace {
        position += 1
      } else if scalar == "/", peek(1) == "/" {
        while let scalar = peek(), scalar != "\n" { position += 1 }
      } else {
        break
      }
    }
    guard let scalar = peek() else { return nil }
    if ScalarSet.digits.contains(scalar) || (scalar == "." && peek(1).map(ScalarSet.digits.contains) ?? false) {
      return try number()
    }
    if scalar == "\"" || scalar == "'" { return .literal(.string(try string(isRaw: false))) }
    if scalar == "r" || scalar == "R", peek(1) == "\"" || peek(1) == "'" {
      position += 1
      return .literal(.string(try string(isRaw: true)))
    }
    if Self.isWord(scalar) { return word() }
    let start = position
    for symbol in ["==", "!=", "<=", ">=", "&&", "||"] where peek(1) != nil {
      if String(String.UnicodeScalarView([scalar, scalars[position + 1]])) == symbol {
        position += 2
        return .symbol(symbol)
      }
    }
    position += 1
    guard "+-*/%<>!?:.,()[]{}".unicodeScalars.contains(scalar) else {
      throw CELError(message: "Syntax error: token recognition error at: '\(text(from: start))'")
    }
    return .symbol(text(from: start))
  }

  private mutating func word() -> CELToken {
    let start = position
    while let scalar = peek(), Self.isWord(scalar) { position += 1 }
    return switch text(from: start) {
    case "true": .literal(true)
    case "false": .literal(false)
    case "null": .literal(.null)
    case "in": .symbol("in")
    case let name: .identifier(name)
    }
  }

  private mutating func number() throws(CELError) -> CELToken {
    let start = position
    if peek() == "0", peek(1) == "x" {
      position += 2
      while let scalar = peek(), scalar.properties.isASCIIHexDigit { position += 1 }
      guard let value = Int64(text(from: start).dropFirst(2), radix: 16) else {
        throw CELError(message: "invalid int literal")
      }
      return .literal(.integer(value))
    }
    var isWhole = true
    while let scalar = peek() {
      if scalar == "." || scalar == "e" || scalar == "E" {
        isWhole = false
      } else if (scalar == "-" || scalar == "+") && (scalars[position - 1] == "e" || scalars[position - 1] == "E") {
      } else if !ScalarSet.digits.contains(scalar) {
        break
      }
      position += 1
    }
    let digits = text(from: start)
    if peek() == "u" || peek() == "U" { throw CELError(message: "unsigned literals are not supported by this server") }
    if isWhole, let value = Int64(digits) { return .literal(.integer(value)) }
    guard let value = Double(digits) else { throw CELError(message: "invalid number literal '\(digits)'") }
    return .literal(.number(value))
  }

  private mutating func string(isRaw: Bool) throws(CELError) -> String {
    let quote = scalars[position]
    let isTriple = peek(1) == quote && peek(2) == quote
    position += isTriple ? 3 : 1
    var result = String.UnicodeScalarView()
    while let scalar = peek() {
      if scalar == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
        position += isTriple ? 3 : 1
        return String(result)
      }
      position += 1
      if scalar == "\\", !isRaw {
        result.append(try escape())
      } else if scalar == "\n", !isTriple {
        break
      } else {
        result.append(scalar)
      }
    }
    throw CELError(message: "Syntax error: unterminated string")
  }

  private mutating func escape() throws(CELError) -> Unicode.Scalar {
    guard let scalar = peek() else { throw CELError(message: "Syntax error: unterminated string") }
    position += 1
    switch scalar {
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "a": return "\u{07}"
    case "b": return "\u{08}"
    case "f": return "\u{0C}"
    case "v": return "\u{0B}"
    case "\\", "\"", "'", "`", "?": return scalar
    case "x", "u", "U":
      let length = scalar == "x" ? 2 : scalar == "u" ? 4 : 8
      let start = position
      position = min(position + length, scalars.count)
      guard let value = UInt32(text(from: start), radix: 16), let result = Unicode.Scalar(value) else {
        throw CELError(message: "Syntax error: invalid escape sequence")
      }
      return result
    default: throw CELError(message: "Syntax error: invalid escape sequence '\\\(scalar)'")
    }
  }
}
