import JSON
import KubernetesModel

extension CRDGenerator {
  /// The reference of every kind of Netloom as Markdown: names, columns, and each field with its type, limits and
  /// description.
  public static func markdown() -> String {
    let introduction = """
      # API reference

      Generated from the Swift types; do not edit. Every object has the `apiVersion` \(Netloom.apiVersion), and a status
      that Netloom alone writes. `kubectl explain KIND.spec` says the same in the terminal. In a path, `[]` stands for an
      item of a list; fields in **bold** must be given.

      """
    let sections = kinds.filter { $0.definition.group == Netloom.group }.map(section(for:))
    return ([introduction] + sections).joined(separator: "\n")
  }

  private static func section(for kind: any DeclaredResource.Type) -> String {
    let definition = kind.definition
    let names = ([definition.plural] + definition.shortNames).map { "`\($0)`" }.joined(separator: ", ")
    let scope = definition.scope == .cluster ? "of the whole cluster" : "in a namespace"
    let columns = kind.declaration.columns.map { $0.isWide ? "*\($0.name)*" : $0.name }.joined(separator: ", ")
    let schema = schema(of: kind).json
    return """
      ## \(definition.kind)

      \(kind.declaration.description)

      \(names); \(scope). `kubectl get` shows Name, \(columns) (*with `-o wide`*).

      | field of `spec` | type | what it says |
      | --- | --- | --- |
      \(rows(of: schema["properties"]?["spec"], under: "").joined(separator: "\n"))

      | field of `status` | type | what it says |
      | --- | --- | --- |
      \(rows(of: schema["properties"]?["status"], under: "").joined(separator: "\n"))

      """
  }

  /// A line for every field below an object or list of objects, parents first, in alphabetical order.
  private static func rows(of schema: JSONValue?, under prefix: String) -> [String] {
    let required = schema?["required"]?.array ?? []
    return (schema?["properties"]?.object ?? [:]).sorted { $0.key < $1.key }.flatMap { name, field in
      let path = prefix + name
      let title = required.contains(.string(name)) ? "**`\(path)`**" : "`\(path)`"
      let description = (field["description"]?.string ?? "").replacing("|", with: "\\|")
      let row = "| \(title) | \(type(of: field)) | \(description) |"
      let isList = field["type"]?.string == "array"
      return [row] + rows(of: isList ? field["items"] : field, under: path + (isList ? "[]." : "."))
    }
  }

  /// The type in words, with its limits.
  private static func type(of field: JSONValue) -> String {
    if let cases = field["enum"]?.array { return cases.map { "`\($0.string ?? "")`" }.joined(separator: ", ") }
    switch field["type"]?.string ?? "" {
    case "array":
      let items = field["items"] ?? .null
      return items["properties"] == nil ? "list of: \(type(of: items))" : "list of objects"
    case "integer":
      let fallback = field["default"].map { ", default \($0)" } ?? ""
      guard let minimum = field["minimum"]?.integer, let maximum = field["maximum"]?.integer else {
        return "number" + fallback
      }
      return "\(minimum) to \(maximum)" + fallback
    case "object": return field["additionalProperties"] == nil ? "object" : "map of texts"
    case "boolean": return "`true`, `false`"
    default: return "text"
    }
  }
}
