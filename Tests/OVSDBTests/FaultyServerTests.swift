import Glibc
import JSON
import NIOCore
import NIOPosix
import OVSDB
import Synchronization
import Testing

/// Servers that do not do what they should: every one is told from the others, and survived.
@Suite(.timeLimit(.minutes(1)))
struct FaultyServerTests {
  /// Listens on a unix socket and sends `answers` to each connection in turn (the last to all that follow) after its
  /// first request, then hangs up.
  private func withServer<Result: Sendable>(
    _ answers: [String], _ body: (Endpoint) async throws -> Result
  ) async throws -> Result {
    let path = "/tmp/netloom-faulty-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    let count = Mutex(0)
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        let number = count.withLock { count in
          defer { count += 1 }
          return count
        }
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Answerer(answers[min(number, answers.count - 1)]))
        }
      }
      .bind(unixDomainSocketPath: path).get()
    do {
      let result = try await body(.unix(path: path))
      try await server.close()
      unlink(path)
      return result
    } catch {
      try await server.close()
      unlink(path)
      throw error
    }
  }

  private final class Answerer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let answer: String
    init(_ answer: String) { self.answer = answer }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      context.writeAndFlush(NIOAny(ByteBuffer(string: answer)), promise: nil)
      context.close(mode: .output, promise: nil)
    }
  }

  @Test(arguments: [
    ("HTTP/1.1 400 Bad Request\r\n\r\n", OVSDBError.Code.protocolViolation, "no valid JSON"),
    (#"{"id":1,"result":{"name":"db","tab"#, .connectionLost, "within a message"),
    ("", .connectionLost, "closed by the server"),
    (#"{"id":1,"error":null,"result":"what?"}"#, .protocolViolation, "schema"),
    (#"{"id":99,"error":null,"result":[]}"#, .protocolViolation, "an answer to no request"),
    (String(repeating: "[", count: 1000), .protocolViolation, "no valid JSON"),
    ("{\"id\":\"" + String(repeating: "x", count: 100_000), .protocolViolation, "no valid JSON"),
    ("{\"id\":1,}", .protocolViolation, "no valid JSON"), ("[1]", .protocolViolation, "no object"),
  ])
  func isToldAndTriedAgain(_ answer: String, _ code: OVSDBError.Code, _ words: String) async throws {
    try await withServer([answer]) { endpoint in
      var configuration = OVSDBClient.Configuration(
        endpoint: endpoint, database: "db", tables: [MonitoredTable("Port", columns: ["name"])])
      configuration.limits.messageBytes = 10_000
      configuration.backoff = Backoff(initial: .milliseconds(1))
      let client = OVSDBClient(configuration, logger: quiet)
      await withThrowingTaskGroup(of: Void.self) { group in
        let events = client.events()
        group.addTask { try await client.run() }
        defer { group.cancelAll() }
        var failures = 0
        for await event in events {
          guard case .disconnected(let error) = event else { continue }
          #expect(error.code == code, "\(error)")
          #expect(error.description.contains(words), "\(error)")
          failures += 1
          if failures == 3 { break }
        }
      }
    }
  }
}
