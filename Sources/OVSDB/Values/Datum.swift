import JSON

/// The contents of one column of one row: a set of atoms or a map (RFC 7047 section 5.1, `<value>`).
///
/// A lone atom and a set of one atom are the same thing on the wire, so they are the same thing here: two data that
/// mean the same are equal.
public struct Datum: Sendable, Hashable {
  private enum Storage: Sendable, Hashable {
    case atom(Atom)
    /// Sorted, without duplicates, never exactly one element.
    case set([Atom])
    case map([Atom: Atom])
  }

  private let storage: Storage

  /// A single atom.
  public init(_ atom: Atom) { storage = .atom(atom) }

  /// A set; duplicates count once.
  public init(set atoms: some Sequence<Atom>) {
    self.init(sorted: Set(atoms).sorted())
  }

  /// A map.
  public init(map: [Atom: Atom]) { storage = .map(map) }

  private init(sorted atoms: [Atom]) {
    storage = atoms.count == 1 ? .atom(atoms[0]) : .set(atoms)
  }

  /// The empty set: an absent optional value.
  public static let empty = Datum(set: [])
  /// The map without entries.
  public static let emptyMap = Datum(map: [:])

  /// The elements, sorted; nil for a map.
  public var atoms: [Atom]? {
    switch storage {
    case .atom(let atom): [atom]
    case .set(let atoms): atoms
    case .map: nil
    }
  }

  /// The only element; nil for a map and for a set that does not have exactly one.
  public var atom: Atom? {
    if case .atom(let atom) = storage { atom } else { nil }
  }

  /// Whether the set has that element; false for a map.
  public func contains(_ atom: Atom) -> Bool {
    switch storage {
    case .atom(let only): only == atom
    case .set(let atoms): atoms.contains(atom)
    case .map: false
    }
  }

  /// The entries. The empty set reads as the empty map; nil for any other set.
  public var map: [Atom: Atom]? {
    switch storage {
    case .map(let map): map
    case .set(let atoms): atoms.isEmpty ? [:] : nil
    case .atom: nil
    }
  }
}

extension Datum {
  /// The wire form.
  public var json: JSONValue {
    switch storage {
    case .atom(let atom): atom.json
    case .set(let atoms): ["set", .array(atoms.map(\.json))]
    case .map(let map):
      ["map", .array(map.sorted { $0.key < $1.key }.map { .array([$0.key.json, $0.value.json]) })]
    }
  }

  /// Reads the wire form; nil when it is neither atom, set nor map.
  public init?(json: JSONValue) {
    if let atom = Atom(json: json) {
      self.init(atom)
      return
    }
    guard case .array(let pair) = json, pair.count == 2, case .array(let elements) = pair[1] else { return nil }
    switch pair[0].string {
    case "set":
      var atoms: [Atom] = []
      atoms.reserveCapacity(elements.count)
      for element in elements {
        guard let atom = Atom(json: element) else { return nil }
        atoms.append(atom)
      }
      self.init(set: atoms)
    case "map":
      var map: [Atom: Atom] = [:]
      map.reserveCapacity(elements.count)
      for element in elements {
        guard case .array(let entry) = element, entry.count == 2, let key = Atom(json: entry[0]),
          let value = Atom(json: entry[1])
        else { return nil }
        map[key] = value
      }
      self.init(map: map)
    default: return nil
    }
  }
}

extension Datum {
  /// The datum after a `modify` of an `update2` or `update3` (ovsdb-server(7) section 4.1.14): for a column that can
  /// hold several elements the difference lists what is in only one of old and new (and, in a map, the changed
  /// entries with their new value); for any other column it is the new value.
  func applying(difference: Datum, type: ColumnType) -> Datum {
    guard type.isComposite else { return difference }
    if type.isMap, var merged = map, let changes = difference.map {
      for (key, value) in changes {
        merged[key] = merged[key] == value ? nil : value
      }
      return Datum(map: merged)
    }
    guard let mine = atoms, let changes = difference.atoms else { return difference }
    return Datum(sorted: Self.symmetricDifference(mine, changes))
  }

  /// What is in only one of two sorted arrays, sorted; in linear time.
  private static func symmetricDifference(_ left: [Atom], _ right: [Atom]) -> [Atom] {
    var result: [Atom] = []
    result.reserveCapacity(left.count + right.count)
    var (leftIndex, rightIndex) = (0, 0)
    while leftIndex < left.count, rightIndex < right.count {
      if left[leftIndex] == right[rightIndex] {
        leftIndex += 1
        rightIndex += 1
      } else if left[leftIndex] < right[rightIndex] {
        result.append(left[leftIndex])
        leftIndex += 1
      } else {
        result.append(right[rightIndex])
        rightIndex += 1
      }
    }
    return result + left[leftIndex...] + right[rightIndex...]
  }
}

extension Datum: CustomStringConvertible {
  /// As `ovs-vsctl` prints it: `13`, `[10, 11]`, `{owner=me}`.
  public var description: String {
    switch storage {
    case .atom(let atom): atom.description
    case .set(let atoms): "[" + atoms.map(\.description).joined(separator: ", ") + "]"
    case .map(let map):
      "{" + map.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ") + "}"
    }
  }
}
