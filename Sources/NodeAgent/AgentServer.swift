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
  /// Called with each request; every call gets an answer.
  let answer: @Sendable (JSONValue) async -> JSONValue

  /// The most that a request may have, in bytes.
  private static let requestLimit = 1 << 20

  private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  /// Serves until graceful shutdown, then ends what it has begun. Fails when another agent listens there.
  func run() async throws {
    try prepareSocketPath()
    let server = try await ServerBootstrap(group: group)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .bind(unixDomainSocketPath: socketPath, cleanupExistingSocketFile: true) { channel in
        channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
      }
    guard chmod(socketPath, 0o600) == 0 else {
      throw AgentError.socket(socketPath, "chmod: \(String(cString: strerror(errno)))")
    }
    logger.info("listening for netloom-cni", metadata: ["socket": "\(socketPath)"])
    defer { unlink(socketPath) }
    try await withGracefulShutdownHandler {
      try await server.executeThenClose { connections in
        try await withThrowingDiscardingTaskGroup { tasks in
          for try await connection in connections { tasks.addTask { await serve(connection) } }
        }
      }
    } onGracefulShutdown: {
      server.channel.close(promise: nil)
    }
  }

  /// A connection that breaks concerns its plugin alone, which reports it to the runtime.
  private func serve(_ connection: Connection) async {
    do {
      try await connection.executeThenClose { inbound, outbound in
        var framer = JSONFramer(maximumSize: Self.requestLimit)
        for try await buffer in inbound {
          framer.append(buffer.readableBytesView)
          guard let request = try framer.next() else { continue }
          try await outbound.write(ByteBuffer(bytes: await answer(request).serialized()))
          return
        }
      }
    } catch {
      logger.warning("a connection of netloom-cni broke", metadata: ["error": "\(error)"])
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
    if isAnswered(socketPath) { throw AgentError.socket(socketPath, "another agent listens there: stop it first") }
  }

  private func isAnswered(_ path: String) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    return withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
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
