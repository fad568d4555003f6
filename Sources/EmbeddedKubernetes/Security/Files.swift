import Glibc

/// Small files of the data directory, read and written whole.
enum Files {
  static func makeDirectory(_ path: String) throws {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    throw failure("make the directory", path, "Choose a data directory whose parent exists and is writable")
  }

  static func read(_ path: String) throws -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      if errno == ENOENT { return nil }
      throw failure("read", path, "Check its permissions")
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16384)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("read", path, "Check the file system")
      }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  /// Replaces a file as one step, readable by its owner alone.
  static func write(_ bytes: [UInt8], to path: String) throws {
    let temporary = path + ".new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw failure("write", temporary, "Check the permissions of its directory") }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno != EINTR {
        let error = failure("write", temporary, "Check the free space of the file system")
        close(descriptor)
        throw error
      }
      rest = rest.dropFirst(max(count, 0))
    }
    fsync(descriptor)
    close(descriptor)
    if rename(temporary, path) != 0 { throw failure("replace", path, "Check the permissions of its directory") }
  }

  static func modificationTime(_ path: String) -> Int64? {
    var status = stat()
    if stat(path, &status) != 0 { return nil }
    return Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
  }

  private static func failure(_ what: String, _ path: String, _ advice: String) -> APIServerError {
    APIServerError("Cannot \(what) \(path): \(String(cString: strerror(errno)))", advice: advice)
  }
}
