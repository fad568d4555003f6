/// What is wanted of the northbound database: the union of what its owners want, kept up to date change by change.
///
/// A pure value; the order of the calls does not matter, only what every owner wanted last.
public struct WantedRows: Sendable {
  private var fragments: [NorthboundOwner: Set<RowFragment>] = [:]
  private var owners: [NorthboundKey: [NorthboundOwner: [RowFragment]]] = [:]

  /// Nothing is wanted.
  public init() {}

  /// A row as it is to be.
  public struct Row: Hashable, Sendable {
    /// The least of the owners that define it.
    public var owner: NorthboundOwner
    /// The columns that refer to it.
    public var parents: Set<RowFragment.Parent>
    /// What its columns are to hold.
    public var columns: [String: NorthboundValue]
  }

  /// Sets all that one owner wants, in the place of what it wanted before.
  ///
  /// - Returns: the rows that are perhaps to be another way now.
  public mutating func replace(_ owner: NorthboundOwner, with wanted: Set<RowFragment>) -> Set<NorthboundKey> {
    let before = fragments[owner] ?? []
    guard before != wanted else { return [] }
    let changed = Set(before.symmetricDifference(wanted).map(\.key))
    fragments[owner] = wanted.isEmpty ? nil : wanted
    let mine = Dictionary(grouping: wanted.lazy.filter { changed.contains($0.key) }, by: \.key)
    for key in changed {
      owners[key, default: [:]][owner] = mine[key]
      if owners[key]?.isEmpty == true { owners[key] = nil }
    }
    return changed
  }

  /// A row as it is to be; nil: it is not to exist.
  public subscript(key: NorthboundKey) -> Row? {
    guard let owners = owners[key], let owner = owners.filter({ $1.contains(where: \.defines) }).keys.min() else {
      return nil
    }
    var row = Row(owner: owner, parents: [], columns: [:])
    for fragment in owners.values.joined() {
      row.parents.formUnion(fragment.parents)
      for (column, value) in fragment.columns {
        if row.columns[column]?.formUnion(value) == nil { row.columns[column] = value }
      }
    }
    return row
  }

  /// Whether a row is to exist.
  public func contains(_ key: NorthboundKey) -> Bool {
    owners[key]?.values.contains { $0.contains(where: \.defines) } ?? false
  }

  /// Who wants something of a row.
  public func owners(of key: NorthboundKey) -> Set<NorthboundOwner> { Set(owners[key]?.keys ?? [:].keys) }

  /// The rows that are to exist.
  public var keys: [NorthboundKey] { owners.keys.filter(contains) }

  /// What one owner wants.
  public func wanted(by owner: NorthboundOwner) -> Set<RowFragment> { fragments[owner] ?? [] }

  /// Who wants something.
  public var allOwners: Dictionary<NorthboundOwner, Set<RowFragment>>.Keys { fragments.keys }
}
