/// A JSON value (RFC 8259).
///
/// Numbers without fraction and exponent that fit 64 bits are ``integer(_:)``, all others ``number(_:)``; the two are
/// different values, as they are for Kubernetes and OVSDB (RFC 7047). Object keys have no order; they are
/// written sorted, so equal values have equal text.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
}

// MARK: - Views

extension JSONValue {
  /// The text, if this is a string.
  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The number, if it was written without fraction and exponent and fits 64 bits.
  public var integer: Int64? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The number, whichever way it was written.
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The truth value, if this is one.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The elements, if this is an array.
  public var array: [JSONValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The members, if this is an object.
  public var object: [String: JSONValue]? {
    if case .object(let value) = self { value } else { nil }
  }

  /// Whether this is `null`.
  public var isNull: Bool { self == .null }

  /// The name of the value's type as JSON Schema spells it.
  public var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .integer: "integer"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

// MARK: - Members

extension JSONValue {
  /// A member of an object; nil when absent or when this is no object.
  ///
  /// Setting makes an object of what was none; setting nil removes the member and makes nothing.
  public subscript(key: String) -> JSONValue? {
    get {
      if case .object(let members) = self { members[key] } else { nil }
    }
    set {
      switch (self, newValue) {
      case (.object(var members), _):
        self = .null  // leaves `members` uniquely referenced: no copy of the dictionary
        members[key] = newValue
        self = .object(members)
      case (_, let value?):
        self = .object([key: value])
      case (_, nil):
        break
      }
    }
  }

  /// An element of an array; nil when out of bounds or when this is no array.
  public subscript(index: Int) -> JSONValue? {
    if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { nil }
  }

  /// The value reached by following object keys from here. Setting creates the objects on the way; setting nil
  /// removes the last member and creates nothing.
  public subscript(path path: String...) -> JSONValue? {
    get { self[path: path] }
    set { self[path: path] = newValue }
  }

  /// The value reached by following object keys from here, the keys as an array.
  public subscript(path path: [String]) -> JSONValue? {
    get {
      var value = self
      for key in path {
        guard let next = value[key] else { return nil }
        value = next
      }
      return value
    }
    set { set(newValue, at: path[...]) }
  }

  private mutating func set(_ value: JSONValue?, at path: ArraySlice<String>) {
    guard let key = path.first else {
      self = value ?? .null
      return
    }
    guard path.count > 1 else {
      self[key] = value
      return
    }
    var child = self[key]
    if child == nil {
      guard value != nil else { return }
      child = .object([:])
    } else {
      self[key] = .null
    }
    child?.set(value, at: path.dropFirst())
    self[key] = child
  }
}

// MARK: - Literals

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

  /// An object; of members written twice the last one counts.
  public init(dictionaryLiteral members: (String, JSONValue)...) {
    self = .object(Dictionary(members, uniquingKeysWith: { _, last in last }))
  }
}
