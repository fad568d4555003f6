import Glibc

/// Why a file or folder could not be used.
public struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was attempted: "read", "replace", "make the folder".
  public let attempt: String
  /// On which path.
  public let path: String
  /// The kernel's reason (errno(3)).
  public let code: Int32

  /// An error with the reason that `errno` holds now.
  public init(_ attempt: String, _ path: String, code: Int32 = errno) {
    self.attempt = attempt
    self.path = path
    self.code = code
  }

  public var description: String { "cannot \(attempt) \(path): \(String(cString: strerror(code)))" }
}

/// Small files, read and replaced whole, and their folders.
public enum Files {
  /// A whole file; nil when there is none. `-` is standard input.
  public static func read(_ path: String) throws(FileError) -> [UInt8]? {
    let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      if errno == ENOENT { return nil }
      throw FileError("read", path)
    }
    defer { if descriptor != 0 { close(descriptor) } }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError("read", path) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  /// Replaces a file as one step: after a crash it is the old one or the new one, never half of one.
  /// - Parameters:
  ///   - mode: who may use it (chmod(2)).
  ///   - outlivesMachine: whether that holds also when the machine crashes, not the process alone; it takes the disk's time.
  public static func write(
    _ bytes: [UInt8], to path: String, mode: mode_t = 0o644, outlivesMachine: Bool = true
  ) throws(FileError) {
    let temporary = "\(path).\(getpid()).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileError("write", temporary) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        let error = FileError("write", temporary)
        close(descriptor)
        unlink(temporary)
        throw error
      }
      rest = rest.dropFirst(count)
    }
    if outlivesMachine { fsync(descriptor) }
    close(descriptor)
    guard rename(temporary, path) == 0 else { throw FileError("replace", path) }
  }

  /// When a file was last changed, in nanoseconds since 1970; nil when there is none.
  public static func modificationTime(_ path: String) -> Int64? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
  }

  /// Removes a file; harmless when there is none.
  public static func remove(_ path: String) throws(FileError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
  }

  /// Makes a symbolic link.
  public static func link(_ path: String, to target: String) throws(FileError) {
    guard symlink(target, path) == 0 else { throw FileError("link to \(target)", path) }
  }

  /// Makes a folder and those above it; harmless when they are there.
  public static func makeFolder(_ path: String, mode: mode_t = 0o755) throws(FileError) {
    for end in path.indices.dropFirst() + [path.endIndex] where end == path.endIndex || path[end] == "/" {
      let folder = String(path[..<end])
      if mkdir(folder, mode) != 0, errno != EEXIST { throw FileError("make the folder", folder) }
    }
  }

  /// Whether the path is a folder.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The names in a folder, sorted; empty when there is no such folder.
  public static func entries(of path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a folder and all that is in it; links are not followed, what cannot be removed is left.
  public static func removeTree(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in entries(of: path) { removeTree("\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }
}
