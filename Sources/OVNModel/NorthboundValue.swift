/// What a column is to hold.
public enum NorthboundValue: Hashable, Sendable {
  /// Exactly one value.
  case one(NorthboundAtom)
  /// A set of values; none is the empty set, which is also how an optional column is left out.
  case set(Set<NorthboundAtom>)
  /// A map of strings.
  case map([String: String])
  /// A map of strings to numbers.
  case numbers([String: Int])
  /// References to other rows that Netloom makes.
  case references(Set<NorthboundKey>)

  /// Adds what another fragment wants of the column. Of single values, and of the values of one key of a map, the least
  /// stays: arbitrary, and the same whatever the order.
  public mutating func formUnion(_ other: Self) {
    switch (self, other) {
    case (.one(let mine), .one(let theirs)): self = .one(min(mine, theirs))
    case (.set(var values), .set(let more)):
      self = .set([])  // The only owner of the values adds to them in place.
      values.formUnion(more)
      self = .set(values)
    case (.map(var entries), .map(let more)):
      self = .set([])
      entries.merge(more, uniquingKeysWith: min)
      self = .map(entries)
    case (.numbers(var entries), .numbers(let more)):
      self = .set([])
      entries.merge(more, uniquingKeysWith: min)
      self = .numbers(entries)
    case (.references(var keys), .references(let more)):
      self = .set([])
      keys.formUnion(more)
      self = .references(keys)
    default: break
    }
  }
}

/// A value of a column (RFC 7047 §5.1, atom).
public enum NorthboundAtom: Hashable, Sendable, Comparable {
  case boolean(Bool)
  case integer(Int)
  case string(String)

  /// Booleans before numbers before strings.
  public static func < (lhs: Self, rhs: Self) -> Bool {
    switch (lhs, rhs) {
    case (.boolean(let a), .boolean(let b)): !a && b
    case (.integer(let a), .integer(let b)): a < b
    case (.string(let a), .string(let b)): a < b
    case (.boolean, _), (.integer, .string): true
    default: false
    }
  }
}

extension NorthboundAtom: ExpressibleByStringLiteral {
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
}

extension NorthboundValue {
  /// One string.
  static func one(_ text: String) -> Self { .one(.string(text)) }
  /// One number.
  static func one(_ number: Int) -> Self { .one(.integer(number)) }
  /// One truth value.
  static func one(_ truth: Bool) -> Self { .one(.boolean(truth)) }
  /// A set of strings.
  static func set(_ texts: some Sequence<String>) -> Self { .set(Set(texts.map(NorthboundAtom.string))) }
  /// At most one string.
  static func optional(_ text: String?) -> Self { .set(text.map { [$0] } ?? []) }
  /// At most one number.
  static func optional(_ number: Int?) -> Self { .set(Set(number.map { [.integer($0)] } ?? [])) }
  /// At most one truth value.
  static func optional(_ truth: Bool?) -> Self { .set(Set(truth.map { [.boolean($0)] } ?? [])) }
  /// At most one reference.
  static func optional(_ key: NorthboundKey?) -> Self { .references(Set(key.map { [$0] } ?? [])) }
}
