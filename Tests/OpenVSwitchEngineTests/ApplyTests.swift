import OVSDB
import OVSTestSupport
import OpenVSwitchEngine
import Testing

@Suite(.enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"), .timeLimit(.minutes(2)))
struct ApplyTests {
  @Test func bridgesUplinksAndTheirRemoval() async throws {
    try await withEngine { engine, instance in
      try await instance.addDevice("eth1")
      var desired = DesiredSwitch(bridges: [
        "br-data": DesiredBridge(uplink: .init(interface: "eth1", vlans: vlans(10...14)))
      ])
      let first = try await engine.apply(desired)
      #expect(first.problems.isEmpty && first.actions.count == 2, "\(first)")
      #expect(try await instance.vsctl("get", "Bridge", "br-data", "datapath_type") == "netdev")
      #expect(try await instance.vsctl("get", "Port", "eth1", "trunks") == "[10, 11, 12, 13, 14]")
      #expect(try await engine.apply(desired).actions.isEmpty)

      // Somebody meddles: the event tells, the next apply repairs it.
      let events = engine.events()
      try await instance.vsctl("set", "Port", "eth1", "trunks=99", "tag=5", "vlan_mode=access")
      for await event in events {
        if case .changed = event, try await !engine.apply(desired).actions.isEmpty { break }
      }
      #expect(
        try await instance.vsctl("get", "Port", "eth1", "trunks", "tag", "vlan_mode")
          == "[10, 11, 12, 13, 14]\n[]\ntrunk")

      desired.bridges["br-data"]?.uplink?.vlans = []
      _ = try await engine.apply(desired)
      #expect(try await instance.vsctl("get", "Port", "eth1", "trunks") == "[4095]")

      // A pod keeps the bridge, nothing else does.
      try await instance.addDevice("pod1")
      try await engine.addPodPort(PodPort(name: "pod1", bridge: "br-data", vlans: .access(vlan(10))))
      let retained = try await engine.apply(DesiredSwitch())
      #expect(retained.retainedBridges == ["br-data"])
      #expect(try await instance.vsctl("list-ports", "br-data") == "pod1")
      try await engine.removePodPorts(["pod1"])
      #expect(try await engine.apply(DesiredSwitch()).retainedBridges.isEmpty)
      #expect(try await instance.vsctl("list-br") == "")
    }
  }

  @Test func aForeignBridgeWithTheUplinkIsJoinedAndOtherwiseLeftAlone() async throws {
    try await withEngine { engine, instance in
      try await instance.addDevice("eth1")
      try await instance.vsctl(
        "add-br", "br-ex", "--", "set", "Bridge", "br-ex", "datapath_type=netdev", "--", "add-port", "br-ex", "eth1")
      let foreign = try await instance.vsctl("list", "Port", "eth1", "br-ex")
      let plan = try await engine.apply(
        DesiredSwitch(bridges: [
          "br-data": DesiredBridge(uplink: .init(interface: "eth1", vlans: vlans(10...11)))
        ]))
      #expect(plan.problems.isEmpty, "\(plan.problems)")
      for port in ["br-data-to-br-ex", "br-ex-to-br-data"] {
        #expect(try await instance.vsctl("get", "Port", port, "trunks") == "[10, 11]")
      }
      #expect(try await instance.vsctl("list", "Port", "eth1", "br-ex") == foreign)
      _ = try await engine.apply(DesiredSwitch())
      #expect(try await instance.vsctl("list-br") == "br-ex")
      #expect(try await instance.vsctl("list-ports", "br-ex") == "eth1")
      #expect(try await instance.vsctl("list", "Port", "eth1", "br-ex") == foreign)
    }
  }

  @Test func aForeignBridgeOfTheWantedNameIsUsed() async throws {
    try await withEngine { engine, instance in
      try await instance.vsctl("add-br", "br-data", "--", "set", "Bridge", "br-data", "datapath_type=netdev")
      let foreign = try await instance.vsctl("get", "Bridge", "br-data", "external_ids", "fail_mode")
      try await instance.addDevice("eth1")
      try await instance.addDevice("pod1")
      let desired = DesiredSwitch(bridges: [
        "br-data": DesiredBridge(failMode: .secure, uplink: .init(interface: "eth1", vlans: vlans(10...11)))
      ])
      _ = try await engine.apply(desired)
      try await engine.addPodPort(PodPort(name: "pod1", bridge: "br-data", vlans: .access(vlan(10))))
      #expect(try await instance.vsctl("list-ports", "br-data") == "eth1\npod1")
      _ = try await engine.apply(DesiredSwitch())
      try await engine.removePodPorts(["pod1"])
      _ = try await engine.apply(DesiredSwitch())
      #expect(try await instance.vsctl("list-br") == "br-data")
      #expect(try await instance.vsctl("list-ports", "br-data") == "")
      #expect(try await instance.vsctl("get", "Bridge", "br-data", "external_ids", "fail_mode") == foreign)
    }
  }

  @Test func twoBridgesShareAnUplink() async throws {
    try await withEngine { engine, instance in
      try await instance.addDevice("eth1")
      var desired = DesiredSwitch(bridges: [
        "br-b": DesiredBridge(uplink: .init(interface: "eth1", vlans: vlans(13...16)))
      ])
      _ = try await engine.apply(desired)
      desired.bridges["br-a"] = DesiredBridge(uplink: .init(interface: "eth1", vlans: vlans(10...14)))
      #expect(try await engine.apply(desired).problems.isEmpty)
      #expect(try await instance.vsctl("port-to-br", "eth1") == "br-b", "the bridge that has the uplink keeps it")
      #expect(try await instance.vsctl("get", "Port", "eth1", "trunks") == "[10, 11, 12, 13, 14, 15, 16]")
      #expect(try await instance.vsctl("get", "Port", "br-a-to-br-b", "trunks") == "[10, 11, 12, 13, 14]")
      desired.bridges["br-b"] = nil
      _ = try await engine.apply(desired)
      #expect(try await instance.vsctl("port-to-br", "eth1") == "br-a")
      #expect(try await instance.vsctl("list-ports", "br-a") == "eth1")
      #expect(try await instance.vsctl("list-br") == "br-a")
    }
  }

  @Test func anAbsentUplinkIsAProblemThatNamesIt() async throws {
    try await withEngine { engine, instance in
      let desired = DesiredSwitch(bridges: [
        "br-data": DesiredBridge(uplink: .init(interface: "eth9", vlans: vlans(10...14)))
      ])
      let plan = try await engine.apply(desired)
      #expect(plan.problems.count == 1)
      #expect(plan.problems.first?.description.contains("eth9") == true, "\(plan.problems)")
      #expect(try await engine.apply(desired).problems.count == 1)
      let events = engine.events()
      try await instance.addDevice("eth9")
      for await event in events {
        if case .changed = event, try await engine.apply(desired).problems.isEmpty { break }
      }
    }
  }

  @Test func anUnreachableSwitchIsNamedAndComesBack() async throws {
    try await withEngine { engine, instance in
      let desired = DesiredSwitch(bridges: ["br-data": DesiredBridge()])
      _ = try await engine.apply(desired)
      try await instance.killDatabase()
      for await event in engine.events() { if case .disconnected = event { break } }
      let error = await #expect(throws: OpenVSwitchError.self) {
        try await engine.apply(desired, timeout: .milliseconds(200))
      }
      #expect(error?.code == .unreachable)
      #expect(error?.description.contains(instance.socket) == true)
      try await instance.restartDatabase()
      #expect(try await engine.apply(desired).actions.isEmpty)
    }
  }
}
