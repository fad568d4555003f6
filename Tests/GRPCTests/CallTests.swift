import NIOHPACK
import NIOHTTP2
import Synchronization
import Testing

@testable import GRPC

@Suite("A unary gRPC call over a unix socket")
struct CallTests {
  struct Text: ProtobufMessage, Hashable {
    var text = ""

    init(_ text: String) { self.text = text }

    init(from reader: inout ProtobufReader) throws(GRPCError) {
      while let field = try reader.next() {
        if field.number == 1 { text = try field.string() }
      }
    }

    func write(to writer: inout ProtobufWriter) { writer.string(1, text) }
  }

  private func call(
    _ text: String = "hello", timeout: Duration = .seconds(20),
    reply: @escaping @Sendable (TestServer.Request) -> TestServer.Reply
  )
    async throws -> Text
  {
    try await TestServer.with(reply: reply) { try await call(text, at: $0.socketPath, timeout: timeout) }
  }

  private func call(_ text: String = "hello", at path: String, timeout: Duration = .seconds(20)) async throws -> Text {
    try await GRPCClient(socketPath: path).call("/test.Echo/Say", Text(text), timeout: timeout)
  }

  @Test("sends what the specification asks for and returns the answer")
  func success() async throws {
    let headers = Mutex<HPACKHeaders>([:])
    let answer = try await call { request in
      headers.withLock { $0 = request.headers }
      return .frames([.accepted, .message(request.message), .status(0)])
    }
    #expect(answer == Text("hello"))
    let sent = headers.withLock { $0 }
    #expect(sent.first(name: ":method") == "POST")
    #expect(sent.first(name: ":path") == "/test.Echo/Say")
    #expect(sent.first(name: "te") == "trailers")
    #expect(sent.first(name: "content-type") == "application/grpc")
    #expect(sent.first(name: "grpc-timeout") == "20000m")
  }

  @Test("an answer cut into any frames, larger than any window")
  func large() async throws {
    let text = String(repeating: "0123456789", count: 30_000)
    let answer = try await call(text) { request in
      let whole = HTTP2Frame.FramePayload.message(request.message)
      guard case .data(let data) = whole, case .byteBuffer(var bytes) = data.data else { return .silence }
      var frames: [HTTP2Frame.FramePayload] = [.accepted]
      while let part = bytes.readSlice(length: min(bytes.readableBytes, 7001)), part.readableBytes > 0 {
        frames.append(.data(.init(data: .byteBuffer(part))))
      }
      return .frames(frames + [.status(0)])
    }
    #expect(answer == Text(text))
  }

  static let failures: [(frames: [HTTP2Frame.FramePayload], code: GRPCError.Code, reason: String)] = [
    (
      [.headers([":status": "200", "grpc-status": "5", "grpc-message": "no pod %22a%C3%A4%22 100%"], end: true)],
      .notFound, "no pod \"aä\" 100%"
    ),
    ([.accepted, .status(14, "later")], .unavailable, "later"),
    ([.accepted, .status(13)], .internal, "the server does not say why"),
    ([.accepted, .message([]), .status(99, "new")], .init(rawValue: 99), "new"),
    ([.accepted, .status(0)], .internal, "the server says that it succeeded and sends no message"),
    ([.accepted, .bytes([0, 0, 0, 0, 9, 1]), .status(0)], .internal, "the answer's message has 1 bytes, not 9"),
    (
      [.accepted, .bytes([1, 0, 0, 0, 0]), .status(0)], .internal, "the answer is compressed, which nobody asked for"
    ),
    ([.accepted, .message([0xff]), .status(0)], .internal, "it ends within a number"),
    ([.headers([":status": "404"], end: true)], .unimplemented, "the server answers HTTP status 404"),
    ([.headers([":status": "503"], end: true)], .unavailable, "the server answers HTTP status 503"),
    (
      [.accepted, .bytes([], end: true)], .unavailable, "the server ended the call without saying how it went"
    ),
    ([.rstStream(.refusedStream)], .unavailable, "the server reset the call: \(HTTP2ErrorCode.refusedStream)"),
    ([.accepted, .rstStream(.internalError)], .internal, "the server reset the call: \(HTTP2ErrorCode.internalError)"),
  ]

  @Test("a failure has the server's code and words", arguments: failures.indices)
  func failure(number: Int) async throws {
    let failure = Self.failures[number]
    let error = await #expect(throws: GRPCError.self) { try await call { _ in .frames(failure.frames) } }
    #expect(error?.code == failure.code)
    #expect(error?.reason == failure.reason)
  }

  @Test("a server that says nothing: the deadline ends the call")
  func deadline() async throws {
    let error = await #expect(throws: GRPCError.self) { try await call(timeout: .milliseconds(50)) { _ in .silence } }
    #expect(error?.code == .deadlineExceeded)
  }

  @Test("a cancelled task does not wait for the answer")
  func cancellation() async throws {
    let error = await #expect(throws: GRPCError.self) {
      let (asked, isAsked) = AsyncStream.makeStream(of: Void.self)
      try await TestServer.with { _ in
        isAsked.yield()
        return .silence
      } _: { server in
        let path = server.socketPath
        let task = Task { try await call(at: path, timeout: .seconds(3600)) }
        for await _ in asked { break }
        task.cancel()
        _ = try await task.value
      }
    }
    #expect(error?.code == .cancelled)
  }

  @Test("a server that goes away, one that is not there, one that speaks something else")
  func unreachable() async throws {
    let gone = await #expect(throws: GRPCError.self) { try await call { _ in .hangUp } }
    #expect(gone?.code == .unavailable)
    let absent = await #expect(throws: GRPCError.self) { try await call(at: "/nonexistent/grpc.sock") }
    #expect(absent?.code == .unavailable)
    #expect(absent?.description.contains("/nonexistent/grpc.sock") == true)
    let foreign = await #expect(throws: GRPCError.self) {
      try await TestServer.with(bytes: Array("220 mail.example.org ESMTP\r\n".utf8)) {
        try await call(at: $0.socketPath)
      }
    }
    #expect(foreign?.code == .unavailable)
  }

  @Test("a hundred calls at once")
  func concurrency() async throws {
    try await TestServer.with { request in
      .frames([.accepted, .message(request.message), .status(0)])
    } _: { server in
      let path = server.socketPath
      let answers = try await withThrowingTaskGroup(of: Text.self) { tasks in
        for number in 0..<100 { tasks.addTask { try await call("\(number)", at: path) } }
        return try await tasks.reduce(into: Set<Text>()) { $0.insert($1) }
      }
      #expect(answers == Set((0..<100).map { Text("\($0)") }))
    }
  }

  @Test("kubelet's list of devices")
  func podResources() async throws {
    let pods = [
      PodResources(
        name: "fast", namespace: "test",
        containers: [
          .init(
            name: "main", devices: [.init(resourceName: "example.com/vf", deviceIDs: ["0000:03:02.1", "0000:03:02.2"])]),
          .init(name: "sidecar", devices: []),
        ]),
      PodResources(name: "slow", namespace: "test", containers: []),
    ]
    let listed = try await TestServer.with { request in
      guard request.headers.first(name: ":path") == "/v1.PodResourcesLister/List" else {
        return .frames([.headers([":status": "200", "grpc-status": "12"], end: true)])
      }
      var writer = ProtobufWriter()
      writer.messages(1, pods)
      return .frames([.accepted, .message(writer.bytes), .status(0)])
    } _: { server in
      try await PodResources.list(from: GRPCClient(socketPath: server.socketPath))
    }
    #expect(listed == pods)
  }
}
