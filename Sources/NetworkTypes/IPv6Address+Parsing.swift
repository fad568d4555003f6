extension IPv6Address {
  /// Reads the three text forms of RFC 4291 section 2.2: eight groups, one `::` for one or more zero groups, a dotted IPv4
  /// address in place of the last two groups. A zone id (RFC 4007) is refused: it has no meaning outside one host.
  public init(parsing text: String) throws(NetworkTypeError) {
    let parsed = ParsedText(
      kind: "an IPv6 address", text: text, remedy: "write up to 8 groups of 1-4 hexadecimal digits, such as 2001:db8::1"
    )
    guard !text.contains("%") else {
      throw parsed.error("it has a zone id", "write \(text.prefix { $0 != "%" }), without % and what follows")
    }
    let parts = try Self.parts(of: parsed)
    guard let gap = parts.firstIndex(where: \.isEmpty) else {
      let groups = try Self.groups(parts, of: parsed)
      guard groups.count == 8 else {
        throw parsed.error("it has \(groups.count) group\(groups.count == 1 ? "" : "s") instead of 8")
      }
      self.init(groups: groups)
      return
    }
    guard !parts[(gap + 1)...].contains(where: \.isEmpty) else {
      throw parsed.error("it has more than one \"::\"", "use :: once, for the longest run of zeros")
    }
    let head = try Self.groups(parts[..<gap], of: parsed)
    let tail = try Self.groups(parts[(gap + 1)...], of: parsed)
    let zeros = 8 - head.count - tail.count
    guard zeros >= 1 else {
      throw parsed.error("\"::\" stands for no group, as \(head.count + tail.count) are written out")
    }
    self.init(groups: head + Array(repeating: 0, count: zeros) + tail)
  }

  private init(groups: [UInt16]) {
    self.init(rawValue: groups.reduce(0) { $0 << 16 | UInt128($1) })
  }

  /// What stands between the colons; `::` is exactly one empty part, wherever it stands.
  private static func parts(of parsed: ParsedText) throws(NetworkTypeError) -> ArraySlice<Substring> {
    var parts = parsed.text.split(separator: ":", omittingEmptySubsequences: false)[...]
    guard parts.count > 2 else { throw parsed.error("it has fewer than 2 colons") }
    if parts[0].isEmpty {
      guard parts[1].isEmpty else { throw parsed.error("it begins with a single colon") }
      parts.removeFirst()
    }
    if parts.last!.isEmpty, parts.count > 1 {
      guard parts.dropLast().last!.isEmpty else { throw parsed.error("it ends with a single colon") }
      parts.removeLast()
    }
    return parts
  }

  private static func groups(
    _ parts: ArraySlice<Substring>, of parsed: ParsedText
  ) throws(NetworkTypeError) -> [UInt16] {
    var groups: [UInt16] = []
    for (index, part) in zip(parts.indices, parts) {
      if part.contains(".") {
        guard part.endIndex == parsed.text.endIndex, index == parts.indices.last else {
          throw parsed.error("its IPv4 part \"\(part)\" is not at the end")
        }
        groups += try embeddedIPv4(part, of: parsed)
      } else {
        groups.append(try group(part, of: parsed))
      }
    }
    return groups
  }

  private static func embeddedIPv4(_ part: Substring, of parsed: ParsedText) throws(NetworkTypeError) -> [UInt16] {
    do {
      let address = try IPv4Address(parsing: String(part)).rawValue
      return [UInt16(address >> 16), UInt16(address & 0xffff)]
    } catch {
      throw parsed.error("in its IPv4 part \"\(part)\", \(error.reason)", error.remedy)
    }
  }

  private static func group(_ digits: Substring, of parsed: ParsedText) throws(NetworkTypeError) -> UInt16 {
    var value: UInt32 = 0
    for character in digits {
      guard character.isASCII, let digit = character.hexDigitValue else {
        throw parsed.error("its group \"\(digits)\" is not hexadecimal")
      }
      value = value << 4 & 0xfffff | UInt32(digit)
    }
    guard digits.utf8.count <= 4 else { throw parsed.error("its group \"\(digits)\" has more than 4 digits") }
    return UInt16(value)
  }
}
