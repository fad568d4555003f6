import JSON

/// The type of a field of a built-in kind, in Go's terms.
indirect enum FieldType: Sendable, Hashable {
  case string, bool, int32, int64, double, time, microTime, quantity, intOrString, bytes, any
  case list(FieldType)
  case map(FieldType)
  /// May be absent; a value that is there stays, even a zero.
  case pointer(FieldType)
  /// Another type of the library, by its qualified name.
  case object(String)
  /// Another type of the library, or a truth value.
  case objectOrBool(String)

  /// The type without its pointer.
  var pointee: FieldType {
    if case .pointer(let type) = self { type } else { self }
  }
}

/// One field of a built-in type.
struct FieldDescription: Sendable {
  var name: String
  var type: FieldType
  var description: String
  /// Named as required in OpenAPI.
  var isRequired = false
  /// Written even when it has its zero value (Go's tag has no `omitempty`).
  var isAlwaysWritten = false
  var defaultValue: JSONValue?
  var enumeration: [String] = []
  /// Strategic merge: joins the elements of a list by this key.
  var mergeKey: String?
  /// Strategic merge: `merge`, `retainKeys`.
  var mergeStrategies: [String] = []
  /// Server-side apply: `map`, `set`, `atomic`.
  var listType: String?
  var listMapKeys: [String] = []
}

/// A built-in type: what Go's struct declaration says, as data.
struct TypeDescription: Sendable {
  /// Name in OpenAPI, `io.k8s.api.core.v1.Pod`.
  var qualifiedName: String
  /// Go's name, `Pod`.
  var name: String
  var description: String
  var fields: [FieldDescription] = []
  private(set) var positions: [String: Int] = [:]

  init(qualifiedName: String, name: String, description: String) {
    self.qualifiedName = qualifiedName
    self.name = name
    self.description = description
  }

  mutating func append(_ field: FieldDescription) {
    positions[field.name] = fields.count
    fields.append(field)
  }

  subscript(field: String) -> FieldDescription? { positions[field].map { fields[$0] } }
}

/// All types of the built-in kinds, read from the descriptions beside this file.
struct TypeLibrary: Sendable {
  private(set) var types: [String: TypeDescription] = [:]
  /// Names of the types that have a default in them, directly or deeper.
  private(set) var typesWithDefaults: Set<String> = []

  /// The types of every built-in kind.
  static let builtIn = TypeLibrary([
    metaTypeDescriptions, coreTypeDescriptions, podTypeDescriptions, podSpecTypeDescriptions, volumeTypeDescriptions,
    nodeTypeDescriptions, serviceTypeDescriptions, eventTypeDescriptions, customResourceTypeDescriptions,
  ])

  subscript(_ qualifiedName: String) -> TypeDescription {
    guard let type = types[qualifiedName] else { preconditionFailure("no built-in type \(qualifiedName)") }
    return type
  }

  /// Descriptions are lines: `package NAME` starts a package, `Name: text` a type, and an indented
  /// `field type flags | text` a field. `Name object: text` adds apiVersion, kind and metadata. Flags: `!` required and
  /// always written, `required`, `always`, `key=K` merge key, `merge`, `retainKeys`, `map=K,L`, `set`, `atomic`,
  /// `default=JSON`, `enum=A,B`.
  init(_ descriptions: [String]) {
    var names: [String: String] = [:]
    for line in descriptions.joined(separator: "\n").split(separator: "\n") where !line.hasPrefix("  ") {
      if line.hasPrefix("package ") {
        names["package"] = String(line.dropFirst(8))
      } else if let head = line.split(separator: ":").first, let name = head.split(separator: " ").first {
        names["\(names["package"]!).\(name)"] = ""
      }
    }
    var package = ""
    var current: TypeDescription?
    for line in descriptions.joined(separator: "\n").split(separator: "\n") {
      if line.hasPrefix("  ") {
        current?.append(Self.field(line, in: package, known: names))
        continue
      }
      if let current { types[current.qualifiedName] = current }
      current = nil
      if line.hasPrefix("package ") {
        package = String(line.dropFirst(8))
        continue
      }
      let (head, text) = Self.halves(line, ":")
      let words = head.split(separator: " ")
      current = TypeDescription(
        qualifiedName: "\(package).\(words[0])", name: String(words[0]), description: text)
      guard words.contains("object") else { continue }
      for line in objectFieldDescriptions.split(separator: "\n") {
        current?.append(Self.field(line, in: package, known: names))
      }
    }
    if let current { types[current.qualifiedName] = current }
    findDefaults()
  }

  private mutating func findDefaults() {
    var count = -1
    while typesWithDefaults.count > count {
      count = typesWithDefaults.count
      for type in types.values where type.fields.contains(where: { $0.defaultValue != nil || isDefaulted($0.type) }) {
        typesWithDefaults.insert(type.qualifiedName)
      }
    }
  }

  private func isDefaulted(_ type: FieldType) -> Bool {
    switch type {
    case .pointer(let type), .list(let type): isDefaulted(type)
    case .object(let name): typesWithDefaults.contains(name)
    default: false
    }
  }

  private static func halves(_ line: Substring, _ separator: Character) -> (Substring, String) {
    guard let position = line.firstIndex(of: separator) else { return (line, "") }
    return (line[..<position], String(line[line.index(after: position)...].drop { $0 == " " }))
  }

  private static func field(_ line: Substring, in package: String, known: [String: String]) -> FieldDescription {
    let (head, text) = halves(line, "|")
    let words = head.split(separator: " ")
    precondition(words.count >= 2, "field without a type: \(line)")
    var field = FieldDescription(
      name: String(words[0]), type: type(words[1], in: package, known: known), description: text)
    for flag in words.dropFirst(2) {
      let (name, value) = halves(flag, "=")
      switch name {
      case "!":
        field.isRequired = true
        field.isAlwaysWritten = true
      case "required": field.isRequired = true
      case "always": field.isAlwaysWritten = true
      case "key":
        field.mergeKey = value
        field.mergeStrategies = ["merge"]
      case "merge": field.mergeStrategies = ["merge"]
      case "retainKeys": field.mergeStrategies.append("retainKeys")
      case "map":
        field.listType = "map"
        field.listMapKeys = value.split(separator: ",").map(String.init)
      case "set", "atomic": field.listType = String(name)
      case "default":
        guard let json = try? JSONValue(parsing: value) else { preconditionFailure("bad default: \(line)") }
        field.defaultValue = json
      case "enum": field.enumeration = value.split(separator: ",").map(String.init)
      default: preconditionFailure("unknown flag \(flag): \(line)")
      }
    }
    return field
  }

  private static func type(_ text: Substring, in package: String, known: [String: String]) -> FieldType {
    if text.hasPrefix("*") { return .pointer(type(text.dropFirst(), in: package, known: known)) }
    if text.hasPrefix("[]") { return .list(type(text.dropFirst(2), in: package, known: known)) }
    if text.hasPrefix("map[string]") { return .map(type(text.dropFirst(11), in: package, known: known)) }
    switch text {
    case "string": return .string
    case "bool": return .bool
    case "int32": return .int32
    case "int64": return .int64
    case "double": return .double
    case "Time": return .time
    case "MicroTime": return .microTime
    case "Quantity": return .quantity
    case "IntOrString": return .intOrString
    case "bytes": return .bytes
    case "any": return .any
    default:
      if text.hasSuffix("OrBool"), case .object(let name) = type(text.dropLast(6), in: package, known: known) {
        return .objectOrBool(name)
      }
      let packages = [package, metaPackage, corePackage]
      guard let found = packages.first(where: { known["\($0).\(text)"] != nil }) else {
        preconditionFailure("unknown type \(text) in \(package)")
      }
      return .object("\(found).\(text)")
    }
  }
}

let metaPackage = "io.k8s.apimachinery.pkg.apis.meta.v1"
let corePackage = "io.k8s.api.core.v1"

/// The fields that every object has.
let objectFieldDescriptions = """
    apiVersion string | APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values.
    kind string | Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase.
    metadata ObjectMeta | Standard object's metadata.
  """
