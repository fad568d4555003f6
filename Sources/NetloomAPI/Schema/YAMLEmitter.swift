import JSON

/// Writes a JSON value as YAML 1.2 in block style: the same text for the same value, always.
struct YAMLEmitter {
  private var text = ""

  /// The document, ended by a newline.
  static func text(_ value: JSONValue) -> String {
    var emitter = YAMLEmitter()
    emitter.emit(value, indent: 0, inline: false)
    return emitter.text
  }

  /// Keys that people expect first; the others follow in alphabetical order.
  private static let first = ["apiVersion", "kind", "metadata", "name", "namespace", "type", "description", "spec"]

  private static func ordered(_ keys: some Sequence<String>) -> [String] {
    func rank(_ key: String) -> Int { first.firstIndex(of: key) ?? first.count }
    return keys.sorted { (rank($0), $0) < (rank($1), $1) }
  }

  /// Writes a value. `inline`: the text so far ends with the "- " of a list item, where a mapping or list may begin at once.
  private mutating func emit(_ value: JSONValue, indent: Int, inline: Bool) {
    switch value {
    case .object(let members) where !members.isEmpty:
      for (index, key) in Self.ordered(members.keys).enumerated() {
        if index > 0 || !inline { pad(indent) }
        text += Self.scalar(key) + ":"
        emit(member: members[key] ?? .null, indent: indent)
      }
    case .array(let items) where !items.isEmpty:
      for (index, item) in items.enumerated() {
        if index > 0 || !inline { pad(indent) }
        text += "- "
        emit(item, indent: indent + 2, inline: true)
      }
    default:
      text += Self.scalar(value) + "\n"
    }
  }

  /// Writes what follows "key:"; a list stands at the indentation of its key, as kubectl prints it.
  private mutating func emit(member value: JSONValue, indent: Int) {
    switch value {
    case .object(let members) where !members.isEmpty:
      text += "\n"
      emit(value, indent: indent + 2, inline: false)
    case .array(let items) where !items.isEmpty:
      text += "\n"
      emit(value, indent: indent, inline: false)
    default:
      text += " " + Self.scalar(value) + "\n"
    }
  }

  private mutating func pad(_ indent: Int) {
    text += String(repeating: " ", count: indent)
  }

  private static func scalar(_ value: JSONValue) -> String {
    switch value {
    case .string(let string): scalar(string)
    default: value.description  // numbers, booleans, null, [] and {} are the same in both languages
    }
  }

  /// A plain scalar where YAML surely reads it back as this text; else the JSON string, which YAML reads too.
  private static func scalar(_ string: String) -> String {
    isPlain(string) ? string : JSONValue.string(string).description
  }

  private static func isPlain(_ string: String) -> Bool {
    let bytes = Array(string.utf8)
    guard let first = bytes.first, let last = bytes.last else { return false }
    func isLetter(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
    guard isLetter(first) || first == UInt8(ascii: "/") || first == UInt8(ascii: "."), last != UInt8(ascii: ":"),
      last != UInt8(ascii: " ")
    else { return false }
    let words: Set<String> = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"]
    guard !words.contains(string.lowercased()), !string.lowercased().hasPrefix(".inf"),
      !string.lowercased().hasPrefix(".nan")
    else { return false }
    // ".5" is a number to YAML; ": " begins a value and " #" a comment.
    guard first != UInt8(ascii: ".") || (bytes.count > 1 && isLetter(bytes[1])) else { return false }
    for (index, byte) in bytes.enumerated() {
      guard byte >= 0x20, byte < 0x7f else { return false }
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0
      if byte == UInt8(ascii: ":"), next == UInt8(ascii: " ") { return false }
      if byte == UInt8(ascii: " "), next == UInt8(ascii: "#") { return false }
    }
    return true
  }
}
