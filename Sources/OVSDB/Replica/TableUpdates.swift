import JSON

/// What a monitor reports: which rows appeared, changed or went, by table.
struct TableUpdates: Sendable, Hashable {
  enum RowUpdate: Sendable, Hashable {
    /// The whole row, without the columns at their default (when the format leaves them out).
    case insert([String: Datum])
    /// The new contents of the columns.
    case replace([String: Datum])
    /// The difference of each changed column (see `Datum.applying(difference:type:)`).
    case modify([String: Datum])
    case delete
  }

  /// The two wire formats.
  enum Format: Sendable, Hashable {
    /// `<table-updates>` of RFC 7047 section 4.1.6: old and new.
    case plain
    /// `<table-updates2>` of ovsdb-server(7) section 4.1.14: insert, modify, delete.
    case difference
  }

  var tables: [String: [RowID: RowUpdate]] = [:]

  init(json: JSONValue, format: Format) throws(OVSDBError) {
    guard let object = json.object else { throw Self.malformed("it is no object", json) }
    for (table, rows) in object {
      guard let rows = rows.object else { throw Self.malformed("table \(table) is no object", json) }
      var updates: [RowID: RowUpdate] = [:]
      updates.reserveCapacity(rows.count)
      for (text, update) in rows {
        guard let id = RowID(text) else { throw Self.malformed("\(text) is no row id", json) }
        guard let update = RowUpdate(json: update, format: format) else {
          throw Self.malformed("the update of row \(text) is unreadable", update)
        }
        updates[id] = update
      }
      tables[table] = updates
    }
  }

  private static func malformed(_ reason: String, _ json: JSONValue) -> OVSDBError {
    let excerpt = json.description.prefix(200)
    return OVSDBError(.protocolViolation, attempt: "reading a table update", reason: "\(reason): \(excerpt)")
  }
}

extension TableUpdates.RowUpdate {
  init?(json: JSONValue, format: TableUpdates.Format) {
    guard case .object(let object) = json else { return nil }
    switch format {
    case .plain: self.init(plain: object)
    case .difference: self.init(difference: object)
    }
  }

  private init?(plain object: [String: JSONValue]) {
    guard let new = object["new"], !new.isNull else {
      guard object["old"] != nil else { return nil }
      self = .delete
      return
    }
    guard let columns = Row.columns(json: new) else { return nil }
    self = object["old"] == nil ? .insert(columns) : .replace(columns)
  }

  private init?(difference object: [String: JSONValue]) {
    guard let (kind, row) = object.first, object.count == 1 else { return nil }
    if kind == "delete" {
      self = .delete
      return
    }
    guard let columns = Row.columns(json: row) else { return nil }
    switch kind {
    case "initial", "insert": self = .insert(columns)
    case "modify": self = .modify(columns)
    default: return nil
    }
  }
}
