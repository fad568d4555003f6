public import NIOCore
import NIOPosix
import Synchronization

/// A connection to one bridge over its management socket, `<run directory>/<bridge>.mgmt`: the I/O around
/// `OpenFlowSession`. It does not come back by itself when it ends.
public final class OpenFlowConnection: Sendable {
  fileprivate typealias Completion = @Sendable (Result<OpenFlowAnswer, OpenFlowError>) -> Void

  private let path: String
  private let session = Mutex(OpenFlowSession<Completion>())
  private let channel = Mutex<(any Channel)?>(nil)
  private let onNews: @Sendable (News) -> Void

  /// What the switch tells by itself.
  public enum News: Sendable, Hashable {
    /// A flow that was put in with `announcesRemoval` is gone, whoever removed it.
    case flowRemoved(cookie: UInt64)
    /// The connection has ended: told once, last.
    case ended
  }

  private init(_ path: String, onNews: @escaping @Sendable (News) -> Void) {
    self.path = path
    self.onNews = onNews
  }

  /// Connects.
  ///
  /// - Parameter onNews: takes the news, on the connection's event loop, in order.
  /// - Throws: `connectFailed` when nobody listens there.
  public static func open(
    path: String, group: any EventLoopGroup, onNews: @escaping @Sendable (News) -> Void
  ) async throws(OpenFlowError) -> OpenFlowConnection {
    let connection = OpenFlowConnection(path, onNews: onNews)
    do {
      let channel = try await ClientBootstrap(group: group)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(OpenFlowHandler(connection))
          }
        }
        .connect(unixDomainSocketPath: path).get()
      connection.channel.withLock { $0 = channel }
      return connection
    } catch {
      throw OpenFlowError(.connectFailed, attempt: "connecting to \(path)", reason: "\(error)")
    }
  }

  /// Makes requests and waits until the switch has dealt with all of them, in order.
  ///
  /// - Throws: `refused` for the first that the switch did not take; those beside it took effect. `connectionLost`.
  public func perform(_ requests: [OpenFlowRequest]) async throws(OpenFlowError) -> OpenFlowAnswer {
    guard !requests.isEmpty else { return OpenFlowAnswer() }
    return try await withCheckedContinuation { (continuation: CheckedContinuation<_, Never>) in
      let completion: Completion = { continuation.resume(returning: $0) }
      // Under the lock of the channel, so that groups are sent in the order of their numbers.
      channel.withLock { channel in
        switch session.withLock({ $0.start(completion, requests) }) {
        case .success(let bytes): channel?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        case .failure(let error): completion(.failure(error))
        }
      }
    }.get()
  }

  /// Ends the connection.
  public func close() { channel.withLock { $0 }?.close(promise: nil) }
}

extension OpenFlowConnection {
  fileprivate func opening() -> [UInt8] { session.withLock { $0.open() } }

  fileprivate func received(_ buffer: ByteBuffer, on context: ChannelHandlerContext) {
    for input in session.withLock({ $0.receive(buffer.readableBytesView) }) {
      switch input {
      case .complete(let completion, let result): completion(result)
      case .send(let bytes): context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
      case .flowRemoved(let cookie): onNews(.flowRemoved(cookie: cookie))
      case .close(let error):
        end(with: error)
        context.close(promise: nil)
      }
    }
  }

  fileprivate func ended() {
    end(with: OpenFlowError(.connectionLost, attempt: "talking to \(path)", reason: "the connection was closed"))
    onNews(.ended)
  }

  fileprivate func end(with error: OpenFlowError) {
    for completion in session.withLock({ $0.end(error) }) { completion(.failure(error)) }
  }
}

/// Feeds the connection. Confined to its event loop.
private final class OpenFlowHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let connection: OpenFlowConnection

  init(_ connection: OpenFlowConnection) { self.connection = connection }

  func channelActive(context: ChannelHandlerContext) {
    context.writeAndFlush(NIOAny(ByteBuffer(bytes: connection.opening())), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    connection.received(unwrapInboundIn(data), on: context)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelInactive(context: ChannelHandlerContext) { connection.ended() }
}
