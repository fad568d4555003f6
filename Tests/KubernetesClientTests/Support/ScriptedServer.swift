import KubernetesClient
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An HTTP server that answers as a test tells it, chunk by chunk.
final class ScriptedServer: Sendable {
  struct Request: Sendable {
    let method: String
    let uri: String
    let headers: HTTPHeaders
    let body: String

    var path: String { String(uri.prefix { $0 != "?" }) }
  }

  /// What an answer is made of.
  enum Step: Sendable {
    case head(Int, [(String, String)])
    case chunk(String)
    case chunkBytes([UInt8])
    /// Waits until the client is gone.
    case hold
    /// Cuts the connection.
    case drop

    static func head(_ status: Int) -> Step { .head(status, []) }
  }

  typealias Handler = @Sendable (Request) async throws -> [Step]

  static func json(_ text: String, status: Int = 200, headers: [(String, String)] = []) -> [Step] {
    [.head(status, [("content-type", "application/json")] + headers), .chunk(text)]
  }

  static func status(_ code: Int, _ reason: String, headers: [(String, String)] = []) -> [Step] {
    json(
      #"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"told to","reason":"\#(reason)","code":\#(code)}"#,
      status: code, headers: headers)
  }

  private let connections = Mutex<[any Channel]>([])
  private let seen = Mutex<[Request]>([])
  /// Every request so far.
  var requests: [Request] { seen.withLock { $0 } }

  /// Runs a server while `body` uses it.
  static func run<Result: Sendable>(
    tls: TLSConfiguration? = nil, _ handler: @escaping Handler,
    _ body: (ScriptedServer, ClusterConfiguration) async throws -> Result
  ) async throws -> Result {
    let server = ScriptedServer()
    let context = try tls.map { try NIOSSLContext(configuration: $0) }
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Connection { await server.answer($0, on: channel, handler) })
          server.connections.withLock { $0.append(channel) }
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    defer {
      listener.close(promise: nil)
      for connection in server.connections.withLock({ $0 }) { connection.close(promise: nil) }
    }
    return try await body(
      server,
      ClusterConfiguration(server: "\(tls == nil ? "http" : "https")://127.0.0.1:\(listener.localAddress!.port!)"))
  }

  private func answer(_ request: Request, on channel: any Channel, _ handler: Handler) async {
    seen.withLock { $0.append(request) }
    do {
      for step in try await handler(request) {
        switch step {
        case .head(let status, let headers):
          let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: status), headers: HTTPHeaders(headers))
          try await channel.writeAndFlush(HTTPServerResponsePart.head(head))
        case .chunk(let text): try await send(ByteBuffer(string: text), on: channel)
        case .chunkBytes(let bytes): try await send(ByteBuffer(bytes: bytes), on: channel)
        case .hold: return try await channel.closeFuture.get()
        case .drop: return try await channel.close()
        }
      }
      try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
    } catch {
      // A client that goes away is what many tests are about.
    }
  }

  private func send(_ bytes: ByteBuffer, on channel: any Channel) async throws {
    try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(bytes)))
  }

  /// Puts the parts of each request together.
  private final class Connection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let answer: @Sendable (Request) async -> Void
    private var head: HTTPRequestHead?
    private var body = ""

    init(_ answer: @escaping @Sendable (Request) async -> Void) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): self.head = head
      case .body(let chunk): body += String(buffer: chunk)
      case .end:
        let request = Request(method: head!.method.rawValue, uri: head!.uri, headers: head!.headers, body: body)
        body = ""
        Task { [answer] in await answer(request) }
      }
    }
  }
}

/// A client of a server, shut down at the end.
func withClient<Result: Sendable>(
  _ configuration: ClusterConfiguration, _ options: KubernetesClient.Options = .init(),
  _ body: (KubernetesClient) async throws -> Result
) async throws -> Result {
  try await KubernetesClient.withClient(
    configuration: configuration, options: options, logger: Logger(label: "test"), body)
}
