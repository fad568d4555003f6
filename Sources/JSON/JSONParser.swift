extension JSONValue {
  /// What a parser accepts beyond RFC 8259, and its limits.
  public struct ParsingOptions: Sendable, Hashable {
    /// How deep arrays and objects may be nested.
    public var maximumDepth: Int
    /// Whether an object with one key twice is an error; otherwise the last member counts.
    public var rejectDuplicateKeys: Bool

    public init(maximumDepth: Int = 512, rejectDuplicateKeys: Bool = false) {
      self.maximumDepth = maximumDepth
      self.rejectDuplicateKeys = rejectDuplicateKeys
    }
  }

  /// Parses a whole text (RFC 8259, UTF-8): one value with white space around it and nothing else.
  public init(parsing bytes: [UInt8], options: ParsingOptions = .init()) throws(JSONError) {
    self = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
      try JSONValue(parsing: buffer, options: options)
    }
  }

  /// Parses a whole text (RFC 8259): one value with white space around it and nothing else.
  public init(parsing text: String, options: ParsingOptions = .init()) throws(JSONError) {
    self = try JSONValue(parsing: Array(text.utf8), options: options)
  }

  /// Parses a whole text in memory that somebody else owns; nothing of it is referenced afterwards.
  public init(parsing buffer: UnsafeBufferPointer<UInt8>, options: ParsingOptions = .init()) throws(JSONError) {
    var parser = JSONParser(buffer, options)
    self = try parser.document()
  }
}

/// A recursive-descent parser over bytes in memory.
struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let options: JSONValue.ParsingOptions
  private var position = 0
  private var depth = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ options: JSONValue.ParsingOptions) {
    self.bytes = bytes
    self.options = options
  }

  mutating func document() throws(JSONError) -> JSONValue {
    let result = try value()
    skipWhiteSpace()
    guard position == bytes.count else { throw unexpected() }
    return result
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    skipWhiteSpace()
    guard position < bytes.count else { throw JSONError(.truncated, at: position) }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: throw unexpected()
    }
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    try enter()
    var members: [String: JSONValue] = [:]
    if try !closes(UInt8(ascii: "}")) {
      repeat {
        skipWhiteSpace()
        guard position < bytes.count else { throw JSONError(.truncated, at: position) }
        guard bytes[position] == UInt8(ascii: "\"") else { throw unexpected() }
        let start = position
        let key = try string()
        try expect(UInt8(ascii: ":"))
        let member = try value()
        if members.updateValue(member, forKey: key) != nil, options.rejectDuplicateKeys {
          throw JSONError(.duplicateKey(key), at: start)
        }
      } while try continues(until: UInt8(ascii: "}"))
    }
    depth -= 1
    return .object(members)
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    try enter()
    var elements: [JSONValue] = []
    if try !closes(UInt8(ascii: "]")) {
      repeat { elements.append(try value()) } while try continues(until: UInt8(ascii: "]"))
    }
    depth -= 1
    return .array(elements)
  }

  private mutating func enter() throws(JSONError) {
    depth += 1
    if depth > options.maximumDepth { throw JSONError(.tooDeep(limit: options.maximumDepth), at: position) }
    position += 1
  }

  /// Whether the container just opened ends at once.
  private mutating func closes(_ end: UInt8) throws(JSONError) -> Bool {
    skipWhiteSpace()
    guard position < bytes.count else { throw JSONError(.truncated, at: position) }
    guard bytes[position] == end else { return false }
    position += 1
    return true
  }

  /// Whether another element follows: reads a comma (true) or the end of the container (false).
  private mutating func continues(until end: UInt8) throws(JSONError) -> Bool {
    skipWhiteSpace()
    guard position < bytes.count else { throw JSONError(.truncated, at: position) }
    let byte = bytes[position]
    guard byte == UInt8(ascii: ",") || byte == end else { throw unexpected() }
    position += 1
    return byte != end
  }

  private mutating func expect(_ byte: UInt8) throws(JSONError) {
    skipWhiteSpace()
    guard position < bytes.count else { throw JSONError(.truncated, at: position) }
    guard bytes[position] == byte else { throw unexpected() }
    position += 1
  }

  private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    for index in 0..<text.utf8CodeUnitCount {
      guard position < bytes.count else { throw JSONError(.truncated, at: position) }
      guard bytes[position] == text.utf8Start[index] else { throw unexpected() }
      position += 1
    }
    return value
  }

  private mutating func skipWhiteSpace() {
    while position < bytes.count, bytes[position].isJSONWhiteSpace { position += 1 }
  }

  private func unexpected() -> JSONError {
    guard position < bytes.count else { return JSONError(.truncated, at: position) }
    let byte = bytes[position]
    let shown = (0x21...0x7e).contains(byte) ? "'\(Character(UnicodeScalar(byte)))'" : "byte \(byte)"
    return JSONError(.unexpected(shown), at: position)
  }
}

// MARK: - Numbers (RFC 8259, section 6)

extension JSONParser {
  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    let firstDigit = position
    try digits()
    if bytes[firstDigit] == UInt8(ascii: "0"), position > firstDigit + 1 {
      position = firstDigit + 1
      throw unexpected()
    }
    var isInteger = true
    if peek(UInt8(ascii: ".")) {
      isInteger = false
      position += 1
      try digits()
    }
    if peek(UInt8(ascii: "e")) || peek(UInt8(ascii: "E")) {
      isInteger = false
      position += 1
      if peek(UInt8(ascii: "+")) || peek(UInt8(ascii: "-")) { position += 1 }
      try digits()
    }
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
    if isInteger, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { throw JSONError(.numberOutOfRange(text), at: start) }
    return .number(value)
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) { position += 1 }
    if position == start { throw unexpected() }
  }

  private func peek(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }
}

// MARK: - Strings (RFC 8259, section 7)

extension JSONParser {
  private mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let text = try decode(UnsafeBufferPointer(rebasing: bytes[start..<position]), at: start)
        position += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return try stringWithEscapes(from: start) }
      if byte < 0x20 { throw unexpected() }
      position += 1
    }
    throw JSONError(.truncated, at: position)
  }

  private mutating func stringWithEscapes(from start: Int) throws(JSONError) -> String {
    var text: [UInt8] = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return try text.withUnsafeBufferPointer { buffer throws(JSONError) in try decode(buffer, at: start) }
      case UInt8(ascii: "\\"):
        try escape(into: &text)
      case 0..<0x20:
        throw unexpected()
      default:
        text.append(byte)
        position += 1
      }
    }
    throw JSONError(.truncated, at: position)
  }

  private func decode(_ buffer: UnsafeBufferPointer<UInt8>, at start: Int) throws(JSONError) -> String {
    guard let text = String(validating: buffer, as: UTF8.self) else { throw JSONError(.invalidUTF8, at: start) }
    return text
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    position += 1
    guard position < bytes.count else { throw JSONError(.truncated, at: position) }
    let byte = bytes[position]
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      position += 1
      return try unicodeEscape(into: &text)
    default: throw unexpected()
    }
    position += 1
  }

  /// `\uXXXX`; a surrogate without its other half becomes U+FFFD, as other widespread parsers have it.
  private mutating func unicodeEscape(into text: inout [UInt8]) throws(JSONError) {
    let first = try hexadecimal()
    var scalar = UnicodeScalar(first)
    if (0xd800..<0xdc00).contains(first), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    {
      let restart = position
      position += 2
      let second = try hexadecimal()
      if (0xdc00..<0xe000).contains(second) {
        scalar = UnicodeScalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
      } else {
        position = restart
      }
    }
    text.append(contentsOf: String(Character(scalar ?? "\u{fffd}")).utf8)
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count else { throw JSONError(.truncated, at: position) }
      guard let digit = Character(UnicodeScalar(bytes[position])).hexDigitValue else { throw unexpected() }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}

extension UInt8 {
  var isJSONWhiteSpace: Bool { self == 0x20 || self == 0x0a || self == 0x0d || self == 0x09 }
}
