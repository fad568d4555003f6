import Glibc
import Netlink
import NetworkTypes

/// TCP connections between network namespaces: who lets them in, and who does not.
enum TCPKnock {
  /// What became of an attempt.
  enum Answer: Sendable, Hashable, CustomStringConvertible {
    case connected
    /// Who answers instead said no.
    case refused(errno: Int32)

    var description: String {
      switch self {
      case .connected: "connected"
      case .refused(let number): String(cString: strerror(number))
      }
    }
  }

  /// Takes connections at a port, on all addresses of a namespace, as long as it lives. Nobody reads from them.
  final class Listener: Sendable {
    private let descriptor: Int32

    init(port: UInt16, in namespace: NetworkNamespace) throws {
      descriptor = try TCPKnock.socket(in: namespace)
      var yes: Int32 = 1
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
      let isBound = TCPKnock.withAddress(0, port) { bind(descriptor, $0, $1) } == 0
      guard isBound, listen(descriptor, 8) == 0 else {
        let number = errno
        close(descriptor)
        throw LabError("listen at TCP port \(port)", reason: String(cString: strerror(number)))
      }
    }

    deinit { close(descriptor) }
  }

  /// Tries to connect to an IPv4 address; who says nothing is given up after some time. In less than a second nothing is sent
  /// twice (RFC 6298).
  static func knock(
    at address: IPAddress, port: UInt16, from namespace: NetworkNamespace, milliseconds: Int = 3000
  ) throws -> Answer {
    let descriptor = try socket(in: namespace)
    defer { close(descriptor) }
    var patience = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let isConnected = withAddress(UInt32(truncatingIfNeeded: address.value), port) { connect(descriptor, $0, $1) } == 0
    return isConnected ? .connected : .refused(errno: errno)
  }

  private static func socket(in namespace: NetworkNamespace) throws -> Int32 {
    try namespace.run {
      let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      guard descriptor >= 0 else { throw LabError("make a socket", reason: String(cString: strerror(errno))) }
      return descriptor
    }
  }

  private static func withAddress(
    _ address: UInt32, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = address.bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
    }
  }
}
