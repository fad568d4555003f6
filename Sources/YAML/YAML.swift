import JSON
import Yams

/// YAML as Kubernetes reads and writes it: the JSON data model in YAML 1.1 notation ("yes" and an unquoted "on" are
/// booleans), one or several documents.
public enum YAML {
  /// Why a text is not YAML, or not of the kind that Kubernetes takes.
  public struct ParsingError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
  }

  /// Reads all documents of a text; empty ones are left out.
  public static func documents(_ text: String) throws(ParsingError) -> [JSONValue] {
    do {
      let parser = try Yams.Parser(yaml: text)
      var documents: [JSONValue] = []
      while let root = try parser.nextRoot() {
        let document = try value(root)
        if document != .null { documents.append(document) }
      }
      return documents
    } catch {
      throw error as? ParsingError ?? ParsingError(description: "malformed YAML: \(error)")
    }
  }

  /// Reads one document; an empty text is `null`.
  public static func document(_ text: String) throws(ParsingError) -> JSONValue {
    let all = try documents(text)
    guard all.count <= 1 else { throw ParsingError(description: "expected one YAML document, found \(all.count)") }
    return all.first ?? .null
  }

  /// Writes a value as one document, keys sorted.
  public static func text(_ value: JSONValue) throws -> String {
    try Yams.serialize(node: node(value), sortKeys: true)
  }

  private static func value(_ node: Node) throws(ParsingError) -> JSONValue {
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      return isPlain ? plain(scalar.string) : .string(scalar.string)
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for element in sequence { elements.append(try value(element)) }
      return .array(elements)
    case .mapping(let mapping):
      var members: [String: JSONValue] = [:]
      for (key, member) in mapping { members[key.string ?? ""] = try value(member) }
      return .object(members)
    case .alias:
      throw ParsingError(description: "YAML aliases are not taken")
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
