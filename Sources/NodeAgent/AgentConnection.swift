import JSON
import Logging
import NIOCore
import Synchronization

/// The open connections of a server, and the requests that came over them.
final class AgentConnections: Sendable {
  typealias Request = (request: JSONValue, channel: any Channel)

  /// Requests in the order in which they came; ends after ``finish()``.
  let requests: AsyncStream<Request>
  private let continuation: AsyncStream<Request>.Continuation
  private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

  init() {
    (requests, continuation) = AsyncStream.makeStream()
  }

  func opened(_ channel: any Channel) { open.withLock { $0[ObjectIdentifier(channel)] = channel } }

  func closed(_ channel: any Channel) { open.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) } }

  func received(_ request: JSONValue, on channel: any Channel) {
    if case .terminated = continuation.yield((request, channel)) { channel.close(promise: nil) }
  }

  /// No further request will be answered; those received already will.
  func finish() { continuation.finish() }

  /// Closes what nobody will answer any more, so that no plugin waits for ever.
  func closeAll() {
    finish()
    for channel in open.withLock({ $0.values.map(\.self) }) { channel.close(promise: nil) }
  }
}

/// Reads one request from a connection.
final class AgentConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// The most that a request may have, in bytes.
  private static let requestLimit = 1 << 20

  private let connections: AgentConnections
  private let logger: Logger
  private var framer = JSONFramer(maximumSize: requestLimit)
  private var isAnswered = false

  init(_ connections: AgentConnections, logger: Logger) {
    self.connections = connections
    self.logger = logger
  }

  func channelActive(context: ChannelHandlerContext) { connections.opened(context.channel) }

  func channelInactive(context: ChannelHandlerContext) { connections.closed(context.channel) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isAnswered else { return }
    framer.append(unwrapInboundIn(data).readableBytesView)
    do {
      guard let request = try framer.next() else { return }
      isAnswered = true
      connections.received(request, on: context.channel)
    } catch {
      errorCaught(context: context, error: error)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // The plugin half-closes after its request; before it, there is nothing to answer.
    if case ChannelEvent.inputClosed? = event as? ChannelEvent, !isAnswered { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    logger.warning("a connection of netloom-cni broke", metadata: ["error": "\(error)"])
    context.close(promise: nil)
  }
}
