import OVSDB
import OVSTestSupport
import OpenVSwitchEngine
import Testing

@Suite(.enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"), .timeLimit(.minutes(2)))
struct PodPortTests {
  @Test func addsChangesAndRemoves() async throws {
    try await withEngine { engine, instance in
      try await engine.apply(DesiredSwitch(bridges: ["br-data": DesiredBridge()]))
      try await instance.addDevice("pod1")
      let port = PodPort(
        name: "pod1", bridge: "br-data", vlans: .access(vlan(13)), externalIDs: ["netloom-pod": "test/pod1"])
      let number = try await engine.addPodPort(port)
      #expect(number > 0)
      #expect(try await engine.addPodPort(port) == number)
      var observed = try #require(try await engine.podPorts()["pod1"])
      #expect(observed.vlans == [vlan(13)] && observed.externalIDs["netloom-pod"] == "test/pod1")
      #expect(try await instance.vsctl("get", "Port", "pod1", "tag", "vlan_mode", "trunks") == "13\naccess\n[]")

      var changed = port
      changed.vlans = .trunk(vlans(10...14))
      #expect(try await engine.addPodPort(changed) == number)
      observed = try #require(try await engine.podPorts()["pod1"])
      #expect(observed.vlans == vlans(10...14))
      changed.vlans = .trunk([])
      try await engine.addPodPort(changed)
      #expect(try await instance.vsctl("get", "Port", "pod1", "trunks") == "[4095]")

      #expect(try await engine.removePodPorts(["pod1", "pod2", "br-data"]) == ["pod1"])
      #expect(try await engine.removePodPorts(["pod1"]).isEmpty)
      #expect(try await instance.vsctl("list-ports", "br-data") == "")
    }
  }

  @Test func whatOthersChangeIsPutBack() async throws {
    try await withEngine { engine, instance in
      let desired = DesiredSwitch(bridges: ["br-data": DesiredBridge()])
      try await engine.apply(desired)
      for name in ["pod1", "pod2", "theirs"] { try await instance.addDevice(name) }
      try await engine.addPodPort(PodPort(name: "pod1", bridge: "br-data", vlans: .access(vlan(13))))
      try await engine.addPodPort(PodPort(name: "pod2", bridge: "br-data", vlans: .trunk(vlans(10...11))))
      try await instance.vsctl("add-port", "br-data", "theirs", "tag=7")
      for meddling in [
        ["tag=99"], ["trunks=1,2", "vlan_mode=trunk", "tag=5"], ["vlan_mode=[]", "tag=[]", "trunks=[]"],
      ] {
        let events = engine.events()
        try await instance.vsctl(["set", "Port", "pod1"] + meddling + ["--", "set", "Port", "pod2"] + meddling)
        for await event in events {
          if case .changed = event, try await engine.apply(desired).actions.count == 2 { break }
        }
        #expect(try await instance.vsctl("get", "Port", "pod1", "vlan_mode", "tag", "trunks") == "access\n13\n[]")
        #expect(try await instance.vsctl("get", "Port", "pod2", "vlan_mode", "tag", "trunks") == "trunk\n[]\n[10, 11]")
      }
      #expect(try await instance.vsctl("get", "Port", "theirs", "tag") == "7")
      // What the pod is given next is what counts from then on.
      try await engine.addPodPort(PodPort(name: "pod1", bridge: "br-data", vlans: .access(vlan(14))))
      #expect(try await engine.apply(desired).actions.isEmpty)
      #expect(try await instance.vsctl("get", "Port", "pod1", "tag") == "14")
    }
  }

  @Test func severalAreAllOrNone() async throws {
    try await withEngine { engine, instance in
      try await engine.apply(DesiredSwitch(bridges: ["br-a": DesiredBridge(), "br-b": DesiredBridge()]))
      for name in ["pod1", "pod2", "pod3"] { try await instance.addDevice(name) }
      func port(_ name: String, _ bridge: String, _ id: UInt16) -> PodPort {
        PodPort(name: name, bridge: bridge, vlans: .access(vlan(id)))
      }
      #expect(try await engine.addPodPorts([]).isEmpty)
      let before = try await instance.vsctl("get", "Open_vSwitch", ".", "next_cfg")
      let numbers = try await engine.addPodPorts([port("pod1", "br-a", 13), port("pod2", "br-b", 14)])
      let after = try await instance.vsctl("get", "Open_vSwitch", ".", "next_cfg")
      #expect(Int(after) == Int(before).map { $0 + 1 }, "one transaction")
      #expect(try await instance.vsctl("get", "Interface", "pod1", "ofport") == "\(numbers[0])")
      #expect(try await instance.vsctl("get", "Interface", "pod2", "ofport") == "\(numbers[1])")

      let noDevice = await #expect(throws: OpenVSwitchError.self) {
        try await engine.addPodPorts([port("pod1", "br-a", 13), port("pod3", "br-a", 15), port("absent", "br-b", 16)])
      }
      #expect(noDevice?.code == .interfaceFailed)
      #expect(try await engine.podPorts().keys.sorted() == ["pod1", "pod2"], "what was there stays, what is new goes")
      let noBridge = await #expect(throws: OpenVSwitchError.self) {
        try await engine.addPodPorts([port("pod3", "br-a", 15), port("absent", "br-x", 16)])
      }
      #expect(noBridge?.code == .noSuchBridge && noBridge?.reason.contains("br-x") == true)
      #expect(try await engine.podPorts().keys.sorted() == ["pod1", "pod2"])
      // Of one that is there, one that is there otherwise and one that is new, in the order asked for.
      let mixed = try await engine.addPodPorts([
        port("pod3", "br-b", 15), port("pod2", "br-b", 24), port("pod1", "br-a", 13),
      ])
      #expect(mixed[1...] == [numbers[1], numbers[0]])
      #expect(try await instance.vsctl("get", "Port", "pod2", "tag") == "24")
    }
  }

  @Test(arguments: [
    PortVLANs.access(vlan(13)), .trunk(vlans(10...12)), .trunk([]), .tunnel(vlan(9), customers: []),
    .tunnel(vlan(9), customers: [vlan(8)]), .trunk(vlans(10...12), untagged: true), .trunk([], untagged: true),
  ])
  func aMarkIsReadAsItWasWritten(vlans: PortVLANs) {
    #expect(PortVLANs(vlans.description) == vlans)
    for text in [
      "", "access", "access none", "access 1,2", "trunk", "trunk 0", "trunk 1,", "trunk 4095", "native 1", "tunnel 9",
      "tunnel none 1", "tunnel 9 8 7",
    ] {
      #expect(PortVLANs(text) == nil)
    }
  }

  @Test func tellsWhyAPortCannotBe() async throws {
    try await withEngine { engine, instance in
      try await engine.apply(DesiredSwitch(bridges: ["br-data": DesiredBridge()]))
      let port = PodPort(name: "absent", bridge: "br-data", vlans: .access(vlan(13)))
      let failed = await #expect(throws: OpenVSwitchError.self) { try await engine.addPodPort(port) }
      #expect(failed?.code == .interfaceFailed)
      #expect(failed?.reason.contains("could not open network device absent") == true)
      #expect(try await instance.vsctl("list-ports", "br-data") == "", "a port that failed must be gone")

      let noBridge = await #expect(throws: OpenVSwitchError.self) {
        try await engine.addPodPort(PodPort(name: "absent", bridge: "br-x", vlans: .access(vlan(13))))
      }
      #expect(noBridge?.code == .noSuchBridge)
      #expect(noBridge?.description.contains("br-x") == true)

      try await instance.addDevice("theirs")
      try await instance.vsctl("add-port", "br-data", "theirs")
      let foreign = await #expect(throws: OpenVSwitchError.self) {
        try await engine.addPodPort(PodPort(name: "theirs", bridge: "br-data", vlans: .access(vlan(13))))
      }
      #expect(foreign?.code == .notOurs)
      #expect(try await engine.removePodPorts(["theirs"]).isEmpty)
      #expect(try await instance.vsctl("list-ports", "br-data") == "theirs")
      let name = await #expect(throws: OpenVSwitchError.self) {
        try await engine.addPodPort(PodPort(name: "a name", bridge: "br-data", vlans: .access(vlan(13))))
      }
      #expect(name?.code == .invalidName)
    }
  }

  @Test func aPortWhoseDeviceCameBackIsMadeAnew() async throws {
    try await withEngine { engine, instance in
      try await engine.apply(
        DesiredSwitch(bridges: ["br-a": DesiredBridge(), "br-b": DesiredBridge()]))
      try await instance.addDevice("pod1")
      try await engine.addPodPort(PodPort(name: "pod1", bridge: "br-a", vlans: .access(vlan(13))))
      try await engine.addPodPort(PodPort(name: "pod1", bridge: "br-b", vlans: .access(vlan(13))))
      #expect(try await instance.vsctl("list-ports", "br-a") == "")
      #expect(try await instance.vsctl("list-ports", "br-b") == "pod1")
    }
  }

  @Test func anAbsentSwitchDaemonIsTold() async throws {
    try await withEngine { engine, instance in
      try await engine.apply(DesiredSwitch(bridges: ["br-data": DesiredBridge()]))
      try await instance.addDevice("pod1")
      try await instance.signalSwitch(19)
      let error = await #expect(throws: OpenVSwitchError.self) {
        try await engine.addPodPort(
          PodPort(name: "pod1", bridge: "br-data", vlans: .access(vlan(13))), timeout: .milliseconds(300))
      }
      #expect(error?.code == .notRealized)
      try await instance.signalSwitch(18)
      #expect(try await instance.vsctl("list-ports", "br-data") == "")

      // A port that is there already is not as wanted before the daemon has taken the change over.
      try await engine.addPodPort(PodPort(name: "pod1", bridge: "br-data", vlans: .access(vlan(13))))
      try await instance.signalSwitch(19)
      let changed = await #expect(throws: OpenVSwitchError.self) {
        try await engine.addPodPort(
          PodPort(name: "pod1", bridge: "br-data", vlans: .access(vlan(14))), timeout: .milliseconds(300))
      }
      #expect(changed?.code == .notRealized)
      try await instance.signalSwitch(18)
    }
  }

  @Test func manyAtOnceAndTheirLatency() async throws {
    try await withEngine { engine, instance in
      try await engine.apply(DesiredSwitch(bridges: ["br-data": DesiredBridge()]))
      let names = (0..<60).map { "pod\($0)" }
      for name in names { try await instance.addDevice(name) }
      var times: [Duration] = []
      for name in names.prefix(40) {
        let clock = ContinuousClock()
        let start = clock.now
        try await engine.addPodPort(PodPort(name: name, bridge: "br-data", vlans: .access(vlan(13))))
        times.append(start.duration(to: clock.now))
      }
      times.sort()
      print("addPodPort: median \(times[20]), fastest \(times[0]), slowest \(times[39])")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for name in names.suffix(20) {
          group.addTask {
            try await engine.addPodPort(PodPort(name: name, bridge: "br-data", vlans: .access(vlan(13))))
          }
        }
        try await group.waitForAll()
      }
      #expect(try await engine.podPorts().count == 60)
      #expect(try await engine.removePodPorts(names).count == 60)
      #expect(try await instance.vsctl("list-ports", "br-data") == "")
    }
  }
}
