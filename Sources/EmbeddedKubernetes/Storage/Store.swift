import GRDB
import Logging
import Synchronization

/// All objects of the server and their recent history, in one SQLite file.
///
/// Every committed write has its own revision; revisions grow by one, over all resources. A write that was answered
/// survives the death of the process. Reads see one consistent state; the versions of the last `historyLimit` revisions
/// stay readable, for watches that resume and for lists in pages.
final class Store: Sendable {
  /// A write that waits for the writer.
  struct PendingWrite: Sendable {
    let mutation: Mutation
    let continuation: CheckedContinuation<Written, any Error>
  }

  struct State {
    var pending: [PendingWrite] = []
    var draining = false
    var closed = false
    var oldestRevision: Revision
  }

  let pool: DatabasePool
  /// The readers of ``get(_:)`` alone. They are waited for on the calling thread, which is safe only because whoever has
  /// one of them needs no other thread to give it back: those of `pool` are held by tasks that wait for a thread.
  let lookups: DatabasePool
  let hub: WatchHub
  let historyLimit: Int64
  let state: Mutex<State>
  let logger: Logger

  /// Opens the store in `path`, makes it when it is not there.
  init(path: String, historyLimit: Int64, logger: Logger) throws {
    var configuration = Configuration()
    configuration.maximumReaderCount = 3
    configuration.prepareDatabase { db in
      // NORMAL in WAL mode: a commit survives the process, a checkpoint is synced to the disk.
      try db.execute(sql: "PRAGMA synchronous = NORMAL")
      try db.execute(sql: "PRAGMA cache_size = -1024")
    }
    pool = try DatabasePool(path: path, configuration: configuration)
    try pool.writeWithoutTransaction { db in try Self.makeTables(db) }
    configuration.readonly = true
    lookups = try DatabasePool(path: path, configuration: configuration)
    let (current, oldest) = try pool.read { db in try Self.bounds(db) }
    hub = WatchHub(startingAt: current)
    state = Mutex(State(oldestRevision: oldest))
    self.historyLimit = historyLimit
    self.logger = logger
  }

  /// The last committed revision that watchers were told of.
  var revision: Revision { hub.published }

  /// The oldest revision from which a watch can resume.
  var oldestRevision: Revision { state.withLock { $0.oldestRevision } }

  /// Ends all watches and fails what waits; the file is then free.
  func close() throws {
    let waiting = state.withLock { state in
      state.closed = true
      defer { state.pending = [] }
      return state.pending
    }
    for write in waiting { write.continuation.resume(throwing: StoreError.closed) }
    hub.close()
    try lookups.close()
    try pool.close()
  }

  static let current = "9223372036854775807"

  private static func makeTables(_ db: Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE IF NOT EXISTS versions (
          revision INTEGER PRIMARY KEY,
          resource TEXT NOT NULL,
          namespace TEXT NOT NULL,
          name TEXT NOT NULL,
          kind INTEGER NOT NULL,        -- 0 added, 1 modified, 2 deleted
          previous INTEGER,             -- the version that this one replaced
          superseded INTEGER NOT NULL,  -- the version that replaced this one; a deletion's is its own
          schema INTEGER NOT NULL,
          value BLOB NOT NULL
        );
        CREATE UNIQUE INDEX IF NOT EXISTS current ON versions (resource, namespace, name) WHERE superseded = \(current);
        CREATE INDEX IF NOT EXISTS superseded ON versions (superseded) WHERE superseded < \(current);
        CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT OR IGNORE INTO meta VALUES ('oldest', 1);
        """)
  }

  private static func bounds(_ db: Database) throws -> (current: Revision, oldest: Revision) {
    let last = try Int64.fetchOne(db, sql: "SELECT max(revision) FROM versions") ?? 1
    let oldest = try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'oldest'") ?? 1
    return (last, oldest)
  }
}
