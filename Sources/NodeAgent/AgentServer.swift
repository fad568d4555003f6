import Glibc
import JSON
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Answers `netloom-cni` on a unix socket: one request and one answer a connection, each a JSON value.
struct AgentServer: Service {
  let socketPath: String
  let group: any EventLoopGroup
  let logger: Logger
  /// Called once the plugin can connect.
  let onListening: @Sendable () -> Void
  /// Called with each request; every call gets an answer.
  let answer: @Sendable (JSONValue) async -> JSONValue

  /// Serves until graceful shutdown, then ends what it has begun; when cancelled, closes every connection. Fails when
  /// another agent listens there.
  func run() async throws {
    try prepareSocketPath()
    let connections = AgentConnections()
    let listener = try await ServerBootstrap(group: group)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AgentConnectionHandler(connections, logger: logger))
        }
      }
      .bind(unixDomainSocketPath: socketPath, cleanupExistingSocketFile: true).get()
    listener.closeFuture.whenComplete { _ in connections.finish() }
    let result: Result<Void, any Error>
    do { result = .success(try await serve(connections, on: listener)) } catch { result = .failure(error) }
    connections.closeAll()
    listener.close(promise: nil)
    // Closing takes the socket's file away. It is over before this returns, so that it never takes the file of the agent
    // that follows.
    await withCheckedContinuation { closed in listener.closeFuture.whenComplete { _ in closed.resume() } }
    try result.get()
  }

  private func serve(_ connections: AgentConnections, on listener: any Channel) async throws {
    guard chmod(socketPath, 0o600) == 0 else {
      throw AgentError.socket(socketPath, "chmod: \(String(cString: strerror(errno)))")
    }
    logger.info("listening for netloom-cni", metadata: ["socket": "\(socketPath)"])
    onListening()
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { tasks in
        for await (request, channel) in connections.requests {
          tasks.addTask { await reply(to: request, on: channel) }
        }
      }
    } onGracefulShutdown: {
      listener.close(promise: nil)
    }
    try Task.checkCancellation()
  }

  private func reply(to request: JSONValue, on channel: any Channel) async {
    let answer = await answer(request)
    do {
      try await channel.writeAndFlush(ByteBuffer(bytes: answer.serialized()))
      try await channel.close()
    } catch {
      // It concerns the plugin alone, which was killed or tells the runtime to try again.
      logger.warning("netloom-cni did not wait for its answer", metadata: ["error": "\(error)"])
    }
  }

  /// Makes the socket's folder and sees to it that no other agent is alive there.
  private func prepareSocketPath() throws {
    for end in socketPath.indices.dropFirst() where socketPath[end] == "/" {
      let folder = String(socketPath[..<end])
      if mkdir(folder, 0o755) != 0, errno != EEXIST {
        throw AgentError.socket(folder, "mkdir: \(String(cString: strerror(errno)))")
      }
    }
    if Self.isAnswered(socketPath) { throw AgentError.socket(socketPath, "another agent listens there: stop it first") }
  }

  /// Whether somebody listens at the path.
  static func isAnswered(_ path: String) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    defer { close(descriptor) }
    return withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        // EAGAIN: somebody listens, and is behind.
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 || errno == EAGAIN
      }
    }
  }
}

/// Why the agent cannot run.
public enum AgentError: Error, Sendable, CustomStringConvertible {
  /// The socket for `netloom-cni` cannot be used.
  case socket(String, String)
  /// The configuration cannot be used.
  case configuration(String)

  public var description: String {
    switch self {
    case .socket(let path, let reason): "cannot listen at \(path): \(reason)"
    case .configuration(let reason): reason
    }
  }
}
