import Glibc
import JSON

/// The files of one lab: a folder a machine, below one folder that says which data centre it is.
///
/// Everything about a running lab can be found again from here, so that it can be taken down by another process, also
/// after the one that built it was killed.
public struct LabDirectory: Sendable, Hashable {
  /// The folder.
  public let path: String

  public init(path: String) { self.path = path }

  /// Where labs that have a name are.
  static let root = "/run/netloom/lab"

  /// The folder of a lab of that name, below `/run/netloom/lab`.
  public init(name: String) { self.init(path: "\(Self.root)/\(name)") }

  /// Where a machine's network namespace is bound.
  public func namespace(of machine: String) -> String { "\(path)/\(machine)/netns" }

  /// Folder of the pods' namespaces of a host.
  public func podNamespaces(of machine: String) -> String { "\(path)/\(machine)/pods" }

  /// Folder of a machine's Open vSwitch: database, sockets, process numbers, logs.
  public func openVSwitch(of machine: String) -> String { "\(path)/\(machine)/ovs" }

  /// Where a machine's Open vSwitch database listens, as an OVSDB endpoint.
  public func databaseEndpoint(of machine: String) -> String { "unix:\(openVSwitch(of: machine))/db.sock" }

  /// Folder of the Netloom processes that run on the lab: a file with the number of each, its log.
  public var processes: String { "\(path)/processes" }

  var topologyFile: String { "\(path)/topology.json" }

  /// The topology that was built here.
  /// - Throws: ``LabError`` when there is no lab or its description cannot be read.
  public func topology() throws -> LabTopology {
    guard let bytes = Files.read(topologyFile) else {
      throw LabError("read the lab in \(path)", reason: "there is none", remedy: "build one with netloom lab up")
    }
    return try JSONValue(parsing: bytes).decode()
  }
}

/// The few file operations that a lab needs.
enum Files {
  static func makeFolder(_ path: String) throws(LabError) {
    var end = path.startIndex
    while end < path.endIndex {
      end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
      if mkdir(String(path[..<end]), 0o755) != 0, errno != EEXIST {
        throw LabError("make the folder \(path)", reason: String(cString: strerror(errno)))
      }
    }
  }

  static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
  }

  static func write(_ bytes: [UInt8], to path: String) throws(LabError) {
    guard let file = fopen(path, "we"), fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0 else {
      throw LabError("write \(path)", reason: String(cString: strerror(errno)))
    }
  }

  /// Makes a symbolic link.
  static func link(_ path: String, to target: String) throws(LabError) {
    guard symlink(target, path) == 0 else {
      throw LabError("link \(path) to \(target)", reason: String(cString: strerror(errno)))
    }
  }

  /// The entries of a folder; empty when there is no such folder.
  static func entries(of path: String) -> [String] {
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

  /// Removes a folder and all that is in it; links are not followed.
  static func removeTree(_ path: String) {
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
