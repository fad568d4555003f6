import Glibc
import OVNModel
import OVSDB
import OVSTestSupport
import Testing

@testable import OVNEngine

@Suite(.enabled(if: OVNCentral.isAvailable, "\(OVNCentral.requirement)"), .timeLimit(.minutes(2)))
struct EngineTests {
  @Test func rowsComeChangeAndGoByTheirWholeName() async throws {
    try await OVNCentral.with { central in
      try await withEngine(central) { (engine, follower) async throws in
        var dhcp = DHCPOptions(id: "ns/subnet", cidr: "10.1.0.0/24", options: ["lease_time": "3600"])
        var port = LogicalSwitchPort(name: "ns/web-10/net1", on: "ns/web")
        port.dhcpv4 = DHCPOptions.key("ns/subnet")
        engine.want([
          network: [switchRow(), dhcp.fragment], pod("web-1"): [portRow("ns/web-1/net1")],
          pod("web-10"): [port.fragment],
        ])
        engine.complete()
        await follower.programmed(0, [network, pod("web-1"), pod("web-10")])
        #expect(
          try await central.nbctl("--bare", "--columns=name", "list", "Logical_Switch_Port").words == [
            "ns/web-1/net1", "ns/web-10/net1",
          ])
        #expect(try await central.nbctl("lsp-get-dhcpv4-options", "ns/web-10/net1").contains("10.1.0.0/24"))

        dhcp.options["lease_time"] = "60"
        port.addresses = ["02:00:00:00:00:01 10.1.0.5"]
        engine.want(
          [network: [switchRow(), dhcp.fragment], pod("web-10"): [port.fragment], pod("web-1"): []], revision: 1)
        await follower.programmed(1, [network, pod("web-1"), pod("web-10")])
        #expect(try await central.nbctl("lsp-list", "ns/web").contains("(ns/web-10/net1)"))
        #expect(try await central.nbctl("lsp-list", "ns/web").contains("(ns/web-1/net1)") == false)
        #expect(try await central.nbctl("lsp-get-addresses", "ns/web-10/net1") == "02:00:00:00:00:01 10.1.0.5")
        #expect(try await central.nbctl("--bare", "--columns=options", "list", "DHCP_Options") == "lease_time=60")

        engine.want([network: [], pod("web-10"): []], revision: 2)
        await follower.programmed(2, [network, pod("web-10")])
        #expect(try await central.nbctl("ls-list") == "")
        #expect(try await central.nbctl("list", "Logical_Switch_Port") == "")
        #expect(try await central.nbctl("list", "DHCP_Options") == "")
      }
    }
  }

  @Test func whatOthersMadeStaysAsItIs() async throws {
    try await OVNCentral.with { central in
      try await central.nbctl(
        "--wait=sb", "ls-add", "theirs", "--", "lsp-add", "theirs", "their-port", "--", "set", "Logical_Switch",
        "theirs", "external_ids:netloom-owner=L2Service/ns/web", "other_config:a=b")
      let before = try await central.foreign()
      try await withEngine(central) { (engine, follower) async throws in
        var group = PortGroup(name: "netloom_g")
        group.ports = [LogicalSwitchPort.key("ns/web-1/net1")]
        engine.want([network: [switchRow(), group.fragment], pod("web-1"): [portRow("ns/web-1/net1")]])
        engine.complete()
        await follower.programmed(0, [network, pod("web-1")])
        // Of theirs on and in ours.
        try await central.nbctl(
          "lsp-add", "ns/web", "their-second", "--", "set", "Logical_Switch", "ns/web", "external_ids:theirs=1", "--",
          "acl-add", "netloom_g", "to-lport", "1000", "ip4", "drop", "--", "--id=@p", "get", "Logical_Switch_Port",
          "their-port", "--", "add", "Port_Group", "netloom_g", "ports", "@p")
        let ports = try await central.nbctl("--bare", "--columns=ports", "list", "Port_Group").words
        #expect(ports.count == 2)
        engine.want(
          [network: [LogicalSwitch(name: "ns/web").with(["mcast_snoop": "true"]), group.fragment]], revision: 1)
        await follower.programmed(1, [network])
        engine.want([pod("web-1"): []], revision: 1)
        await follower.programmed(1, [pod("web-1")])
        #expect(try await central.nbctl("lsp-list", "ns/web").contains("(their-second)"))
        #expect(try await central.nbctl("get", "Logical_Switch", "ns/web", "external_ids:theirs") == "\"1\"")
        #expect(try await central.nbctl("acl-list", "netloom_g").contains("drop"))
        #expect(try await central.nbctl("--bare", "--columns=ports", "list", "Port_Group").words.count == 1)
        #expect(await follower.news.repairs.isEmpty)
      }
      #expect(try await central.foreign() == before)
    }
  }

  @Test func whatSomebodyChangesIsPutBackAndTold() async throws {
    try await OVNCentral.with { central in
      try await withEngine(central) { (engine, follower) async throws in
        engine.want([network: [switchRow()], pod("a"): [portRow("ns/a/net1")], pod("b"): [portRow("ns/b/net1")]])
        engine.complete()
        await follower.programmed(0, [network, pod("a"), pod("b")])
        try await central.nbctl("lsp-del", "ns/a/net1")
        await follower.wait { $0.repairs.count == 1 }
        #expect(
          await follower.news.repairs.first
            == NorthboundRepair(owner: pod("a"), row: LogicalSwitchPort.key("ns/a/net1"), found: "it was gone"))
        try await central.nbctl("lsp-set-addresses", "ns/b/net1", "dynamic")
        await follower.wait { $0.repairs.count == 2 }
        #expect(await follower.news.repairs.last?.found == "addresses was dynamic")
        try await central.nbctl("clear", "Logical_Switch_Port", "ns/b/net1", "external_ids")
        await follower.wait { $0.repairs.count == 3 }
        try await central.nbctl("ls-del", "ns/web")
        await follower.wait { $0.repairs.count == 6 }
        await follower.programmed(0, [network, pod("a"), pod("b")])
        #expect(try await central.nbctl("lsp-list", "ns/web").words.count == 4)
        #expect(try await central.nbctl("lsp-get-addresses", "ns/b/net1") == "unknown")
        // A second row with our mark, as of a writer that did not look.
        try await central.nbctl(
          "create", "Logical_Switch", "name=ns/web", "external_ids:netloom-key=ns/web",
          "external_ids:netloom-owner=L2Service/ns/web")
        try await central.nbctl(
          "ls-add", "stray", "--", "set", "Logical_Switch", "stray", "external_ids:netloom-key=stray")
        engine.want([pod("c"): [portRow("ns/c/net1")]])
        await follower.programmed(0, [pod("c")])
        #expect(try await central.nbctl("--bare", "--columns=name", "list", "Logical_Switch") == "ns/web")
      }
    }
  }

  @Test func aRestartWritesNothingAndFinishesWhatWasHalfBuilt() async throws {
    try await OVNCentral.with { central in
      let wanted = [network: [switchRow()], pod("a"): [portRow("ns/a/net1")]] as [NorthboundOwner: Set<RowFragment>]
      try await withEngine(central) { (engine, follower) async throws in
        engine.want(wanted)
        engine.want([
          NorthboundOwner(kind: "L2Service", name: "ns/old"): [switchRow("ns/old")],
          pod("o"): [portRow("ns/o/net1", on: "ns/old")],
        ])
        engine.complete()
        await follower.programmed(0, [network, pod("a"), pod("o")])
      }
      let revision = try await central.nbctl("get", "NB_Global", ".", "nb_cfg")
      try await withEngine(central) { (engine, follower) async throws in
        engine.want(wanted)
        await follower.wait { $0.connection == .connected }
        #expect(try await central.nbctl("ls-list").contains("ns/old"))
        engine.want([
          NorthboundOwner(kind: "L2Service", name: "ns/old"): [switchRow("ns/old")],
          pod("o"): [portRow("ns/o/net1", on: "ns/old")],
        ])
        engine.complete()
        await follower.programmed(0, [network, pod("a"), pod("o")])
        #expect(await follower.news.repairs.isEmpty)
      }
      #expect(try await central.nbctl("get", "NB_Global", ".", "nb_cfg") == revision)
      try await withEngine(central) { (engine, follower) async throws in
        engine.want(wanted.merging([pod("b"): [portRow("ns/b/net1")]]) { $1 })
        engine.complete()
        await follower.programmed(0, [network, pod("a"), pod("b")])
      }
      #expect(
        try await central.nbctl("--bare", "--columns=name", "list", "Logical_Switch_Port").words == [
          "ns/a/net1", "ns/b/net1",
        ])
      #expect(try await central.nbctl("ls-list").contains("ns/old") == false)
    }
  }

  @Test func aRowThatTheDatabaseRefusesHoldsNoOtherUp() async throws {
    try await OVNCentral.with { central in
      try await central.nbctl("ls-add", "theirs", "--", "lsp-add", "theirs", "ns/taken/net1")
      try await withEngine(central) { (engine, follower) async throws in
        var bad = LogicalSwitchPort(name: "ns/bad/net1", on: "ns/web")
        bad.tag = 5000
        let many = (1...20).map { pod("p\($0)") }
        var wanted: [NorthboundOwner: Set<RowFragment>] = [
          network: [switchRow()], pod("bad"): [bad.fragment], pod("taken"): [portRow("ns/taken/net1")],
          pod("lost"): [portRow("ns/lost/net1", on: "ns/nowhere")],
        ]
        for number in 1...20 { wanted[pod("p\(number)")] = [portRow("ns/p\(number)/net1")] }
        engine.want(wanted)
        engine.complete()
        await follower.programmed(0, many + [network])
        await follower.wait { news in
          if case .failed(let bad)? = news.reports[pod("bad")]?.state, bad.contains("5000"),
            case .failed(let taken)? = news.reports[pod("taken")]?.state, taken.contains("somebody else"),
            case .pending("waits for Logical_Switch ns/nowhere")? = news.reports[pod("lost")]?.state
          {
            return true
          } else {
            return false
          }
        }
        try await central.nbctl("ls-del", "theirs")
        engine.want([
          pod("bad"): [portRow("ns/bad/net1")],
          NorthboundOwner(kind: "L2Service", name: "ns/nowhere"): [switchRow("ns/nowhere")],
        ])
        await follower.programmed(0, [pod("bad"), pod("taken"), pod("lost")])
      }
    }
  }

  @Test func northdIsWaitedForAndHoldsNothingUp() async throws {
    try await OVNCentral.with { central in
      try await withEngine(central) { (engine, follower) async throws in
        engine.want([network: [switchRow()]])
        engine.complete()
        await follower.programmed(0, [network])
        try await central.signalNorthd(SIGSTOP)
        engine.want([pod("a"): [portRow("ns/a/net1")]])
        await follower.wait(0, .committed, pod("a"))
        #expect(try await central.nbctl("lsp-list", "ns/web").contains("ns/a/net1"))
        try await central.signalNorthd(SIGCONT)
        await follower.programmed(0, [pod("a")])
      }
    }
  }

  @Test func aThousandSwitchesWithAPortEachAreWrittenAtOnce() async throws {
    try await OVNCentral.with { central in
      try await withEngine(central) { (engine, follower) async throws in
        await follower.wait { $0.connection == .connected }
        var wanted: [NorthboundOwner: Set<RowFragment>] = [:]
        for number in 0..<1000 {
          wanted[pod("\(number)")] = [switchRow("ns/s\(number)"), portRow("ns/\(number)/net1", on: "ns/s\(number)")]
        }
        let start = ContinuousClock.now
        engine.want(wanted)
        engine.complete()
        await follower.wait { news in
          wanted.keys.allSatisfy { [.committed, .programmed].contains(news.reports[$0]?.state) }
        }
        let written = ContinuousClock.now - start
        await follower.programmed(0, wanted.keys)
        print("1000 switches and ports: committed \(written), programmed \(ContinuousClock.now - start)")
        #expect(try await central.nbctl("get", "NB_Global", ".", "nb_cfg") == "1")
      }
    }
  }
}

extension String {
  fileprivate var words: [String] { split(whereSeparator: \.isWhitespace).map(String.init).sorted() }
}

extension LogicalSwitch {
  fileprivate func with(_ otherConfig: [String: String]) -> RowFragment {
    var row = self
    row.otherConfig = otherConfig
    return row.fragment
  }
}

extension OVNCentral {
  /// Everything of the rows that the test made as somebody else.
  fileprivate func foreign() async throws -> String {
    try await nbctl("list", "Logical_Switch", "theirs") + nbctl("list", "Logical_Switch_Port", "their-port")
  }
}
