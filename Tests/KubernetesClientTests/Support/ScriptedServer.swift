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
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          return try NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>(
            wrappingChannelSynchronously: channel)
        }
      }
    let port = listener.channel.localAddress!.port!
    let serving = Task {
      try await listener.executeThenClose { connections in
        try await withThrowingDiscardingTaskGroup { group in
          for try await connection in connections {
            group.addTask {
              // A client that goes away is what many tests are about.
              do { try await server.serve(connection, handler) } catch {}
            }
          }
        }
      }
    }
    defer { serving.cancel() }
    return try await body(
      server, ClusterConfiguration(server: "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)"))
  }

  private func serve(
    _ connection: NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>, _ handler: Handler
  ) async throws {
    try await connection.executeThenClose { inbound, outbound in
      var head: HTTPRequestHead?
      var body = ""
      for try await part in inbound {
        switch part {
        case .head(let value): head = value
        case .body(let chunk): body += String(buffer: chunk)
        case .end:
          let request = Request(
            method: head!.method.rawValue, uri: head!.uri, headers: head!.headers, body: body)
          body = ""
          seen.withLock { $0.append(request) }
          for step in try await handler(request) {
            switch step {
            case .head(let status, let headers):
              try await outbound.write(
                .head(.init(version: .http1_1, status: .init(statusCode: status), headers: HTTPHeaders(headers))))
            case .chunk(let text): try await outbound.write(.body(.byteBuffer(ByteBuffer(string: text))))
            case .chunkBytes(let bytes): try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
            case .hold: try await connection.channel.closeFuture.get()
            case .drop: return
            }
          }
          try await outbound.write(.end(nil))
        }
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
