import Glibc
import Lab
import Logging
import Netlink
import NetworkTypes
import Testing

/// Whether this machine can run a lab, and if not, why.
let canRunLab = getuid() == 0 && access("/usr/sbin/ovs-vswitchd", X_OK) == 0

@Suite(.enabled(if: canRunLab, "needs root and Open vSwitch"))
struct LabTests {
  private func withLab(_ topology: LabTopology, _ body: (Lab) async throws -> Void) async throws {
    let directory = LabDirectory(path: "/run/netloom/lab/test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))")
    defer { Lab.down(directory) }
    try await body(try await Lab.up(topology, in: directory, logger: Logger(label: "test")))
  }

  /// A gateway behind a leaf whose port carries VLAN 13 for it, and a host on a port that carries the same.
  @Test func framesPassWhereTheSwitchCarriesTheirVLANAndNowhereElse() async throws {
    let vlan = try VLANID(13)
    let topology = LabTopology(
      hosts: [.init(name: "h1"), .init(name: "h2")],
      switches: [.init(name: "leaf", carried: ["p1": [vlan], "p9": [vlan]])],
      gateways: [
        .init(name: "gw", networks: [.init(vlan: vlan, addresses: [try InterfaceAddress(parsing: "10.10.13.1/24")])])
      ],
      cables: [
        .init(.init("h1", "eth1"), .init("leaf", "p1")), .init(.init("h2", "eth1"), .init("leaf", "p2")),
        .init(.init("gw", "eth1"), .init("leaf", "p9")),
      ])
    try await withLab(topology) { lab in
      let points = [
        ProbePoint(name: "h1", interface: "eth1", namespace: try lab.namespace(of: "h1")),
        ProbePoint(name: "h2", interface: "eth1", namespace: try lab.namespace(of: "h2")),
        ProbePoint(name: "gw", interface: "vlan13", namespace: try lab.namespace(of: "gw")),
      ]
      let probe = try FrameProbe(points: points)
      let receipts = try probe.fire(
        [
          .init(from: 0, vlan: vlan), .init(from: 0, vlan: try VLANID(14)), .init(from: 0), .init(from: 1, vlan: vlan),
          .init(from: 2),
        ]) { shot, receiver in (shot == 0 && receiver == 2) || (shot == 4 && receiver == 0) }
      #expect(receipts[0] == [.nothing, .nothing, .untagged])
      for isolated in receipts[1...3] { #expect(isolated == [.nothing, .nothing, .nothing]) }
      #expect(receipts[4] == [.tagged(vlan), .nothing, .nothing])
    }
  }

  @Test func nothingIsLeftBehind() async throws {
    let topology = LabTopology(hosts: [.init(name: "h1")], switches: [], gateways: [], cables: [])
    var path = ""
    try await withLab(topology) { lab in
      path = lab.directory.path
      #expect(access("\(path)/h1/ovs/db.sock", F_OK) == 0)
      let status = try LabStatus(lab.directory)
      #expect(status.machines.map(\.hasSwitch) == [true])
      await #expect(throws: LabError.self) {
        try await Lab.up(topology, in: lab.directory, logger: Logger(label: "test"))
      }
      #expect(access("\(path)/h1/ovs/db.sock", F_OK) == 0)
    }
    #expect(access(path, F_OK) != 0)
  }

  @Test func aDescriptionThatCannotBeBuiltLeavesNothing() async throws {
    let directory = LabDirectory(path: "/run/netloom/lab/test-bad-\(getpid())")
    let topology = LabTopology(hosts: [.init(name: "h1"), .init(name: "h1")], switches: [], gateways: [], cables: [])
    await #expect(throws: LabError.self) { try await Lab.up(topology, in: directory, logger: Logger(label: "test")) }
    #expect(access(directory.path, F_OK) != 0)
  }
}
