import Files
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

  /// Folder of a machine's OVN, the central part's or a host's: databases, sockets, process numbers, logs.
  public func ovn(of machine: String) -> String { "\(path)/\(machine)/ovn" }

  /// Folder of the Netloom processes that run on the lab: a file with the number of each, its log.
  public var processes: String { "\(path)/processes" }

  var topologyFile: String { "\(path)/topology.json" }

  /// The topology that was built here.
  /// - Throws: ``LabError`` when there is no lab or its description cannot be read.
  public func topology() throws -> LabTopology {
    guard let bytes = try Files.read(topologyFile) else {
      throw LabError("read the lab in \(path)", reason: "there is none", remedy: "build one with netloom lab up")
    }
    return try JSONValue(parsing: bytes).decode()
  }
}
