/// A table's rows as a Swift struct: the columns that a program cares about, by name and property.
///
///     struct Port: TableRow {
///       var name = ""
///       var trunks: Set<Int> = []
///       static let tableName = "Port"
///       static let columns = [Column("name", \Port.name), Column("trunks", \Port.trunks)]
///     }
public protocol TableRow: Sendable, Hashable {
  /// The table's name in the schema.
  static var tableName: String { get }
  /// The columns. A server whose schema lacks one leaves the property at its default.
  static var columns: [Column<Self>] { get }
  /// A row whose properties are the defaults of OVSDB: zero, false, empty.
  init()
}

/// The tie between a column and a property.
public struct Column<Root>: Sendable {
  /// The column's name.
  public let name: String
  let read: @Sendable (Datum, inout Root) -> Bool
  let write: @Sendable (Root) -> Datum

  /// Ties a column to a property.
  public init<Value: ColumnValue>(_ name: String, _ path: WritableKeyPath<Root, Value> & Sendable) {
    self.name = name
    read = { datum, row in
      guard let value = Value(datum: datum) else { return false }
      row[keyPath: path] = value
      return true
    }
    write = { $0[keyPath: path].datum }
  }
}

/// A typed row that the database holds, with its id.
@dynamicMemberLookup
public struct Stored<Value: TableRow>: Sendable, Hashable, Identifiable {
  /// The row's `_uuid`.
  public let id: RowID
  /// The columns.
  public var value: Value

  /// Puts a stored row together.
  public init(id: RowID, value: Value) {
    self.id = id
    self.value = value
  }

  public subscript<Member>(dynamicMember path: KeyPath<Value, Member>) -> Member { value[keyPath: path] }
}

extension Stored {
  /// Reads a row; an error that names the column when one has another shape than the property.
  public init(_ row: Row) throws(OVSDBError) {
    var value = Value()
    for column in Value.columns {
      guard let datum = row[column.name] else { continue }
      guard column.read(datum, &value) else {
        throw OVSDBError(
          .unexpectedShape, attempt: "reading row \(row.id) of \(Value.tableName)",
          reason: "column \(column.name) holds \(datum), which the program does not expect there")
      }
    }
    self.init(id: row.id, value: value)
  }
}

extension TableRow {
  /// The columns that differ from `other`: what an update from `other` to this row has to write.
  public func columns(changedFrom other: Self) -> [String: Datum] {
    var changed: [String: Datum] = [:]
    for column in Self.columns {
      let datum = column.write(self)
      if datum != column.write(other) { changed[column.name] = datum }
    }
    return changed
  }

  /// An `insert` of this row. Columns at their default are left to the server. `references` are columns that refer to
  /// rows of the same transaction.
  public func insert(named name: String? = nil, references: [String: Datum] = [:]) -> Operation {
    let columns = columns(changedFrom: Self()).merging(references) { _, reference in reference }
    return .insert(table: Self.tableName, row: columns, name: name)
  }

  /// An `update` of the row `id` from `old` to this; nil when they are the same. `conditions` are further tests that
  /// the row must meet for anything to be written.
  public func update(_ id: RowID, from old: Self, where conditions: [Condition] = []) -> Operation? {
    let changed = columns(changedFrom: old)
    return changed.isEmpty ? nil : .update(table: Self.tableName, where: [.row(id)] + conditions, row: changed)
  }

  /// A `mutate` of the row `id`.
  public static func mutate(_ id: RowID, where conditions: [Condition] = [], _ mutations: [Mutation]) -> Operation {
    .mutate(table: tableName, where: [.row(id)] + conditions, mutations: mutations)
  }
}

/// Makes a valid, unambiguous `uuid-name` (RFC 7047 section 3.1, `<id>`) out of any text: `port`, `eth1.10` becomes
/// `port_eth1_2e10`.
public func rowName(_ kind: String, _ text: String) -> String {
  var name = kind + "_"
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      name.unicodeScalars.append(Unicode.Scalar(byte))
    default: name += "_" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
  return name
}
