/// The query of a request's URL, percent-decoded.
struct Query: Sendable, Hashable {
  let values: [String: [String]]

  init(_ text: some StringProtocol) {
    var values: [String: [String]] = [:]
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      values[Self.decoded(parts[0]), default: []].append(parts.count > 1 ? Self.decoded(parts[1]) : "")
    }
    self.values = values
  }

  subscript(name: String) -> String? { values[name]?.first }

  func flag(_ name: String) -> Bool {
    guard let value = self[name] else { return false }
    return !["", "0", "f", "F", "false", "False", "FALSE"].contains(value)
  }

  /// A percent-decoded text; "+" is a space.
  static func decoded(_ text: some StringProtocol, plusIsSpace: Bool = true) -> String {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = Substring(text).utf8
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        if let value = UInt8(String(Substring(rest.prefix(2))), radix: 16), rest.count >= 2 {
          bytes.append(value)
          rest = rest.dropFirst(2)
        } else {
          bytes.append(byte)
        }
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
