import Files
import Glibc
import Lab
import Logging
import Netlink
import NetworkTypes
import Testing

@Suite(.enabled(if: canRunLab && Lab.canRunOVN, "needs root, Open vSwitch and OVN"))
struct OVNCentralTests {
  private func withLab(members: Int, hosts: Int = 2, _ body: (Lab, OVNCentral) async throws -> Void) async throws {
    let directory = LabDirectory(path: "/run/netloom/lab/test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))")
    defer { Lab.down(directory) }
    let topology = LabTopology(
      hosts: (1...hosts).map { .init(name: "h\($0)") }, switches: [], gateways: [], cables: [],
      overlay: try .init(members: members))
    let lab = try await Lab.up(topology, in: directory, logger: Logger(label: "test"))
    try await body(lab, try #require(lab.central))
  }

  private func run(_ lab: Lab, on machine: String, _ program: String, _ arguments: String...) async throws -> String {
    let outcome = try await NamespaceProcess.run(
      ProcessCommand(program, arguments), in: try lab.namespace(of: machine))
    guard outcome.isSuccess else { throw LabError("run \(program) \(arguments)", reason: outcome.errorText) }
    return outcome.text
  }

  /// Writes a switch and waits until northd has carried it to the southbound database.
  private func addSwitch(_ name: String, _ lab: Lab, _ central: OVNCentral) async throws {
    _ = try await run(
      lab, on: "central", "ovn-nbctl", "--db=\(central.remote(of: .northbound, central.members.upperBound))",
      "--no-leader-only", "--wait=sb", "--timeout=30", "ls-add", name)
  }

  @Test func hostsReachEachOtherAndTheDatabasesByTheUnderlay() async throws {
    try await withLab(members: 1) { lab, central in
      _ = try await run(lab, on: "h1", "ping", "-c1", "-w5", "-s1472", "-Mdo", "10.200.0.2")
      let remote = central.networkRemotes(of: .southbound)
      #expect(remote == "tcp:10.200.0.254:6642")
      #expect(try await run(lab, on: "h2", "ovsdb-client", "list-dbs", remote).contains("OVN_Southbound"))
      try await addSwitch("one", lab, central)
      #expect(try await run(lab, on: "h1", "ovn-sbctl", "--db=\(remote)", "list", "Datapath_Binding").contains("one"))
    }
  }

  @Test func aClusterOutlivesAServerOfEachDatabaseAndANorthd() async throws {
    try await withLab(members: 3, hosts: 1) { lab, central in
      try await addSwitch("before", lab, central)
      central.kill(.northbound, 1)
      central.kill(.southbound, 1)
      central.kill(.northd, 1)
      try await addSwitch("meanwhile", lab, central)
      for part in OVNCentral.Part.allCases { try await central.start(part, 1) }
      try await addSwitch("after", lab, central)
      let rows = try await run(
        lab, on: "central", "ovn-nbctl", "--db=\(central.remote(of: .northbound, 1))", "--no-leader-only",
        "--timeout=30", "ls-list")
      for name in ["before", "meanwhile", "after"] { #expect(rows.contains("(\(name))")) }
    }
  }

  @Test func nothingRunsWhenTheLabIsDown() async throws {
    var processes: [String] = []
    try await withLab(members: 1, hosts: 1) { lab, _ in
      for (machine, names) in [("central", ["northbound1", "southbound1", "northd1"]), ("h1", ["ovn-controller"])] {
        for name in names {
          let text = String(
            decoding: try Files.read("\(lab.directory.ovn(of: machine))/\(name).pid") ?? [], as: UTF8.self)
          processes.append(text.filter(\.isNumber))
        }
      }
      #expect(try processes.allSatisfy(runs))
    }
    #expect(processes.count == 4)
    #expect(try !processes.contains(where: runs))
  }

  /// One that has ended, but that nobody has asked about yet, has no command line any more.
  private func runs(_ process: String) throws -> Bool { try Files.read("/proc/\(process)/cmdline")?.isEmpty == false }
}
