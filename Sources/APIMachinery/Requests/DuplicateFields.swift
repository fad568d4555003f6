/// Keys that a JSON text has twice in one object.
public enum DuplicateFields {
  /// The paths of doubled keys (`spec.ports[0].name`), in order of discovery, each once. `json` must be valid JSON.
  public static func find(in json: [UInt8]) -> [String] {
    var scanner = Scanner(bytes: json)
    scanner.value(path: "")
    return scanner.found
  }

  private struct Scanner {
    let bytes: [UInt8]
    var position = 0
    var found: [String] = []

    mutating func value(path: String) {
      skipSpace()
      guard position < bytes.count else { return }
      switch bytes[position] {
      case UInt8(ascii: "{"): object(path: path)
      case UInt8(ascii: "["): array(path: path)
      case UInt8(ascii: "\""): _ = string()
      default:
        while position < bytes.count, !Self.ends.contains(bytes[position]) { position += 1 }
      }
    }

    private static let ends = Set(",]} \t\r\n".utf8)

    private mutating func object(path: String) {
      position += 1
      var keys: Set<String> = []
      while true {
        skipSpace()
        guard position < bytes.count, bytes[position] != UInt8(ascii: "}") else { break }
        let key = string()
        let place = path.isEmpty ? key : "\(path).\(key)"
        if !keys.insert(key).inserted, !found.contains(place) { found.append(place) }
        skipSpace()
        position += 1  // the colon
        value(path: place)
        skipSpace()
        if position < bytes.count, bytes[position] == UInt8(ascii: ",") { position += 1 }
      }
      position += 1
    }

    private mutating func array(path: String) {
      position += 1
      var index = 0
      while true {
        skipSpace()
        guard position < bytes.count, bytes[position] != UInt8(ascii: "]") else { break }
        value(path: "\(path)[\(index)]")
        index += 1
        skipSpace()
        if position < bytes.count, bytes[position] == UInt8(ascii: ",") { position += 1 }
      }
      position += 1
    }

    /// The text of a string; escapes but those of one character are kept as they are written.
    private mutating func string() -> String {
      position += 1
      var text: [UInt8] = []
      while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
        if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count {
          position += 1
          if bytes[position] == UInt8(ascii: "u") { text.append(UInt8(ascii: "\\")) }
        }
        text.append(bytes[position])
        position += 1
      }
      position += 1
      return String(decoding: text, as: UTF8.self)
    }

    private mutating func skipSpace() {
      while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }
  }
}
