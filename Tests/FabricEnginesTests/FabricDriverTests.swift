import Glibc
import NetworkTypes
import OVSTestSupport
import Testing

@testable import FabricEngines

/// The known defects of the operator that this driver replaces are tests here, beside what the driver promises.
@Suite(.enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"), .timeLimit(.minutes(2)))
struct FabricDriverTests {
  @Test func opensVLANsOnExactlyTheWantedPortsAndGivesThemBack() async throws {
    try await withLeaf("swp1", "swp2", "swp3", "infra") { leaf in
      try await leaf.vsctl("set", "Port", "swp2", "trunks=100,101", "external_ids:rack=7")
      try await leaf.vsctl("set", "Port", "infra", "trunks=13,50")
      let before = try await leaf.configurations("swp1", "swp2", "swp3", "infra")
      try await withDriver { driver async throws in
        let fabric = FabricDefinition(["leaf1": leaf], "leaf1/swp1", "leaf1/swp2", "leaf1/swp3")
        let wanted = ["leaf1": ["swp1": vlans(10...14), "swp2": vlans(13...16)]]
        driver.set(fabric, wanted)
        await driver.wait { $0.isProgrammed(wanted) }
        #expect(try await leaf.trunks("swp1") == "[10, 11, 12, 13, 14]")
        #expect(try await leaf.trunks("swp2") == "[13, 14, 15, 16, 100, 101]", "foreign VLANs stay")
        #expect(try await leaf.trunks("swp3") == "[4095]", "a port of the fabric without a VLAN passes none")
        #expect(try await leaf.configuration("infra") == before[3], "a port that is not the fabric's is left alone")

        // Deleting a domain closes its VLAN, also the last one.
        let fewer = ["leaf1": ["swp2": vlans(13)]]
        driver.set(fabric, fewer)
        await driver.wait {
          $0.state(of: vlan(14), on: SwitchPort("leaf1/swp2")) != .programmed && $0.isProgrammed(fewer)
        }
        try await settled {
          let trunks = (try await leaf.trunks("swp1"), try await leaf.trunks("swp2"))
          return trunks == ("[4095]", "[13, 100, 101]")
        }

        // A changed VLAN does not leave the old one behind.
        let changed = ["leaf1": ["swp2": vlans(17)]]
        driver.set(fabric, changed)
        await driver.wait { $0.isProgrammed(changed) }
        #expect(try await leaf.trunks("swp2") == "[17, 100, 101]")

        // A link removed from the fabric gets its port back, the others stay.
        driver.set(FabricDefinition(["leaf1": leaf], "leaf1/swp1", "leaf1/swp3"), [:])
        try await settled { try await leaf.configuration("swp2") == before[1] }
        #expect(try await leaf.trunks("swp1") == "[4095]")

        try await driver.release()
        #expect(try await leaf.configurations("swp1", "swp2", "swp3", "infra") == before)
      }
    }
  }

  @Test func restoresAccessPortsAndKeepsTheirNetworkUntagged() async throws {
    try await withLeaf("swp1", "swp2", "swp3") { leaf in
      try await leaf.vsctl("set", "Port", "swp1", "tag=5")
      try await leaf.vsctl("set", "Port", "swp2", "vlan_mode=native-tagged", "tag=6", "trunks=7")
      try await leaf.vsctl("set", "Port", "swp3", "vlan_mode=dot1q-tunnel", "tag=8")
      let before = try await leaf.configurations("swp1", "swp2", "swp3")
      try await withDriver { driver async throws in
        let wanted = ["leaf1": ["swp1": vlans(5, 10), "swp2": vlans(10), "swp3": vlans(10)]]
        driver.set(FabricDefinition(["leaf1": leaf], "leaf1/swp1", "leaf1/swp2", "leaf1/swp3"), wanted)
        await driver.wait { $0.isProgrammed(["leaf1": ["swp1": vlans(10), "swp2": vlans(10)]]) }
        #expect(
          try await leaf.vsctl("get", "Port", "swp1", "vlan_mode", "tag", "trunks") == "native-untagged\n5\n[5, 10]")
        #expect(
          try await leaf.vsctl("get", "Port", "swp2", "vlan_mode", "tag", "trunks") == "native-tagged\n6\n[7, 10]")
        #expect(try await leaf.configuration("swp3") == before[2])
        let status = driver.status
        #expect(status.state(of: vlan(5), on: SwitchPort("leaf1/swp1")).reason?.contains("untagged already") == true)
        #expect(status.state(of: vlan(10), on: SwitchPort("leaf1/swp3")).reason?.contains("dot1q-tunnel") == true)
        try await driver.release()
        #expect(try await leaf.configurations("swp1", "swp2", "swp3") == before)
      }
    }
  }

  @Test func portsAreMatchedBySwitchAndName() async throws {
    try await withLeaf("swp1", "up1") { leaf1 in
      try await withLeaf("swp1", "up1") { leaf2 in
        let before = try await leaf2.configuration("swp1")
        try await withDriver { driver async throws in
          let wanted = ["leaf1": ["swp1": vlans(13), "up1": vlans(13)], "leaf2": ["up1": vlans(13)]]
          driver.set(
            FabricDefinition(["leaf1": leaf1, "leaf2": leaf2], "leaf1/swp1", "leaf1/up1", "leaf2/up1"), wanted)
          await driver.wait { $0.isProgrammed(wanted) }
          #expect(try await leaf1.trunks("swp1") == "[13]")
          #expect(try await leaf2.trunks("up1") == "[13]")
          #expect(
            try await leaf2.configuration("swp1") == before, "a port of the same name on another switch is another port"
          )
        }
      }
    }
  }

  @Test func driftIsRepairedAtOnceAndReported() async throws {
    try await withLeaf("swp1") { leaf in
      try await withDriver { driver async throws in
        let wanted = ["leaf1": ["swp1": vlans(10, 11)]]
        driver.set(FabricDefinition(["leaf1": leaf], "leaf1/swp1"), wanted)
        await driver.wait { $0.isProgrammed(wanted) }
        let marks = try await leaf.vsctl("get", "Port", "swp1", "external_ids")
        for meddling in [["trunks=99"], ["trunks=[]"], ["tag=5"], ["vlan_mode=access", "tag=5"]] {
          let events = driver.events()
          try await leaf.vsctl(["set", "Port", "swp1"] + meddling)
          var found = ""
          for await event in events {
            if case .drift(SwitchPort("leaf1/swp1"), let what, "trunk [10, 11]") = event {
              found = what
              break
            }
          }
          #expect(!found.isEmpty)
          #expect(try await leaf.vsctl("get", "Port", "swp1", "trunks", "tag", "vlan_mode") == "[10, 11]\n[]\ntrunk")
        }
        // Even without its marks the port is known, with what it was.
        try await leaf.vsctl("clear", "Port", "swp1", "external_ids")
        try await settled { try await leaf.vsctl("get", "Port", "swp1", "external_ids") == marks }
        try await driver.release()
        #expect(try await leaf.configuration("swp1") == "[]\n[]\n[]\n{}")
      }
    }
  }

  @Test func whatCannotBeIsNamedAndTheRestGoesOn() async throws {
    try await withLeaf("swp1", "swp7") { leaf in
      try await withDriver { driver async throws in
        var fabric = FabricDefinition(
          ["leaf1": leaf], "leaf1/swp1", "leaf1/swp9", "leaf9/swp1", "leaf2/swp1", "leaf3/swp1", "leaf4/swp1")
        fabric.switches["leaf2"] = FabricSwitch(endpoint: "unix:/tmp/there-is-no-such-switch")
        fabric.switches["leaf3"] = FabricSwitch(endpoint: "tcp:1.2.3:nonsense")
        fabric.switches["leaf4"] = FabricSwitch(endpoint: "ssl:127.0.0.1:6640")
        let good = ["leaf1": ["swp1": vlans(13)]]
        var wanted = good
        wanted["leaf1"]?["swp9"] = vlans(13)
        wanted["leaf1"]?["swp7"] = vlans(13)
        for name in ["leaf2", "leaf3", "leaf4", "leaf9"] { wanted[name] = ["swp1": vlans(13)] }
        driver.set(fabric, wanted)
        let (bad, words) = (
          ["leaf1/swp9", "leaf1/swp7", "leaf9/swp1", "leaf2/swp1", "leaf3/swp1", "leaf4/swp1"],
          [
            ["leaf1/swp9", "does not exist"], ["leaf1/swp7", "no link, uplink or inter-switch link of fabric dc1"],
            ["leaf9/swp1", "no switch \"leaf9\""], ["leaf2", "/tmp/there-is-no-such-switch", "cannot be reached"],
            ["leaf3", "tcp:1.2.3:nonsense"], ["leaf4", "certificate"],
          ]
        )
        await driver.wait { status in
          status.isProgrammed(good) && status.problems.count >= 2
            && bad.allSatisfy { status.state(of: vlan(13), on: SwitchPort($0)).reason != nil }
        }
        let status = driver.status
        for (port, words) in zip(bad, words) {
          let reason = try #require(status.state(of: vlan(13), on: SwitchPort(port)).reason)
          for word in words { #expect(reason.contains(word), "\(reason)") }
        }
        #expect(status.problems[SwitchPort("leaf1/swp9")] != nil && status.problems[SwitchPort("leaf9/swp1")] != nil)
        // A fabric without any wanted VLAN has no VLAN in error, whatever its ports are.
        driver.set(fabric, [:])
        #expect(driver.status.ports.isEmpty)
        // The port that did not exist comes into being.
        driver.set(fabric, wanted)
        try await leaf.addPort("swp9")
        await driver.wait { $0.state(of: vlan(13), on: SwitchPort("leaf1/swp9")) == .programmed }
        #expect(try await leaf.trunks("swp9") == "[13]")
      }
    }
  }

  @Test func aSwitchThatWasAwayConverges() async throws {
    try await withLeaf("swp1") { leaf1 in
      try await withLeaf("swp1") { leaf2 in
        try await withDriver { driver async throws in
          let fabric = FabricDefinition(["leaf1": leaf1, "leaf2": leaf2], "leaf1/swp1", "leaf2/swp1")
          let first = ["leaf1": ["swp1": vlans(13)], "leaf2": ["swp1": vlans(13)]]
          driver.set(fabric, first)
          await driver.wait { $0.isProgrammed(first) }
          try await leaf1.killDatabase()
          await driver.wait { $0.state(of: vlan(13), on: SwitchPort("leaf1/swp1")).reason != nil }
          let second = ["leaf1": ["swp1": vlans(14)], "leaf2": ["swp1": vlans(14)]]
          driver.set(fabric, second)
          await driver.wait { $0.isProgrammed(["leaf2": ["swp1": vlans(14)]]) }
          let reason = driver.status.state(of: vlan(14), on: SwitchPort("leaf1/swp1")).reason
          #expect(reason?.contains("leaf1") == true)
          try await leaf1.restartDatabase()
          await driver.wait { $0.isProgrammed(second) }
          #expect(try await leaf1.trunks("swp1") == "[14]")
        }
      }
    }
  }

  @Test(arguments: [true, false])
  func whatTheSwitchHasNotTakenOverIsPending(isKilled: Bool) async throws {
    try await withLeaf("swp1") { leaf in
      let port = SwitchPort("leaf1/swp1")
      let fabric = FabricDefinition(["leaf1": leaf], "leaf1/swp1")
      let isHeld: @Sendable (FabricStatus, UInt16) -> Bool = { status, id in
        if case .pending(let reason) = status.state(of: vlan(id), on: port) {
          reason.contains("ovs-vswitchd has not taken it over yet")
        } else {
          false
        }
      }
      try await withDriver { driver async throws in
        let first = ["leaf1": ["swp1": vlans(13)]]
        driver.set(fabric, first)
        await driver.wait { $0.isProgrammed(first) }
        if isKilled { try await leaf.killSwitch() } else { try await leaf.signalSwitch(SIGSTOP) }
        driver.set(fabric, ["leaf1": ["swp1": vlans(13...14)]])
        await driver.wait { isHeld($0, 14) }
        #expect(try await leaf.vsctl("--no-wait", "get", "Port", "swp1", "trunks") == "[13, 14]")
        #expect(driver.status.isProgrammed(first), "what passed before goes on passing")
        // Somebody else's change that is set back has to be taken over anew.
        let events = driver.events()
        try await leaf.vsctl("--no-wait", "set", "Port", "swp1", "trunks=14")
        for await event in events { if case .drift = event { break } }
        await driver.wait { isHeld($0, 13) && isHeld($0, 14) }
      }
      // The next driver does not take the database's word either.
      try await withDriver { driver async throws in
        let wanted = ["leaf1": ["swp1": vlans(13...14)]]
        driver.set(fabric, wanted)
        await driver.wait { isHeld($0, 13) && isHeld($0, 14) }
        if isKilled { try await leaf.restartSwitch() } else { try await leaf.signalSwitch(SIGCONT) }
        await driver.wait { $0.isProgrammed(wanted) }
      }
    }
  }

  @Test func aDriverThatDiedIsSucceededByTheNext() async throws {
    try await withLeaf("swp1", "swp2", "swp3") { leaf in
      try await leaf.vsctl("set", "Port", "swp1", "trunks=77")
      let before = try await leaf.configurations("swp1", "swp2", "swp3")
      let fabric = FabricDefinition(["leaf1": leaf], "leaf1/swp1", "leaf1/swp2")
      try await withDriver { driver async throws in
        let wanted = ["leaf1": ["swp1": vlans(13), "swp2": vlans(13)]]
        driver.set(fabric, wanted)
        await driver.wait { $0.isProgrammed(wanted) }
      }
      try await leaf.vsctl("set", "Port", "swp1", "trunks=1,2,3")
      try await withDriver { driver async throws in
        let events = driver.events()
        let wanted = ["leaf1": ["swp1": vlans(14), "swp3": vlans(14)]]
        driver.set(FabricDefinition(["leaf1": leaf], "leaf1/swp1", "leaf1/swp3"), wanted)
        await driver.wait { $0.isProgrammed(wanted) }
        for await event in events { if case .drift(SwitchPort("leaf1/swp1"), "trunk [1, 2, 3]", _) = event { break } }
        #expect(try await leaf.trunks("swp1") == "[14, 77]")
        #expect(try await leaf.configuration("swp2") == before[1], "a link that went while nobody looked is given back")
        try await driver.release()
      }
      #expect(try await leaf.configurations("swp1", "swp2", "swp3") == before)
    }
  }

  @Test func releaseNamesTheSwitchThatIsAway() async throws {
    try await withLeaf("swp1") { leaf in
      try await withDriver { driver async throws in
        let wanted = ["leaf1": ["swp1": vlans(13)]]
        driver.set(FabricDefinition(["leaf1": leaf], "leaf1/swp1"), wanted)
        await driver.wait { $0.isProgrammed(wanted) }
        try await leaf.killDatabase()
        await driver.wait { $0.switches["leaf1"] != .connected }
        let error = await #expect(throws: FabricError.self) { try await driver.release(timeout: .milliseconds(100)) }
        #expect(error?.description.contains("leaf1") == true)
        try await leaf.restartDatabase()
        try await driver.release()
        #expect(try await leaf.configuration("swp1") == "[]\n[]\n[]\n{}")
      }
    }
  }

  @Test func aPortOfAnotherFabricIsLeftAlone() async throws {
    try await withLeaf("swp1") { leaf in
      try await leaf.vsctl("set", "Port", "swp1", "external_ids:netloom-owner=netloom/dc2", "trunks=5")
      try await withDriver { driver async throws in
        driver.set(FabricDefinition(["leaf1": leaf], "leaf1/swp1"), ["leaf1": ["swp1": vlans(13)]])
        await driver.wait { $0.state(of: vlan(13), on: SwitchPort("leaf1/swp1")).reason != nil }
        #expect(driver.status.state(of: vlan(13), on: SwitchPort("leaf1/swp1")).reason?.contains("netloom/dc2") == true)
        #expect(try await leaf.trunks("swp1") == "[5]")
      }
    }
  }

  @Test func overTLSWithCredentials() async throws {
    try await SwitchInstance.with(remotes: ["pssl:0:127.0.0.1"]) { leaf in
      try await leaf.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=netdev")
      try await leaf.addPort("swp1")
      let port = try await leaf.listeningPort()
      let certificate = try await Command.run(["cat", "\(leaf.directory)/cert.pem"])
      let credentials = FabricCredentials(
        certificateChain: certificate, privateKey: try await Command.run(["cat", "\(leaf.directory)/key.pem"]),
        trustRoots: certificate)
      try await withDriver { driver async throws in
        let wanted = ["leaf1": ["swp1": vlans(13)]]
        let fabric = FabricDefinition(
          name: "dc1", switches: ["leaf1": FabricSwitch(endpoint: "ssl:127.0.0.1:\(port)", credentials: credentials)],
          ports: [SwitchPort("leaf1/swp1")])
        driver.set(fabric, wanted)
        await driver.wait { $0.isProgrammed(wanted) }
        #expect(try await leaf.trunks("swp1") == "[13]")
      }
    }
  }
}

extension FabricStatus.VLANState {
  var reason: String? { if case .failed(let reason) = self { reason } else { nil } }
}
