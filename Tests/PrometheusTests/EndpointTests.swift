import Glibc
import Logging
import Metrics
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import Prometheus

@Suite("The endpoint that Prometheus scrapes")
struct EndpointTests {
  private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// Runs `body` beside an endpoint on a free port.
  private func withEndpoint(
    _ registry: PrometheusRegistry = PrometheusRegistry(),
    at place: MetricsPlace = .address(host: "127.0.0.1", port: 0),
    _ body: @Sendable @escaping (SocketAddress) async throws -> Void
  ) async throws {
    let (listening, isListening) = AsyncStream.makeStream(of: SocketAddress.self)
    let pages: [String: PrometheusEndpoint.Page] = [
      "/page": { "made now\n" }, "/broken": { throw PrometheusError.cannotListen(at: .unix(path: "/x"), reason: "y") },
    ]
    let endpoint = PrometheusEndpoint(
      registry: registry, at: place, pages: pages,
      collect: { Counter(label: "scrapes", factory: registry).increment() }, logger: Self.logger
    ) {
      isListening.yield($0)
      isListening.finish()
    }
    let group = ServiceGroup(configuration: .init(services: [endpoint], logger: Self.logger))
    try await withThrowingTaskGroup { tasks in
      tasks.addTask { try await group.run() }
      for await address in listening { try await body(address) }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  /// Sends bytes and returns all that comes until the server closes.
  private func exchange(_ request: String, with address: SocketAddress) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(to: address) {
      channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(string: request))
      return try await inbound.reduce(into: "") { $0 += String(buffer: $1) }
    }
  }

  @Test("answers with what was measured")
  func metrics() async throws {
    let registry = PrometheusRegistry()
    Counter(label: "seen", factory: registry).increment()
    try await withEndpoint(registry) { address in
      let answer = try await exchange("GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\n\r\n", with: address)
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(answer.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"))
      #expect(
        answer.hasSuffix(
          "\r\n\r\n# TYPE scrapes_total counter\nscrapes_total 1\n# TYPE seen_total counter\nseen_total 1\n"))
      let head = try await exchange("HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n", with: address)
      #expect(head.contains("content-length: 84\r\n"))
      #expect(head.hasSuffix("\r\n\r\n"))
    }
  }

  @Test(
    "says that it lives, and refuses what it does not understand",
    arguments: [
      ("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK"),
      ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 Not Found"),
      ("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 405 Method Not Allowed"),
      ("GET /page?x HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK"),
      ("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 503 Service Unavailable"),
      ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"),
      ("nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request"),
    ])
  func answers(request: String, status: String) async throws {
    try await withEndpoint { address in
      let answer = try await exchange(request, with: address)
      #expect(answer.hasPrefix("\(status)\r\n"), "\(answer)")
    }
  }

  @Test("a page's text is made when it is asked for, also through a socket, which replaces an old one")
  func socket() async throws {
    let path = "/tmp/netloom-metrics-\(getpid()).sock"
    defer { unlink(path) }
    for _ in 0..<2 {
      try await withEndpoint(at: .unix(path: path)) { address in
        let answer = try await exchange("GET /page HTTP/1.1\r\nHost: a\r\n\r\n", with: address)
        #expect(answer.hasSuffix("\r\n\r\nmade now\n"), "\(answer)")
      }
    }
  }

  @Test("a port that is taken is an error that says so")
  func taken() async throws {
    try await withEndpoint { address in
      let port = try #require(address.port)
      let second = PrometheusEndpoint(
        registry: PrometheusRegistry(), at: .address(host: "127.0.0.1", port: port), logger: Self.logger)
      let error = await #expect(throws: PrometheusError.self) { try await second.run() }
      #expect(error?.description.contains("cannot serve metrics at 127.0.0.1:\(port): ") == true)
    }
  }
}
