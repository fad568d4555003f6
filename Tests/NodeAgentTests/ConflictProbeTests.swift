import CNI
import KubernetesModel
import Netlink
import NetworkAnnotations
import NetworkTypes
import OVSTestSupport
import Synchronization
import TestSupport
import Testing

@testable import NodeAgent

@Suite("The frames of the conflict probe")
struct ConflictProbeFrameTests {
  private let vlan = VLANID(rawValue: 13)!
  private let mac = MACAddress(rawValue: 0x0200_0000_0001)!

  private func frame(_ bytes: [UInt8], vlan: VLANID?) -> PacketSocket.Frame {
    // As the kernel gives it: the tag beside the frame.
    PacketSocket.Frame(bytes: (bytes[..<12] + bytes[16...])[...], vlan: vlan)
  }

  @Test("an ARP Probe, byte for byte (RFC 5227 section 2.1.1)")
  func arp() throws {
    let probe = ConflictProbeFrames.probe(try IPAddress(parsing: "10.0.0.5"), from: mac, vlan: vlan)
    #expect(
      probe.prefix(46)
        == [
          255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 0x81, 0, 0, 13, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0,
          1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 5,
        ])
    #expect(probe.count == 60)
  }

  @Test("a Neighbor Solicitation from nobody, with a right checksum (RFC 4862 section 5.4.2)")
  func solicitation() throws {
    let address = try IPAddress(parsing: "2001:db8::1:2:3")
    let probe = ConflictProbeFrames.probe(address, from: mac, vlan: vlan)
    #expect(probe.prefix(6) == [0x33, 0x33, 0xff, 2, 0, 3])
    let packet = Array(probe[18...])
    #expect(packet[7] == 255)
    #expect(packet[8..<24].allSatisfy { $0 == 0 })
    #expect(try IPAddress(parsing: "ff02::1:ff02:3").bytes == Array(packet[24..<40]))
    #expect(Array(packet[48..<64]) == address.bytes)
    // Over a message that has its checksum the sum is zero.
    let message = Array(packet[40..<64])
    #expect(ConflictProbeFrames.checksum(message, from: Array(packet[8..<24]), to: Array(packet[24..<40])) == 0)
  }

  @Test("another's probe for the address is a claim, on the same VLAN only", arguments: ["10.0.0.5", "2001:db8::5"])
  func simultaneous(text: String) throws {
    let address = try IPAddress(parsing: text)
    let probe = ConflictProbeFrames.probe(address, from: mac, vlan: vlan)
    #expect(ConflictProbeFrames.claimant(of: address, in: frame(probe, vlan: vlan), vlan: vlan) == mac)
    for other in [nil, VLANID(rawValue: 14)] {
      #expect(ConflictProbeFrames.claimant(of: address, in: frame(probe, vlan: other), vlan: vlan) == nil)
    }
    #expect(
      ConflictProbeFrames.claimant(of: address.advanced(by: 1)!, in: frame(probe, vlan: vlan), vlan: vlan) == nil)
  }

  @Test("whatever comes is read or passed over", arguments: 0..<20)
  func anyBytes(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for text in ["10.0.0.5", "2001:db8::5"] {
      let address = try IPAddress(parsing: text)
      for _ in 0..<500 {
        var bytes = ConflictProbeFrames.probe(address, from: mac, vlan: vlan)
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
          bytes[Int.random(in: 16..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        bytes = Array(bytes.prefix(Int.random(in: 16...bytes.count, using: &generator)))
        let claimant = ConflictProbeFrames.claimant(of: address, in: frame(bytes, vlan: vlan), vlan: vlan)
        // A frame that was cut before the address says nothing.
        if bytes.count < 46 { #expect(claimant == nil) }
      }
    }
  }
}

@Suite("The conflict probe on a real wire", .enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"))
struct ConflictProbeWireTests {
  private func mac(_ text: String) throws -> MACAddress { try MACAddress(parsing: text) }

  /// Puts a namespace behind a port of the fabric's switch: its interface is `eth0`.
  private func connect(
    _ namespace: NetworkNamespace, to ovs: SwitchInstance, port: String, mac: MACAddress, _ column: String
  ) async throws {
    let fabric = try NetworkNamespace.open(path: "/run/netns/\(ovs.namespace)")
    try NetlinkSocket(in: fabric).perform(
      NetlinkRequest.createVeth(
        VethEnd(port), peer: VethEnd("eth0", in: namespace, macAddress: mac), isUp: true))
    try NetlinkSocket(in: namespace).perform(NetlinkRequest.setUp(.name("eth0")))
    try await ovs.vsctl("add-port", "br", port, column)
  }

  @Test("a foreign holder is found on its VLAN, IPv4 and IPv6; on another VLAN, and by another address, nothing is")
  func holders() async throws {
    try await SwitchInstance.with { ovs in
      try await ovs.vsctl("add-br", "br", "--", "set", "bridge", "br", "datapath_type=netdev")
      try await TestPod.with("node", "othernode", "foreign") { spaces in
        let (node, other, foreign) = (spaces[0].namespace, spaces[1].namespace, spaces[2].namespace)
        let holder = try mac("02:00:00:00:00:99")
        try await connect(node, to: ovs, port: "uplink1", mac: mac("02:00:00:00:00:01"), "trunks=13,14")
        try await connect(other, to: ovs, port: "uplink2", mac: mac("02:00:00:00:00:02"), "trunks=13,14")
        try await connect(foreign, to: ovs, port: "foreign", mac: holder, "tag=13")
        let socket = try NetlinkSocket(in: foreign)
        let link = try socket.link(.name("eth0")).index
        for address in ["10.203.13.5/24", "fd03::5/64"] {
          try socket.perform(.addAddress(InterfaceAddress(parsing: address), to: link))
        }

        func conflicts(_ addresses: [String], vlan: UInt16, from namespace: NetworkNamespace, patient: Bool = false)
          async throws -> [AddressConflict]
        {
          let allocation = Allocation(
            network: NetworkReference(namespace: "test", name: "net"), interface: "net1",
            ips: try addresses.map { try InterfaceAddress(parsing: $0) })
          // A loaded machine's switch may need longer than the default for its first packets.
          return try await ConflictProbe(host: namespace, duration: .milliseconds(patient ? 1500 : 300))
            .conflicts(with: allocation, on: try #require(VLANID(rawValue: vlan)), through: "eth0")
        }
        let vlan = VLANID(rawValue: 13)
        let addresses = ["10.203.13.4/24", "10.203.13.5/24", "fd03::4/64", "fd03::5/64"]
        #expect(
          try await conflicts(addresses, vlan: 13, from: node, patient: true)
            == [
              AddressConflict(address: IPAddress(parsing: "10.203.13.5"), mac: holder, vlan: vlan),
              AddressConflict(address: IPAddress(parsing: "fd03::5"), mac: holder, vlan: vlan),
            ])
        #expect(try await conflicts(addresses, vlan: 14, from: node) == [])
        #expect(try await conflicts(["10.203.13.6/24", "fd03::6/64"], vlan: 13, from: node) == [])
        // Of two nodes that ask at the same time for the same address at least one gives way.
        async let first = conflicts(["10.203.13.7/24"], vlan: 13, from: node, patient: true)
        async let second = conflicts(["10.203.13.7/24"], vlan: 13, from: other, patient: true)
        let found = try await (first.map(\.mac), second.map(\.mac))
        #expect(found.0 + found.1 != [])
        #expect(try found.0.allSatisfy { try $0 == mac("02:00:00:00:00:02") })
        #expect(try found.1.allSatisfy { try $0 == mac("02:00:00:00:00:01") })
      }
    }
  }

  @Test("a device that is not there is an error that names it")
  func absent() async throws {
    try await TestPod.with("node") { spaces in
      let error = await #expect(throws: NetlinkError.self) {
        try await ConflictProbe(host: spaces[0].namespace, duration: .milliseconds(3)).conflicts(
          with: .test("10.203.13.4/24"), on: try #require(VLANID(rawValue: 13)), through: "eth9")
      }
      #expect(error?.description.contains("eth9") == true)
    }
  }
}

@Suite("Allocations that are probed")
struct ConflictProbedAllocationsTests {
  /// What was asked and reported.
  private final class World: Sendable {
    let asked = Mutex<[Allocation]>([])
    let reported = Mutex<[[AddressConflict]]>([])
    let taken = Mutex<Set<String>>([])
  }

  private let world = World()
  private let identity = PodIdentity(namespace: "test", name: "a")

  private func allocation(_ address: String, probe: Bool = true) throws -> Allocation {
    var allocation = try Allocation.test(address)
    allocation.probe = probe
    return allocation
  }

  private func pod(_ allocations: [Allocation], phase: String? = nil) -> Pod {
    Pod(
      metadata: .init(
        name: "a", namespace: "test", annotations: [PodAnnotation.allocations: Allocation.text(of: allocations)]),
      status: .init(phase: phase))
  }

  private func source(_ allocations: [Allocation]) -> ConflictProbedAllocations {
    let world = world
    return ConflictProbedAllocations(
      StaticAllocations([("test", "a", allocations)]),
      probe: { allocation in
        world.asked.withLock { $0.append(allocation) }
        return allocation.ips.map(\.address).filter { address in world.taken.withLock { $0.contains("\(address)") } }
          .map { AddressConflict(address: $0, mac: MACAddress(rawValue: 0x0200_0000_0099), vlan: VLANID(rawValue: 13)) }
      },
      report: { _, conflicts in world.reported.withLock { $0.append(conflicts) } }, logger: TestNode.logger)
  }

  private func add(_ source: ConflictProbedAllocations) async throws -> Allocation {
    try await source.allocation(
      for: identity, network: NetworkReference(namespace: "test", name: "vlan"), interface: "net1")
  }

  @Test("asked once, at the first sight; ADD gets the outcome; who does not ask for it is not probed")
  func once() async throws {
    let wanted = try allocation("10.203.0.2/24")
    let source = source([wanted])
    await source.update(pod([wanted]))
    await source.update(pod([wanted]))
    #expect(try await add(source) == wanted)
    #expect(world.asked.withLock { $0 } == [wanted])
    let unprobed = try allocation("10.203.0.3/24", probe: false)
    #expect(try await add(self.source([unprobed])) == unprobed)
    #expect(world.asked.withLock { $0.count } == 1)
    #expect(world.reported.withLock { $0 } == [])
  }

  @Test("a pod that runs is left alone; ADD asks when nobody has before")
  func running() async throws {
    let wanted = try allocation("10.203.0.2/24")
    let source = source([wanted])
    await source.update(pod([wanted], phase: "Running"))
    #expect(world.asked.withLock { $0 } == [])
    _ = try await add(source)
    #expect(world.asked.withLock { $0 } == [wanted])
  }

  @Test("a conflict fails ADD with code 11 and is reported once for all interfaces; the next attempt asks again")
  func conflict() async throws {
    world.taken.withLock { $0 = ["10.203.0.2", "10.203.9.9"] }
    let wanted = try allocation("10.203.0.2/24")
    var second = try allocation("10.203.9.9/24")
    second.interface = "net2"
    let source = source([wanted, second])
    await source.update(pod([wanted, second]))
    let error = await #expect(throws: AllocationError.self) { try await add(source) }
    #expect(CNIError(attempting: "ADD", try #require(error)).code == .tryAgainLater)
    #expect(
      error?.reason
        == "address 10.203.0.2 on VLAN 13 (test/vlan) is in use by the machine with MAC address 02:00:00:00:00:99, which "
        + "Netloom did not attach: another address is assigned; take this one from that machine, or add it to \"exclude\" "
        + "of the Subnet")
    #expect(world.reported.withLock { $0.map { $0.map(\.address.description) } } == [["10.203.0.2", "10.203.9.9"]])
    world.taken.withLock { $0 = [] }
    #expect(try await add(source) == wanted)
  }

  @Test("what cannot be probed is used as it is")
  func impossible() async throws {
    let wanted = try allocation("10.203.0.2/24")
    let source = ConflictProbedAllocations(
      StaticAllocations([("test", "a", [wanted])]), probe: { _ in throw NetlinkError("open", on: "eth9", errno: 1) },
      report: { _, _ in Issue.record("there is nothing to report") }, logger: TestNode.logger)
    #expect(try await add(source) == wanted)
  }
}
