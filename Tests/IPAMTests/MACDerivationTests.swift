import IPAM
import NetworkTypes
import Testing

@Suite struct MACDerivationTests {
  @Test func areStableLocalAndUnicast() throws {
    let v4 = MACAddress(for: IPAddress("10.10.13.5")!)
    #expect(v4.description == "02:4e:0a:0a:0d:05")
    let v6 = MACAddress(for: IPAddress("2001:db8::5")!)
    let named = MACAddress(hashing: "b7f0a0de/net1")
    // Fixed for ever: pods keep them across releases of Netloom.
    #expect(v6.description == "02:4e:34:71:c2:78")
    #expect(named.description == "02:4e:5e:aa:84:8e")
    for mac in [v4, v6, named] { #expect(mac.isLocal && !mac.isMulticast) }
  }

  @Test func thePrefixIsChecked() throws {
    #expect(
      MACAddress(for: IPAddress("10.0.0.1")!, prefix: try MACPrefix(0x0a, 0x58)).description == "0a:58:0a:00:00:01")
    #expect {
      try MACPrefix(0x01, 0x00)
    } throws: {
      "\($0)"
        == "\"01:00\" is not a MAC address prefix for pods: it is that of group addresses; "
        + "use a locally administered one, such as 02:4e"
    }
    #expect(try MACPrefix(parsing: "0a:58") == MACPrefix(0x0a, 0x58))
    for text in ["", "0a", "0a:5", "0a:58:00", "0a-58", "zz:58", ":0a58", "01:00", "00:00", "+a:58"] {
      #expect(throws: NetworkTypeError.self, "\(text)") { try MACPrefix(parsing: text) }
    }
    #expect(throws: NetworkTypeError.self) { try MACPrefix(0x00, 0x00) }
  }

  @Test func differForDifferentAddresses() {
    let pool = PoolConfiguration(cidr: CIDR("10.0.0.0/20")!)
    #expect(Set(pool.assignable.addresses.map { MACAddress(for: $0) }).count == 4094)
    let six = AddressRange("2001:db8::1-2001:db8::1000")!
    #expect(Set(six.addresses.map { MACAddress(for: $0) }).count == 4096)
    #expect(Set((0..<4096).map { MACAddress(hashing: "pod-\($0)/net1") }).count == 4096)
  }
}
