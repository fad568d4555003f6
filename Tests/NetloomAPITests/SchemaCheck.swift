import JSON

/// What an API server would refuse by a schema: enough of apiextensions' validation for the schemas of this project.
enum SchemaCheck {
  /// The paths of the fields that violate the schema.
  static func violations(_ value: JSONValue, _ schema: JSONValue, at path: String = "") throws -> [String] {
    switch value {
    case .object(let members):
      let required = (schema["required"]?.array ?? []).compactMap(\.string).filter { members[$0] == nil }
      let below = try members.sorted { $0.key < $1.key }.flatMap { name, member in
        guard let schema = schema["properties"]?[name] ?? schema["additionalProperties"] else { return [String]() }
        return try violations(member, schema, at: path.isEmpty ? name : "\(path).\(name)")
      }
      return required.map { path.isEmpty ? $0 : "\(path).\($0)" } + below
    case .array(let items):
      let count = Int64(items.count)
      let fits = count >= schema["minItems"]?.integer ?? 0 && count <= schema["maxItems"]?.integer ?? .max
      let below = try items.enumerated().flatMap { try violations($1, schema["items"] ?? .null, at: "\(path)[\($0)]") }
      return (fits && isUnique(items, schema) ? [] : [path]) + below
    case .string(let text):
      let length = Int64(text.unicodeScalars.count)
      let fits = length >= schema["minLength"]?.integer ?? 0 && length <= schema["maxLength"]?.integer ?? .max
      let matches = try schema["pattern"]?.string.map { try Regex($0).firstMatch(in: text) != nil } ?? true
      let isListed = schema["enum"]?.array?.contains(value) ?? true
      return fits && matches && isListed && schema["type"] == "string" ? [] : [path]
    case .integer(let number):
      let fits = number >= schema["minimum"]?.integer ?? .min && number <= schema["maximum"]?.integer ?? .max
      return fits && schema["type"] == "integer" ? [] : [path]
    default: return []
    }
  }

  private static func isUnique(_ items: [JSONValue], _ schema: JSONValue) -> Bool {
    switch schema["x-kubernetes-list-type"]?.string {
    case "set": return Set(items).count == items.count
    case "map":
      let keys = (schema["x-kubernetes-list-map-keys"]?.array ?? []).compactMap(\.string)
      return Set(items.map { item in keys.map { item[$0] } }).count == items.count
    default: return true
    }
  }
}
