import Glibc

/// A file that could not be read, in words.
struct FileError: Error, CustomStringConvertible {
  let path: String
  let number: Int32
  var description: String { "cannot read \(path): \(String(cString: strerror(number)))" }
}

/// Reads a small file (a kubeconfig, a certificate, a token) at once.
func readFile(_ path: String) throws(FileError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileError(path: path, number: errno) }
  defer { close(descriptor) }
  do { return try readToEnd(descriptor) } catch { throw FileError(path: path, number: error.number) }
}

/// The number of a system call's error.
struct SystemError: Error {
  let number: Int32
}

/// Reads until the end of a file or a pipe.
///
/// - Parameter limit: how long a pipe may take in all; `ETIMEDOUT` is thrown after that.
func readToEnd(_ descriptor: Int32, within limit: Duration? = nil) throws(SystemError) -> [UInt8] {
  let end = limit.map { ContinuousClock.now + $0 }
  var content: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 16 << 10)
  while true {
    if let end {
      let left = max(.zero, end - .now) / .milliseconds(1)
      var readable = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&readable, 1, Int32(left)) != 0 else { throw SystemError(number: ETIMEDOUT) }
    }
    let count = read(descriptor, &chunk, chunk.count)
    if count > 0 {
      content += chunk[..<count]
    } else if count == 0 {
      return content
    } else if errno != EINTR {
      throw SystemError(number: errno)
    }
  }
}

/// The folder of a file, without a slash at its end.
func folder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
