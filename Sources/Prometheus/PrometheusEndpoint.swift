import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// Serves `/metrics` for Prometheus to scrape, `/healthz`, which says `ok` as long as the process runs, and pages that a
/// process adds. Every answer ends its connection.
public struct PrometheusEndpoint: Service {
  /// Makes a page's text when it is asked for; what it throws is told as 503.
  public typealias Page = @Sendable () async throws -> String

  private let place: MetricsPlace
  private let pages: [String: Page]
  private let group: any EventLoopGroup
  private let logger: Logger
  private let onListening: @Sendable (SocketAddress) -> Void

  /// - Parameters:
  ///   - pages: further pages by path, `/invariants`.
  ///   - collect: called before every answer of `/metrics`, to measure what is measured only when somebody wants to know.
  ///   - onListening: called with the address once it can be scraped.
  public init(
    registry: PrometheusRegistry, at place: MetricsPlace, pages: [String: Page] = [:],
    collect: @escaping @Sendable () async -> Void = {},
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger,
    onListening: @escaping @Sendable (SocketAddress) -> Void = { _ in }
  ) {
    self.place = place
    let always: [String: Page] = [
      "/metrics": {
        await collect()
        return registry.text()
      },
      "/healthz": { "ok\n" },
    ]
    self.pages = pages.merging(always) { $1 }
    self.group = group
    self.logger = logger
    self.onListening = onListening
  }

  /// Serves until graceful shutdown or cancellation. Fails when it cannot listen there.
  public func run() async throws {
    let listener: any Channel
    do {
      let bootstrap = ServerBootstrap(group: group)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { [pages] channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(IdleStateHandler(allTimeout: .seconds(30)))
            try channel.pipeline.syncOperations.configureHTTPServerPipeline()
            try channel.pipeline.syncOperations.addHandler(ScrapeHandler(pages))
          }
        }
      listener =
        switch place {
        case .address(let host, let port): try await bootstrap.bind(host: host, port: port).get()
        case .unix(let path):
          try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        }
    } catch {
      throw PrometheusError.cannotListen(at: place, reason: "\(error)")
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

/// Where metrics are served.
public enum MetricsPlace: Sendable, Hashable, CustomStringConvertible {
  /// An address, or a name that is resolved; port 0: any that is free.
  case address(host: String, port: Int)
  /// The path of a socket; one that is left from before is replaced.
  case unix(path: String)

  public var description: String {
    switch self {
    case .address(let host, let port): "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}

/// Why metrics cannot be served.
public enum PrometheusError: Error, Sendable, Hashable, CustomStringConvertible {
  case cannotListen(at: MetricsPlace, reason: String)

  public var description: String {
    switch self {
    case .cannotListen(let place, let reason):
      "cannot serve metrics at \(place): \(reason): choose another address or port"
    }
  }
}

/// Answers one request.
private final class ScrapeHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let pages: [String: PrometheusEndpoint.Page]
  private var request: HTTPRequestHead?

  init(_ pages: [String: PrometheusEndpoint.Page]) { self.pages = pages }

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
    let path = String(request.uri.prefix { $0 != "?" })
    switch (request.method, path) {
    case (.GET, let path), (.HEAD, let path):
      guard let page = pages[path] else {
        return send(.notFound, "there are \(pages.keys.sorted().joined(separator: ", "))\n", to: request, context)
      }
      context.eventLoop.makeFutureWithTask(page).assumeIsolated().whenComplete { result in
        switch result {
        case .success(let text): self.send(.ok, text, to: request, context)
        case .failure(let error): self.send(.serviceUnavailable, "\(error)\n", to: request, context)
        }
      }
    default: send(.methodNotAllowed, "only GET and HEAD\n", to: request, context)
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
