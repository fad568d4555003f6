import Glibc
import NIOCore
import NIOPosix

/// Hears from the programs that were started when they are ready to serve, by the protocol of sd_notify(3): a datagram
/// `READY=1` to the socket named in `NOTIFY_SOCKET`. No polling, no guess.
actor ReadinessListener {
  nonisolated let path: String
  private var channel: (any Channel)?
  private var ready: Set<Int32> = []
  private var waiting: [Int32: CheckedContinuation<Void, any Error>] = [:]

  init(path: String) { self.path = path }

  /// Begins to listen.
  func start() async throws {
    channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            DatagramReader { text in
              Task { await self.heard(text) }
            })
        }
      }
      .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
  }

  /// Stops listening.
  func stop() async {
    _ = try? await channel?.close().get()
  }

  /// Returns once the process has said that it is ready.
  func waitForReady(of process: NamespaceProcessNumber, orEnd end: @escaping @Sendable () async -> any Error)
    async throws
  {
    let watcher = Task { fail(process, await end()) }
    defer { watcher.cancel() }
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      if ready.contains(process) {
        continuation.resume()
      } else {
        waiting[process] = continuation
      }
    }
  }

  private func heard(_ text: String) {
    let fields = text.split(separator: "\n")
    guard fields.contains("READY=1"),
      let process = fields.first(where: { $0.hasPrefix("MAINPID=") }).flatMap({ Int32($0.dropFirst(8)) })
    else { return }
    ready.insert(process)
    waiting.removeValue(forKey: process)?.resume()
  }

  private func fail(_ process: Int32, _ error: any Error) {
    waiting.removeValue(forKey: process)?.resume(throwing: error)
  }
}

typealias NamespaceProcessNumber = Int32

private final class DatagramReader: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>
  private let heard: @Sendable (String) -> Void

  init(heard: @escaping @Sendable (String) -> Void) { self.heard = heard }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    heard(String(buffer: unwrapInboundIn(data).data))
  }
}

/// Tells whoever started this process that it is ready to serve (sd_notify(3)); nothing when nobody asked.
public enum Readiness {
  public static func announce() {
    guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }), !path.isEmpty else { return }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let text = Array(path.utf8)
    guard text.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: text) }
    if text.first == UInt8(ascii: "@") { withUnsafeMutableBytes(of: &address.sun_path) { $0[0] = 0 } }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + text.count + (text.first == UInt8(ascii: "@") ? 0 : 1))
    // An address of its own, which the kernel picks (unix(7), autobind): SwiftNIO drops datagrams of unnamed senders.
    var own = sockaddr()
    own.sa_family = sa_family_t(AF_UNIX)
    _ = bind(descriptor, &own, socklen_t(MemoryLayout<sa_family_t>.size))
    let message = Array("READY=1\nMAINPID=\(getpid())\n".utf8)
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = sendto(descriptor, message, message.count, 0, $0, length)
      }
    }
  }
}
