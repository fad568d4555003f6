import FoundationEssentials
import NetworkTypes
import Testing

@Suite struct CodingTests {
  private struct Values: Codable, Equatable {
    var address: IPAddress
    var cidr: CIDR
    var mac: MACAddress
    var vlan: VLANID
  }

  @Test func valuesAreCodedAsTheirTextAndVLANsAsNumbers() throws {
    let json = #"{"address":"2001:db8::1","cidr":"10.0.0.0/24","mac":"02:00:00:00:00:01","vlan":13}"#
    let values = try JSONDecoder().decode(Values.self, from: Data(json.utf8))
    #expect(values.vlan == VLANID(rawValue: 13))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    #expect(String(decoding: try encoder.encode(values), as: UTF8.self) == json)
  }

  @Test(arguments: [
    (#"["10.0.0.1/24"]"#, "\"10.0.0.1/24\" is not a CIDR: it has host bits set; write 10.0.0.0/24")
  ])
  func theDecodingErrorCarriesTheReason(json: String, message: String) {
    #expect {
      try JSONDecoder().decode([CIDR].self, from: Data(json.utf8))
    } throws: {
      guard case DecodingError.dataCorrupted(let context) = $0 else { return false }
      return context.debugDescription == message && context.codingPath.count == 1
    }
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([VLANID].self, from: Data("[4095]".utf8)) }
  }
}
