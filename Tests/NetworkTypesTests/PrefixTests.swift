import NetworkTypes
import TestSupport
import Testing

@Suite struct PrefixTests {
  @Test(arguments: [
    ("10.10.13.0/24", "10.10.13.0", "10.10.13.255", "10.10.13.1-10.10.13.254", 256 as UInt128),
    ("10.0.0.0/30", "10.0.0.0", "10.0.0.3", "10.0.0.1-10.0.0.2", 4),
    ("10.0.0.0/31", "10.0.0.0", "10.0.0.1", "10.0.0.0-10.0.0.1", 2),
    ("10.0.0.1/32", "10.0.0.1", "10.0.0.1", "10.0.0.1", 1),
    ("0.0.0.0/0", "0.0.0.0", "255.255.255.255", "0.0.0.1-255.255.255.254", 1 << 32),
    (
      "2001:db8::/64", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff", "2001:db8::1-2001:db8::ffff:ffff:ffff:ffff",
      1 << 64
    ),
    ("2001:db8::/127", "2001:db8::", "2001:db8::1", "2001:db8::-2001:db8::1", 2),
    (
      "::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      UInt128.max
    ),
  ])
  func knowsItsAddresses(text: String, first: String, last: String, hosts: String, count: UInt128) throws {
    let cidr = try CIDR(parsing: text)
    #expect(cidr.description == text)
    #expect(cidr.first.description == first)
    #expect(cidr.last.description == last)
    #expect(cidr.hostRange.description == hosts)
    #expect(cidr.count == count)
    #expect(cidr.contains(cidr.first) && cidr.contains(cidr.last))
    #expect(cidr.last.successor.map(cidr.contains) != true)
    #expect(cidr.first.predecessor.map(cidr.contains) != true)
  }

  @Test(arguments: [
    ("10.0.0.7/24", "it has host bits set; write 10.0.0.0/24"),
    ("2001:db8::1/64", "it has host bits set; write 2001:db8::/64"),
    ("10.0.0.0/33", "its prefix length 33 is more than 32"),
    ("2001:db8::/129", "its prefix length 129 is more than 128"),
    ("10.0.0.0/024", "its prefix length \"024\" has a leading zero; write 24"),
    ("10.0.0.0/-1", "its prefix length \"-1\" is not a decimal number"),
    ("10.0.0.0/", "its prefix length is missing"), ("10.0.0.0", "it has no prefix length"),
    ("10.0.0.0/24/24", "it has more than one \"/\""), ("10.0.0/24", "in its address, it has 3 parts"),
    ("10.0.0.0/255.255.255.0", "its prefix length \"255.255.255.0\" is not a decimal number"),
    ("fe80::%eth0/64", "in its address, it has a zone id"),
  ])
  func isRefused(text: String, message: String) {
    #expect(CIDR(text) == nil)
    #expect { try CIDR(parsing: text) } throws: { "\($0)".hasPrefix("\"\(text)\" is not a CIDR: \(message)") }
  }

  @Test func containmentAndOverlap() throws {
    let wide = try CIDR(parsing: "10.0.0.0/8")
    let narrow = try CIDR(parsing: "10.1.0.0/16")
    let other = try CIDR(parsing: "11.0.0.0/8")
    let v6 = try CIDR(parsing: "::/0")
    #expect(wide.contains(narrow) && !narrow.contains(wide) && wide.contains(wide))
    #expect(wide.overlaps(narrow) && narrow.overlaps(wide) && !wide.overlaps(other))
    #expect(!v6.contains(wide) && !v6.overlaps(wide))
    #expect(throws: NetworkTypeError.self) { try CIDR(containing: wide.network, prefixLength: 33) }
    #expect(throws: NetworkTypeError.self) { try CIDR(network: wide.network, prefixLength: -1) }
  }

  @Test func interfaceAddresses() throws {
    let address = try InterfaceAddress(parsing: "10.0.0.5/24")
    #expect(address.description == "10.0.0.5/24")
    #expect(address.cidr == CIDR("10.0.0.0/24"))
    #expect(throws: NetworkTypeError.self) { try InterfaceAddress(address: address.address, prefixLength: 33) }
    #expect {
      try InterfaceAddress(parsing: "10.0.0.5")
    } throws: {
      "\($0)"
        == "\"10.0.0.5\" is not an interface address: it has no prefix length; "
        + "write an address and its prefix length, such as 10.0.0.5/24 or 2001:db8::5/64"
    }
  }

  @Test(arguments: [
    ("10.0.0.20-10.0.0.10", "its end lies before its start; write 10.0.0.10-10.0.0.20"),
    ("10.0.0.1-::1", "it begins with IPv4 and ends with IPv6; use one family"),
    ("10.0.0.1-", "in \"\", it is empty"), ("10.0.0.1-10.0.0.2-10.0.0.3", "it has more than one \"-\""),
  ])
  func rangeIsRefused(text: String, message: String) {
    #expect { try AddressRange(parsing: text) } throws: {
      "\($0)".hasPrefix("\"\(text)\" is not an address range: \(message)")
    }
  }

  @Test func prefixesAgreeWithTheirRanges() throws {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<2_000 {
      let family = IPFamily.allCases.randomElement(using: &random)!
      let value = UInt128.random(in: 0...family.highest, using: &random)
      let address = try #require(IPAddress(family: family, value: value))
      let length = Int.random(in: 0...family.bits, using: &random)
      let cidr = try CIDR(containing: address, prefixLength: length)
      #expect(try CIDR(parsing: cidr.description) == cidr)
      #expect(cidr.contains(address))
      #expect(cidr.range.count == cidr.count)
      let host = try InterfaceAddress(address: address, prefixLength: length)
      #expect(try InterfaceAddress(parsing: host.description) == host)
      #expect(host.cidr == cidr)
    }
  }
}
