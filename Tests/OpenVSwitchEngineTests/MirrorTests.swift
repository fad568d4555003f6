import OVSTestSupport
import OpenVSwitchEngine
import Testing

@Suite(.enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"), .timeLimit(.minutes(2)))
struct MirrorTests {
  /// What copies need that OVN has not made yet is told, and they go as soon as it has.
  @Test func whatMirrorsWaitForIsTold() async throws {
    try await withEngine { engine, instance in
      try await instance.vsctl("add-br", "br-int")
      try await instance.addDevice("pod1")
      try await instance.vsctl(
        "add-port", "br-int", "pod1", "--", "set", "Interface", "pod1", "external_ids:iface-id=ns/a/net1")
      var desired = DesiredSwitch()
      desired.mirrors = [
        "ns/away": DesiredMirror(of: ["ns/a/net1"], key: 0x80_0001, to: .chassis("c2")),
        "ns/here": DesiredMirror(of: ["ns/a/net1"], key: 0x80_0002, to: .port("ns/tap/net1")),
        "ns/arrives": DesiredMirror(of: [], key: 0x80_0003, to: .port("ns/a/net1"), origins: ["c2", "c3"]),
      ]
      var awaited = try await engine.awaited(desired) { $0["ns/arrives"]?.hasPrefix("OVN") == true }
      #expect(awaited["ns/away"]?.hasPrefix("OVN has no tunnel to chassis c2 yet") == true)
      #expect(awaited["ns/here"]?.hasPrefix("port ns/tap/net1, which gets the copies, is not on") == true)
      #expect(awaited["ns/arrives"]?.hasPrefix("OVN has no tunnel to chassis c2 yet") == true)

      try await instance.vsctl(
        "add-port", "br-int", "ovn-c2-0", "--", "set", "Port", "ovn-c2-0", "external_ids:ovn-chassis-id=c2@127.0.0.2",
        "--", "set", "Interface", "ovn-c2-0", "type=geneve", "options:remote_ip=127.0.0.2", "options:key=flow")
      awaited = try await engine.awaited(desired) { $0["ns/away"] == nil }
      #expect(Set(awaited.keys) == ["ns/here", "ns/arrives"])
      #expect(awaited["ns/arrives"]?.hasPrefix("OVN has no tunnel to chassis c3 yet") == true)
      #expect(try await instance.vsctl("--bare", "--columns=name", "find", "Mirror", "name=ns/away") == "ns/away")
    }
  }
}

extension OpenVSwitchEngine {
  /// What copies wait for, as soon as the engine has heard of what was just done to the switch.
  fileprivate func awaited(
    _ desired: DesiredSwitch, when hasHeard: ([String: String]) -> Bool
  ) async throws -> [String: String] {
    for await _ in events() {
      if hasHeard(try await apply(desired).awaited) { break }
    }
    return try await apply(desired).awaited
  }
}
