import FoundationEssentials
import GRDB

/// One write, computed by its caller from the version that it read.
struct Mutation: Sendable {
  enum Effect: Sendable {
    case create
    /// Replaces `old`; refused when the object is at another revision by now.
    case replace(old: StoredObject)
    /// Removes `old`; the last state stays in the history for watchers.
    case remove(old: StoredObject)
  }

  var key: StoreKey
  var effect: Effect
  var schema: Int64
  /// The object's bytes, given the revision of the write.
  var value: @Sendable (Revision) -> [UInt8]
}

/// What a write became.
struct Written: Sendable {
  var object: StoredObject
}

extension Store {
  /// Commits one write. Writes that wait at the same time share a transaction, so a commit is paid once for many.
  func commit(_ mutation: Mutation) async throws -> Written {
    try await withCheckedThrowingContinuation { continuation in
      let write = PendingWrite(mutation: mutation, continuation: continuation)
      let (closed, start) = state.withLock { state in
        if state.closed { return (true, false) }
        state.pending.append(write)
        defer { state.draining = true }
        return (false, !state.draining)
      }
      if closed { continuation.resume(throwing: StoreError.closed) }
      if start { pool.asyncWriteWithoutTransaction { [self] db in drain(db) } }
    }
  }

  /// Takes what waits, transaction by transaction, until nothing waits.
  private func drain(_ db: Database) {
    while true {
      let batch = state.withLock { state in
        defer { state.pending = [] }
        if state.pending.isEmpty { state.draining = false }
        return state.pending
      }
      if batch.isEmpty { return }
      perform(batch, db)
    }
  }

  private func perform(_ batch: [PendingWrite], _ db: Database) {
    var results: [Result<Written, any Error>] = []
    var events: [StoreEvent] = []
    var revision = self.revision
    do {
      try db.inTransaction(.immediate) {
        for write in batch {
          do {
            let event = try apply(write.mutation, at: revision + 1, db)
            revision += 1
            events.append(event)
            results.append(.success(Written(object: event.object)))
          } catch let error as StoreError {
            results.append(.failure(error))
          }
        }
        return .commit
      }
    } catch {
      for write in batch { write.continuation.resume(throwing: error) }
      return
    }
    hub.publish(events, upTo: revision)
    for (write, result) in zip(batch, results) { write.continuation.resume(with: result) }
    if revision - oldestRevision > historyLimit + historyLimit / 4 {
      compact(upTo: revision - historyLimit, db)
    }
  }

  /// Makes one version. It throws a StoreError before it changes anything, or the database's own error.
  private func apply(_ mutation: Mutation, at revision: Revision, _ db: Database) throws -> StoreEvent {
    let key = mutation.key
    let statement = try db.cachedStatement(
      sql: """
        SELECT revision FROM versions
        WHERE resource = ? AND namespace = ? AND name = ? AND superseded = \(Store.current)
        """)
    let found = try Int64.fetchOne(statement, arguments: [key.resource, key.namespace, key.name])
    let kind: StoreEvent.Kind
    let old: StoredObject?
    switch mutation.effect {
    case .create:
      if found != nil { throw StoreError.exists(key) }
      (kind, old) = (.added, nil)
    case .replace(let previous): (kind, old) = (.modified, previous)
    case .remove(let previous): (kind, old) = (.deleted, previous)
    }
    if let old {
      guard let found else { throw StoreError.absent(key) }
      guard found == old.revision else {
        throw StoreError.changed(key, expected: old.revision, found: found)
      }
      try db.cachedStatement(sql: "UPDATE versions SET superseded = ? WHERE revision = ?")
        .execute(arguments: [revision, old.revision])
    }
    let value = mutation.value(revision)
    let object = StoredObject(key: key, revision: revision, schema: mutation.schema, value: value)
    try db.cachedStatement(sql: "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(arguments: [
      revision, key.resource, key.namespace, key.name, kind.rawValue, old?.revision,
      kind == .deleted ? revision : Int64.max, mutation.schema, Data(value),
    ])
    return StoreEvent(kind: kind, object: object, previous: old)
  }

  /// Forgets the versions that nobody can see who starts at `revision` or later.
  private func compact(upTo revision: Revision, _ db: Database) {
    do {
      try db.inTransaction(.immediate) {
        try db.execute(sql: "UPDATE meta SET value = ? WHERE name = 'oldest'", arguments: [revision])
        try db.execute(
          sql: "DELETE FROM versions WHERE superseded <= ? AND superseded < \(Store.current)", arguments: [revision])
        return .commit
      }
      state.withLock { $0.oldestRevision = revision }
    } catch {
      logger.error(
        "The history could not be compacted; it is tried again after the next writes", metadata: ["error": "\(error)"])
    }
  }
}
