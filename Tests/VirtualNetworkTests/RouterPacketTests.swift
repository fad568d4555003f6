import Glibc
import JSON
import KubernetesModel
import Lab
import Logging
import Netlink
import NetworkTypes
import OVNModel
import Testing

@testable import Compiler

/// A Router's rows in a real OVN: packets between its networks, to the outside and back, and after its gateway is gone.
///
/// h1 and h2 have a pod each, in `web` (behind the gateway's address) and `db` (seen as it is); h3 and h4 can be the
/// gateway, and reach the router of the data centre by VLAN 14.
@Suite(.enabled(if: canRunOVN, "needs root, Open vSwitch and OVN"), .timeLimit(.minutes(3)))
struct RouterPacketTests {
  private static func name(_ name: String) -> NamespacedName { NamespacedName(namespace: "shop", name: name) }

  private static func subnets(_ v4: String, _ v6: String) -> [RouterInput.Subnet] {
    [v4, v6].map { text in
      let cidr = CIDR(text)!
      return .init(name: name("subnet"), cidr: cidr, gateway: cidr.first.successor)
    }
  }

  private static let nodes = ["h3", "h4"].map { RouterInput.Node(name: $0, chassis: $0) }

  private static let router = RouterInput(
    name: name("edge"),
    networks: [
      .init(service: name("web"), subnets: subnets("10.1.0.0/24", "fd01::/64"), mtu: 1442, hasSNAT: true),
      .init(service: name("db"), subnets: subnets("10.2.0.0/24", "fd02::/64"), mtu: 1442),
    ],
    gateway: .init(
      service: name("outside"), subnets: subnets("10.50.0.0/24", "fd50::/64"), mtu: 1500,
      addresses: [IPAddress("10.50.0.2")!, IPAddress("fd50::2")!], nodes: nodes),
    routes: [
      .init(destination: .all(.v4), nextHops: [IPAddress("10.50.0.1")!]),
      .init(destination: .all(.v6), nextHops: [IPAddress("fd50::1")!]),
    ], floatingAddresses: [.init(external: IPAddress("10.50.0.11")!, internal: IPAddress("10.2.0.10")!)])

  private var rows: Set<RowFragment> {
    var physical = LogicalSwitchPort(name: "shop/outside/physical", on: "shop/outside")
    physical.type = "localnet"
    physical.addresses = ["unknown"]
    physical.tag = 14
    physical.options = ["network_name": "phys"]
    var web = LogicalSwitchPort(name: "shop/a/net1", on: "shop/web")
    web.addresses = ["02:00:00:00:00:0a 10.1.0.10 fd01::10"]
    var db = LogicalSwitchPort(name: "shop/b/net1", on: "shop/db")
    db.addresses = ["02:00:00:00:00:0b 10.2.0.10 fd02::10"]
    let switches = ["shop/web", "shop/db", "shop/outside"].map { LogicalSwitch(name: $0).fragment }
    return RouterPlan(Self.router).fragments.union(switches + [physical, web, db].map(\.fragment))
  }

  @Test("Between networks, outside and back, by a floating address, and by another node when the active one is gone")
  func packets() async throws {
    try await withRouter { lab, central in
      try await ping(lab, from: "h1", "10.2.0.10", "fd02::10", "8.8.8.8", "fd50::1")
      try await ping(lab, from: "h2", "8.8.8.8", "fd50::1")
      // Seen as it is, and by its floating address; what is behind the gateway's address is not for the outside to reach.
      try await ping(lab, from: "gw", "10.2.0.10", "10.50.0.11")

      let active = try await activeGateway(lab, central)
      async let pings = run(lab, "h2", "ping", "-n", "-i0.1", "-c100", "-W1", "8.8.8.8")
      lab.killOVNController(of: active)
      for interface in ["eth2", "underlay0"] { _ = try await run(lab, active, "ip", "link", "set", interface, "down") }
      let answers = try await pings
      #expect(answers.contains("icmp_seq=100 "), "it goes on: \(answers.suffix(200))")
      // BFD of OVN's own pace, with what a loaded machine adds to it.
      #expect(answers.split(separator: "\n").count { $0.contains("icmp_seq=") } > 40)
      #expect(try await activeGateway(lab, central) != active)
      try await ping(lab, from: "h1", "8.8.8.8", "fd50::1")
    }
  }

  // MARK: The lab

  private func withRouter(_ body: (Lab, OVNCentral) async throws -> Void) async throws {
    let directory = LabDirectory(path: "/run/netloom/lab/test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))")
    defer { Lab.down(directory) }
    let vlan = try VLANID(14)
    let topology = LabTopology(
      hosts: (1...4).map { .init(name: "h\($0)") },
      switches: [.init(name: "leaf", carried: ["p3": [vlan], "p4": [vlan], "p9": [vlan]])],
      gateways: [
        .init(
          name: "gw",
          networks: [
            .init(
              vlan: vlan, addresses: [InterfaceAddress("10.50.0.1/24")!, InterfaceAddress("fd50::1/64")!],
              behind: [InterfaceAddress("8.8.8.8/32")!])
          ])
      ],
      cables: [
        .init(.init("h3", "eth2"), .init("leaf", "p3")), .init(.init("h4", "eth2"), .init("leaf", "p4")),
        .init(.init("gw", "eth1"), .init("leaf", "p9")),
      ], overlay: try .init(members: 1))
    let lab = try await Lab.up(topology, in: directory, logger: Logger(label: "test"))
    let central = try #require(lab.central)
    for host in topology.hosts { try await makeChassis(host.name, lab, central) }
    _ = try await run(
      lab, "central", "ovsdb-client", "transact", central.remote(of: .northbound, 1),
      NorthboundText(rows).transaction.description)
    try await plug("a", on: "h1", "02:00:00:00:00:0a", "10.1.0", "fd01:", lab)
    try await plug("b", on: "h2", "02:00:00:00:00:0b", "10.2.0", "fd02:", lab)
    for (destination, router) in [("10.2.0.0/24", "10.50.0.2"), ("fd01::/64", "fd50::2"), ("fd02::/64", "fd50::2")] {
      _ = try await run(lab, "gw", "ip", "route", "add", destination, "via", router)
    }
    _ = try await run(
      lab, "central", "ovn-nbctl", "--db=\(central.remote(of: .northbound, 1))", "--wait=hv", "--timeout=60", "sync")
    try await body(lab, central)
  }

  private func makeChassis(_ host: String, _ lab: Lab, _ central: OVNCentral) async throws {
    let address = try #require(lab.topology.underlayAddress(of: host)).address
    let settings = [
      "ovn-remote=\"\(central.networkRemotes(of: .southbound))\"", "ovn-encap-type=geneve", "ovn-encap-ip=\(address)",
      "system-id=\(host)", "ovn-bridge-datapath-type=netdev", "ovn-bridge-mappings=phys:br-phys",
    ].map { "external_ids:\($0)" }
    var arguments = ["set", "Open_vSwitch", "."] + settings
    if ["h3", "h4"].contains(host) {
      arguments +=
        [
          "--", "add-br", "br-phys", "--", "set", "Bridge", "br-phys", "datapath_type=netdev", "--", "add-port",
          "br-phys",
        ]
        + ["eth2"]
    }
    try await configure(host, lab, arguments)
  }

  /// The pod's interface stays in the host's namespace: there is nothing else that would go by its routes.
  private func plug(
    _ pod: String, on host: String, _ mac: String, _ v4: String, _ v6: String, _ lab: Lab
  ) async throws {
    try await configure(
      host, lab,
      [
        "--may-exist", "add-br", "br-int", "--", "set", "Bridge", "br-int", "datapath_type=netdev", "fail_mode=secure",
        "--", "add-port", "br-int", pod, "--", "set", "Interface", pod, "type=internal", "mac=\"\(mac)\"",
        "external_ids:iface-id=shop/\(pod)/net1",
      ])
    for arguments in [
      ["link", "set", "dev", pod, "mtu", "1442", "up"], ["address", "add", "\(v4).10/24", "dev", pod],
      ["address", "add", "\(v6):10/64", "dev", pod, "nodad"], ["route", "add", "default", "via", "\(v4).1"],
      ["-6", "route", "add", "default", "via", "\(v6):1", "metric", "1"],
    ] {
      _ = try await run(lab, host, "ip", arguments)
    }
  }

  private func configure(_ host: String, _ lab: Lab, _ arguments: [String]) async throws {
    _ = try await run(lab, host, "ovs-vsctl", ["--db=\(lab.directory.databaseEndpoint(of: host))"] + arguments)
  }

  private func activeGateway(_ lab: Lab, _ central: OVNCentral) async throws -> String {
    let tool = ["--db=\(central.remote(of: .southbound, 1))", "--bare"]
    let port = "logical_port=cr-shop/edge/gateway/to/outside"
    let chassis = try await run(
      lab, "central", "ovn-sbctl", tool + ["--columns=chassis", "find", "Port_Binding", port])
    return try await run(
      lab, "central", "ovn-sbctl", tool + ["--columns=name", "list", "Chassis", String(chassis.filter { $0 != "\n" })]
    ).filter { $0 != "\n" }
  }

  private func ping(_ lab: Lab, from machine: String, _ addresses: String...) async throws {
    for address in addresses {
      _ = try await run(lab, machine, "ping", "-n", "-c1", "-w10", "-i0.2", address)
    }
  }

  private func run(_ lab: Lab, _ machine: String, _ program: String, _ arguments: String...) async throws -> String {
    try await run(lab, machine, program, arguments)
  }

  private func run(_ lab: Lab, _ machine: String, _ program: String, _ arguments: [String]) async throws -> String {
    let outcome = try await NamespaceProcess.run(ProcessCommand(program, arguments), in: try lab.namespace(of: machine))
    // ping fails when one answer is missing; how many are is looked at.
    guard outcome.isSuccess || (program == "ping" && arguments.contains("-c100")) else {
      throw LabError("run \(program) \(arguments) on \(machine)", reason: outcome.errorText + outcome.text)
    }
    return outcome.text
  }
}
