import JSON

/// A table that a client keeps a copy of.
public struct MonitoredTable: Sendable, Hashable {
  /// The table's name.
  public let name: String
  /// The columns to copy; those that the server's schema lacks are left out.
  public let columns: [String]
  /// The look-ups that the copy answers without a scan.
  public let indexes: [RowIndex]
  /// Only rows that meet one of these are copied (where the server has `monitor_cond`; otherwise every row is); none: all.
  public let conditions: [Condition]

  /// Describes a copy by names.
  public init(_ name: String, columns: [String], indexes: [RowIndex] = [], where conditions: [Condition] = []) {
    self.name = name
    self.columns = columns
    self.indexes = indexes
    self.conditions = conditions
  }

  /// Describes a copy of what a Swift row type reads.
  public init<Value: TableRow>(_ type: Value.Type, indexes: [RowIndex] = [], where conditions: [Condition] = []) {
    self.init(Value.tableName, columns: Value.columns.map(\.name), indexes: indexes, where: conditions)
  }

  /// The `<monitor-request>` or `<monitor-cond-request>` for a server with that schema.
  func request(columnsOf schema: [String: ColumnType], conditional: Bool) -> JSONValue {
    var request: [String: JSONValue] = [
      "columns": .array(columns.filter { schema[$0] != nil }.map { .string($0) })
    ]
    if conditional, !conditions.isEmpty { request["where"] = .array(conditions.map(\.json)) }
    return [.object(request)]
  }
}

/// A look-up over the rows of one table.
public enum RowIndex: Sendable, Hashable {
  /// By the column's elements: rows whose column is, or contains, an atom.
  case column(String)
  /// By one entry of a map column: `.entry("external_ids", "owner")`.
  case entry(String, String)

  /// The atoms under which a row is found.
  func keys(of row: Row) -> [Atom] {
    switch self {
    case .column(let name): row[name]?.atoms ?? []
    case .entry(let name, let key): row[name]?.map?[.string(key)].map { [$0] } ?? []
    }
  }
}
