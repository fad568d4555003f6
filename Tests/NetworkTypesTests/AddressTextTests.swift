import NetworkTypes
import TestSupport
import Testing

@Suite struct AddressTextTests {
  @Test(arguments: [
    ("0.0.0.0", UInt32(0)), ("255.255.255.255", .max), ("10.10.13.1", 0x0a0a_0d01), ("1.2.3.4", 0x0102_0304),
  ])
  func ipv4IsReadAndPrinted(text: String, value: UInt32) throws {
    #expect(try IPv4Address(parsing: text).rawValue == value)
    #expect(IPv4Address(rawValue: value).description == text)
  }

  @Test(arguments: [
    ("", "it has 1 part separated by dots instead of 4"),
    ("10.1", "it has 2 parts separated by dots instead of 4"),
    ("10.0.0.1.", "it has 5 parts separated by dots instead of 4"),
    ("10..0.1", "the octet is missing"),
    ("10.0.0.256", "the octet 256 is more than 255"),
    ("10.0.0.99999999999999999999999999", "the octet 99999999999999999999999999 is more than 255"),
    ("10.0.0.01", "the octet \"01\" has a leading zero"),
    ("10.0.0.00", "the octet \"00\" has a leading zero"),
    ("0x0a.0.0.1", "the octet \"0x0a\" is not a decimal number"),
    ("10.0.0.-1", "the octet \"-1\" is not a decimal number"),
    ("10.0.0.+1", "the octet \"+1\" is not a decimal number"),
    (" 10.0.0.1", "the octet \" 10\" is not a decimal number"),
    ("10.0.0.1\n", "the octet \"1\n\" is not a decimal number"),
    ("10.0.0.١", "the octet \"١\" is not a decimal number"),
  ])
  func ipv4IsRefused(text: String, reason: String) {
    #expect(IPv4Address(text) == nil)
    #expect { try IPv4Address(parsing: text) } throws: { ($0 as? NetworkTypeError)?.reason == reason }
  }

  /// The examples of RFC 4291 section 2.2 and RFC 5952 sections 1 to 5, with their canonical text.
  @Test(arguments: [
    ("ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"),
    ("2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"),
    ("2001:DB8::8:800:200C:417A", "2001:db8::8:800:200c:417a"),
    ("FF01:0:0:0:0:0:0:101", "ff01::101"), ("0:0:0:0:0:0:0:1", "::1"), ("0:0:0:0:0:0:0:0", "::"), ("::", "::"),
    ("0:0:0:0:0:0:13.1.68.3", "::d01:4403"), ("::FFFF:129.144.52.38", "::ffff:129.144.52.38"),
    ("::ffff:8190:3426", "::ffff:129.144.52.38"), ("64:ff9b::192.0.0.33", "64:ff9b::c000:21"),
    ("2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1::", "1::"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("1:0:0:2:3:4:5:6", "1::2:3:4:5:6"),
  ])
  func ipv6IsReadAndPrinted(text: String, canonical: String) throws {
    #expect(try IPv6Address(parsing: text).description == canonical)
    #expect(try IPv6Address(parsing: canonical) == IPv6Address(parsing: text))
  }

  @Test(arguments: [
    ("", "it has fewer than 2 colons"), ("1", "it has fewer than 2 colons"), (":", "it has fewer than 2 colons"),
    ("1:2", "it has fewer than 2 colons"),
    (":1:2:3:4:5:6:7", "it begins with a single colon"), ("1:2:3:4:5:6:7:", "it ends with a single colon"),
    ("1::2:", "it ends with a single colon"), (":::", "it has more than one \"::\""),
    ("1:::2", "it has more than one \"::\""), ("1::2::3", "it has more than one \"::\""),
    ("1:2:3:4:5:6:7", "it has 7 groups instead of 8"), ("1:2:3:4:5:6:7:8:9", "it has 9 groups instead of 8"),
    ("1:2:3:4::5:6:7:8", "\"::\" stands for no group, as 8 are written out"),
    ("1:2:3:4:5:6:7:1.2.3.4", "it has 9 groups instead of 8"),
    ("12345::", "its group \"12345\" has more than 4 digits"),
    ("00001::", "its group \"00001\" has more than 4 digits"), ("g::", "its group \"g\" is not hexadecimal"),
    ("fe80::1%eth0", "it has a zone id"), ("fe80::1%", "it has a zone id"),
    ("-1::", "its group \"-1\" is not hexadecimal"),
    (" ::1", "its group \" \" is not hexadecimal"), ("::1 ", "its group \"1 \" is not hexadecimal"),
    ("::１", "its group \"１\" is not hexadecimal"), ("::1/64", "its group \"1/64\" is not hexadecimal"),
    ("1.2.3.4::", "its IPv4 part \"1.2.3.4\" is not at the end"),
    ("::1.2.3.4:1", "its IPv4 part \"1.2.3.4\" is not at the end"),
    ("::1.2.3.04", "in its IPv4 part \"1.2.3.04\", the octet \"04\" has a leading zero"),
    ("::1.2.3", "in its IPv4 part \"1.2.3\", it has 3 parts separated by dots instead of 4"),
    ("[::1]", "its group \"[\" is not hexadecimal"),
  ])
  func ipv6IsRefused(text: String, reason: String) {
    #expect(IPv6Address(text) == nil)
    #expect { try IPv6Address(parsing: text) } throws: { ($0 as? NetworkTypeError)?.reason == reason }
  }

  @Test func theErrorSaysWhatWouldBeRight() {
    #expect {
      try IPAddress(parsing: "fe80::1%eth0")
    } throws: {
      "\($0)" == "\"fe80::1%eth0\" is not an IPv6 address: it has a zone id; write fe80::1, without % and what follows"
    }
    #expect {
      try IPAddress(parsing: "ten")
    } throws: {
      "\($0)"
        == "\"ten\" is not an IP address: it has neither dots nor colons; write an address such as 10.0.0.1 or 2001:db8::1"
    }
  }

  @Test func printingAndParsingAreInverse() throws {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<5_000 {
      let v4 = IPv4Address(rawValue: random.next())
      #expect(try IPv4Address(parsing: v4.description) == v4)
      // Groups of few values, so that runs of zeros of every length and place occur.
      let groups = (0..<8).map { _ in Bool.random(using: &random) ? 0 : UInt16.random(in: 0...0x11, using: &random) }
      let v6 = IPv6Address(rawValue: groups.reduce(0) { $0 << 16 | UInt128($1) })
      #expect(v6.groups == groups)
      #expect(try IPv6Address(parsing: v6.description) == v6)
      let address = IPAddress.v6(v6)
      #expect(IPAddress(bytes: address.bytes) == address)
      #expect(IPAddress(family: .v6, value: address.value) == address)
    }
  }

  /// Whatever bytes come, parsing ends with a value that prints back to itself or with an error, never a trap.
  @Test func noTextTraps() throws {
    var random = SeededGenerator(seed: 2)
    let alphabet = Array("0123456789abcdefF:::...%/-+ xg١é\u{0}")
    for _ in 0..<20_000 {
      let text = String(
        (0..<Int.random(in: 0...24, using: &random)).map { _ in alphabet.randomElement(using: &random)! })
      if let value = IPAddress(text) { #expect(IPAddress(value.description) == value) }
      if let value = CIDR(text) { #expect(CIDR(value.description) == value) }
      if let value = InterfaceAddress(text) { #expect(InterfaceAddress(value.description) == value) }
      if let value = AddressRange(text) { #expect(AddressRange(value.description) == value) }
      if let value = MACAddress(text) { #expect(MACAddress(value.description) == value) }
    }
  }
}

extension IPv4Address {
  fileprivate init(rawValue: UInt64) {
    self.init(rawValue: UInt32(truncatingIfNeeded: rawValue))
  }
}
