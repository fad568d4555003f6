import JSON

/// A JSON value that is not of the type that a built-in kind has there; the text is Go's.
struct DecodingFailure: Error {
  var message: String
}

/// Reads JSON as Go's decoder reads it into the structs of a built-in kind, and writes it as Go's encoder would:
/// unknown fields are noted and dropped, empty optional ones dropped, those without `omitempty` filled in.
struct TypedDecoder {
  let library: TypeLibrary
  /// Paths of fields that the types do not have, in order of discovery.
  private(set) var unknownFields: [String] = []
  /// What of Go's error would name: the struct and the path without indices.
  private var structName = ""
  private var goPath: [String] = []

  init(library: TypeLibrary = .builtIn) { self.library = library }

  mutating func decode(_ value: JSONValue, as type: TypeDescription) throws(DecodingFailure) -> JSONValue {
    try object(value, type, path: "")
  }

  /// The metadata of any object.
  mutating func decodeMetadata(_ value: JSONValue) throws(DecodingFailure) -> JSONValue {
    goPath = ["metadata"]
    defer { goPath = [] }
    return try object(value, library["\(metaPackage).ObjectMeta"], path: "metadata")
  }

  private mutating func object(_ value: JSONValue, _ type: TypeDescription, path: String) throws(DecodingFailure)
    -> JSONValue
  {
    var members: [String: JSONValue]
    switch value {
    case .object(let object): members = object
    case .null: members = [:]
    default: throw mismatch(value, "v1.\(type.name)")
    }
    let outer = structName
    structName = type.name
    defer { structName = outer }
    for key in members.keys where type[key] == nil {
      unknownFields.append(path.isEmpty ? key : "\(path).\(key)")
      members[key] = nil
    }
    var result: [String: JSONValue] = [:]
    result.reserveCapacity(members.count)
    for field in type.fields {
      if let member = members[field.name] {
        goPath.append(field.name)
        defer { goPath.removeLast() }
        let decoded = try self.value(member, field.type, path: path.isEmpty ? field.name : "\(path).\(field.name)")
        if let decoded, field.isAlwaysWritten || !Self.isOmitted(decoded, field.type) {
          result[field.name] = decoded
          continue
        }
      }
      if let zero = zero(field) { result[field.name] = zero }
    }
    return .object(result)
  }

  /// The value in its written form; nil for null.
  private mutating func value(_ value: JSONValue, _ type: FieldType, path: String) throws(DecodingFailure) -> JSONValue?
  {
    if value.isNull, type != .any { return nil }
    switch type {
    case .pointer(let type): return try self.value(value, type, path: path)
    case .any: return value
    case .string: return try expect(value.string != nil, value, "string")
    case .bool: return try expect(value.bool != nil, value, "bool")
    case .int32: return try integer(value, "int32", Int64(Int32.min)...Int64(Int32.max))
    case .int64: return try integer(value, "int64", Int64.min...Int64.max)
    case .double: return try expect(value.number != nil, value, "float64")
    case .time: return .string(Timestamp.format(try time(value, micro: false)))
    case .microTime: return .string(Timestamp.formatMicro(try time(value, micro: true)))
    case .quantity: return try quantity(value)
    case .intOrString:
      return try expect(value.integer != nil || value.string != nil, value, "int32")
    case .bytes: return try bytes(value)
    case .list(let element):
      guard case .array(let elements) = value else { throw mismatch(value, Self.goName(type)) }
      var result: [JSONValue] = []
      result.reserveCapacity(elements.count)
      for (index, item) in elements.enumerated() {
        result.append(try self.value(item, element, path: "\(path)[\(index)]") ?? emptyValue(element))
      }
      return .array(result)
    case .map(let element):
      guard case .object(let members) = value else { throw mismatch(value, Self.goName(type)) }
      var result: [String: JSONValue] = [:]
      for (key, item) in members {
        goPath.append(key)
        defer { goPath.removeLast() }
        result[key] = try self.value(item, element, path: "\(path).\(key)") ?? emptyValue(element)
      }
      return .object(result)
    case .object(let name): return try object(value, library[name], path: path)
    case .objectOrBool(let name): return value.bool != nil ? value : try object(value, library[name], path: path)
    }
  }

  private func expect(_ fits: Bool, _ value: JSONValue, _ type: String) throws(DecodingFailure) -> JSONValue {
    guard fits else { throw mismatch(value, type) }
    return value
  }

  private func integer(_ value: JSONValue, _ type: String, _ range: ClosedRange<Int64>) throws(DecodingFailure)
    -> JSONValue
  {
    if let integer = value.integer {
      guard range.contains(integer) else { throw mismatch(value, type, "number \(integer)") }
      return value
    }
    guard case .number(let number) = value else { throw mismatch(value, type) }
    guard number.rounded() == number, let integer = Int64(exactly: number), range.contains(integer) else {
      throw mismatch(value, type, "number \(number)")
    }
    return .integer(integer)
  }

  private func time(_ value: JSONValue, micro: Bool) throws(DecodingFailure) -> Timestamp {
    guard let text = value.string else {
      throw DecodingFailure(message: "json: cannot unmarshal \(value.goKind) into Go value of type string")
    }
    if let problem = Timestamp.goProblem(text, micro: micro) { throw DecodingFailure(message: problem) }
    guard let timestamp = Timestamp(text) else {
      throw DecodingFailure(message: "parsing time \(goQuoted(text)): day out of range")
    }
    return timestamp
  }

  private func quantity(_ value: JSONValue) throws(DecodingFailure) -> JSONValue {
    switch value {
    case .integer(let number): return .string("\(number)")
    case .string(let text) where Quantity.isValid(text): return value
    case .number(let number): return .string("\(number)")
    default:
      throw DecodingFailure(
        message: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    }
  }

  private func bytes(_ value: JSONValue) throws(DecodingFailure) -> JSONValue {
    guard let text = value.string else { throw mismatch(value, "[]uint8") }
    if let position = Base64.firstIllegalByte(text) {
      throw DecodingFailure(message: "illegal base64 data at input byte \(position)")
    }
    return value
  }

  private func mismatch(_ value: JSONValue, _ type: String, _ kind: String? = nil) -> DecodingFailure {
    let place = goPath.isEmpty ? "Go value" : "Go struct field \(structName).\(goPath.joined(separator: "."))"
    return DecodingFailure(message: "json: cannot unmarshal \(kind ?? value.goKind) into \(place) of type \(type)")
  }

  /// What a field that was not given is written as; nil when it is left out.
  private func zero(_ field: FieldDescription) -> JSONValue? {
    switch field.type {
    case .object: emptyValue(field.type)
    case .time, .microTime: .null
    case _ where field.isAlwaysWritten: emptyValue(field.type)
    default: nil
    }
  }

  private func emptyValue(_ type: FieldType) -> JSONValue {
    switch type {
    case .string, .bytes: ""
    case .quantity: "0"
    case .bool: false
    case .int32, .int64, .double, .intOrString: 0
    case .time, .microTime, .any, .list, .map, .pointer, .objectOrBool: .null
    case .object(let name):
      .object(
        library[name].fields.reduce(into: [:]) { members, field in members[field.name] = zero(field) })
    }
  }

  private static func isOmitted(_ value: JSONValue, _ type: FieldType) -> Bool {
    switch (type, value) {
    case (.pointer, _), (.any, _), (.object, _), (.objectOrBool, _): false
    case (.string, .string("")), (.bytes, .string("")), (.bool, .bool(false)), (.intOrString, .integer(0)): true
    case (.int32, .integer(0)), (.int64, .integer(0)), (.double, .integer(0)), (.double, .number(0)): true
    case (.list, .array(let elements)): elements.isEmpty
    case (.map, .object(let members)): members.isEmpty
    default: false
    }
  }

  private static func goName(_ type: FieldType) -> String {
    switch type {
    case .string: "string"
    case .bool: "bool"
    case .int32: "int32"
    case .int64: "int64"
    case .double: "float64"
    case .time: "v1.Time"
    case .microTime: "v1.MicroTime"
    case .quantity: "resource.Quantity"
    case .intOrString: "intstr.IntOrString"
    case .bytes: "[]uint8"
    case .any: "interface {}"
    case .list(let element): "[]\(goName(element))"
    case .map(let element): "map[string]\(goName(element))"
    case .pointer(let pointee): "*\(goName(pointee))"
    case .object(let name), .objectOrBool(let name): "v1.\(name.split(separator: ".").last ?? "")"
    }
  }
}
