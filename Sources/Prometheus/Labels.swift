/// The dimensions of one time series, by name, as Prometheus prints them: `{queue="pods",role="agent"}`.
struct Labels: Hashable, Comparable, Sendable {
  /// Without the braces; empty when there is none.
  let text: String

  init(_ dimensions: [(String, String)]) {
    // Of a name that comes twice, which Prometheus refuses, the last counts.
    let byName = Dictionary(dimensions.map { (PrometheusName.label($0), $1) }, uniquingKeysWith: { $1 })
    text = byName.sorted { $0.key < $1.key }.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
  }

  static func < (left: Labels, right: Labels) -> Bool { left.text < right.text }

  /// With one label more.
  func adding(_ name: String, _ value: String) -> String {
    let added = "\(name)=\"\(value)\""
    return "{\(text.isEmpty ? added : "\(text),\(added)")}"
  }

  /// Behind a name.
  var suffix: String { text.isEmpty ? "" : "{\(text)}" }

  private static func escaped(_ value: String) -> String {
    var escaped = ""
    for character in value.unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}

/// The names that Prometheus allows ("Data model").
enum PrometheusName {
  /// `[a-zA-Z_:][a-zA-Z0-9_:]*`
  static func metric(_ label: String, suffix: String = "") -> String {
    let name = allowed(label, colon: true)
    return name.hasSuffix(suffix) ? name : name + suffix
  }

  /// `[a-zA-Z_][a-zA-Z0-9_]*`
  static func label(_ name: String) -> String { allowed(name, colon: false) }

  private static func allowed(_ text: String, colon: Bool) -> String {
    let name = String(
      text.unicodeScalars.map { scalar in
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_": Character(scalar)
        case ":" where colon: ":"
        default: "_"
        }
      })
    guard let first = name.first, !first.isNumber else { return "_\(name)" }
    return name
  }
}
