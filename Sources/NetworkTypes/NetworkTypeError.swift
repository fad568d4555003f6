/// A text or number that is not a value of one of this module's types: what it should have been, what was given, why it
/// is refused and what would be right.
public struct NetworkTypeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was expected, with its article: "an IPv4 address".
  public let kind: String
  /// What was given, shortened when it is longer than 80 characters.
  public let text: String
  /// What is wrong with it: "its octet \"010\" has a leading zero".
  public let reason: String
  /// What would be right: "write 10.0.0.1".
  public let remedy: String

  /// The text is shortened to 80 characters; the rest is kept as it is.
  public init(kind: String, text: String, reason: String, remedy: String) {
    self.kind = kind
    self.text = text.utf8.count > 80 ? text.prefix(80) + "…" : text
    self.reason = reason
    self.remedy = remedy
  }

  /// One sentence: `"10.0.0.7/24" is not a CIDR: it has host bits set; write 10.0.0.0/24`.
  public var description: String {
    "\"\(text)\" is not \(kind): \(reason); \(remedy)"
  }
}

/// The text being read, and the kind of value it should be: makes the errors of one parser.
struct ParsedText {
  let kind: String
  let text: String
  /// What to advise when nothing more exact is known.
  let remedy: String

  func error(_ reason: String, _ remedy: String? = nil) -> NetworkTypeError {
    NetworkTypeError(kind: kind, text: text, reason: reason, remedy: remedy ?? self.remedy)
  }

  /// Reads a decimal number the strict way (RFC 6943 section 3.1.1): digits only, no sign, no leading zero.
  func decimal(_ digits: Substring, _ name: String, upTo limit: Int) throws(NetworkTypeError) -> Int {
    guard !digits.isEmpty else { throw error("\(name) is missing") }
    var value = 0
    for byte in digits.utf8 {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
        throw error("\(name) \"\(digits)\" is not a decimal number")
      }
      value = min(value * 10 + Int(byte - UInt8(ascii: "0")), limit + 1)
    }
    guard value <= limit else { throw error("\(name) \(digits) is more than \(limit)") }
    guard digits.utf8.count == 1 || digits.utf8.first != UInt8(ascii: "0") else {
      throw error("\(name) \"\(digits)\" has a leading zero", "write \(value)")
    }
    return value
  }
}
