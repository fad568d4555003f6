import Dispatch
import JSON
import Synchronization

/// Follows tables of an OVSDB database (RFC 7047 §4.1.5) by a thread of its own that does nothing else, and counts the
/// transactions that change them.
final class DatabaseWatch: Sendable {
  /// A row that came, changed or went.
  struct Change {
    var table: String
    /// As it was: all that is followed of a row that went, of others what has changed.
    var old: JSONValue?
    /// As it is.
    var new: JSONValue?
  }

  private let count = Mutex(0)
  private let stopper: @Sendable () -> Void

  /// - Parameters:
  ///   - endpoint: `unix:PATH`.
  ///   - columns: what is followed, by table.
  ///   - take: called for each row that there is, before this returns, and for each change on the thread.
  init(
    _ endpoint: String, _ database: String, _ columns: [String: [String]],
    _ take: @escaping @Sendable (Change) -> Void = { _ in }
  ) throws {
    // The thread below is the only one that uses it from then on.
    nonisolated(unsafe) let connection = try RawOVSDB(endpoint)
    let tables = columns.mapValues { ["columns": .array($0.map(JSONValue.string))] as JSONValue }
    let id = try connection.send("monitor", [.string(database), .null, .object(tables)])
    for change in Self.changes(try connection.answer(to: id)) { take(change) }
    let descriptor = connection.descriptor
    stopper = { RawOVSDB.shut(descriptor) }
    DispatchQueue(label: database).async { [self] in
      while let message = try? connection.receive() {  // It ends when the connection does.
        guard message["method"] == "update", let tables = message["params"]?[1] else { continue }
        count.withLock { $0 += 1 }
        for change in Self.changes(tables) { take(change) }
      }
    }
  }

  /// How many transactions have changed what is followed.
  var transactions: Int { count.withLock { $0 } }

  func stop() { stopper() }

  private static func changes(_ updates: JSONValue) -> [Change] {
    (updates.object ?? [:]).flatMap { table, rows in
      (rows.object ?? [:]).map { Change(table: table, old: $0.value["old"], new: $0.value["new"]) }
    }
  }
}

extension JSONValue {
  /// A value of a column that is a map of strings (RFC 7047 §5.1).
  func entry(_ key: String) -> String? { self[1]?.array?.first { $0[0]?.string == key }?[1]?.string }

  /// A column that is a map of strings.
  static func map(_ entries: KeyValuePairs<String, String>) -> JSONValue {
    ["map", .array(entries.map { [.string($0), .string($1)] })]
  }
}
