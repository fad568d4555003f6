import Files
import Glibc
import Netlink

/// What is left of a lab right now, for `netloom lab status`.
public struct LabStatus: Sendable, Hashable {
  /// One machine.
  public struct Machine: Sendable, Hashable {
    public let name: String
    /// Whether its namespace exists.
    public let hasNamespace: Bool
    /// Whether its Open vSwitch database has its socket.
    public let hasSwitch: Bool
    /// Namespaces of pods on it.
    public let pods: Int
    /// How to get a shell there.
    public let shell: String
  }

  /// A server of one of OVN's databases.
  public struct Database: Sendable, Hashable {
    /// Whether it has its socket.
    public let isListening: Bool
    /// How to look into it.
    public let command: String
  }

  public let machines: [Machine]
  /// OVN's servers; none in a lab without an overlay.
  public let databases: [Database]

  /// Looks at the lab in a folder.
  /// - Throws: ``LabError`` when there is none.
  public init(_ directory: LabDirectory) throws {
    let topology = try directory.topology()
    databases = (topology.central(in: directory)?.sockets ?? []).map { part, path in
      Database(
        isListening: access(path, F_OK) == 0,
        command: part == .northbound
          ? "ovn-nbctl --db=unix:\(path) --no-leader-only show" : "ovn-sbctl --db=unix:\(path) --no-leader-only show")
    }
    machines = topology.machines.map { name in
      let path = directory.namespace(of: name)
      return Machine(
        name: name, hasNamespace: access(path, F_OK) == 0,
        hasSwitch: access("\(directory.openVSwitch(of: name))/db.sock", F_OK) == 0,
        pods: Files.entries(of: directory.podNamespaces(of: name)).count, shell: "nsenter --net=\(path)")
    }
  }
}
