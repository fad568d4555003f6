import JSON
import Logging
import OVSDB
import OVSTestSupport
import Testing

struct PortRow: TableRow {
  var name = ""
  var interfaces: Set<RowID> = []
  var tag: Int?
  var trunks: Set<Int> = []
  var externalIDs: [String: String] = [:]

  static let tableName = "Port"
  static let columns = [
    Column("name", \PortRow.name), Column("interfaces", \PortRow.interfaces), Column("tag", \PortRow.tag),
    Column("trunks", \PortRow.trunks), Column("external_ids", \PortRow.externalIDs),
  ]
}

struct BridgeRow: TableRow {
  var name = ""
  var ports: Set<RowID> = []
  var externalIDs: [String: String] = [:]

  static let tableName = "Bridge"
  static let columns = [
    Column("name", \BridgeRow.name), Column("ports", \BridgeRow.ports), Column("external_ids", \BridgeRow.externalIDs),
  ]
}

let quiet: Logger = {
  var logger = Logger(label: "test")
  logger.logLevel = .error
  return logger
}()

/// Runs `body` with a client that is connected and synchronised.
func withClient<Result: Sendable>(
  _ instance: SwitchInstance, endpoint: Endpoint? = nil,
  _ change: @Sendable (inout OVSDBClient.Configuration) -> Void = { _ in },
  _ body: @escaping @Sendable (OVSDBClient) async throws -> Result
) async throws -> Result {
  var configuration = OVSDBClient.Configuration(
    endpoint: endpoint ?? .unix(path: instance.socket), database: "Open_vSwitch",
    tables: [
      MonitoredTable(BridgeRow.self, indexes: [.column("name"), .entry("external_ids", "owner")]),
      MonitoredTable(PortRow.self, indexes: [.column("name")]),
    ])
  change(&configuration)
  let client = OVSDBClient(configuration, logger: quiet)
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await client.run() }
    defer { group.cancelAll() }
    try await client.waitUntilSynchronized()
    return try await body(client)
  }
}

func insertBridge(_ name: String, externalIDs: [String: String] = [:]) -> [OVSDB.Operation] {
  [
    .insert(table: "Interface", row: ["name": name.datum, "type": "internal".datum], name: "i"),
    .insert(table: "Port", row: ["name": name.datum, "interfaces": Datum(.namedUUID("i"))], name: "p"),
    BridgeRow(name: name, externalIDs: externalIDs).insert(named: "b", references: ["ports": Datum(.namedUUID("p"))]),
    .mutate(table: "Open_vSwitch", where: [], mutations: [Mutation("bridges", .insert, Datum(.namedUUID("b")))]),
  ]
}

@Suite(.enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"), .timeLimit(.minutes(2)))
struct ServerTests {
  @Test func transactAndCopy() async throws {
    try await SwitchInstance.with(.database) { instance in
      try instance.vsctl("init")
      try await withClient(instance) { client in
        let results = try await client.transact(insertBridge("br0", externalIDs: ["owner": "me"]))
        #expect(results.count == 4)
        // ovsdb-server sends what a transaction changed before its answer.
        let bridge = try #require(try client.replica.rows(BridgeRow.self, .column("name"), "br0").first)
        #expect(bridge.id == results[2].insertedID)
        #expect(bridge.externalIDs == ["owner": "me"])
        #expect(try client.replica.rows(BridgeRow.self, .entry("external_ids", "owner"), "me").map(\.id) == [bridge.id])
        #expect(try client.replica.rows(BridgeRow.self, .entry("external_ids", "owner"), "you").isEmpty)
        let port = try #require(try client.replica.rows(PortRow.self, .column("name"), "br0").first)
        #expect(bridge.ports == [port.id])
        try await client.transact([
          .update(table: "Port", where: [.row(port.id)], row: ["trunks": Set([1, 2, 3]).datum, "tag": 7.datum]),
          PortRow.mutate(port.id, [Mutation("trunks", .insert, Set([9, 10])), Mutation("trunks", .delete, Set([2]))]),
          PortRow.mutate(port.id, Mutation.set(["a": "1", "b": "2"], in: "external_ids")),
        ])
        var now = try #require(try client.replica.row(PortRow.self, port.id))
        #expect(now.trunks == [1, 3, 9, 10] && now.tag == 7 && now.externalIDs == ["a": "1", "b": "2"])
        try await client.transact([
          PortRow.mutate(port.id, Mutation.set(["a": "5"], in: "external_ids")),
          PortRow.mutate(port.id, [Mutation("external_ids", .delete, Set(["b"]))]),
          .update(table: "Port", where: [.row(port.id)], row: ["tag": .empty, "trunks": Set([3]).datum]),
        ])
        now = try #require(try client.replica.row(PortRow.self, port.id))
        #expect(now.trunks == [3] && now.tag == nil && now.externalIDs == ["a": "5"])
        let selected = try await client.transact([.select(table: "Port", where: [Condition("name", .equal, "br0")])])
        #expect(selected[0].rows?.first?.id == port.id)
        try await client.transact([
          .mutate(table: "Open_vSwitch", where: [], mutations: [Mutation("bridges", .delete, bridge.id)])
        ])
        #expect(client.replica.rows("Port").isEmpty && client.replica.rows("Bridge").isEmpty)
      }
    }
  }
}
