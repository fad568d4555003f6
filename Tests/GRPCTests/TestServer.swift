import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix

@testable import GRPC

/// A real gRPC server on a unix socket, whose every answer the test writes down.
struct TestServer: Sendable {
  /// What the server does once it has the whole request.
  enum Reply: Sendable {
    /// Sends these frames one after the other.
    case frames([HTTP2Frame.FramePayload])
    /// Never answers.
    case silence
    /// Ends the connection.
    case hangUp
  }

  struct Request: Sendable {
    var headers: HPACKHeaders
    var message: [UInt8]
  }

  let socketPath: String

  /// Runs `body` beside a server.
  static func with<Success: Sendable>(
    reply: @escaping @Sendable (Request) -> Reply, _ body: (TestServer) async throws -> Success
  ) async throws -> Success {
    try await with(
      initializer: { channel in
        channel.eventLoop.makeCompletedFuture {
          _ = try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(mode: .server) { stream in
            stream.eventLoop.makeCompletedFuture {
              try stream.pipeline.syncOperations.addHandler(StreamHandler(reply: reply, connection: channel))
            }
          }
        }
      }, body)
  }

  /// Runs `body` beside a server that sends these bytes to whoever connects.
  static func with<Success: Sendable>(
    bytes: [UInt8], _ body: (TestServer) async throws -> Success
  ) async throws -> Success {
    try await with(
      initializer: { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Greeting(bytes: bytes)) }
      }, body)
  }

  private static func with<Success: Sendable>(
    initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>,
    _ body: (TestServer) async throws -> Success
  ) async throws -> Success {
    let path = "/tmp/grpc-\(UInt64.random(in: 0...UInt64.max)).sock"
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer(initializer)
      .bind(unixDomainSocketPath: path).get()
    do {
      let success = try await body(TestServer(socketPath: path))
      try await listener.close()
      return success
    } catch {
      try await listener.close()
      throw error
    }
  }
}

extension HTTP2Frame.FramePayload {
  static func headers(_ headers: HPACKHeaders, end: Bool = false) -> Self {
    .headers(.init(headers: headers, endStream: end))
  }

  static let accepted = headers([":status": "200", "content-type": "application/grpc"])

  static func status(_ code: Int, _ message: String? = nil) -> Self {
    var trailers: HPACKHeaders = ["grpc-status": "\(code)"]
    if let message { trailers.add(name: "grpc-message", value: message) }
    return headers(trailers, end: true)
  }

  static func bytes(_ bytes: [UInt8], end: Bool = false) -> Self {
    .data(.init(data: .byteBuffer(ByteBuffer(bytes: bytes)), endStream: end))
  }

  static func message(_ bytes: [UInt8]) -> Self {
    .bytes([0] + withUnsafeBytes(of: UInt32(bytes.count).bigEndian, Array.init) + bytes)
  }
}

private final class StreamHandler: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private let reply: @Sendable (TestServer.Request) -> TestServer.Reply
  private let connection: any Channel
  private var request = TestServer.Request(headers: [:], message: [])

  init(reply: @escaping @Sendable (TestServer.Request) -> TestServer.Reply, connection: any Channel) {
    self.reply = reply
    self.connection = connection
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .headers(let headers): request.headers = headers.headers
    case .data(let data):
      if case .byteBuffer(let bytes) = data.data { request.message += bytes.readableBytesView }
      if data.endStream { answer(context) }
    default: break
    }
  }

  private func answer(_ context: ChannelHandlerContext) {
    request.message.removeFirst(5)
    switch reply(request) {
    case .silence: break
    case .hangUp: connection.close(promise: nil)
    case .frames(let frames):
      for frame in frames { context.write(wrapOutboundOut(frame), promise: nil) }
      context.flush()
    }
  }
}

/// Says the same to everybody.
private final class Greeting: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  func channelActive(context: ChannelHandlerContext) {
    context.channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
  }
}
