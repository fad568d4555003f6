import JSON

/// The tables and columns of a database (RFC 7047 section 3.2), as far as a client needs them.
public struct DatabaseSchema: Sendable, Hashable {
  /// The database's name.
  public let name: String
  /// The schema's version, "8.3.1"; empty when the server does not tell.
  public let version: String
  /// The columns' types, by table and column.
  public let tables: [String: [String: ColumnType]]

  /// Reads the answer of `get_schema`.
  public init(json: JSONValue) throws(OVSDBError) {
    guard let name = json["name"]?.string, let declared = json["tables"]?.object else {
      throw Self.malformed("it has no name or no tables")
    }
    var tables: [String: [String: ColumnType]] = [:]
    for (table, declaration) in declared {
      var columns: [String: ColumnType] = [:]
      for (column, definition) in declaration["columns"]?.object ?? [:] {
        guard let type = definition["type"].flatMap(ColumnType.init(json:)) else {
          throw Self.malformed("column \(table).\(column) has no readable type")
        }
        columns[column] = type
      }
      tables[table] = columns
    }
    self.name = name
    version = json["version"]?.string ?? ""
    self.tables = tables
  }

  private static func malformed(_ reason: String) -> OVSDBError {
    OVSDBError(.protocolViolation, attempt: "reading the database schema", reason: reason)
  }
}

/// What a column can hold (RFC 7047 section 3.2, `<type>`).
public struct ColumnType: Sendable, Hashable {
  /// The types of atoms.
  public enum Base: String, Sendable, Hashable {
    case integer, real, boolean, string, uuid
  }

  /// The type of the elements or, in a map, of the keys.
  public let key: Base
  /// The type of a map's values; nil when the column is no map.
  public let value: Base?
  /// The least number of elements: 0 or 1.
  public let minimum: Int
  /// The greatest number of elements; `Int.max` when unlimited.
  public let maximum: Int

  /// The table that the elements refer to; nil when they are no references, or to any.
  public let referenced: String?
  /// What the elements can be, of a column of an enumeration of strings; empty otherwise.
  public let words: Set<String>

  /// Whether the column is a map.
  public var isMap: Bool { value != nil }
  /// Whether the column can hold more than one element.
  public var isComposite: Bool { maximum > 1 }

  /// What a column holds that nobody has set.
  public var defaultDatum: Datum {
    if isMap { return .emptyMap }
    guard minimum > 0 else { return .empty }
    return switch key {
    case .integer: Datum(.integer(0))
    case .real: Datum(.real(0))
    case .boolean: Datum(.boolean(false))
    case .string: Datum(.string(""))
    case .uuid: Datum(.uuid(.zero))
    }
  }

  init?(json: JSONValue) {
    guard let key = Self.base(json["key"] ?? json) else { return nil }
    self.key = key
    if let value = json["value"] {
      guard let base = Self.base(value) else { return nil }
      self.value = base
    } else {
      value = nil
    }
    referenced = json["key"]?["refTable"]?.string
    words = Set(json["key"]?["enum"]?[1]?.array?.compactMap(\.string) ?? [])
    minimum = json["min"]?.integer.map { Int($0) } ?? 1
    maximum = json["max"].map { $0.integer.map { Int($0) } ?? Int.max } ?? 1
  }

  private static func base(_ json: JSONValue) -> Base? {
    (json.string ?? json["type"]?.string).flatMap(Base.init(rawValue:))
  }
}
