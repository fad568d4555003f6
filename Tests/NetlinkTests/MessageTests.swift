import NetworkTypes
import Testing

@testable import Netlink

@Suite("Netlink messages")
struct MessageTests {
  @Test("a veth request nests the peer with its own header")
  func vethRequest() throws {
    let mac = try MACAddress(parsing: "02:00:00:00:00:01")
    let request = NetlinkRequest.createVeth(
      VethEnd("host0", mtu: 1400), peer: VethEnd("net1", macAddress: mac), isUp: true)
    let attributes = MessageReader.attributes(in: request.payload[...], after: 16)
    #expect(attributes[LinkAttribute.name]?.string == "host0")
    #expect(attributes[LinkAttribute.mtu]?.integer(at: 0) == UInt32(1400))
    #expect(request.payload[...].integer(at: 8) == InterfaceFlags.up)
    let info = MessageReader.attributes(in: try #require(attributes[LinkAttribute.linkInfo]), after: 0)
    #expect(info[LinkAttribute.infoKind]?.string == "veth")
    let data = MessageReader.attributes(in: try #require(info[LinkAttribute.infoData]), after: 0)
    let peer = MessageReader.attributes(in: try #require(data[LinkAttribute.vethPeer]), after: 16)
    #expect(peer[LinkAttribute.name]?.string == "net1")
    #expect(peer[LinkAttribute.address].map(Array.init) == [2, 0, 0, 0, 0, 1])
  }

  @Test("an address request holds the address in network order")
  func addressRequest() throws {
    let request = NetlinkRequest.addAddress(try InterfaceAddress(parsing: "fd00::5/64"), to: 7)
    #expect(Array(request.payload[0..<8]) == [10, 64, 2, 0, 7, 0, 0, 0])
    let attributes = MessageReader.attributes(in: request.payload[...], after: 8)
    #expect(attributes[AddressAttribute.local].map(Array.init) == [0xfd] + Array(repeating: 0, count: 14) + [5])
    let address = try #require(LinkAddress(request.payload[...]))
    #expect(address.address.description == "fd00::5/64")
    #expect(address.linkIndex == 7)
  }

  @Test(
    "routes survive encoding and decoding",
    arguments: [("0.0.0.0/0", "10.0.0.1"), ("10.9.0.0/16", "10.0.0.1"), ("::/0", "fd00::1"), ("fd01::/48", nil)])
  func routeRoundTrip(destination: String, gateway: String?) throws {
    let route = Route(
      to: try CIDR(parsing: destination), via: try gateway.map { try IPAddress(parsing: $0) }, linkIndex: 3,
      isOnlink: true,
      metric: 50)
    #expect(Route(NetlinkRequest.addRoute(route).payload[...]) == route)
  }

  @Test("neighbours survive encoding and decoding")
  func neighbourRoundTrip() throws {
    let neighbour = Neighbour(
      linkIndex: 4, address: try IPAddress(parsing: "10.0.0.9"),
      macAddress: try MACAddress(parsing: "02:00:00:00:00:09"))
    #expect(Neighbour(NetlinkRequest.setNeighbour(neighbour).payload[...]) == neighbour)
  }

  @Test("an acknowledgement's text is found behind the echoed header")
  func acknowledgementText() {
    var payload = MessageBuilder()
    payload.append(Int32(-22))
    for value in [UInt32(32), 0, 0, 0] { payload.append(value) }
    payload.attribute(1, "Invalid prefix")
    let flags = MessageFlags.capped | MessageFlags.acknowledgementAttributes
    let message = ReceivedMessage(type: MessageType.error, flags: flags, sequence: 1, payload: payload.bytes[...])
    let answer = MessageReader.acknowledgement(message)
    #expect(answer?.errno == 22)
    #expect(answer?.text == "Invalid prefix")
  }

  @Test("malformed bytes end the reading and never trap")
  func malformedInput() throws {
    let route = Route(to: try CIDR(parsing: "10.0.0.0/8"), via: try IPAddress(parsing: "10.0.0.1"), linkIndex: 1)
    let link = NetlinkRequest.createVeth(VethEnd("a"), peer: VethEnd("b"))
    var random = SplitMix(state: 42)
    for payload in [NetlinkRequest.addRoute(route).payload, link.payload] {
      let message = MessageBuilder.message(type: 2, flags: 0x300, sequence: 1, payload: payload)
      for length in 0...message.count { decodeEverything(Array(message[..<length])) }
      for _ in 0..<2000 {
        var broken = message
        for _ in 0..<4 { broken[Int(random.next() % UInt64(broken.count))] = UInt8(truncatingIfNeeded: random.next()) }
        decodeEverything(broken)
      }
    }
  }

  private func decodeEverything(_ bytes: [UInt8]) {
    for message in MessageReader.messages(in: bytes[...]) {
      _ = MessageReader.acknowledgement(message)
      _ = Link(message.payload)
      _ = LinkAddress(message.payload)
      _ = Route(message.payload)
      _ = Neighbour(message.payload)
    }
  }
}

/// A small random number generator with a seed, so that a failure can be repeated (Steele et al., 2014).
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
