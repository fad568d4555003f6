extension JSONValue {
  /// The JSON of an `Encodable` value, with the conventions of Foundation's `JSONEncoder`: nil optionals are left out.
  /// - Throws: `EncodingError` for a number that is not finite, or what the value itself throws.
  public init(encoding value: some Encodable) throws {
    self = try JSONValueEncoder.box(value, codingPath: [])
  }
}

extension JSONValue: Codable {
  /// Decodes any JSON with any decoder; with ``decode(_:)`` it is passed through unchanged.
  public init(from decoder: any Decoder) throws {
    if let own = decoder as? JSONValueDecoder {
      self = own.value
      return
    }
    if let container = try? decoder.container(keyedBy: AnyJSONKey.self) {
      var members: [String: JSONValue] = [:]
      for key in container.allKeys { members[key.stringValue] = try container.decode(JSONValue.self, forKey: key) }
      self = .object(members)
    } else if var container = try? decoder.unkeyedContainer() {
      var elements: [JSONValue] = []
      while !container.isAtEnd { elements.append(try container.decode(JSONValue.self)) }
      self = .array(elements)
    } else {
      self = try JSONValue(scalarFrom: decoder.singleValueContainer())
    }
  }

  private init(scalarFrom container: any SingleValueDecodingContainer) throws {
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .integer(value)
    } else {
      self = .number(try container.decode(Double.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .object(let members):
      var container = encoder.container(keyedBy: AnyJSONKey.self)
      for (key, member) in members { try container.encode(member, forKey: AnyJSONKey(key)) }
    case .array(let elements):
      var container = encoder.unkeyedContainer()
      for element in elements { try container.encode(element) }
    default:
      var container = encoder.singleValueContainer()
      switch self {
      case .bool(let value): try container.encode(value)
      case .integer(let value): try container.encode(value)
      case .number(let value): try container.encode(value)
      case .string(let value): try container.encode(value)
      default: try container.encodeNil()
      }
    }
  }
}

struct AnyJSONKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(_ name: String) { stringValue = name }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// The value under construction; containers of one encoder share it.
private class JSONBox {
  var value: JSONValue?
}

/// An encoder that builds a ``JSONValue``.
private struct JSONValueEncoder: Encoder {
  let box: JSONBox
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func box<T: Encodable>(_ value: T, codingPath: [any CodingKey]) throws -> JSONValue {
    if let same = value as? JSONValue { return same }
    let encoder = JSONValueEncoder(box: JSONBox(), codingPath: codingPath)
    try value.encode(to: encoder)
    return encoder.box.value ?? .object([:])
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if box.value == nil { box.value = .object([:]) }
    return KeyedEncodingContainer(KeyedJSONEncoding<Key>(box: box, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if box.value == nil { box.value = .array([]) }
    return UnkeyedJSONEncoding(box: box, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleJSONEncoding(box: box, codingPath: codingPath)
  }
}

extension JSONValue {
  fileprivate static func checked(_ number: Double, _ path: [any CodingKey]) throws -> JSONValue {
    guard number.isFinite else {
      throw EncodingError.invalidValue(
        number, .init(codingPath: path, debugDescription: "JSON cannot express the number \(number)"))
    }
    return .number(number)
  }

  fileprivate static func checked<T: BinaryInteger>(_ integer: T, _ path: [any CodingKey]) throws -> JSONValue {
    guard let value = Int64(exactly: integer) else { return .number(Double(integer)) }
    return .integer(value)
  }
}

private struct SingleJSONEncoding: SingleValueEncodingContainer {
  let box: JSONBox
  let codingPath: [any CodingKey]

  mutating func encodeNil() throws { box.value = .null }
  mutating func encode(_ value: Bool) throws { box.value = .bool(value) }
  mutating func encode(_ value: String) throws { box.value = .string(value) }
  mutating func encode(_ value: Double) throws { box.value = try .checked(value, codingPath) }
  mutating func encode(_ value: Float) throws { box.value = try .checked(Double(value), codingPath) }
  mutating func encode(_ value: Int) throws { box.value = try .checked(value, codingPath) }
  mutating func encode(_ value: Int8) throws { box.value = try .checked(value, codingPath) }
  mutating func encode(_ value: Int16) throws { box.value = try .checked(value, codingPath) }
  mutating func encode(_ value: Int32) throws { box.value = try .checked(value, codingPath) }
  mutating func encode(_ value: Int64) throws { box.value = try .checked(value, codingPath) }
  mutating func encode(_ value: UInt) throws { box.value = try .checked(value, codingPath) }
  mutating func encode(_ value: UInt8) throws { box.value = try .checked(value, codingPath) }
  mutating func encode(_ value: UInt16) throws { box.value = try .checked(value, codingPath) }
  mutating func encode(_ value: UInt32) throws { box.value = try .checked(value, codingPath) }
  mutating func encode(_ value: UInt64) throws { box.value = try .checked(value, codingPath) }
  mutating func encode<T: Encodable>(_ value: T) throws {
    box.value = try JSONValueEncoder.box(value, codingPath: codingPath)
  }
}

private struct KeyedJSONEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let box: JSONBox
  let codingPath: [any CodingKey]

  mutating func encodeNil(forKey key: Key) throws { box.value?[key.stringValue] = .null }
  mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    box.value?[key.stringValue] = try JSONValueEncoder.box(value, codingPath: codingPath + [key])
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    nested(key).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    nested(key).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { JSONValueEncoder(box: box, codingPath: codingPath) }
  mutating func superEncoder(forKey key: Key) -> any Encoder { nested(key) }

  private func nested(_ key: Key) -> JSONForwardingEncoder {
    let (box, name) = (box, key.stringValue)
    return JSONForwardingEncoder(codingPath: codingPath + [key]) { box.value?[name] = $0 }
  }
}

private struct UnkeyedJSONEncoding: UnkeyedEncodingContainer {
  let box: JSONBox
  let codingPath: [any CodingKey]
  var count: Int { box.value?.array?.count ?? 0 }

  mutating func encodeNil() throws { append(.null) }
  mutating func encode<T: Encodable>(_ value: T) throws {
    append(try JSONValueEncoder.box(value, codingPath: codingPath + [JSONIndex(intValue: count)]))
  }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    nested().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }
  mutating func superEncoder() -> any Encoder { nested() }

  private func append(_ element: JSONValue) {
    guard case .array(var elements) = box.value else { return }
    box.value = nil
    elements.append(element)
    box.value = .array(elements)
  }

  private func nested() -> JSONForwardingEncoder {
    let index = count
    append(.null)
    let box = box
    return JSONForwardingEncoder(codingPath: codingPath + [JSONIndex(intValue: index)]) { value in
      guard case .array(var elements) = box.value else { return }
      elements[index] = value
      box.value = .array(elements)
    }
  }
}

/// An encoder for nested containers: what is written into it goes on to its parent at once.
private struct JSONForwardingEncoder: Encoder {
  let codingPath: [any CodingKey]
  let box: JSONBox
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(codingPath: [any CodingKey], store: @escaping (JSONValue) -> Void) {
    self.codingPath = codingPath
    box = JSONForwardingBox(store)
  }

  private var encoder: JSONValueEncoder { JSONValueEncoder(box: box, codingPath: codingPath) }
  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    encoder.container(keyedBy: type)
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer { encoder.unkeyedContainer() }
  func singleValueContainer() -> any SingleValueEncodingContainer { encoder.singleValueContainer() }
}

private final class JSONForwardingBox: JSONBox {
  let store: (JSONValue) -> Void
  override var value: JSONValue? {
    didSet {
      if let value { store(value) }
    }
  }

  init(_ store: @escaping (JSONValue) -> Void) { self.store = store }
}
