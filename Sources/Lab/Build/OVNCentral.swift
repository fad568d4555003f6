import Files
import Glibc
import Netlink
import NetworkTypes

/// OVN's central part in a lab: members that each have a server of the northbound database, one of the southbound database
/// and an ovn-northd, of which one works. The servers of several members form a cluster (RAFT, ovsdb(7)).
///
/// Each process can be ended and started by itself.
public struct OVNCentral: Sendable {
  /// What runs on each member.
  public enum Part: String, Sendable, Hashable, CaseIterable {
    case northbound, southbound, northd

    static let databases = [Part.northbound, .southbound]

    var database: String { self == .northbound ? "OVN_Northbound" : "OVN_Southbound" }
    var schema: String { "/usr/share/ovn/ovn-\(self == .northbound ? "nb" : "sb").ovsschema" }
    /// Where the first member listens for clients; that of the cluster's own traffic is one hundred higher.
    fileprivate var firstPort: Int { self == .northbound ? 6641 : 6642 }
  }

  /// The numbers of the members, from 1.
  public let members: ClosedRange<Int>
  /// Where it is reached over the underlay.
  public let address: IPAddress
  private let daemons: LabDaemons
  private let lab: String

  init(members: Int, address: IPAddress, daemons: LabDaemons, lab: String) {
    self.members = 1...members
    self.address = address
    self.daemons = daemons
    self.lab = lab
  }

  /// The servers of a database, separated by commas: the unix sockets, which every namespace of the machine sees.
  public func remotes(of database: Part) -> String {
    members.map { remote(of: database, $0) }.joined(separator: ",")
  }

  /// The same by their addresses in the underlay.
  public func networkRemotes(of database: Part) -> String {
    members.map { "tcp:\(address):\(port(of: database, $0))" }.joined(separator: ",")
  }

  /// One server of a database, by its unix socket.
  public func remote(of database: Part, _ member: Int) -> String { "unix:\(file(database, member)).sock" }

  /// The sockets of all servers.
  var sockets: [(part: Part, path: String)] {
    members.flatMap { member in Part.databases.map { ($0, "\(file($0, member)).sock") } }
  }

  /// Starts a process, also one that was killed; databases are kept.
  public func start(_ part: Part, _ member: Int) async throws {
    let name = "\(part)\(member)"
    switch part {
    case .northbound, .southbound:
      try await daemons.start(
        "ovsdb-server", name: name,
        [
          "\(file(part, member)).db", "--remote=p\(remote(of: part, member))",
          "--remote=ptcp:\(port(of: part, member)):0.0.0.0",
        ])
    case .northd:
      try await daemons.start(
        "ovn-northd", name: name,
        ["--ovnnb-db=\(remotes(of: .northbound))", "--ovnsb-db=\(remotes(of: .southbound))"])
    }
  }

  /// Ends a process the hard way.
  public func kill(_ part: Part, _ member: Int) {
    OwnedProcesses.stop(pidFiles: ["\(file(part, member)).pid"], mark: lab)
  }

  /// Stops a process and lets it go on: SIGSTOP and SIGCONT.
  public func pause(_ part: Part, _ member: Int, _ isPaused: Bool) {
    OwnedProcesses.signal(
      isPaused ? SIGSTOP : SIGCONT, pidFiles: ["\(file(part, member)).pid"], mark: lab)
  }

  /// Makes the databases and starts all; when it returns every server answers and the clusters are whole.
  func start() async throws {
    try Files.makeFolder(daemons.folder)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for part in Part.databases { group.addTask { try await form(part) } }
      try await group.waitForAll()
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for member in members { group.addTask { try await start(.northd, member) } }
      try await group.waitForAll()
    }
  }

  private func form(_ part: Part) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for member in members {
        group.addTask {
          try await createDatabase(part, member)
          try await start(part, member)
          guard members.count > 1 else { return }
          try await daemons.run("ovsdb-client", ["wait", remote(of: part, member), part.database, "connected"])
        }
      }
      try await group.waitForAll()
    }
  }

  private func createDatabase(_ part: Part, _ member: Int) async throws {
    let file = "\(file(part, member)).db"
    guard members.count > 1 else { return try await daemons.run("ovsdb-tool", ["create", file, part.schema]) }
    let address = { (member: Int) in "tcp:127.0.0.1:\(port(of: part, member) + 100)" }
    if member == members.lowerBound {
      try await daemons.run("ovsdb-tool", ["create-cluster", file, part.schema, address(member)])
    } else {
      try await daemons.run(
        "ovsdb-tool", ["join-cluster", file, part.database, address(member), address(members.lowerBound)])
    }
  }

  private func file(_ part: Part, _ member: Int) -> String { "\(daemons.folder)/\(part)\(member)" }

  private func port(of database: Part, _ member: Int) -> Int { database.firstPort + 10 * (member - 1) }
}
