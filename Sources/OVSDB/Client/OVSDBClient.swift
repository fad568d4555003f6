import JSON
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A client of one database of one OVSDB server, or of one of the servers of a cluster (RFC 7047, ovsdb-server(7)).
///
/// While `run` runs it keeps a connection, and a copy of the tables asked for that follows the database. When the
/// connection ends it makes a new one; what changed meanwhile is delivered as ordinary changes. A request that was
/// under way when a connection ended fails with `connectionLost` and is never repeated by itself.
public final class OVSDBClient: Service, Sendable {
  /// How a client stands with its server.
  public enum Status: Sendable, Hashable {
    /// Not connected; with the reason once there is one.
    case offline(OVSDBError?)
    /// Connected, the copy is not complete yet.
    case synchronizing
    /// Connected, the copy follows the database.
    case synchronized
  }

  private struct State: Sendable {
    var machine: ClientStateMachine
    var connection: Connection?
    var lastError: OVSDBError?
    var subscribers = Subscribers()
    var backoff: Backoff
    var rotation: EndpointRotation
    var isEnded = false
  }

  /// What the client was made with.
  public let configuration: Configuration
  private let group: any EventLoopGroup
  private let logger: Logger
  private let state: Mutex<State>

  /// Makes a client; it does nothing before `run`.
  public init(
    _ configuration: Configuration, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    logger: Logger
  ) {
    self.configuration = configuration
    self.group = group
    self.logger = logger
    state = Mutex(
      State(
        machine: ClientStateMachine(
          database: configuration.database, tables: configuration.tables, followsLeader: configuration.followsLeader),
        backoff: configuration.backoff,
        rotation: EndpointRotation([configuration.endpoint] + configuration.alternatives)))
  }

  /// How the client stands with its server.
  public var status: Status {
    state.withLock { state in
      if state.connection == nil { return .offline(state.lastError) }
      return state.machine.isSynchronized ? .synchronized : .synchronizing
    }
  }

  /// The copy as it is now; the last known one while the client is not connected, empty before it ever was.
  public var replica: Replica { state.withLock { $0.machine.replica } }

  /// The schema of the database as the server told it last; nil before it ever did.
  public var schema: DatabaseSchema? { state.withLock { $0.machine.schema } }

  /// Connects, and connects again, until the task is cancelled or the service is shut down.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        let error = await self.connectOnce()
        if Task.isCancelled { break }
        guard let pause = self.disconnected(error) else { continue }
        // The one thing that tells of a server's return is to try.
        do { try await Task.sleep(for: pause) } catch { break }
      }
      self.end()
    }
  }
}

// MARK: Requests

extension OVSDBClient {
  /// Performs the operations as one atomic transaction, in order, and returns one result for each.
  ///
  /// - Throws: `OVSDBError`: what the server found wrong (then nothing was changed); `notConnected` (nothing was sent);
  ///   `connectionLost` (the outcome is not known: look at the copy once it is synchronised again).
  ///   `CancellationError` when the task was cancelled (the outcome is not known).
  @discardableResult
  public func transact(_ operations: [Operation]) async throws -> [OperationResult] {
    let attempt = "transact on \(configuration.database) at \(configuration.place)"
    let connection = try connection(for: attempt)
    let params: JSONValue = .array([.string(configuration.database)] + operations.map(\.json))
    do {
      return try OperationResult.parse(
        try await connection.call("transact", params), to: operations, attempt: attempt)
    } catch var error as OVSDBError {
      error.attempt = attempt
      throw error
    }
  }

  /// Makes any request of the protocol, for example `list_dbs`, and returns the answer's result.
  public func call(_ method: String, _ params: JSONValue) async throws -> JSONValue {
    let attempt = "\(method) at \(configuration.place)"
    do {
      return try await connection(for: attempt).call(method, params)
    } catch var error as OVSDBError {
      error.attempt = attempt
      throw error
    }
  }

  private func connection(for attempt: String) throws(OVSDBError) -> Connection {
    let (connection, lastError) = state.withLock { ($0.machine.isSynchronized ? $0.connection : nil, $0.lastError) }
    if let connection { return connection }
    let reason = lastError.map { ": \($0)" } ?? " yet"
    throw OVSDBError(.notConnected, attempt: attempt, reason: "there is no connection\(reason)")
  }
}

// MARK: Events

extension OVSDBClient {
  /// All that happens to the copy.
  public func events() -> ReplicaEvents { subscribe(.everything) }

  /// What happens to the rows of one table.
  public func events(of table: String) -> ReplicaEvents { subscribe(.table(table)) }

  /// What happens to one row, which need not exist yet.
  public func events(of table: String, row id: RowID) -> ReplicaEvents {
    subscribe(.row(RowKey(table: table, id: id)))
  }

  /// Returns once the copy is complete and follows the database.
  ///
  /// - Throws: `CancellationError`; `notConnected` when the client was shut down. It waits through failed attempts to
  ///   connect: give it a deadline where there has to be one.
  public func waitUntilSynchronized() async throws {
    for await event in subscribe(.statusOnly) {
      if case .synchronized = event { return }
    }
    try Task.checkCancellation()
    throw OVSDBError(
      .notConnected, attempt: "waiting for \(configuration.place)", reason: "the client was shut down")
  }

  /// Waits until `body` finds what it looks for in a row, looking now and at each change of the row.
  ///
  /// `body` gets nil while the copy does not have the row (yet, or any more).
  public func waitForRow<Value: TableRow, Found: Sendable>(
    _ type: Value.Type, _ id: RowID, _ body: (Stored<Value>?) throws -> Found?
  ) async throws -> Found {
    let events = events(of: Value.tableName, row: id)
    if let found = try body(replica.row(type, id)) { return found }
    for await _ in events {
      if let found = try body(replica.row(type, id)) { return found }
    }
    try Task.checkCancellation()
    throw OVSDBError(
      .notConnected, attempt: "waiting for row \(id) of \(Value.tableName) at \(configuration.place)",
      reason: "the client was shut down")
  }

  private func subscribe(_ interest: Interest) -> ReplicaEvents {
    let mailbox = Mailbox(capacity: configuration.maximumBufferedEvents)
    let id = state.withLock { state in
      if state.isEnded { mailbox.end() }
      if state.machine.isSynchronized { mailbox.put(.synchronized) }
      return state.subscribers.add(mailbox, for: interest)
    }
    return ReplicaEvents(mailbox) { [weak self] in
      self?.state.withLock { $0.subscribers.remove(id, from: interest) }
    }
  }
}

// MARK: The connection's life

extension OVSDBClient {
  /// Connects and returns why the connection ended, or could not be made.
  private func connectOnce() async -> OVSDBError {
    let endpoint = state.withLock { $0.rotation.current }
    do {
      let connection = try await Connection.open(configuration, to: endpoint, group: group) {
        [weak self] method, params throws(OVSDBError) in
        try self?.notified(method, params)
      }
      return try await withTaskCancellationHandler {
        perform(
          state.withLock { state in
            state.connection = connection
            return state.machine.connected()
          }, on: connection)
        return try await connection.ended()
      } onCancel: {
        connection.close(
          OVSDBError(
            .connectionLost, attempt: "talking to \(endpoint)", reason: "the client was shut down"))
      }
    } catch let error as OVSDBError {
      return error
    } catch {
      return OVSDBError(
        .connectionLost, attempt: "talking to \(endpoint)", reason: "\(error)")
    }
  }

  /// Runs on the connection's event loop.
  private func notified(_ method: String, _ params: [JSONValue]) throws(OVSDBError) {
    try advance { machine throws(OVSDBError) in try machine.notified(method, params) }
  }

  /// Advances the state machine and tells the readers in one step, so that a reader that takes the copy finds in it
  /// every change it was told of.
  @discardableResult
  private func advance(
    _ step: (inout ClientStateMachine) throws(OVSDBError) -> ClientStateMachine.Action
  ) throws(OVSDBError) -> ClientStateMachine.Action {
    try state.withLock { state throws(OVSDBError) in
      let action = try step(&state.machine)
      switch action {
      case .changed(let changes): state.subscribers.tell(changes)
      case .synchronized(let changes):
        state.backoff.reset()
        state.rotation.succeeded()
        state.lastError = nil
        state.subscribers.tell(changes)
        state.subscribers.tellAll(.synchronized)
      case .request, .ignore: break
      }
      return action
    }
  }

  private func perform(_ action: ClientStateMachine.Action, on connection: Connection) {
    guard case .request(let method, let params) = action else { return }
    connection.start(method, params) { [weak self, weak connection] result in
      guard let self, let connection else { return }
      do throws(OVSDBError) {
        let action = try self.advance { machine throws(OVSDBError) in try machine.answered(result) }
        self.perform(action, on: connection)
      } catch {
        connection.close(error)
      }
    }
  }

  /// Notes the end of a connection and returns how long to wait before the next attempt; nil: not at all.
  private func disconnected(_ error: OVSDBError) -> Duration? {
    let (pause, isNew) = state.withLock { state -> (Duration?, Bool) in
      let isNew = state.lastError != error
      state.connection = nil
      state.lastError = error
      state.machine.disconnected()
      state.subscribers.tellAll(.disconnected(error))
      return (state.rotation.failed() ? state.backoff.next(random: Double.random(in: 0...1)) : nil, isNew)
    }
    logger.log(
      level: isNew && error.code != .notLeader ? .warning : .debug, "No connection to the OVSDB server",
      metadata: ["endpoint": "\(configuration.place)", "error": "\(error)", "retryAfter": "\(pause ?? .zero)"])
    return pause
  }

  private func end() {
    state.withLock { state in
      state.connection = nil
      state.machine.disconnected()
      state.isEnded = true
      state.subscribers.endAll()
    }
  }
}
