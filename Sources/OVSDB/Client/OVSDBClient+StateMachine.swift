import JSON

/// How a client gets from a fresh connection to a copy that follows the database, without the I/O.
///
/// It asks whether the server leads its cluster (when that matters), for the schema, then for a monitor, by the best method that the server has. The copy outlives the
/// connection: what changed meanwhile comes out as ordinary changes.
struct ClientStateMachine: Sendable {
  /// The ways to monitor, best first.
  enum Method: String, Sendable, Hashable, CaseIterable {
    case conditionalSince = "monitor_cond_since"
    case conditional = "monitor_cond"
    case plain = "monitor"
  }

  /// What to do next.
  enum Action: Sendable {
    case request(method: String, params: JSONValue)
    /// The copy is complete; these are the differences to what it was.
    case synchronized([RowChange])
    case changed([RowChange])
    case ignore
  }

  private enum Phase: Sendable, Hashable {
    case offline
    case askingForLeader
    case fetchingSchema
    case startingMonitor(Method)
    case synchronized
  }

  private let database: String
  private let tables: [MonitoredTable]
  private let followsLeader: Bool
  private var phase = Phase.offline
  /// The schema that the server told last.
  private(set) var schema: DatabaseSchema?
  private var lastTransaction = RowID.zero
  /// The copy; of use to a program when the client is synchronised, the last known state otherwise.
  private(set) var replica = Replica()

  init(database: String, tables: [MonitoredTable], followsLeader: Bool = false) {
    self.database = database
    self.tables = tables
    self.followsLeader = followsLeader
  }

  /// Whether the copy follows the database.
  var isSynchronized: Bool { phase == .synchronized }

  /// There is a new connection.
  mutating func connected() -> Action {
    guard followsLeader else { return fetchSchema() }
    phase = .askingForLeader
    return ServerStanding.request
  }

  /// The connection ended.
  mutating func disconnected() { phase = .offline }

  /// The answer to the last request came.
  mutating func answered(_ result: Result<JSONValue, OVSDBError>) throws(OVSDBError) -> Action {
    switch phase {
    case .askingForLeader: try received(standing: result)
    case .fetchingSchema: try received(schema: DatabaseSchema(json: result.get()))
    case .startingMonitor(let method): try received(monitor: result, method)
    case .offline, .synchronized: .ignore
    }
  }

  /// The server sent a notification.
  mutating func notified(_ method: String, _ params: [JSONValue]) throws(OVSDBError) -> Action {
    if method == "update", params.count == 2, params[0].string == ServerStanding.database {
      try ServerStanding.check(params[1], of: database)
      return .ignore
    }
    guard params.first?.string == database else { return .ignore }
    switch method {
    case "update" where params.count == 2: return try apply(params[1], .plain)
    case "update2" where params.count == 2: return try apply(params[1], .difference)
    case "update3" where params.count == 3:
      let action = try apply(params[2], .difference)
      lastTransaction = params[1].string.flatMap { RowID($0) } ?? .zero
      return action
    case "monitor_canceled":
      throw OVSDBError(.connectionLost, attempt: "monitoring \(database)", reason: "the server cancelled the monitor")
    default: return .ignore
    }
  }

  private mutating func apply(_ updates: JSONValue, _ format: TableUpdates.Format) throws(OVSDBError) -> Action {
    guard phase == .synchronized else { return .ignore }
    do {
      return .changed(try replica.apply(TableUpdates(json: updates, format: format)))
    } catch {
      lastTransaction = .zero
      throw error
    }
  }

  private mutating func fetchSchema() -> Action {
    phase = .fetchingSchema
    return .request(method: "get_schema", params: [.string(database)])
  }

  private mutating func received(standing result: Result<JSONValue, OVSDBError>) throws(OVSDBError) -> Action {
    // A server without the database about itself knows of no clusters.
    if case .failure(let error) = result, [.unknownDatabase, .invalidRequest].contains(error.code) {
      return fetchSchema()
    }
    try ServerStanding.check(result.get(), of: database)
    return fetchSchema()
  }

  private mutating func received(schema new: DatabaseSchema) throws(OVSDBError) -> Action {
    if new != schema {
      // The shape of the copy may have changed with the schema: it is filled from nothing.
      schema = new
      lastTransaction = .zero
      replica.reshape(tables, schema: new)
    }
    guard !tables.isEmpty else {
      phase = .synchronized
      return .synchronized([])
    }
    return monitor(.conditionalSince, new)
  }

  private mutating func monitor(_ method: Method, _ schema: DatabaseSchema) -> Action {
    phase = .startingMonitor(method)
    var requests: [String: JSONValue] = [:]
    for table in tables {
      guard let types = schema.tables[table.name] else { continue }
      requests[table.name] = table.request(columnsOf: types, conditional: method != .plain)
    }
    // The database's name is also the name of the monitor: there is one a connection.
    var params: [JSONValue] = [.string(database), .string(database), .object(requests)]
    if method == .conditionalSince { params.append(.string(lastTransaction.description)) }
    return .request(method: method.rawValue, params: .array(params))
  }

  private mutating func received(
    monitor result: Result<JSONValue, OVSDBError>, _ method: Method
  ) throws(OVSDBError) -> Action {
    if case .failure(let error) = result, error.code == .invalidRequest, let schema, let next = method.next {
      return monitor(next, schema)
    }
    let reply = try result.get()
    let changes: [RowChange]
    switch method {
    case .plain: changes = try replica.replace(with: TableUpdates(json: reply, format: .plain))
    case .conditional: changes = try replica.replace(with: TableUpdates(json: reply, format: .difference))
    case .conditionalSince:
      guard let parts = reply.array, parts.count == 3, let found = parts[0].bool else {
        throw OVSDBError(
          .protocolViolation, attempt: "monitoring \(database)", reason: "the answer is not [found, id, updates]")
      }
      let updates = try TableUpdates(json: parts[2], format: .difference)
      changes = try found ? replica.apply(updates) : replica.replace(with: updates)
      lastTransaction = parts[1].string.flatMap { RowID($0) } ?? .zero
    }
    phase = .synchronized
    return .synchronized(changes)
  }
}

extension ClientStateMachine.Method {
  fileprivate var next: Self? {
    switch self {
    case .conditionalSince: .conditional
    case .conditional: .plain
    case .plain: nil
    }
  }
}
