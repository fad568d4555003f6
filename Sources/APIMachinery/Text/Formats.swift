/// Checks of the string formats of JSON Schema.
enum Formats {
  /// RFC 1123 dotted decimal, without leading zeros.
  static func isIPv4(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { (48...57).contains($0) } && Int(part)! < 256
          && (part.utf8.count == 1 || !part.hasPrefix("0"))
      }
  }

  /// RFC 4291 section 2.2, without zone.
  static func isIPv6(_ text: String) -> Bool {
    guard text.contains(":") else { return false }
    let halves = text.components(separatedBy: "::")
    guard halves.count <= 2 else { return false }
    var groups = 0
    for (index, half) in halves.enumerated() where !half.isEmpty {
      let parts = half.split(separator: ":", omittingEmptySubsequences: false)
      for (position, part) in parts.enumerated() {
        let isLast = index == halves.count - 1 && position == parts.count - 1
        if isLast, part.contains("."), isIPv4(String(part)) {
          groups += 2
        } else {
          guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit) else { return false }
          groups += 1
        }
      }
    }
    return halves.count == 2 ? groups < 8 : groups == 8
  }

  /// An address of either family with a prefix length.
  static func isCIDR(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let length = Int(parts[1]), String(length) == parts[1], length >= 0 else { return false }
    let address = String(parts[0])
    return isIPv4(address) ? length <= 32 : isIPv6(address) && length <= 128
  }

  /// Whether a text has a format of JSON Schema that Kubernetes knows; unknown formats fit everything.
  static func fits(_ text: String, _ format: String) -> Bool {
    switch format {
    case "date-time", "datetime": return Timestamp(text) != nil
    case "date": return text.utf8.count == 10 && Timestamp(text + "T00:00:00Z") != nil
    case "ipv4": return isIPv4(text)
    case "ipv6": return isIPv6(text)
    case "cidr": return isCIDR(text)
    case "mac": return isMAC(text)
    case "uuid": return isUUID(text, version: nil)
    case "uuid3": return isUUID(text, version: "3")
    case "uuid4": return isUUID(text, version: "4")
    case "uuid5": return isUUID(text, version: "5")
    case "byte": return Base64.firstIllegalByte(text) == nil
    case "hostname": return isHostname(text)
    case "email": return text.split(separator: "@").count == 2 && !text.contains(" ")
    case "uri": return isURI(text)
    case "duration": return isDuration(text)
    default: return true
    }
  }

  private static func isMAC(_ text: String) -> Bool {
    for (separator, digits) in [(":", 2), ("-", 2), (".", 4)] {
      let parts = text.components(separatedBy: separator)
      let bytes = parts.count * digits / 2
      guard parts.count > 1 else { continue }
      return [6, 8, 20].contains(bytes) && parts.allSatisfy { $0.utf8.count == digits && $0.allSatisfy(\.isHexDigit) }
    }
    return false
  }

  private static func isUUID(_ text: String, version: Character?) -> Bool {
    let digits = text.filter { $0 != "-" }
    guard digits.count == 32, digits.allSatisfy(\.isHexDigit) else { return false }
    return version.map { digits[digits.index(digits.startIndex, offsetBy: 12)] == $0 } ?? true
  }

  private static func isHostname(_ text: String) -> Bool {
    let labels = text.lowercased().split(separator: ".", omittingEmptySubsequences: false)
    return text.utf8.count <= 255 && labels.allSatisfy { Names.dns1123Label(String($0)).isEmpty }
  }

  /// A URI as Go's url.ParseRequestURI takes it: a scheme with something after it, or an absolute path.
  private static func isURI(_ text: String) -> Bool {
    if text.hasPrefix("/") { return true }
    guard let colon = text.firstIndex(of: ":"), let first = text.first, first.isASCII, first.isLetter else {
      return false
    }
    let scheme = text[..<colon]
    return scheme.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
      && !text.contains(where: { $0.isWhitespace }) && text.index(after: colon) < text.endIndex
  }

  /// A duration of Go (`1h30m`), or a number with a unit from nanoseconds to weeks.
  private static func isDuration(_ text: String) -> Bool {
    var rest = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
    if rest == "0" { return true }
    guard !rest.isEmpty else { return false }
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(number.count).drop { $0 == " " }
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count)
      let units: Set<Substring> = [
        "ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "w", "sec", "min", "hr", "day", "week",
      ]
      guard Double(number) != nil, units.contains(unit) else { return false }
    }
    return true
  }
}

extension String {
  func components(separatedBy separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
