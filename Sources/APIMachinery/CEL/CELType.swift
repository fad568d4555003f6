import JSON

/// The type of an expression, as far as the schema tells.
indirect enum CELType: Sendable {
  case dynamic, bool, int, double, string, null
  case list(CELType)
  case map(CELType)
  /// An object with known fields: a schema.
  case object(JSONValue)
  /// A value that this server does not compute with; the text says what it is.
  case unsupported(String)

  /// The type of the values of a schema.
  init(schema: JSONValue, isRoot: Bool = false) {
    if schema["x-kubernetes-int-or-string"]?.bool == true {
      self = .dynamic
      return
    }
    switch schema["type"]?.string {
    case "boolean": self = .bool
    case "integer": self = .int
    case "number": self = .double
    case "string":
      let format = schema["format"]?.string ?? ""
      switch format {
      case "date-time", "date", "duration", "byte": self = .unsupported("a \(format)")
      default: self = .string
      }
    case "array": self = .list(CELType(schema: schema["items"] ?? .null))
    case "object":
      if schema["properties"]?.object?.isEmpty == false || isRoot {
        self = .object(isRoot ? Self.rootSchema(schema) : schema)
      } else if let additional = schema["additionalProperties"] {
        self = .map(additional.object == nil ? .dynamic : CELType(schema: additional))
      } else {
        self = schema["x-kubernetes-preserve-unknown-fields"]?.bool == true ? .dynamic : .object(schema)
      }
    default: self = .dynamic
    }
  }

  /// What of an object's own members rules may read.
  private static func rootSchema(_ schema: JSONValue) -> JSONValue {
    let text: JSONValue = ["type": "string"]
    var schema = schema
    for (key, type) in [("apiVersion", text), ("kind", text)] { schema[path: "properties", key] = type }
    schema[path: "properties", "metadata"] = ["type": "object", "properties": ["name": text, "generateName": text]]
    return schema
  }

  var name: String {
    switch self {
    case .dynamic: "dyn"
    case .bool: "bool"
    case .int: "int"
    case .double: "double"
    case .string: "string"
    case .null: "null_type"
    case .list(let element): "list(\(element.name))"
    case .map(let element): "map(string, \(element.name))"
    case .object: "object"
    case .unsupported(let what): what
    }
  }

  var isDynamic: Bool { if case .dynamic = self { true } else { false } }
  var isNumber: Bool {
    switch self {
    case .int, .double: true
    default: false
    }
  }
}

/// The names that CEL gives to fields whose own names are no identifiers.
enum CELFieldName {
  private static let keywords: Set = [
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
    "loop", "package", "namespace", "return", "var", "void", "while",
  ]

  /// The field that an identifier of a rule stands for.
  static func unescaped(_ name: String) -> String {
    if name.hasPrefix("__"), name.hasSuffix("__"), name.count > 4,
      keywords.contains(String(name.dropFirst(2).dropLast(2)))
    {
      return String(name.dropFirst(2).dropLast(2))
    }
    guard name.contains("__") else { return name }
    return name.replacing("__underscores__", with: "\u{0}").replacing("__dot__", with: ".")
      .replacing("__dash__", with: "-").replacing("__slash__", with: "/").replacing("\u{0}", with: "__")
  }
}
