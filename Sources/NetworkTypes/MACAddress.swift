/// A 48-bit MAC address (IEEE 802 EUI-48).
public struct MACAddress: TextualValue, Comparable {
  /// The address as a number below 2^48, the first octet in the highest bits.
  public let rawValue: UInt64

  /// Nil when the number has more than 48 bits.
  public init?(rawValue: UInt64) {
    guard rawValue >> 48 == 0 else { return nil }
    self.rawValue = rawValue
  }

  /// The address of these 6 bytes in transmission order; nil for any other number of bytes.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 6 else { return nil }
    rawValue = bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Reads six pairs of hexadecimal digits (of either case) separated by colons.
  public init(parsing text: String) throws(NetworkTypeError) {
    let parsed = ParsedText(
      kind: "a MAC address", text: text,
      remedy: "write six pairs of hexadecimal digits separated by colons, such as 02:00:0a:00:00:01")
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 6 else {
      throw parsed.error("it has \(parts.count) part\(parts.count == 1 ? "" : "s") separated by colons instead of 6")
    }
    var value: UInt64 = 0
    for part in parts {
      let digits = part.compactMap { $0.isASCII ? $0.hexDigitValue : nil }
      guard part.count == 2, digits.count == 2 else {
        throw parsed.error("its part \"\(part)\" is not a pair of hexadecimal digits")
      }
      value = value << 8 | UInt64(digits[0] << 4 | digits[1])
    }
    rawValue = value
  }

  /// The 6 bytes in transmission order.
  public var bytes: [UInt8] {
    stride(from: 40, through: 0, by: -8).map { UInt8(truncatingIfNeeded: rawValue >> $0) }
  }

  /// A group address (broadcast included), which no interface may have as its own.
  public var isMulticast: Bool { rawValue >> 40 & 1 == 1 }

  /// Locally administered: not assigned by a manufacturer.
  public var isLocal: Bool { rawValue >> 40 & 2 == 2 }

  /// Lower case with colons: "02:00:0a:00:00:01".
  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
