import JSON

/// One scalar of OVSDB (RFC 7047 section 5.1, `<atom>`).
public enum Atom: Sendable, Hashable {
  /// A whole number.
  case integer(Int64)
  /// A floating-point number.
  case real(Double)
  /// True or false.
  case boolean(Bool)
  /// A text.
  case string(String)
  /// A row, by its id.
  case uuid(RowID)
  /// A row that an `insert` of the same transaction makes, by the `uuid-name` given there.
  case namedUUID(String)
}

extension Atom: Comparable {
  /// A total order (by kind, then by value), so that a set has one canonical form.
  public static func < (left: Atom, right: Atom) -> Bool {
    switch (left, right) {
    case (.integer(let left), .integer(let right)): left < right
    case (.real(let left), .real(let right)): left < right
    case (.boolean(let left), .boolean(let right)): !left && right
    case (.string(let left), .string(let right)): left < right
    case (.uuid(let left), .uuid(let right)): left < right
    case (.namedUUID(let left), .namedUUID(let right)): left < right
    default: left.rank < right.rank
    }
  }

  private var rank: Int {
    switch self {
    case .integer: 0
    case .real: 1
    case .boolean: 2
    case .string: 3
    case .uuid: 4
    case .namedUUID: 5
    }
  }
}

extension Atom {
  /// The wire form.
  public var json: JSONValue {
    switch self {
    case .integer(let value): .integer(value)
    case .real(let value): .number(value)
    case .boolean(let value): .bool(value)
    case .string(let value): .string(value)
    case .uuid(let id): ["uuid", .string(id.description)]
    case .namedUUID(let name): ["named-uuid", .string(name)]
    }
  }

  /// Reads the wire form; nil when it is not an atom.
  public init?(json: JSONValue) {
    switch json {
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .real(value)
    case .bool(let value): self = .boolean(value)
    case .string(let value): self = .string(value)
    case .array(let pair):
      guard pair.count == 2, let tag = pair[0].string, let text = pair[1].string else { return nil }
      switch tag {
      case "uuid":
        guard let id = RowID(text) else { return nil }
        self = .uuid(id)
      case "named-uuid": self = .namedUUID(text)
      default: return nil
      }
    case .null, .object: return nil
    }
  }
}

extension Atom: CustomStringConvertible {
  /// For people: strings and ids without quotes.
  public var description: String {
    switch self {
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .string(let value): value
    case .uuid(let id): id.description
    case .namedUUID(let name): "@\(name)"
    }
  }
}

extension Atom: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
}
