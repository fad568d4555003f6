import APIMachinery
import JSON
import Yams

/// YAML bodies as Kubernetes reads them: YAML 1.1 scalars ("yes" and an unquoted "y" are booleans), turned into JSON.
enum YAML {
  static func parse(_ bytes: [UInt8]) throws -> JSONValue {
    do {
      guard let node = try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self)) else { return .null }
      return try value(node)
    } catch let error as YamlError {
      throw StatusError.badRequest("yaml: \(error)")
    }
  }

  static func write(_ value: JSONValue) throws -> [UInt8] {
    [UInt8](try Yams.serialize(node: node(value), sortKeys: true).utf8)
  }

  private static func value(_ node: Node) throws -> JSONValue {
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      return isPlain ? plain(scalar.string) : .string(scalar.string)
    case .sequence(let sequence): return .array(try sequence.map(value))
    case .mapping(let mapping):
      var object: [String: JSONValue] = [:]
      for (key, member) in mapping { object[key.string ?? ""] = try value(member) }
      return .object(object)
    case .alias: throw StatusError.badRequest("yaml: aliases are not taken")
    }
  }

  private static func plain(_ text: String) -> JSONValue {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return true
    case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return false
    default: break
    }
    if let integer = Int64(text) { return .integer(integer) }
    if text.hasPrefix("0x"), let integer = Int64(text.dropFirst(2), radix: 16) { return .integer(integer) }
    if text.hasPrefix("0o"), let integer = Int64(text.dropFirst(2), radix: 8) { return .integer(integer) }
    if let first = text.utf8.first, first < 0x3A, let number = Double(text), number.isFinite { return .number(number) }
    return .string(text)
  }

  private static func node(_ value: JSONValue) -> Node {
    switch value {
    case .null: Node("null", Tag(.null))
    case .bool(let bool): Node(bool ? "true" : "false", Tag(.bool))
    case .integer, .number: Node(value.description, Tag(.float))
    case .string(let text):
      .scalar(.init(text, Tag(.str), plain(text) == .string(text) ? .any : .doubleQuoted))
    case .array(let elements): .sequence(.init(elements.map(node), Tag(.seq), elements.isEmpty ? .flow : .block))
    case .object(let members):
      .mapping(
        .init(
          members.sorted { $0.key < $1.key }.map { (Node($0.key), node($0.value)) }, Tag(.map),
          members.isEmpty ? .flow : .block))
    }
  }
}
