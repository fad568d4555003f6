import JSON

/// One step of a transaction (RFC 7047 section 5.2). A transaction is an array of them: it is a value that can be
/// built by several parts of a program, put together, compared and printed before anything is sent.
public enum Operation: Sendable, Hashable {
  /// Adds a row. `name` lets other operations of the transaction refer to it by `Atom.namedUUID`.
  case insert(table: String, row: [String: Datum], name: String? = nil)
  /// Finds rows; nil `columns` means all of them.
  case select(table: String, where: [Condition], columns: [String]? = nil)
  /// Overwrites columns of the rows found.
  case update(table: String, where: [Condition], row: [String: Datum])
  /// Changes columns of the rows found in place.
  case mutate(table: String, where: [Condition], mutations: [Mutation])
  /// Removes the rows found.
  case delete(table: String, where: [Condition])
  /// Holds the transaction up until the rows found, looked at through `columns`, are (or are not) `rows`; fails with
  /// `waitTimedOut` after `timeout` milliseconds (nil: never; 0: at once, which makes it a precondition).
  case wait(
    table: String, where: [Condition], columns: [String], until: WaitCondition, rows: [[String: Datum]],
    timeout: Int? = nil)
  /// Asks for the transaction to be on disk before the answer when `durable`.
  case commit(durable: Bool)
  /// Undoes the transaction: it fails with `aborted`.
  case abort
  /// A remark for the server's log.
  case comment(String)
  /// Fails with `notOwner` unless this client holds the lock.
  case assert(lock: String)

  /// What a `wait` waits for.
  public enum WaitCondition: String, Sendable, Hashable {
    case equal = "=="
    case notEqual = "!="
  }
}

extension Operation {
  /// A `wait` that fails at once with `waitTimedOut` unless the one row of `table` that meets the conditions has that
  /// value in that column: a precondition of the transaction.
  public static func require(
    _ table: String, where conditions: [Condition], _ column: String, is value: some ColumnValue
  ) -> Operation {
    .wait(
      table: table, where: conditions, columns: [column], until: .equal, rows: [[column: value.datum]], timeout: 0)
  }

  /// The wire form.
  public var json: JSONValue {
    switch self {
    case .insert(let table, let row, let name):
      Self.object("insert", table, ["row": Self.json(row), "uuid-name": name.map { .string($0) }])
    case .select(let table, let conditions, let columns):
      Self.object("select", table, ["where": Self.json(conditions), "columns": columns.map(Self.json)])
    case .update(let table, let conditions, let row):
      Self.object("update", table, ["where": Self.json(conditions), "row": Self.json(row)])
    case .mutate(let table, let conditions, let mutations):
      Self.object(
        "mutate", table, ["where": Self.json(conditions), "mutations": .array(mutations.map(\.json))])
    case .delete(let table, let conditions):
      Self.object("delete", table, ["where": Self.json(conditions)])
    case .wait(let table, let conditions, let columns, let until, let rows, let timeout):
      Self.object(
        "wait", table,
        [
          "where": Self.json(conditions), "columns": Self.json(columns), "until": .string(until.rawValue),
          "rows": .array(rows.map(Self.json)), "timeout": timeout.map { .integer(Int64($0)) },
        ])
    case .commit(let durable): ["op": "commit", "durable": .bool(durable)]
    case .abort: ["op": "abort"]
    case .comment(let text): ["op": "comment", "comment": .string(text)]
    case .assert(let lock): ["op": "assert", "lock": .string(lock)]
    }
  }

  /// What it does to what, for messages: "insert into Port".
  var summary: String {
    switch self {
    case .insert(let table, _, _): "insert into \(table)"
    case .select(let table, _, _): "select from \(table)"
    case .update(let table, _, _): "update of \(table)"
    case .mutate(let table, _, _): "mutate of \(table)"
    case .delete(let table, _): "delete from \(table)"
    case .wait(let table, _, _, _, _, _): "wait on \(table)"
    case .commit: "commit"
    case .abort: "abort"
    case .comment: "comment"
    case .assert(let lock): "assert of lock \(lock)"
    }
  }

  private static func object(_ name: String, _ table: String, _ members: [String: JSONValue?]) -> JSONValue {
    var object = members.compactMapValues { $0 }
    object["op"] = .string(name)
    object["table"] = .string(table)
    return .object(object)
  }

  private static func json(_ row: [String: Datum]) -> JSONValue { .object(row.mapValues(\.json)) }
  private static func json(_ conditions: [Condition]) -> JSONValue { .array(conditions.map(\.json)) }
  private static func json(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
}
