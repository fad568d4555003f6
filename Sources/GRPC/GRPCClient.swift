import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix

/// Calls the unary methods of a gRPC server that listens on a unix socket (gRPC over HTTP/2, `PROTOCOL-HTTP2.md`).
///
/// Every call has a connection of its own, so nothing has to be kept alive or repaired: made for servers on the same
/// machine that are asked now and then, as kubelet and container runtimes are.
public struct GRPCClient: Sendable {
  /// The path of the server's socket.
  public let socketPath: String
  private let group: any EventLoopGroup

  public init(socketPath: String, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton) {
    self.socketPath = socketPath
    self.group = group
  }

  /// Sends `request` to `method` (`"/v1.PodResourcesLister/List"`) and returns the answer.
  ///
  /// Fails with the server's status, with ``GRPCError/Code/unavailable`` when it cannot be reached or goes away, with
  /// ``GRPCError/Code/deadlineExceeded`` after `timeout`, and with ``GRPCError/Code/cancelled`` when the task is cancelled.
  public func call<Answer: ProtobufMessage>(
    _ method: String, _ request: some ProtobufMessage, answer: Answer.Type = Answer.self,
    timeout: Duration = .seconds(10)
  ) async throws(GRPCError) -> Answer {
    let call = Call(method: method, socketPath: socketPath, request: request.protobuf, timeout: timeout)
    let bytes: Result<[UInt8], GRPCError> = await withTaskGroup { tasks in
      tasks.addTask { await call.perform(group) }
      tasks.addTask {
        do { try await Task.sleep(for: timeout) } catch {
          return .failure(call.error(.cancelled, "the caller gave up"))
        }
        return .failure(call.error(.deadlineExceeded, "there is no answer within \(timeout)"))
      }
      defer { tasks.cancelAll() }
      return await tasks.next() ?? .failure(call.error(.cancelled, "the caller gave up"))
    }
    return try Answer(protobuf: try bytes.get())
  }
}

/// One call, from connection to answer.
private struct Call: Sendable {
  let method: String
  let socketPath: String
  let request: [UInt8]
  let timeout: Duration

  private typealias Stream = NIOAsyncChannel<HTTP2Frame.FramePayload, HTTP2Frame.FramePayload>

  private var attempt: String { "call \(method) at \(socketPath)" }

  func error(_ code: GRPCError.Code, _ reason: String) -> GRPCError { GRPCError(code, attempting: attempt, reason) }

  func perform(_ group: any EventLoopGroup) async -> Result<[UInt8], GRPCError> {
    let answer: Result<[UInt8], GRPCError>
    do {
      answer = .success(try await exchange(group))
    } catch let error as GRPCError {
      answer = .failure(error)
    } catch let error as NIOHTTP2Errors.StreamClosed {
      answer = .failure(UnaryAnswer(attempting: attempt).error(reset: error.errorCode))
    } catch {
      answer = .failure(self.error(.unavailable, "\(error)"))
    }
    // What a cancelled task meets on its way out says nothing about the server.
    if case .failure = answer, Task.isCancelled { return .failure(error(.cancelled, "the caller gave up")) }
    return answer
  }

  private func exchange(_ group: any EventLoopGroup) async throws -> [UInt8] {
    let (connection, streams) = try await ClientBootstrap(group: group)
      .connect(unixDomainSocketPath: socketPath) { channel in
        channel.eventLoop.makeCompletedFuture {
          let streams = try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(mode: .client) { stream in
            stream.close()  // A gRPC server opens no streams.
          }
          try channel.pipeline.syncOperations.addHandler(ClosingOnError())
          return (channel, streams)
        }
      }
    defer { connection.close(promise: nil) }
    let stream = try await streams.openStream { channel in
      channel.eventLoop.makeCompletedFuture { try Stream(wrappingChannelSynchronously: channel) }
    }
    return try await stream.executeThenClose { inbound, outbound in
      try await outbound.write(.headers(.init(headers: headers)))
      try await outbound.write(.data(.init(data: .byteBuffer(message), endStream: true)))
      var answer = UnaryAnswer(attempting: attempt)
      for try await frame in inbound {
        if let bytes = try answer.receive(frame) { return bytes }
      }
      throw answer.closed()
    }
  }

  private var headers: HPACKHeaders {
    let milliseconds = max(1, Int64(timeout / .milliseconds(1)))
    return [
      ":method": "POST", ":scheme": "http", ":path": method, ":authority": "localhost", "te": "trailers",
      "content-type": "application/grpc", "user-agent": "netloom",
      // At most eight digits.
      "grpc-timeout": milliseconds < 100_000_000 ? "\(milliseconds)m" : "\(min(99_999_999, milliseconds / 1000))S",
    ]
  }

  /// Not compressed; its length; the message.
  private var message: ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeInteger(UInt8(0))
    buffer.writeInteger(UInt32(request.count))
    buffer.writeBytes(request)
    return buffer
  }
}

/// A connection on which the other side does not speak HTTP/2 is of no use: its end ends the call.
private final class ClosingOnError: ChannelInboundHandler {
  typealias InboundIn = Never

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
