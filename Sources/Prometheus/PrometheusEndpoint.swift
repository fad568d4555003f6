import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// Serves `/metrics` for Prometheus to scrape, and `/healthz`, which says `ok` as long as the process runs. Every answer
/// ends its connection.
public struct PrometheusEndpoint: Service {
  private let registry: PrometheusRegistry
  private let host: String
  private let port: Int
  private let group: any EventLoopGroup
  private let logger: Logger
  private let onListening: @Sendable (SocketAddress) -> Void

  /// - Parameters:
  ///   - host: an address or a name that is resolved.
  ///   - port: 0: any that is free.
  ///   - onListening: called with the address once it can be scraped.
  public init(
    registry: PrometheusRegistry, host: String, port: Int,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger,
    onListening: @escaping @Sendable (SocketAddress) -> Void = { _ in }
  ) {
    self.registry = registry
    self.host = host
    self.port = port
    self.group = group
    self.logger = logger
    self.onListening = onListening
  }

  /// Serves until graceful shutdown or cancellation. Fails when it cannot listen there.
  public func run() async throws {
    let listener: any Channel
    do {
      listener = try await ServerBootstrap(group: group)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { [registry] channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(IdleStateHandler(allTimeout: .seconds(30)))
            try channel.pipeline.syncOperations.configureHTTPServerPipeline()
            try channel.pipeline.syncOperations.addHandler(ScrapeHandler(registry))
          }
        }
        .bind(host: host, port: port).get()
    } catch {
      throw PrometheusError.cannotListen(host: host, port: port, reason: "\(error)")
    }
    if let address = listener.localAddress {
      logger.info("serving metrics", metadata: ["address": "\(address)"])
      onListening(address)
    }
    try await withTaskCancellationOrGracefulShutdownHandler {
      try await listener.closeFuture.get()
    } onCancelOrGracefulShutdown: {
      listener.close(promise: nil)
    }
  }
}

/// Why metrics cannot be served.
public enum PrometheusError: Error, Sendable, Hashable, CustomStringConvertible {
  case cannotListen(host: String, port: Int, reason: String)

  public var description: String {
    switch self {
    case .cannotListen(let host, let port, let reason):
      "cannot serve metrics at \(host):\(port): \(reason): choose another address or port"
    }
  }
}

/// Answers one request.
private final class ScrapeHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let registry: PrometheusRegistry
  private var request: HTTPRequestHead?

  init(_ registry: PrometheusRegistry) { self.registry = registry }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): request = head
    case .body: break
    case .end:
      guard let request else { return }
      self.request = nil
      answer(request, context)
    }
  }

  private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let path = request.uri.prefix { $0 != "?" }
    switch (request.method, path) {
    case (.GET, "/metrics"), (.HEAD, "/metrics"): send(.ok, registry.text(), to: request, context)
    case (.GET, "/healthz"), (.HEAD, "/healthz"): send(.ok, "ok\n", to: request, context)
    case (_, "/metrics"), (_, "/healthz"):
      send(.methodNotAllowed, "only GET and HEAD\n", to: request, context)
    default: send(.notFound, "there are /metrics and /healthz\n", to: request, context)
    }
  }

  private func send(
    _ status: HTTPResponseStatus, _ text: String, to request: HTTPRequestHead, _ context: ChannelHandlerContext
  ) {
    let headers: HTTPHeaders = [
      "content-type": "text/plain; version=0.0.4; charset=utf-8", "content-length": "\(text.utf8.count)",
      "connection": "close",
    ]
    context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
    if request.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    }
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent {
      context.close(promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
