import OVSDB
import OVSTestSupport
import OpenVSwitchEngine
import Testing

@Suite(.enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"), .timeLimit(.minutes(2)))
struct TunnelPortTests {
  /// A pod behind a service VLAN, another one, and what a switch on the trunk sees.
  @Test func framesGetASecondTag() async throws {
    try await withEngine { engine, instance in
      for name in ["pod1", "pod2", "trunk0"] {
        try await instance.addDevice(name)
        try await Command.run(["ip", "-n", instance.namespace, "link", "set", "\(name)-p", "up", "addrgenmode", "none"])
      }
      try await engine.apply(
        DesiredSwitch(bridges: ["br-data": DesiredBridge(uplink: .init(interface: "trunk0", vlans: [vlan(100)]))]))
      for name in ["pod1", "pod2"] {
        try await engine.addPodPort(
          PodPort(name: name, bridge: "br-data", vlans: .tunnel(vlan(100), customers: vlans(10...12))))
      }
      #expect(
        try await instance.vsctl("get", "Port", "pod1", "vlan_mode", "tag", "cvlans")
          == "dot1q-tunnel\n100\n[10, 11, 12]")
      #expect(try await instance.vsctl("get", "Open_vSwitch", ".", "other_config:vlan-limit") == "\"0\"")
      func frame(_ vlan: UInt16?) -> Frame {
        Frame(from: [2, 0, 0, 0, 0, 1], tags: vlan.map { [(UInt16(0x8100), $0)] } ?? [], type: 0x88b5, [1])
      }
      let sent = [frame(10), frame(20), frame(12)]
      let trunk = try await instance.exchange(from: "pod1-p", to: "trunk0-p", sent)
      #expect(
        trunk.map { $0?.tags.map { "\(String($0.protocol, radix: 16)) \($0.vlan)" } } == [
          ["88a8 100", "8100 10"], nil, ["88a8 100", "8100 12"],
        ])
      let pod = try await instance.exchange(from: "pod1-p", to: "pod2-p", sent)
      #expect(pod.map { $0?.tags.map(\.vlan) } == [[10], nil, [12]])
      let tags: [(UInt16, UInt16)] = [(100, 11), (101, 11), (100, 12)]
      let back = try await instance.exchange(
        from: "trunk0-p", to: "pod1-p",
        tags.map { outer, inner in
          Frame(from: [2, 0, 0, 0, 0, 2], tags: [(0x88a8, outer), (0x8100, inner)], type: 0x88b5, [2])
        })
      #expect(back.map { $0?.tags.map(\.vlan) } == [[11], nil, [12]])
    }
  }
}
