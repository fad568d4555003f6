import JSON

extension JSONValue {
  /// What Go's encoding/json calls the value in its errors.
  var goKind: String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .integer, .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  /// Equality of JSON values, in which 1 and 1.0 are one number.
  func isEqualJSON(_ other: JSONValue) -> Bool {
    switch (self, other) {
    case (.array(let left), .array(let right)):
      left.count == right.count && zip(left, right).allSatisfy { $0.isEqualJSON($1) }
    case (.object(let left), .object(let right)):
      left.count == right.count && left.allSatisfy { key, value in right[key]?.isEqualJSON(value) ?? false }
    case (.integer, .number), (.number, .integer): number == other.number
    default: self == other
    }
  }

  /// The texts of a map of texts; other members are left out.
  var stringMap: [String: String] { object?.compactMapValues(\.string) ?? [:] }
}
