import JSON
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// One connection to a server: the I/O around `ConnectionStateMachine`.
final class Connection: Sendable {
  /// Completes a request. Runs on the connection's event loop, in the order of what the server sends, so that an
  /// answer is dealt with before the notifications that follow it.
  typealias Completion = @Sendable (Result<JSONValue, OVSDBError>) -> Void

  /// Takes the server's notifications, on the event loop, in order. An error closes the connection.
  typealias NotificationHandler = @Sendable (String, [JSONValue]) throws(OVSDBError) -> Void

  private let machine: Mutex<ConnectionStateMachine<Completion>>
  private let channel = Mutex<(any Channel)?>(nil)
  fileprivate let endpoint: Endpoint
  private let onNotification: NotificationHandler
  private let ending: EventLoopPromise<OVSDBError>

  private init(
    _ endpoint: Endpoint, maximumInFlight: Int, ending: EventLoopPromise<OVSDBError>,
    onNotification: @escaping NotificationHandler
  ) {
    machine = Mutex(ConnectionStateMachine(maximumInFlight: maximumInFlight))
    self.endpoint = endpoint
    self.ending = ending
    self.onNotification = onNotification
  }

  /// Connects; `connectFailed` when nobody answers.
  static func open(
    _ configuration: OVSDBClient.Configuration, to endpoint: Endpoint, group: any EventLoopGroup,
    onNotification: @escaping NotificationHandler
  ) async throws(OVSDBError) -> Connection {
    let security = try configuration.makeSecurity(for: endpoint)
    let loop = group.next()
    let connection = Connection(
      endpoint, maximumInFlight: configuration.maximumInFlight, ending: loop.makePromise(),
      onNotification: onNotification)
    let bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(.init(configuration.connectTimeout))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let security {
            try channel.pipeline.syncOperations.addHandler(security.makeHandler())
          }
          try channel.pipeline.syncOperations.addHandler(
            ConnectionHandler(connection, limits: configuration.limits, probe: configuration.inactivityProbe))
        }
      }
    do {
      let channel =
        switch endpoint {
        case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
        case .tcp(let host, let port), .tls(let host, let port):
          try await bootstrap.connect(host: host, port: port).get()
        }
      connection.channel.withLock { $0 = channel }
      return connection
    } catch {
      connection.end(because: error)
      throw OVSDBError(.connectFailed, attempt: "connecting to \(endpoint)", reason: "\(error)")
    }
  }

  /// Makes a request; `completion` runs exactly once.
  func start(_ method: String, _ params: JSONValue, _ completion: @escaping Completion) {
    let id = machine.withLock { $0.makeID() }
    start(id, method, params.serialized(), completion)
  }

  /// Makes a request and waits for the answer. When the task is cancelled the server is told and `CancellationError`
  /// thrown at once: whether the request took effect is then not known.
  func call(_ method: String, _ params: JSONValue) async throws -> JSONValue {
    let bytes = params.serialized()
    let id = machine.withLock { $0.makeID() }
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Result<JSONValue, OVSDBError>, Never>) in
        start(id, method, bytes) { continuation.resume(returning: $0) }
        // A cancellation that came before the request was known found nothing to withdraw.
        if Task.isCancelled { withdraw(id) }
      }
    } onCancel: {
      withdraw(id)
    }
    if case .failure(let error) = result, error.code == .canceled { try Task.checkCancellation() }
    return try result.get()
  }

  /// Closes the connection; calls without an answer fail with `connectionLost`.
  func close(_ error: OVSDBError) {
    end(with: error)
    channel.withLock { $0 }?.close(promise: nil)
  }

  /// Why the connection ended, once it has.
  func ended() async throws -> OVSDBError { try await ending.futureResult.get() }

  private func start(_ id: Int64, _ method: String, _ params: [UInt8], _ completion: @escaping Completion) {
    switch machine.withLock({ $0.start(completion, id: id, method: method, params: params) }) {
    case .send(let message): send(message)
    case .wait: break
    case .fail(let completion, let error): completion(.failure(error))
    }
  }

  private func withdraw(_ id: Int64) {
    guard let withdrawn = machine.withLock({ $0.withdraw(id: id) }) else { return }
    for message in withdrawn.messages { send(message) }
    withdrawn.call(.failure(OVSDBError(.canceled, attempt: "a request", reason: "its task was cancelled")))
  }

  private func send(_ message: [UInt8]) {
    // A write that fails ends the connection, which the handler notices.
    channel.withLock { $0 }.map { $0.writeAndFlush(ByteBuffer(bytes: message), promise: nil) }
  }
}

extension Connection {
  fileprivate func received(_ message: JSONValue, on context: ChannelHandlerContext) {
    for input in machine.withLock({ $0.receive(message) }) {
      switch input {
      case .complete(let completion, let result): completion(result)
      case .send(let bytes): context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
      case .notify(let method, let params):
        do {
          try onNotification(method, params)
        } catch {
          close(error, on: context)
        }
      case .close(let error): close(error, on: context)
      }
    }
  }

  fileprivate func ticked(on context: ChannelHandlerContext) {
    switch machine.withLock({ $0.tick() }) {
    case .nothing: break
    case .send(let bytes): context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
    case .close(let error): close(error, on: context)
    }
  }

  fileprivate func close(_ error: OVSDBError, on context: ChannelHandlerContext) {
    end(with: error)
    context.close(promise: nil)
  }

  fileprivate func end(because error: any Error) {
    end(with: OVSDBError(.connectionLost, attempt: "talking to \(endpoint)", reason: "\(error)"))
  }

  fileprivate func end(with error: OVSDBError) {
    guard let failed = machine.withLock({ $0.end(error) }) else { return }
    for (completion, error) in failed { completion(.failure(error)) }
    ending.succeed(error)
  }
}

/// Cuts the byte stream into messages and feeds the connection. Confined to its event loop.
private final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let connection: Connection
  private let probe: TimeAmount
  private var framer: JSONFramer
  private var timer: RepeatedTask?

  init(_ connection: Connection, limits: OVSDBClient.Configuration.Limits, probe: Duration) {
    self.connection = connection
    self.probe = .init(probe)
    framer = JSONFramer(
      maximumSize: limits.messageBytes, options: .init(maximumDepth: limits.messageDepth))
  }

  func channelActive(context: ChannelHandlerContext) {
    // The timer lives no longer than the channel, and runs on the loop that the context belongs to.
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleRepeatedTask(initialDelay: probe, delay: probe) { [connection] _ in
      connection.ticked(on: bound.value)
    }
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    framer.append(unwrapInboundIn(data).readableBytesView)
    do {
      while let message = try framer.next() { connection.received(message, on: context) }
    } catch {
      let error = OVSDBError(
        .protocolViolation, attempt: "reading from \(connection.endpoint)", reason: "no valid JSON: \(error)")
      connection.close(error, on: context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    connection.end(because: error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    let reason = framer.hasPartialValue ? "closed by the server within a message" : "closed by the server"
    connection.end(with: OVSDBError(.connectionLost, attempt: "reading from \(connection.endpoint)", reason: reason))
    context.fireChannelInactive()
  }
}
