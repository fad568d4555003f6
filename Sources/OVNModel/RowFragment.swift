/// What one object wants of one row. A row is the union of its fragments: it exists for as long as at least one of them
/// defines it, and the others add to it meanwhile.
public struct RowFragment: Hashable, Sendable {
  /// Which row.
  public var key: NorthboundKey
  /// The columns of other rows that refer to it: a port is in the `ports` of its switch.
  public var parents: Set<Parent>
  /// What the columns are to hold. A column that no fragment names is left as it is.
  public var columns: [String: NorthboundValue]
  /// Whether the row exists because of this fragment; if not, the fragment waits for one that makes it exist.
  public var defines: Bool

  /// A fragment of these parts.
  public init(
    _ key: NorthboundKey, in parents: Set<Parent> = [], columns: [String: NorthboundValue], defines: Bool = true
  ) {
    self.key = key
    self.parents = parents
    self.columns = columns
    self.defines = defines
  }

  /// Rows are told apart by their keys: to hash the columns as well, often very many, would cost more than it tells.
  public func hash(into hasher: inout Hasher) { hasher.combine(key) }

  /// Names the whole content within this process.
  public var digest: Int {
    var hasher = Hasher()
    hasher.combine(key)
    hasher.combine(parents)
    hasher.combine(columns)
    hasher.combine(defines)
    return hasher.finalize()
  }

  /// A column that holds references to rows. What others put into it stays.
  public struct Parent: Hashable, Sendable {
    /// The row whose column it is.
    public var row: NorthboundKey
    /// The column.
    public var column: String

    /// A column of a row.
    public init(_ row: NorthboundKey, _ column: String) {
      self.row = row
      self.column = column
    }
  }
}

/// A row of a table with its columns as properties. All columns that it has are ours: what it does not set is empty.
public protocol NorthboundRow {
  /// The row, defined.
  var fragment: RowFragment { get }
}

extension RowFragment {
  /// Adds references to a column of a row that somebody else defines: ports to a group, mirrors to a port.
  public static func adding(_ references: Set<NorthboundKey>, to column: String, of row: NorthboundKey) -> Self {
    RowFragment(row, columns: [column: .references(references)], defines: false)
  }

  /// Adds strings to a column of a row that somebody else defines: addresses to a set.
  public static func adding(_ strings: Set<String>, to column: String, of row: NorthboundKey) -> Self {
    RowFragment(row, columns: [column: .set(strings)], defines: false)
  }

  /// Adds entries to a map of a row that somebody else defines: names to a DNS table.
  public static func adding(_ entries: [String: String], to column: String, of row: NorthboundKey) -> Self {
    RowFragment(row, columns: [column: .map(entries)], defines: false)
  }
}
