/// The identity of a row: what OVSDB calls its `_uuid` (RFC 7047 section 3.1, `<uuid>`).
public struct RowID: Sendable, Hashable, Comparable {
  /// The 128 bits, most significant first as they are printed.
  public let rawValue: UInt128

  /// Wraps 128 bits.
  public init(rawValue: UInt128) { self.rawValue = rawValue }

  /// The id that is all zeros: the default of a uuid column.
  public static let zero = RowID(rawValue: 0)

  /// Parses the 36-character form `550e8400-e29b-41d4-a716-446655440000`; nil for any other text.
  public init?(_ text: String) {
    var value: UInt128 = 0
    var position = 0
    for byte in text.utf8 {
      if Self.hyphens.contains(position) {
        guard byte == UInt8(ascii: "-") else { return nil }
      } else {
        guard let digit = Self.digit(byte) else { return nil }
        value = value << 4 | UInt128(digit)
      }
      position += 1
    }
    guard position == 36 else { return nil }
    rawValue = value
  }

  private static let hyphens: Set<Int> = [8, 13, 18, 23]

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  public static func < (left: RowID, right: RowID) -> Bool { left.rawValue < right.rawValue }
}

extension RowID: CustomStringConvertible {
  /// The 36-character lower-case form.
  public var description: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: 36) { buffer in
      var shift = 128
      for position in 0..<36 {
        if Self.hyphens.contains(position) {
          buffer[position] = UInt8(ascii: "-")
        } else {
          shift -= 4
          buffer[position] = digits[Int(truncatingIfNeeded: (rawValue >> UInt128(shift)) & 0xf)]
        }
      }
      return 36
    }
  }
}
