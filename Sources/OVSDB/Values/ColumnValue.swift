/// A Swift value that one column holds.
///
/// Integers, reals, booleans, strings and row ids conform, their optionals (a column of at most one), sets of them
/// (a column of many) and dictionaries (a map column).
public protocol ColumnValue: Sendable, Hashable {
  /// Reads the column; nil when the datum has another shape.
  init?(datum: Datum)
  /// The column's contents.
  var datum: Datum { get }
}

/// A Swift value that is one atom.
public protocol AtomConvertible: ColumnValue {
  /// Reads the atom; nil when it is of another kind.
  init?(atom: Atom)
  /// The atom.
  var atom: Atom { get }
}

extension AtomConvertible {
  public init?(datum: Datum) {
    guard let atom = datum.atom else { return nil }
    self.init(atom: atom)
  }
  public var datum: Datum { Datum(atom) }
}

extension Int64: AtomConvertible {
  public init?(atom: Atom) {
    guard case .integer(let value) = atom else { return nil }
    self = value
  }
  public var atom: Atom { .integer(self) }
}

extension Int: AtomConvertible {
  public init?(atom: Atom) {
    guard case .integer(let value) = atom else { return nil }
    self.init(exactly: value)
  }
  public var atom: Atom { .integer(Int64(self)) }
}

extension Double: AtomConvertible {
  /// A real that happens to be whole is an integer on the wire.
  public init?(atom: Atom) {
    switch atom {
    case .real(let value): self = value
    case .integer(let value): self = Double(value)
    default: return nil
    }
  }
  public var atom: Atom { .real(self) }
}

extension Bool: AtomConvertible {
  public init?(atom: Atom) {
    guard case .boolean(let value) = atom else { return nil }
    self = value
  }
  public var atom: Atom { .boolean(self) }
}

extension String: AtomConvertible {
  public init?(atom: Atom) {
    guard case .string(let value) = atom else { return nil }
    self = value
  }
  public var atom: Atom { .string(self) }
}

extension RowID: AtomConvertible {
  public init?(atom: Atom) {
    guard case .uuid(let value) = atom else { return nil }
    self = value
  }
  public var atom: Atom { .uuid(self) }
}

extension Optional: ColumnValue where Wrapped: AtomConvertible {
  public init?(datum: Datum) {
    guard let atoms = datum.atoms, atoms.count <= 1 else { return nil }
    guard let atom = atoms.first else {
      self = .none
      return
    }
    guard let value = Wrapped(atom: atom) else { return nil }
    self = .some(value)
  }
  public var datum: Datum { map { Datum($0.atom) } ?? .empty }
}

extension Set: ColumnValue where Element: AtomConvertible {
  public init?(datum: Datum) {
    guard let atoms = datum.atoms else { return nil }
    self.init(minimumCapacity: atoms.count)
    for atom in atoms {
      guard let element = Element(atom: atom) else { return nil }
      insert(element)
    }
  }
  public var datum: Datum { Datum(set: lazy.map(\.atom)) }
}

extension Dictionary: ColumnValue where Key: AtomConvertible, Value: AtomConvertible {
  public init?(datum: Datum) {
    guard let map = datum.map else { return nil }
    self.init(minimumCapacity: map.count)
    for (key, value) in map {
      guard let key = Key(atom: key), let value = Value(atom: value) else { return nil }
      self[key] = value
    }
  }
  public var datum: Datum {
    Datum(map: [Atom: Atom](uniqueKeysWithValues: lazy.map { ($0.key.atom, $0.value.atom) }))
  }
}
