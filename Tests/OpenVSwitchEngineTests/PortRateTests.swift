import OVSDB
import OVSTestSupport
import OpenVSwitchEngine
import Testing

@Suite(.enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"), .timeLimit(.minutes(2)), .serialized)
struct PortRateTests {
  private let frame = Frame(from: [2, 0, 0, 0, 0, 1], type: 0x88b5, [1])

  @Test(arguments: [true, false])
  func aLimitHoldsChangesAndGoes(isIngress: Bool) async throws {
    try await withEngine { engine, instance in
      try await engine.apply(DesiredSwitch(bridges: ["br-data": DesiredBridge()]))
      var port = try await prepare(engine, instance)
      let (from, to) = isIngress ? ("pod2-p", "pod1-p") : ("pod1-p", "pod2-p")
      func measure(_ limit: Int?) async throws -> Double {
        let limit = limit.map { PortRate.Limit(rate: $0, burst: 200_000) }
        port.rate = limit.map { isIngress ? PortRate(ingress: $0) : PortRate(egress: $0) }
        try await engine.addPodPort(port)
        return try await instance.throughput(from: from, to: to, frame)
      }
      let free = try await measure(nil)
      // Machines and their load differ; the limits are far below what this one can do now.
      let (low, high) = (free / 40, free / 8)
      let slow = try await measure(Int(low))
      #expect(slow < low * 1.5 && slow > low * 0.3, "\(slow) bit/s of \(low)")
      let fast = try await measure(Int(high))
      #expect(fast < high * 1.5 && fast > high * 0.3, "\(fast) bit/s of \(high)")
      let freed = try await measure(nil)
      #expect(freed > high * 2, "\(freed) bit/s without a limit, \(free) before")
    }
  }

  @Test func rowsOfALimitGoWithItAndWithThePort() async throws {
    try await withEngine { engine, instance in
      let desired = DesiredSwitch(bridges: ["br-data": DesiredBridge()])
      try await engine.apply(desired)
      try await instance.vsctl("--", "--id=@q", "create", "QoS", "type=linux-noop")
      let theirs = try await rows(instance)
      var port = try await prepare(engine, instance)
      port.rate = PortRate(ingress: .init(rate: 5_000_000, burst: 80_000), egress: .init(rate: 1_000_000))
      try await engine.addPodPort(port)
      #expect(
        try await instance.vsctl("get", "Port", "pod1", "external_ids:netloom-rate").contains("ingress=5000000/80000"))
      let all = try await rows(instance)
      #expect(all.count == theirs.count + 2)
      try await engine.addPodPort(port)
      #expect(try await rows(instance) == all, "nothing is written twice")

      for meddling in [
        ["clear", "Port", "pod1", "qos"], ["set", "QoS", "max", "other_config:max-rate=1"],
        ["clear", "QoS", "max", "queues"],
      ] {
        let qos = try await instance.vsctl("get", "Port", "pod1", "qos")
        let events = engine.events()
        try await instance.vsctl(meddling.map { $0 == "max" ? qos : $0 })
        for await event in events {
          if case .changed = event, try await !engine.apply(desired).actions.isEmpty { break }
        }
        try await engine.apply(desired)
        let restored = try await instance.vsctl("get", "Port", "pod1", "qos")
        #expect(try await instance.vsctl("get", "QoS", restored, "other_config:max-rate") == "\"5000000\"")
        #expect(try await rows(instance).count == theirs.count + 2)
      }

      port.rate?.ingress = nil
      try await engine.addPodPort(port)
      #expect(try await rows(instance) == theirs)
      port.rate?.ingress = .init(rate: 7_000_000)
      try await engine.addPodPort(port)
      try await engine.removePodPorts(["pod1"])
      #expect(try await rows(instance) == theirs)

      // A port that somebody else takes away leaves its limit to us.
      try await engine.addPodPort(port)
      let events = engine.events()
      try await instance.vsctl("del-port", "pod1")
      for await event in events {
        if case .changed = event, try await !engine.apply(desired).actions.isEmpty { break }
      }
      #expect(try await rows(instance) == theirs)
    }
  }

  private func rows(_ instance: SwitchInstance) async throws -> [String] {
    let list =
      try await instance.vsctl("--columns=_uuid", "list", "QoS") + "\n"
      + instance.vsctl("--columns=_uuid", "list", "Queue")
    return list.split(separator: "\n").map(String.init).sorted()
  }

  private func prepare(_ engine: OpenVSwitchEngine, _ instance: SwitchInstance) async throws -> PodPort {
    for name in ["pod1", "pod2"] {
      try await instance.addDevice(name)
      try await Command.run(["ip", "-n", instance.namespace, "link", "set", "\(name)-p", "up", "addrgenmode", "none"])
    }
    try await engine.addPodPort(PodPort(name: "pod2", bridge: "br-data", vlans: .access(vlan(13))))
    return PodPort(name: "pod1", bridge: "br-data", vlans: .access(vlan(13)))
  }
}
