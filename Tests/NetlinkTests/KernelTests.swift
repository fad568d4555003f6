import Glibc
import NetworkTypes
import Testing

@testable import Netlink

@Suite("The kernel", .enabled(if: geteuid() == 0, "making network namespaces needs root"))
struct KernelTests {
  @Test("a veth pair across namespaces carries a ping with addresses, routes and MTU as asked")
  func vethPair() async throws {
    try await withNamespaces { left, right in
      let mac = try MACAddress(parsing: "02:00:00:00:00:0a")
      let socket = try NetlinkSocket(in: left)
      try socket.perform(
        .createVeth(
          VethEnd("l0", mtu: 1400), peer: VethEnd("r0", in: right, macAddress: mac, mtu: 1400), isUp: true))
      let leftLink = try socket.link(.name("l0"))
      try socket.perform([
        .addAddress(try InterfaceAddress(parsing: "10.201.0.1/24"), to: leftLink.index),
        .addAddress(try InterfaceAddress(parsing: "fd00:201::1/64"), to: leftLink.index),
      ])
      let far = try NetlinkSocket(in: right)
      try far.perform(.setUp(.name("r0")))
      let rightLink = try far.link(.name("r0"))
      #expect(rightLink.macAddress == mac)
      #expect(rightLink.mtu == 1400)
      #expect(rightLink.kind == "veth")
      #expect(rightLink.peerIsElsewhere && rightLink.isUp)
      let gateway = try IPAddress(parsing: "10.201.0.1")
      let remote = Route(
        to: try CIDR(parsing: "10.77.0.0/16"), via: try IPAddress(parsing: "169.254.7.7"), linkIndex: rightLink.index,
        isOnlink: true)
      try far.perform([
        .addAddress(try InterfaceAddress(parsing: "10.201.0.2/24"), to: rightLink.index),
        .addAddress(try InterfaceAddress(parsing: "fd00:201::2/64"), to: rightLink.index),
        .addRoute(Route(to: try CIDR(parsing: "0.0.0.0/0"), via: gateway, linkIndex: rightLink.index)),
        .addRoute(remote),
      ])
      let routes = try far.routes()
      #expect(routes.contains { $0.destination.prefixLength == 0 && $0.gateway == gateway })
      #expect(routes.contains { $0.destination == remote.destination && $0.isOnlink })
      let addresses = try far.addresses(of: rightLink.index).filter { !$0.isLinkLocal }.map(\.address.description)
      #expect(Set(addresses) == ["10.201.0.2/24", "fd00:201::2/64"])
      for target in ["10.201.0.2", "fd00:201::2"] {
        let outcome = try await NamespaceProcess.run(ProcessCommand("ping", ["-c1", "-W2", target]), in: left)
        #expect(outcome.isSuccess, "\(outcome.text)\(outcome.errorText)")
      }
    }
  }

  @Test("errors say what was attempted, on what, and the kernel's reason")
  func errors() async throws {
    try await withNamespaces { left, _ in
      let socket = try NetlinkSocket(in: left)
      let missing = #expect(throws: NetlinkError.self) { try socket.link(.name("absent0")) }
      #expect(missing?.isNotFound == true)
      try socket.perform(.createBridge("br0"))
      let taken = #expect(throws: NetlinkError.self) { try socket.perform(.createBridge("br0")) }
      #expect(taken?.isAlreadyExists == true)
      #expect(taken?.description.hasPrefix("cannot create bridge br0: EEXIST") == true)
      let tooBig = #expect(throws: NetlinkError.self) { try socket.perform(.setMTU(10_000_000, of: .name("br0"))) }
      #expect(tooBig?.detail != nil)
      #expect(try socket.findLink(.name("absent0")) == nil)
    }
  }

  @Test("links are renamed, moved, put into bridges and deleted together")
  func links() async throws {
    try await withNamespaces { left, right in
      let socket = try NetlinkSocket(in: left)
      try socket.perform((0..<5).map { .createVeth(VethEnd("a\($0)"), peer: VethEnd("b\($0)")) })
      try socket.perform([
        .createBridge("br0", isUp: true), .rename(.index(try socket.link(.name("a0")).index), to: "port"),
      ])
      let bridge = try socket.link(.name("br0"))
      try socket.perform([.setMaster(bridge.index, of: .name("port")), .setAlias("ours", of: .name("port"))])
      let port = try socket.link(.name("port"))
      #expect(port.masterIndex == bridge.index)
      #expect(port.alias == "ours")
      try socket.perform(.move(.name("b0"), to: right))
      #expect(try NetlinkSocket(in: right).findLink(.name("b0")) != nil)
      try socket.deleteLinks([.name("port"), .name("a1"), .name("a2"), .name("a3"), .name("gone"), .name("a4")])
      #expect(try socket.links().map(\.name).sorted() == ["br0", "lo"])
    }
  }

  @Test("transmit checksum offload is switched by ioctl")
  func checksumOffload() async throws {
    try await withNamespaces { left, right in
      try NetlinkSocket(in: left).perform(.createVeth(VethEnd("l0"), peer: VethEnd("r0", in: right)))
      let ethtool = try Ethtool(in: right)
      #expect(try ethtool.transmitChecksumOffload(on: "r0"))
      try ethtool.setTransmitChecksumOffload(false, on: "r0")
      #expect(try !ethtool.transmitChecksumOffload(on: "r0"))
    }
  }

  @Test("neighbours are set and removed")
  func neighbours() async throws {
    try await withNamespaces { left, right in
      let socket = try NetlinkSocket(in: left)
      try socket.perform(.createVeth(VethEnd("l0"), peer: VethEnd("r0", in: right), isUp: true))
      try NetlinkSocket(in: right).perform(.setUp(.name("r0")))
      let neighbour = Neighbour(
        linkIndex: try socket.link(.name("l0")).index, address: try IPAddress(parsing: "10.0.0.9"),
        macAddress: try MACAddress(parsing: "02:00:00:00:00:09"))
      try socket.perform(.setNeighbour(neighbour))
      #expect(try socket.neighbours().contains(neighbour))
      try socket.perform(.removeNeighbour(neighbour))
      #expect(try !socket.neighbours().contains { $0.address == neighbour.address && $0.isPermanent })
    }
  }

  @Test("a file that is no namespace is refused; removing is idempotent; the caller's thread stays where it was")
  func namespaceLifecycle() async throws {
    let home = try NetworkNamespace.current()
    try await withNamespaces { left, _ in
      #expect(throws: NetlinkError.self) { try NetworkNamespace.create(at: left.path) }
      let inside = try entered(left)
      #expect(inside.isSame(as: left))
      #expect(!inside.isSame(as: home))
      try NetworkNamespace.remove(path: left.path)
      try NetworkNamespace.remove(path: left.path)
      #expect(throws: NetlinkError.self) { try NetworkNamespace.open(path: left.path) }
      #expect(throws: NetlinkError.self) { try NetworkNamespace.open(path: "/etc/passwd") }
    }
  }

  private func entered(_ namespace: NetworkNamespace) throws -> NetworkNamespace {
    try namespace.run { try NetworkNamespace.current() }
  }
}
