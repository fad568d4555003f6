import Glibc
import JSON

/// The least that a client of an OVSDB server can do: requests written to a socket, answers read from it, one thread that
/// blocks. What a real client takes beyond this is its own.
final class RawOVSDB {
  let descriptor: Int32
  private var framer = JSONFramer(maximumSize: 16 << 20)
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)
  private var lastID: Int64 = 0

  /// - Parameter endpoint: the server's unix socket, `unix:PATH` or the path alone.
  init(_ endpoint: String) throws {
    let path = endpoint.trimmingPrefix("unix:")
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    let status = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw BenchmarkError("cannot connect to \(path): \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  /// Ends a connection from another thread than the one that reads from it.
  static func shut(_ descriptor: Int32) { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Sends a request and returns its number, without waiting for the answer.
  @discardableResult
  func send(_ method: String, _ params: JSONValue) throws -> Int64 {
    lastID += 1
    try write(["method": .string(method), "params": params, "id": .integer(lastID)])
    return lastID
  }

  /// The next message from the server, but for its questions whether we are alive, which are answered.
  func receive() throws -> JSONValue {
    while true {
      if let message = try framer.next() {
        guard message["method"] == "echo" else { return message }
        try write(["id": message["id"] ?? .null, "result": message["params"] ?? [], "error": .null])
        continue
      }
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { throw BenchmarkError("the OVSDB server closed the connection") }
      framer.append(buffer[..<count])
    }
  }

  /// The result of a request; other messages before it are passed over.
  func answer(to id: Int64) throws -> JSONValue {
    while true {
      let message = try receive()
      guard message["id"]?.integer == id else { continue }
      guard let result = message["result"], message["error"]?.isNull ?? true else {
        throw BenchmarkError("the OVSDB server refused: \(message)")
      }
      return result
    }
  }

  private func write(_ message: JSONValue) throws {
    let bytes = message.serialized()
    guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw BenchmarkError("cannot write to the OVSDB server: \(String(cString: strerror(errno)))")
    }
  }
}
