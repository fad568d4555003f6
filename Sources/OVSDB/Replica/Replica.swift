/// A copy of the monitored part of a database, consistent as of one transaction, with indexes.
///
/// It is a value: a program that takes one out of a client can read it at leisure.
public struct Replica: Sendable {
  private struct Table: Sendable {
    let types: [String: ColumnType]
    let declaredIndexes: [RowIndex]
    var rows: [RowID: Row] = [:]
    var indexes: [RowIndex: [Atom: Set<RowID>]] = [:]

    mutating func replace(_ old: Row?, with new: Row?, id: RowID) {
      rows[id] = new
      for index in declaredIndexes {
        let before = old.map(index.keys(of:)) ?? []
        let after = new.map(index.keys(of:)) ?? []
        guard before != after else { continue }
        for key in before { remove(id, from: index, under: key) }
        for key in after { indexes[index, default: [:]][key, default: []].insert(id) }
      }
    }

    private mutating func remove(_ id: RowID, from index: RowIndex, under key: Atom) {
      indexes[index]?[key]?.remove(id)
      if indexes[index]?[key]?.isEmpty == true { indexes[index]?[key] = nil }
    }
  }

  private var tables: [String: Table] = [:]

  /// An empty copy, to be filled by updates. Tables and columns that the schema lacks are left out.
  init(of monitored: [MonitoredTable], schema: DatabaseSchema) {
    for table in monitored {
      guard let types = schema.tables[table.name] else { continue }
      let columns = Set(table.columns)
      tables[table.name] = Table(
        types: types.filter { columns.contains($0.key) }, declaredIndexes: table.indexes)
    }
  }

  /// A copy of nothing.
  public init() {}

  /// The rows of a table by id; empty when it is not monitored.
  public func rows(_ table: String) -> [RowID: Row] { tables[table]?.rows ?? [:] }

  /// One row; nil when there is none of that id.
  public func row(_ table: String, _ id: RowID) -> Row? { tables[table]?.rows[id] }

  /// The rows that an index finds under `key`. An index that was not declared for the table costs a scan.
  public func rows(_ table: String, _ index: RowIndex, _ key: Atom) -> [Row] {
    guard let table = tables[table] else { return [] }
    guard table.declaredIndexes.contains(index) else {
      return table.rows.values.filter { index.keys(of: $0).contains(key) }
    }
    return (table.indexes[index]?[key] ?? []).compactMap { table.rows[$0] }
  }

  /// The typed rows of a table.
  public func rows<Value: TableRow>(_ type: Value.Type) throws(OVSDBError) -> [Stored<Value>] {
    try Self.typed(rows(Value.tableName).values)
  }

  /// One typed row; nil when there is none of that id.
  public func row<Value: TableRow>(_ type: Value.Type, _ id: RowID) throws(OVSDBError) -> Stored<Value>? {
    guard let row = row(Value.tableName, id) else { return nil }
    return try Stored(row)
  }

  /// The typed rows that an index finds under `key`.
  public func rows<Value: TableRow>(
    _ type: Value.Type, _ index: RowIndex, _ key: Atom
  ) throws(OVSDBError) -> [Stored<Value>] {
    try Self.typed(rows(Value.tableName, index, key))
  }

  private static func typed<Value: TableRow>(_ rows: some Sequence<Row>) throws(OVSDBError) -> [Stored<Value>] {
    var typed: [Stored<Value>] = []
    for row in rows { typed.append(try Stored(row)) }
    return typed
  }
}

extension Replica {
  /// Takes the shape of a database whose schema has changed and keeps the rows for the comparison with its contents.
  mutating func reshape(_ monitored: [MonitoredTable], schema: DatabaseSchema) {
    let old = self
    self = Replica(of: monitored, schema: schema)
    for (table, contents) in old.tables {
      for (id, row) in contents.rows { tables[table]?.replace(nil, with: row, id: id) }
    }
  }

  /// Applies what a monitor reported. An error when it does not fit: then the copy is worthless.
  mutating func apply(_ updates: TableUpdates) throws(OVSDBError) -> [RowChange] {
    var changes: [RowChange] = []
    for (table, rows) in updates.tables {
      for (id, update) in rows {
        if let change = try apply(update, to: id, of: table) { changes.append(change) }
      }
    }
    return changes
  }

  /// Makes the copy equal to what a monitor reported as the whole, and tells the difference: what a program missed
  /// while it was not connected reaches it as ordinary changes.
  mutating func replace(with updates: TableUpdates) throws(OVSDBError) -> [RowChange] {
    var changes: [RowChange] = []
    for (table, contents) in tables {
      let reported = updates.tables[table] ?? [:]
      for id in contents.rows.keys where reported[id] == nil {
        if let change = try apply(.delete, to: id, of: table) { changes.append(change) }
      }
    }
    return try changes + apply(updates)
  }

  private mutating func apply(
    _ update: TableUpdates.RowUpdate, to id: RowID, of table: String
  ) throws(OVSDBError) -> RowChange? {
    guard let types = tables[table]?.types else { return nil }
    let old = tables[table]?.rows[id]
    let new: Row?
    switch update {
    case .insert(let columns):
      new = Row(id: id, columns: types.mapValues(\.defaultDatum).merging(columns) { $1 })
    case .replace(let columns):
      new = Row(id: id, columns: (old?.columns ?? [:]).merging(columns) { $1 })
    case .modify(let differences):
      new = try Self.modified(old, by: differences, types, RowKey(table: table, id: id))
    case .delete: new = nil
    }
    guard old != new else { return nil }
    tables[table]?.replace(old, with: new, id: id)
    return RowChange(table: table, id: id, old: old, new: new)
  }

  private static func modified(
    _ old: Row?, by differences: [String: Datum], _ types: [String: ColumnType], _ key: RowKey
  ) throws(OVSDBError) -> Row {
    guard var row = old else {
      throw OVSDBError(
        .protocolViolation, attempt: "applying an update",
        reason: "row \(key.id) of \(key.table) is modified but was never reported")
    }
    for (column, difference) in differences {
      guard let type = types[column] else { continue }
      row.columns[column] = (row[column] ?? type.defaultDatum).applying(difference: difference, type: type)
    }
    return row
  }
}

/// A row's place: its table and id.
struct RowKey: Sendable, Hashable {
  let table: String
  let id: RowID
}
