import JSON
import Testing

@testable import OVSDB

struct ClientStateMachineTests {
  private let schema: JSONValue = [
    "name": "db", "version": "1.0.0",
    "tables": [
      "Port": [
        "columns": [
          "name": ["type": "string"], "trunks": ["type": ["key": "integer", "min": 0, "max": 4096]],
          "tag": ["type": ["key": "integer", "min": 0, "max": 1]],
        ]
      ]
    ],
  ]
  private let a = "00000000-0000-0000-0000-00000000000a"
  private let b = "00000000-0000-0000-0000-00000000000b"
  private let transaction = "00000000-0000-0000-0000-0000000000ff"

  private func machine() -> ClientStateMachine {
    ClientStateMachine(
      database: "db",
      tables: [
        MonitoredTable("Port", columns: ["name", "trunks", "tag", "novelty"], indexes: [.column("name")]),
        MonitoredTable("Novel", columns: ["x"]),
      ])
  }

  private func request(_ action: ClientStateMachine.Action) -> String {
    if case .request(let method, let params) = action { "\(method) \(params)" } else { "\(action)" }
  }

  private func changes(_ action: ClientStateMachine.Action) -> [String] {
    switch action {
    case .synchronized(let changes), .changed(let changes):
      changes.map { change in
        let (old, new) = (change.old?["name"], change.new?["name"])
        return "\(old?.description ?? "-")>\(new?.description ?? "-")"
      }.sorted()
    default: ["?"]
    }
  }

  private let refused = Result<JSONValue, OVSDBError>.failure(
    OVSDBError(.invalidRequest, attempt: "a request", reason: "unknown method"))

  @Test func asksForWhatTheSchemaHasByTheBestMethod() throws {
    var machine = machine()
    #expect(request(machine.connected()) == #"get_schema ["db"]"#)
    let monitor = request(try machine.answered(.success(schema)))
    #expect(
      monitor
        == #"monitor_cond_since ["db","db",{"Port":[{"columns":["name","trunks","tag"]}]},"00000000-0000-0000-0000-000000000000"]"#
    )
    #expect(
      request(try machine.answered(refused))
        == #"monitor_cond ["db","db",{"Port":[{"columns":["name","trunks","tag"]}]}]"#)
    #expect(request(try machine.answered(refused)).hasPrefix("monitor [") == true)
    #expect(throws: OVSDBError.self) { try machine.answered(refused) }
  }

  @Test func followsAndResumesWhereItWas() throws {
    var machine = machine()
    _ = machine.connected()
    _ = try machine.answered(.success(schema))
    let first = try machine.answered(
      .success([false, .string(transaction), ["Port": [a: ["initial": ["name": "p1"]]]]]))
    #expect(changes(first) == ["->p1"] && machine.isSynchronized)
    let row = try #require(machine.replica.rows("Port", .column("name"), "p1").first)
    #expect(row["trunks"] == .empty && row["tag"] == .empty, "columns at their default are filled in")
    let update = try machine.notified(
      "update3",
      [
        "db", .string(transaction),
        ["Port": [a: ["modify": ["trunks": ["set", [1, 2]], "tag": 5]], b: ["insert": ["name": "p2"]]]],
      ])
    #expect(changes(update) == ["->p2", "p1>p1"])
    _ = try machine.notified(
      "update3", ["db", .string(transaction), ["Port": [a: ["modify": ["trunks": ["set", [2, 3]]]]]]])
    #expect(machine.replica.row("Port", row.id)?["trunks"] == Set([1, 3]).datum)

    machine.disconnected()
    #expect(machine.replica.rows("Port").count == 2, "the last known copy stays")
    _ = machine.connected()
    #expect(request(try machine.answered(.success(schema))).contains(transaction))
    let resumed = try machine.answered(.success([true, .string(transaction), ["Port": [b: ["delete": nil]]]]))
    #expect(changes(resumed) == ["p2>-"])

    // A server that does not remember tells everything; only the differences come out.
    machine.disconnected()
    _ = machine.connected()
    _ = try machine.answered(.success(schema))
    let anew = try machine.answered(
      .success([
        false, .string(transaction),
        [
          "Port": [
            a: ["initial": ["name": "p1", "trunks": ["set", [1, 3]], "tag": 5]], b: ["initial": ["name": "p3"]],
          ]
        ],
      ]))
    #expect(changes(anew) == ["->p3"])
    machine.disconnected()
    _ = machine.connected()
    _ = try machine.answered(.success(schema))
    _ = try machine.answered(refused)
    #expect(changes(try machine.answered(.success(["Port": [b: ["initial": ["name": "p4"]]]]))) == ["p1>-", "p3>p4"])
  }

  @Test func thePlainMethodGivesTheSame() throws {
    var machine = machine()
    _ = machine.connected()
    _ = try machine.answered(.success(schema))
    _ = try machine.answered(refused)
    _ = try machine.answered(refused)
    let row: JSONValue = ["name": "p1", "trunks": ["set", []], "tag": 7]
    #expect(changes(try machine.answered(.success(["Port": [a: ["new": row]]]))) == ["->p1"])
    #expect(
      changes(
        try machine.notified(
          "update",
          ["db", ["Port": [a: ["old": ["tag": 7], "new": ["name": "p1", "trunks": 4, "tag": ["set", []]]]]]])) == [
          "p1>p1"
        ])
    #expect(machine.replica.rows("Port").values.first?["trunks"] == Datum(4))
    #expect(changes(try machine.notified("update", ["db", ["Port": [a: ["old": row]]]])) == ["p1>-"])
    #expect(machine.replica.rows("Port", .column("name"), "p1").isEmpty)
  }

  @Test(arguments: [
    #"{"Port":[]}"#, #"{"Port":{"x":{"delete":null}}}"#,
    #"{"Port":{"00000000-0000-0000-0000-00000000000a":{"dance":{}}}}"#,
    #"{"Port":{"00000000-0000-0000-0000-00000000000a":{"modify":{"tag":1}}}}"#, "[]", "null",
    #"{"Port":{"00000000-0000-0000-0000-00000000000a":{"insert":{"tag":["set"]}}}}"#,
  ])
  func anUpdateThatDoesNotFitIsAnError(_ text: String) throws {
    var machine = machine()
    _ = machine.connected()
    _ = try machine.answered(.success(schema))
    _ = try machine.answered(.success([false, .string(transaction), [:]]))
    let updates = try JSONValue(parsing: text.hasPrefix("{") ? text : "[\(text)]")
    let error = #expect(throws: OVSDBError.self) {
      try machine.notified(
        "update3", ["db", .string(transaction), text.hasPrefix("{") ? updates : updates[0] ?? .null])
    }
    #expect(error?.code == .protocolViolation)
    machine.disconnected()
    _ = machine.connected()
    #expect(
      request(try machine.answered(.success(schema))).contains(RowID.zero.description), "then the copy is made anew")
  }

  @Test func aSchemaThatChangedIsFollowed() throws {
    var machine = machine()
    _ = machine.connected()
    _ = try machine.answered(.success(schema))
    _ = try machine.answered(.success([false, .string(transaction), ["Port": [a: ["initial": ["name": "p1"]]]]]))
    machine.disconnected()
    _ = machine.connected()
    var newer = schema
    newer[path: "tables", "Port", "columns", "novelty"] = ["type": "boolean"]
    #expect(request(try machine.answered(.success(newer))).contains("novelty"))
    #expect(
      changes(
        try machine.answered(.success([false, .string(transaction), ["Port": [a: ["initial": ["name": "p1"]]]]]))) == [
          "p1>p1"
        ])
    #expect(machine.replica.rows("Port").values.first?["novelty"] == Datum(false))
  }

  @Test func backoffGrowsToItsLimitAndStartsAgain() {
    var backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(1))
    #expect(
      (0..<6).map { _ in backoff.next(random: 1) } == [
        .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800), .seconds(1), .seconds(1),
      ])
    backoff.reset()
    #expect(backoff.next(random: 0) == .milliseconds(50))
  }
}
