import JSON
import OVSTestSupport
import Testing

@Suite("Malformed input", .enabled(if: SwitchInstance.isAvailable, "\(SwitchInstance.requirement)"))
struct MalformedInputTests {
  private static let cases: [(input: String, code: Int64, named: String)] = [
    ("", 6, "not JSON"), ("{", 6, "not JSON"), ("{\"a\":1}}", 6, "not JSON"), ("[]", 7, "top level"),
    ("{}", 7, "cniVersion"),
    (#"{"cniVersion":"9.0.0"}"#, 1, "9.0.0"), (#"{"cniVersion":"1.0.0"}"#, 7, "name"),
    (#"{"cniVersion":"1.0.0","name":"n"}"#, 7, "type"), (network(#""a":1"#), 7, "bridge"),
    (network(#""bridge":"","vlan":1"#), 7, "bridge"), (network(#""bridge":"sixteen-bytes-xx","vlan":1"#), 7, "bridge"),
    (network(#""bridge":"b""#), 7, "vlan"), (network(#""bridge":"b","vlan":0"#), 7, "vlan"),
    (network(#""bridge":"b","vlan":4095"#), 7, "4095"), (network(#""bridge":"b","vlan":"13""#), 7, "vlan"),
    (network(#""bridge":"b","vlan":1.5"#), 7, "vlan"),
    (network(#""bridge":"b","vlan":1,"trunk":[{"id":2}]"#), 7, "trunk"),
    (network(#""bridge":"b","trunk":[]"#), 7, "trunk"),
    (network(#""bridge":"b","trunk":[{"id":1},{"id":0}]"#), 7, "trunk[1].id"),
    (network(#""bridge":"b","trunk":[{"minID":5,"maxID":4}]"#), 7, "trunk[0].maxID"),
    (network(#""bridge":"b","trunk":[{"minID":5}]"#), 7, "trunk[0].maxID"),
    (network(#""bridge":"b","vlan":1,"mtu":67"#), 7, "mtu"), (network(#""bridge":"b","vlan":1,"mtu":"big""#), 7, "mtu"),
    (network(#""bridge":"b","vlan":1,"attachment":"a""#), 7, "attachment"),
    (network(#""bridge":"b","vlan":1,"attachment":"a/b/c""#), 7, "attachment"),
  ]

  private static func network(_ fields: String) -> String {
    #"{"cniVersion":"1.0.0","name":"n","type":"netloom",\#(fields)}"#
  }

  @Test("each mistake has the standard's code, names the field and changes nothing")
  func table() async throws {
    try await TestNode.with { node in
      try await TestPod.with("a") { pods in
        for (input, code, named) in Self.cases {
          let answer = try await node.call("ADD", pods[0], input: Array(input.utf8))
          #expect(!answer.isSuccess && answer.code == code, "\(input): \(answer.text)")
          #expect(answer.text.contains(named), "\(input): \(answer.text)")
        }
        let unknown = try await node.call("FROB", pods[0], configuration: .access(1))
        #expect(unknown.code == 4 && unknown.text.contains("CNI_COMMAND"))
        let name = try await node.call("ADD", pods[0], interface: "a/b", configuration: .access(1))
        #expect(name.code == 4 && name.text.contains("CNI_IFNAME"))
        #expect(try await node.ports() == [] && node.hostEnds() == [])
      }
    }
  }
}
