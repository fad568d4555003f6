/// Base 64 with padding (RFC 4648 section 4), as Secrets and binaryData have it.
enum Base64 {
  /// Index of the first byte that is not as it must be; nil when all is well. Line ends are skipped, as Go does.
  static func firstIllegalByte(_ text: String) -> Int? {
    var count = 0
    var padding = 0
    for (index, byte) in text.utf8.enumerated() where byte != 10 && byte != 13 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
        guard padding == 0 else { return index }
      case UInt8(ascii: "="):
        padding += 1
        guard count % 4 >= 2, padding <= 2 else { return index }
      default: return index
      }
      count += 1
    }
    return count % 4 == 0 ? nil : text.utf8.count
  }

  /// Bytes as base 64 with padding.
  static func encode(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var result = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let chunk = bytes[start..<min(start + 3, bytes.count)]
      let number = chunk.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - chunk.count))
      for position in 0..<4 {
        result.append(position <= chunk.count ? alphabet[number >> (18 - 6 * position) & 63] : "=")
      }
    }
    return result
  }
}

/// Kubernetes' resource quantities (`500m`, `8Gi`).
enum Quantity {
  static func isValid(_ text: String) -> Bool {
    var rest = text[...]
    if rest.hasPrefix("+") || rest.hasPrefix("-") { rest.removeFirst() }
    let number = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
    guard number.contains(where: { $0 != "." }), number.filter({ $0 == "." }).count <= 1 else { return false }
    let suffix = rest.dropFirst(number.count)
    if ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].contains(suffix) {
      return true
    }
    guard suffix.first == "e" || suffix.first == "E" else { return false }
    return Int(suffix.dropFirst()) != nil
  }
}
