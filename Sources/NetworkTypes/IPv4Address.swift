/// An IPv4 address (RFC 791).
public struct IPv4Address: TextualValue, Comparable {
  /// The address as a number, the first octet in the highest bits.
  public let rawValue: UInt32

  /// The address with this number; every number is one.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Reads four decimal octets separated by dots, and nothing else: no leading zeros, no hexadecimal, no shortened forms
  /// (RFC 6943 section 3.1.1).
  public init(parsing text: String) throws(NetworkTypeError) {
    let parsed = ParsedText(kind: "an IPv4 address", text: text, remedy: "write four numbers 0-255, such as 10.0.0.1")
    let octets = text.split(separator: ".", omittingEmptySubsequences: false)
    guard octets.count == 4 else {
      throw parsed.error("it has \(octets.count) part\(octets.count == 1 ? "" : "s") separated by dots instead of 4")
    }
    var value: UInt32 = 0
    for octet in octets {
      value = value << 8 | UInt32(try parsed.decimal(octet, "the octet", upTo: 255))
    }
    rawValue = value
  }

  /// Dotted decimal: "10.0.0.1".
  public var description: String {
    "\(rawValue >> 24).\(rawValue >> 16 & 255).\(rawValue >> 8 & 255).\(rawValue & 255)"
  }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
