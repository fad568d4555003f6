import NetworkTypes
import OVSDB
import OVSTestSupport
import OpenVSwitchEngine
import Testing

private let own: [UInt8] = [0x02, 0x4e, 0x0a, 0x00, 0x00, 0x05]
private let other: [UInt8] = [0x02, 0x4e, 0x0a, 0x00, 0x00, 0x06]
private let none: [UInt8] = [0, 0, 0, 0, 0, 0]

private func v6(_ text: String) -> [UInt8] { IPAddress(text)?.bytes ?? [] }

/// What a pod may send and what not, if it is 02:4e:0a:00:00:05 with 10.0.0.5 and fd00::5.
private struct Packet: CustomStringConvertible {
  let description: String
  let mayPass: Bool
  let frame: Frame

  init(_ description: String, _ mayPass: Bool, from source: [UInt8] = own, _ type: UInt16, _ payload: [UInt8]) {
    self.description = description
    self.mayPass = mayPass
    frame = Frame(from: source, type: type, payload)
  }

  static func arp(
    _ text: String, _ mayPass: Bool, from source: [UInt8] = own, sender: [UInt8] = own, _ address: [UInt8]
  )
    -> Packet
  {
    Packet(text, mayPass, from: source, 0x0806, [0, 1, 8, 0, 6, 4, 0, 1] + sender + address + none + [10, 0, 0, 9])
  }

  static func ipv4(
    _ text: String, _ mayPass: Bool, from source: [UInt8] = own, _ address: [UInt8],
    to destination: [UInt8] = [10, 0, 0, 9],
    ports: (UInt8, UInt8) = (99, 99)
  ) -> Packet {
    let header: [UInt8] = [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0] + address + destination
    return Packet(text, mayPass, from: source, 0x0800, header + [0, ports.0, 0, ports.1, 0, 8, 0, 0])
  }

  static func ipv6(_ text: String, _ mayPass: Bool, from source: [UInt8] = own, _ address: String) -> Packet {
    let header: [UInt8] = [0x60, 0, 0, 0, 0, 8, 17, 64] + v6(address) + v6("fd00::9")
    return Packet(text, mayPass, from: source, 0x86dd, header + [0, 99, 0, 99, 0, 8, 0, 0])
  }

  /// A neighbour solicitation (135) or advertisement (136) with the link-layer address option, if any.
  static func neighbour(
    _ text: String, _ mayPass: Bool, _ type: UInt8, _ address: String, target: String, hardware: [UInt8]?
  ) -> Packet {
    var message: [UInt8] = [type, 0, 0, 0, 0, 0, 0, 0] + v6(target)
    if let hardware { message += [type == 135 ? 1 : 2, 1] + hardware }
    let header: [UInt8] = [0x60, 0, 0, 0, 0, UInt8(message.count), 58, 255] + v6(address) + v6("ff02::1")
    return Packet(text, mayPass, 0x86dd, header + message)
  }

  static let all: [Packet] = [
    arp("ARP", true, [10, 0, 0, 5]), arp("ARP probe", true, [0, 0, 0, 0]),
    arp("ARP, other address", false, [10, 0, 0, 6]),
    arp("ARP, other hardware", false, sender: other, [10, 0, 0, 5]),
    arp("ARP from another", false, from: other, sender: other, [10, 0, 0, 5]),
    ipv4("IPv4", true, [10, 0, 0, 5]), ipv4("IPv4, other address", false, [10, 0, 0, 6]),
    ipv4("IPv4 from another", false, from: other, [10, 0, 0, 5]),
    ipv4("DHCP discover", true, [0, 0, 0, 0], to: [255, 255, 255, 255], ports: (68, 67)),
    ipv4("DHCP offer", false, [0, 0, 0, 0], to: [255, 255, 255, 255], ports: (67, 68)),
    ipv4("IPv4 from nobody", false, [0, 0, 0, 0]),
    ipv6("IPv6", true, "fd00::5"), ipv6("IPv6, other address", false, "fd00::6"),
    ipv6("IPv6, link-local", true, "fe80::4e:aff:fe00:5"), ipv6("IPv6, other link-local", false, "fe80::4e:aff:fe00:6"),
    ipv6("IPv6 from another", false, from: other, "fd00::5"), ipv6("IPv6 from nobody", false, "::"),
    neighbour("solicitation", true, 135, "fd00::5", target: "fd00::9", hardware: own),
    neighbour("solicitation, other hardware", false, 135, "fd00::5", target: "fd00::9", hardware: other),
    neighbour("solicitation, other address", false, 135, "fd00::6", target: "fd00::9", hardware: own),
    neighbour("duplicate detection", true, 135, "::", target: "fd00::5", hardware: nil),
    neighbour("duplicate detection, link-local", true, 135, "::", target: "fe80::4e:aff:fe00:5", hardware: nil),
    neighbour("duplicate detection, other", false, 135, "::", target: "fd00::6", hardware: nil),
    neighbour("advertisement", true, 136, "fd00::5", target: "fd00::5", hardware: own),
    neighbour("advertisement, link-local", true, 136, "fe80::4e:aff:fe00:5", target: "fd00::5", hardware: own),
    neighbour("advertisement, other target", false, 136, "fd00::5", target: "fd00::6", hardware: own),
    neighbour("advertisement, other hardware", false, 136, "fd00::5", target: "fd00::5", hardware: other),
    Packet("RARP", false, 0x8035, [0, 1, 8, 0, 6, 4, 0, 3] + own + none + own + [10, 0, 0, 6]),
    Packet("another protocol", true, 0x88b5, [1, 2, 3, 4]),
    Packet("another protocol from another", false, from: other, 0x88b5, [1, 2, 3, 4]),
    Packet("tags in a tag", false, 0x8100, [0, 0, 0x81, 0, 0, 9] + [0x08, 0, 0x45]),
    Packet("the last", true, 0x88b5, [9]),
  ]
}

extension SwitchInstance {
  /// The packets of which something else became than was expected.
  fileprivate func surprises(_ packets: [Packet], from: String, to: String) async throws -> [String] {
    let received = try await exchange(from: from, to: to, packets.map(\.frame))
    return zip(packets, received).filter { $0.mayPass != ($1 != nil) }.map { "\($0.description): \($1 != nil)" }
  }

  fileprivate func flows(_ bridge: String) async throws -> [String] {
    try await Command.run([
      "ovs-ofctl", "-O", "OpenFlow13", "--no-stats", "dump-flows", "unix:\(directory)/\(bridge).mgmt",
    ])
    .split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }.map(String.init).filter { !$0.hasPrefix("OFPST") }
    .sorted()
  }

  fileprivate func ofctl(_ arguments: String...) async throws {
    try await Command.run(["ovs-ofctl", "-O", "OpenFlow13"] + arguments)
  }
}

@Suite(.enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"), .timeLimit(.minutes(2)))
struct PortSecurityTests {
  private let security = PortSecurity(
    macAddress: MACAddress("02:4e:0a:00:00:05") ?? .init(rawValue: 1)!,
    addresses: Set(["10.0.0.5", "fd00::5"].compactMap { IPAddress($0) }))

  @Test func aPodSendsAsItselfAlone() async throws {
    try await withEngine { engine, instance in
      try await prepare(engine, instance)
      var port = PodPort(name: "pod1", bridge: "br-data", vlans: .access(vlan(13)), security: security)
      try await engine.addPodPort(port)
      #expect(try await instance.surprises(Packet.all, from: "pod1-p", to: "pod2-p") == [])
      // Without security all of it passes (but what Open vSwitch itself does not take).
      port.security = nil
      try await engine.addPodPort(port)
      #expect(try await instance.flows("br-data") == ["priority=0 actions=NORMAL"])
      let received = try await instance.exchange(from: "pod1-p", to: "pod2-p", Packet.all.map(\.frame))
      #expect(zip(Packet.all, received).filter { $1 == nil }.map(\.0.description) == [])
    }
  }

  @Test func aTrunkMayHaveAnyAddressAndOneHardwareAddress() async throws {
    try await withEngine { engine, instance in
      try await prepare(engine, instance)
      let hardware = PortSecurity(macAddress: security.macAddress)
      try await engine.addPodPort(
        PodPort(name: "pod1", bridge: "br-data", vlans: .trunk(vlans(13...14)), security: hardware))
      let blocked: Set = [
        "ARP, other hardware", "ARP from another", "IPv4 from another", "IPv6 from another",
        "solicitation, other hardware", "advertisement, other hardware", "another protocol from another",
      ]
      let packets = Packet.all.filter { $0.description != "tags in a tag" }
      let tagged = packets.map { packet in
        var frame = packet.frame
        frame.bytes.insert(contentsOf: [0x81, 0, 0, 13], at: 12)
        return frame
      }
      let received = try await instance.exchange(from: "pod1-p", to: "pod2-p", tagged)
      #expect(Set(zip(packets, received).filter { $1 == nil }.map(\.0.description)) == blocked)
      #expect(received.compactMap { $0 }.allSatisfy { $0.tags.isEmpty }, "untagged at an access port")
    }
  }

  @Test func othersFlowsStayAndOursComeBack() async throws {
    try await withEngine { engine, instance in
      try await prepare(engine, instance)
      let socket = "unix:\(instance.directory)/br-data.mgmt"
      try await instance.ofctl("add-flow", socket, "cookie=7,priority=9,in_port=65000,actions=drop")
      try await instance.ofctl("add-meter", socket, "meter=3,kbps,band=type=drop,rate=5")
      let theirs = try await instance.flows("br-data")
      #expect(theirs.count == 2)
      let rate = PortRate(egress: .init(rate: 1_000_000))
      try await engine.addPodPort(
        PodPort(name: "pod1", bridge: "br-data", vlans: .access(vlan(13)), rate: rate, security: security))
      let all = try await instance.flows("br-data")
      #expect(all.count > 20)
      // Somebody empties the tables.
      try await instance.ofctl("del-flows", socket)
      try await instance.ofctl("add-flow", socket, "priority=0,actions=NORMAL")
      try await instance.ofctl("add-flow", socket, "cookie=7,priority=9,in_port=65000,actions=drop")
      try await until { try await instance.flows("br-data") == all }
      // ovs-vswitchd ends and begins anew.
      try await instance.killSwitch()
      try await instance.restartSwitch()
      let ours = all.filter { !theirs.contains($0) }
      try await until { try await Set(ours).isSubset(of: instance.flows("br-data")) }
      #expect(try await instance.surprises(Packet.all, from: "pod1-p", to: "pod2-p") == [])

      try await instance.ofctl("add-flow", socket, "cookie=7,priority=9,in_port=65000,actions=drop")
      try await engine.removePodPorts(["pod1"])
      try await until { try await instance.flows("br-data") == theirs }
      try await until {
        try await !Command.run(["ovs-ofctl", "-O", "OpenFlow13", "dump-meters", socket]).contains("meter=32")
      }
    }
  }

  @Test func withoutFlowsThereIsNoPort() async throws {
    try await withEngine { engine, instance in
      try await prepare(engine, instance)
      try await instance.vsctl("set", "bridge", "br-data", "protocols=OpenFlow10")
      let error = await #expect(throws: OpenVSwitchError.self) {
        try await engine.addPodPort(
          PodPort(name: "pod1", bridge: "br-data", vlans: .access(vlan(13)), security: security))
      }
      #expect(error?.code == .flowsFailed)
      #expect(error?.reason.contains("OpenFlow13") == true)
      #expect(try await instance.vsctl("list-ports", "br-data") == "pod2")
      try await instance.vsctl("clear", "bridge", "br-data", "protocols")
      try await engine.addPodPort(
        PodPort(name: "pod1", bridge: "br-data", vlans: .access(vlan(13)), security: security))
    }
  }

  @Test func marksAreReadAsTheyWereWritten() {
    for security in [security, PortSecurity(macAddress: security.macAddress)] {
      #expect(PortSecurity(security.description) == security)
    }
    let limits: [PortRate.Limit?] = [nil, .init(rate: 5), .init(rate: 5, burst: 6)]
    for ingress in limits {
      for egress in limits where ingress != nil || egress != nil {
        let rate = PortRate(ingress: ingress, egress: egress)
        #expect(PortRate(rate.description) == rate)
      }
    }
    for text in ["", "x", "ingress=", "ingress=1/", "ingress=1 ingress=2", "up=1"] { #expect(PortRate(text) == nil) }
    for text in ["", "02:4e:0a:00:00", "02:4e:0a:00:00:05 ", "02:4e:0a:00:00:05 10.0.0.5,", "02:4e:0a:00:00:05  "] {
      #expect(PortSecurity(text) == nil)
    }
  }

  private func prepare(_ engine: OpenVSwitchEngine, _ instance: SwitchInstance) async throws {
    try await engine.apply(DesiredSwitch(bridges: ["br-data": DesiredBridge()]))
    for name in ["pod1", "pod2"] { try await instance.addDevice(name) }
    for name in ["pod1-p", "pod2-p"] {
      try await Command.run(["ip", "-n", instance.namespace, "link", "set", name, "up", "addrgenmode", "none"])
    }
    try await engine.addPodPort(PodPort(name: "pod2", bridge: "br-data", vlans: .access(vlan(13))))
  }
}

/// Waits for something of which nobody tells when it comes.
func until(_ isTrue: () async throws -> Bool) async throws {
  let clock = ContinuousClock()
  let end = clock.now + .seconds(20)
  while clock.now < end {
    do {
      if try await isTrue() { return }
    } catch is CommandError {
      // The switch may be away for a moment.
    }
    try await Task.sleep(for: .milliseconds(50))
  }
  Issue.record("it did not come true")
}
