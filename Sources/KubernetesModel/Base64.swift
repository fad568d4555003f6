/// Base64 (RFC 4648 section 4), as Kubernetes writes binary data in JSON.
public enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Encodes bytes, with padding.
  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    var encoded: [UInt8] = []
    encoded.reserveCapacity((bytes.count + 2) / 3 * 4)
    var pending: UInt32 = 0
    var count = 0
    func digit(_ shift: UInt32) -> UInt8 { alphabet[Int(pending >> shift) & 63] }
    for byte in bytes {
      pending = pending << 8 | UInt32(byte)
      count += 1
      guard count == 3 else { continue }
      encoded += [digit(18), digit(12), digit(6), digit(0)]
      pending = 0
      count = 0
    }
    let padding = UInt8(ascii: "=")
    if count == 1 {
      pending <<= 16
      encoded += [digit(18), digit(12), padding, padding]
    } else if count == 2 {
      pending <<= 8
      encoded += [digit(18), digit(12), digit(6), padding]
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  /// Decodes text; white space between characters is skipped, missing padding is accepted.
  ///
  /// Nil when the text has a character outside the alphabet, more after the padding, or an impossible length.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(text.utf8.count / 4 * 3)
    var pending: UInt32 = 0
    var bits = 0
    var digits = 0
    var padding = 0
    for byte in text.utf8 {
      let value: UInt8
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      case UInt8(ascii: "="):
        padding += 1
        continue
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): continue
      default: return nil
      }
      guard padding == 0 else { return nil }
      digits += 1
      pending = pending << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        decoded.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
      }
    }
    guard digits % 4 != 1, padding == 0 || (digits + padding) % 4 == 0, padding <= 2 else { return nil }
    return decoded
  }
}
