import GRDB

/// Which objects a list asks for.
struct ListRange: Sendable {
  var resource: String
  /// nil: all namespaces.
  var namespace: String?
  /// Only this name.
  var name: String?
  /// Only what comes after this (namespace, name).
  var after: (namespace: String, name: String)?
}

extension Store {
  /// The current version of an object, nil when there is none.
  ///
  /// It runs on the calling thread: looking up one row is quicker than handing it to another thread.
  func get(_ key: StoreKey) throws -> StoredObject? {
    try lookups.read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT revision, schema, value FROM versions
          WHERE resource = ? AND namespace = ? AND name = ? AND superseded = \(Store.current)
          """)
      let rows = try Row.fetchCursor(statement, arguments: [key.resource, key.namespace, key.name])
      return try rows.next().map { row in
        StoredObject(key: key, revision: row[0], schema: row[1], value: try Self.bytes(row, 2))
      }
    }
  }

  /// Calls `visit` with the objects of a range in the order of namespace and name, until it returns false.
  ///
  /// - Parameter revision: nil for the current state, otherwise the state right after that revision.
  /// - Returns: what `visit` made, and the revision of the state that it saw.
  /// - Throws: `StoreError.compacted` when the history no longer reaches back to `revision`.
  func list<Result: Sendable>(
    _ range: ListRange, at revision: Revision? = nil, into initial: Result,
    visit: @escaping @Sendable (inout Result, StoredObject) throws -> Bool
  ) async throws -> (result: Result, revision: Revision) {
    try await pool.read { db in
      let (seen, oldest) = try Self.revisions(db)
      if let revision, revision < oldest { throw StoreError.compacted(asked: revision, oldest: oldest) }
      var (sql, arguments) = Self.query("SELECT revision, schema, value, namespace, name", range, at: revision)
      sql += " ORDER BY namespace, name"
      let rows = try Row.fetchCursor(try db.cachedStatement(sql: sql), arguments: arguments)
      var result = initial
      while let row = try rows.next() {
        let key = StoreKey(resource: range.resource, namespace: row[3], name: row[4])
        let object = StoredObject(key: key, revision: row[0], schema: row[1], value: try Self.bytes(row, 2))
        if try !visit(&result, object) { break }
      }
      return (result, revision ?? seen)
    }
  }

  /// How many objects a range has.
  func count(_ range: ListRange, at revision: Revision? = nil) async throws -> Int {
    try await pool.read { db in
      let (sql, arguments) = Self.query("SELECT count(*)", range, at: revision)
      return try Int.fetchOne(try db.cachedStatement(sql: sql), arguments: arguments) ?? 0
    }
  }

  /// The writes after `start` up to and including `end` that an interest covers, oldest first.
  ///
  /// - Throws: `StoreError.compacted` when the history no longer reaches back to `start`.
  func events(_ interest: WatchHub.Interest, after start: Revision, upTo end: Revision) async throws -> [StoreEvent] {
    if start >= end { return [] }
    return try await pool.read { db in
      let oldest = try Self.revisions(db).oldest
      if start < oldest { throw StoreError.compacted(asked: start, oldest: oldest) }
      var sql = """
        SELECT v.revision, v.kind, v.resource, v.namespace, v.name, v.schema, v.value, p.revision, p.schema, p.value
        FROM versions v LEFT JOIN versions p ON p.revision = v.previous
        WHERE v.revision > ? AND v.revision <= ?
        """
      var arguments: StatementArguments = [start, end]
      if let resource = interest.resource {
        sql += " AND v.resource = ?"
        arguments += [resource]
      }
      if let namespace = interest.namespace {
        sql += " AND v.namespace = ?"
        arguments += [namespace]
      }
      var events: [StoreEvent] = []
      let rows = try Row.fetchCursor(try db.cachedStatement(sql: sql + " ORDER BY v.revision"), arguments: arguments)
      while let row = try rows.next() {
        let key = StoreKey(resource: row[2], namespace: row[3], name: row[4])
        let object = StoredObject(key: key, revision: row[0], schema: row[5], value: try Self.bytes(row, 6))
        var previous: StoredObject?
        if let revision = row[7] as Int64? {
          previous = StoredObject(key: key, revision: revision, schema: row[8], value: try Self.bytes(row, 9))
        }
        events.append(StoreEvent(kind: .init(rawValue: row[1]) ?? .modified, object: object, previous: previous))
      }
      return events
    }
  }

  private static func revisions(_ db: Database) throws -> (current: Revision, oldest: Revision) {
    let statement = try db.cachedStatement(
      sql: "SELECT coalesce((SELECT max(revision) FROM versions), 1), (SELECT value FROM meta WHERE name = 'oldest')")
    let row = try Row.fetchOne(statement)
    return (row?[0] ?? 1, row?[1] ?? 1)
  }

  private static func query(_ select: String, _ range: ListRange, at revision: Revision?) -> (
    String, StatementArguments
  ) {
    var sql = "\(select) FROM versions WHERE resource = ?"
    var arguments: StatementArguments = [range.resource]
    if let namespace = range.namespace {
      sql += " AND namespace = ?"
      arguments += [namespace]
    }
    if let name = range.name {
      sql += " AND name = ?"
      arguments += [name]
    }
    if let after = range.after {
      sql += " AND (namespace, name) > (?, ?)"
      arguments += [after.namespace, after.name]
    }
    if let revision {
      sql += " AND revision <= ? AND superseded > ?"
      arguments += [revision, revision]
    } else {
      sql += " AND superseded = \(Store.current)"
    }
    return (sql, arguments)
  }

  private static func bytes(_ row: Row, _ index: Int) throws -> [UInt8] {
    try row.withUnsafeData(atIndex: index) { $0.map { [UInt8]($0) } ?? [] }
  }
}
