import APIMachinery
import FoundationEssentials
import JSON

/// Reads Kubernetes' protobuf bodies into the JSON that they stand for.
struct ProtobufDecoder: Sendable {
  /// What a body cannot be read for.
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  private indirect enum FieldType: Sendable {
    case string, bytes, integer, bool, time, microTime, intOrString
    case message(String)
    case map(FieldType)
    case list(FieldType)
  }

  private struct Field: Sendable {
    var name: String
    var type: FieldType
    var keepsZero: Bool
  }

  private let messages: [String: [UInt64: Field]]

  static let shared = ProtobufDecoder()

  init() {
    var messages: [String: [UInt64: Field]] = [:]
    for line in ProtobufMessages.text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      var fields: [UInt64: Field] = [:]
      for field in parts[1].split(separator: ",") {
        let words = field.split(separator: " ")
        let keepsZero = words[2].hasSuffix("?")
        fields[UInt64(words[0]) ?? 0] = Field(
          name: String(words[1]), type: Self.type(keepsZero ? words[2].dropLast() : words[2]), keepsZero: keepsZero)
      }
      messages[String(parts[0])] = fields
    }
    self.messages = messages
  }

  private static func type(_ text: Substring) -> FieldType {
    if text.hasPrefix("[]") { return .list(type(text.dropFirst(2))) }
    if text.hasPrefix("map<") { return .map(type(text.dropFirst(4).dropLast())) }
    switch text {
    case "string": return .string
    case "bytes": return .bytes
    case "int": return .integer
    case "bool": return .bool
    case "Time": return .time
    case "MicroTime": return .microTime
    case "IntOrString": return .intOrString
    default: return .message(String(text))
    }
  }

  /// The object of a body that begins with `k8s\0`.
  func decode(_ body: [UInt8]) throws(Failure) -> JSONValue {
    guard body.starts(with: [0x6B, 0x38, 0x73, 0]) else {
      throw Failure(description: "the body does not begin with k8s\\0")
    }
    let envelope = try split(body.dropFirst(4))
    guard let typeMeta = envelope.last(where: { $0.number == 1 }), let raw = envelope.last(where: { $0.number == 2 })
    else { throw Failure(description: "the body has no type or no object") }
    var object = try message("TypeMeta", typeMeta.bytes)
    let kind = object["kind"]?.string ?? ""
    guard ProtobufMessages.kinds.contains(kind) else {
      throw Failure(description: "the kind \(kind) is not read in protobuf, send it as JSON")
    }
    for (key, value) in try message(kind, raw.bytes).object ?? [:] { object[key] = value }
    return object
  }

  private struct Record {
    var number: UInt64
    var integer: UInt64 = 0
    var bytes: ArraySlice<UInt8> = []
  }

  /// The fields of a message, in their order.
  private func split(_ bytes: ArraySlice<UInt8>) throws(Failure) -> [Record] {
    var rest = bytes
    var records: [Record] = []
    while !rest.isEmpty {
      let tag = try varint(&rest)
      var record = Record(number: tag >> 3)
      switch tag & 7 {
      case 0: record.integer = try varint(&rest)
      case 1: record.bytes = try take(8, &rest)
      case 2: record.bytes = try take(try varint(&rest), &rest)
      case 5: record.bytes = try take(4, &rest)
      default: throw Failure(description: "a field has the unknown wire type \(tag & 7)")
      }
      records.append(record)
    }
    return records
  }

  private func varint(_ rest: inout ArraySlice<UInt8>) throws(Failure) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { throw Failure(description: "the body ends inside a number") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw Failure(description: "a number is longer than ten bytes")
  }

  private func take(_ count: UInt64, _ rest: inout ArraySlice<UInt8>) throws(Failure) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw Failure(description: "the body ends inside a field") }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }

  private func message(_ name: String, _ bytes: ArraySlice<UInt8>) throws(Failure) -> JSONValue {
    var object: [String: JSONValue] = [:]
    let fields = messages[name] ?? [:]
    for record in try split(bytes) {
      guard let field = fields[record.number] else { continue }
      switch field.type {
      case .list(let type):
        if let value = try value(type, record, keepsZero: true) {
          object[field.name] = .array((object[field.name]?.array ?? []) + [value])
        }
      case .map(let type):
        let entry = try split(record.bytes)
        let key = entry.last { $0.number == 1 }.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        var members = object[field.name]?.object ?? [:]
        members[key] = try value(type, entry.last { $0.number == 2 } ?? Record(number: 2), keepsZero: true)
        object[field.name] = .object(members)
      default: if let value = try value(field.type, record, keepsZero: field.keepsZero) { object[field.name] = value }
      }
    }
    return .object(object)
  }

  private func value(_ type: FieldType, _ record: Record, keepsZero: Bool) throws(Failure) -> JSONValue? {
    switch type {
    case .string:
      return record.bytes.isEmpty && !keepsZero
        ? JSONValue?.none : JSONValue.string(String(decoding: record.bytes, as: UTF8.self))
    case .bytes: return .string(Data(record.bytes).base64EncodedString())
    case .integer:
      return record.integer == 0 && !keepsZero ? JSONValue?.none : JSONValue.integer(Int64(bitPattern: record.integer))
    case .bool: return record.integer == 0 && !keepsZero ? JSONValue?.none : JSONValue.bool(record.integer != 0)
    case .time: return try time(record.bytes, hasFraction: false)
    case .microTime: return try time(record.bytes, hasFraction: true)
    case .intOrString:
      let parts = try split(record.bytes)
      if parts.contains(where: { $0.number == 1 && $0.integer == 1 }) {
        return .string(String(decoding: parts.last { $0.number == 3 }?.bytes ?? [], as: UTF8.self))
      }
      let number = parts.last { $0.number == 2 }?.integer ?? 0
      return number == 0 ? JSONValue?.none : JSONValue.integer(Int64(bitPattern: number))
    case .message(let name):
      let value = try message(name, record.bytes)
      return value.object?.isEmpty == true && !keepsZero && name != "ObjectMeta" ? JSONValue?.none : value
    case .map, .list: return nil  // they do not nest
    }
  }

  /// A time; nil for Go's zero time.
  private func time(_ bytes: ArraySlice<UInt8>, hasFraction: Bool) throws(Failure) -> JSONValue? {
    let parts = try split(bytes)
    guard let seconds = parts.last(where: { $0.number == 1 })?.integer else { return nil }
    let whole = Timestamp.format(secondsSince1970: Int64(bitPattern: seconds))
    guard hasFraction else { return .string(whole) }
    let micros = String((parts.last { $0.number == 2 }?.integer ?? 0) / 1000)
    return .string(whole.dropLast() + "." + String(repeating: "0", count: 6 - micros.count) + micros + "Z")
  }
}
