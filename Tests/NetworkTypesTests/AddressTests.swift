import NetworkTypes
import Testing

@Suite struct AddressTests {
  @Test func advancingStopsAtTheEndsOfTheSpace() throws {
    #expect(try IPAddress(parsing: "255.255.255.255").successor == nil)
    #expect(try IPAddress(parsing: "0.0.0.0").predecessor == nil)
    #expect(try IPAddress(parsing: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").successor == nil)
    #expect(try IPAddress(parsing: "::").predecessor == nil)
    #expect(try IPAddress(parsing: "10.0.0.255").successor == IPAddress(parsing: "10.0.1.0"))
    #expect(try IPAddress(parsing: "10.0.0.1").advanced(by: .min) == nil)
    #expect(try IPAddress(parsing: "10.0.0.1").advanced(by: .max) == nil)
    #expect(IPAddress(family: .v4, value: 1 << 32) == nil)
    #expect(IPAddress(bytes: [1, 2, 3]) == nil)
  }

  @Test func ordersByFamilyThenNumber() {
    let texts = ["0.0.0.0", "10.0.0.9", "10.0.0.10", "255.255.255.255", "::", "::1", "fe80::"]
    let addresses = texts.compactMap { IPAddress($0) }
    #expect(addresses.reversed().sorted() == addresses)
  }

  @Test func properties() throws {
    func all(_ texts: [String], _ property: KeyPath<IPAddress, Bool>) throws -> Bool {
      try texts.allSatisfy { try IPAddress(parsing: $0)[keyPath: property] }
    }
    #expect(try all(["0.0.0.0", "::"], \.isUnspecified))
    #expect(try all(["127.0.0.1", "127.255.255.255", "::1"], \.isLoopback))
    #expect(try all(["224.0.0.1", "239.255.255.255", "ff02::1"], \.isMulticast))
    #expect(try all(["169.254.1.1", "fe80::1", "febf::1"], \.isLinkLocal))
    for text in ["10.0.0.1", "2001:db8::1"] {
      let address = try IPAddress(parsing: text)
      #expect(!(address.isUnspecified || address.isLoopback || address.isMulticast || address.isLinkLocal))
    }
  }

  @Test func macAddresses() throws {
    let mac = try MACAddress(parsing: "02:AB:00:00:0d:Ff")
    #expect(mac.description == "02:ab:00:00:0d:ff")
    #expect(mac.isLocal && !mac.isMulticast)
    #expect(MACAddress(bytes: mac.bytes) == mac)
    #expect(try MACAddress(parsing: "ff:ff:ff:ff:ff:ff").isMulticast)
    #expect(MACAddress(rawValue: 1 << 48) == nil)
    #expect(MACAddress(bytes: [1, 2]) == nil)
  }

  @Test(arguments: [
    ("", "it has 1 part separated by colons instead of 6"),
    ("02-ab-00-00-0d-ff", "it has 1 part separated by colons instead of 6"),
    ("02:ab:00:00:0d", "it has 5 parts separated by colons instead of 6"),
    ("02:ab:00:00:0d:f", "its part \"f\" is not a pair of hexadecimal digits"),
    ("02:ab:00:00:0d:0ff", "its part \"0ff\" is not a pair of hexadecimal digits"),
    ("02:ab:00:00:0d:+f", "its part \"+f\" is not a pair of hexadecimal digits"),
    ("02:ab:00:00:0d:gg", "its part \"gg\" is not a pair of hexadecimal digits"),
    ("02:ab:00:00:0d:１f", "its part \"１f\" is not a pair of hexadecimal digits"),
  ])
  func macIsRefused(text: String, reason: String) {
    #expect { try MACAddress(parsing: text) } throws: { ($0 as? NetworkTypeError)?.reason == reason }
  }

  /// The example of RFC 4291 appendix A.
  @Test func linkLocalAddresses() throws {
    let address = IPv6Address(linkLocalOf: try MACAddress(parsing: "34:56:78:9a:bc:de"))
    #expect(try address == IPv6Address(parsing: "fe80::3656:78ff:fe9a:bcde"))
  }

  @Test func vlanIDs() throws {
    #expect(try VLANID(1) == .first)
    #expect(try VLANID(parsing: "4094") == .last)
    for (number, reason) in [
      (0, "0 stands for untagged frames (IEEE 802.1Q)"), (4095, "4095 is reserved (IEEE 802.1Q)"),
      (-1, "it is negative"), (70_000, "it is more than 4094"), (Int.max, "it is more than 4094"),
    ] {
      #expect { try VLANID(number) } throws: { ($0 as? NetworkTypeError)?.reason == reason }
    }
    #expect(VLANID(rawValue: 4095) == nil)
    #expect(throws: NetworkTypeError.self) { try VLANID(parsing: "013") }
    #expect(throws: NetworkTypeError.self) { try VLANID(parsing: "") }
  }
}
