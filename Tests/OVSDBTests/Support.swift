import Logging
import OVSDB
import OVSTestSupport

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

/// Runs a client until its first failure.
func firstFailure(_ client: OVSDBClient) async throws -> OVSDBError {
  try await withThrowingTaskGroup(of: Void.self) { group in
    let events = client.events()
    group.addTask { try await client.run() }
    defer { group.cancelAll() }
    for await event in events { if case .disconnected(let error) = event { return error } }
    throw CommandError(description: "the client ended without a failure")
  }
}
