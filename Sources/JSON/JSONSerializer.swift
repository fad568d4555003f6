extension JSONValue {
  /// How a value is written.
  public enum Style: Sendable, Hashable {
    /// On one line, without white space.
    case compact
    /// Indented by two spaces a level.
    case pretty
  }

  /// The value as UTF-8 text: keys sorted (by UTF-8 code units), slashes not escaped, numbers in the shortest form
  /// that reads back as the same value. Equal values give equal bytes. Numbers that JSON cannot express (infinity,
  /// not-a-number) become `null`.
  public func serialized(_ style: Style = .compact) -> [UInt8] {
    var output: [UInt8] = []
    serialize(into: &output, style)
    return output
  }

  /// Appends the text of ``serialized(_:)`` to bytes that are already there.
  public func serialize(into output: inout [UInt8], _ style: Style = .compact) {
    switch style {
    case .compact: write(into: &output)
    case .pretty: writePretty(into: &output, level: 0)
    }
  }

  private func write(into output: inout [UInt8]) {
    switch self {
    case .array(let elements):
      output.append(UInt8(ascii: "["))
      var isFirst = true
      for element in elements {
        if isFirst { isFirst = false } else { output.append(UInt8(ascii: ",")) }
        element.write(into: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      var isFirst = true
      for (key, member) in members.sorted(by: { $0.key < $1.key }) {
        if isFirst { isFirst = false } else { output.append(UInt8(ascii: ",")) }
        Self.write(string: key, into: &output)
        output.append(UInt8(ascii: ":"))
        member.write(into: &output)
      }
      output.append(UInt8(ascii: "}"))
    default:
      writeScalar(into: &output)
    }
  }

  private func writePretty(into output: inout [UInt8], level: Int) {
    func newLine(_ level: Int) {
      output.append(UInt8(ascii: "\n"))
      output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
    }
    switch self {
    case .array(let elements) where !elements.isEmpty:
      output.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        newLine(level + 1)
        element.writePretty(into: &output, level: level + 1)
      }
      newLine(level)
      output.append(UInt8(ascii: "]"))
    case .object(let members) where !members.isEmpty:
      output.append(UInt8(ascii: "{"))
      for (index, (key, member)) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        newLine(level + 1)
        Self.write(string: key, into: &output)
        output.append(contentsOf: ": ".utf8)
        member.writePretty(into: &output, level: level + 1)
      }
      newLine(level)
      output.append(UInt8(ascii: "}"))
    default:
      write(into: &output)
    }
  }

  private func writeScalar(into output: inout [UInt8]) {
    switch self {
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): output.append(contentsOf: String(value).utf8)
    case .number(let value) where value.isFinite: output.append(contentsOf: value.description.utf8)
    case .string(let value): Self.write(string: value, into: &output)
    default: output.append(contentsOf: "null".utf8)
    }
  }

  private static func write(string: String, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case 0x08: output.append(contentsOf: "\\b".utf8)
      case 0x0c: output.append(contentsOf: "\\f".utf8)
      case 0x0a: output.append(contentsOf: "\\n".utf8)
      case 0x0d: output.append(contentsOf: "\\r".utf8)
      case 0x09: output.append(contentsOf: "\\t".utf8)
      case 0..<0x20:
        output.append(contentsOf: "\\u00".utf8)
        output.append(hexadecimalDigits[Int(byte >> 4)])
        output.append(hexadecimalDigits[Int(byte & 0xf)])
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}

private let hexadecimalDigits = Array("0123456789abcdef".utf8)

extension JSONValue: CustomStringConvertible {
  /// The compact text of ``serialized(_:)``.
  public var description: String { String(decoding: serialized(), as: UTF8.self) }
}
