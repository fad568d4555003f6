import CNI
import JSON
import NetworkTypes
import Testing

@Suite("Results")
struct ResultTests {
  private static let result = try! CNIResult(
    interfaces: [
      .init(name: "veth1"),
      .init(name: "net1", macAddress: MACAddress(parsing: "02:00:00:00:00:01"), sandbox: "/run/netns/a"),
    ],
    ips: [
      .init(InterfaceAddress(parsing: "10.0.0.5/24"), gateway: IPAddress(parsing: "10.0.0.1"), interface: 1),
      .init(InterfaceAddress(parsing: "fd00::5/64"), interface: 1),
    ],
    routes: [.init(to: CIDR(parsing: "0.0.0.0/0"), via: IPAddress(parsing: "10.0.0.1"))],
    dns: .init(nameservers: ["10.0.0.2"], domain: "example.com", search: ["example.com"]))

  @Test("every version is read back as it was written", arguments: CNIVersion.allCases)
  func roundTrip(version: CNIVersion) throws {
    let json = Self.result.json(version: version)
    #expect(json["cniVersion"]?.string == version.rawValue)
    #expect(json["ips"]?[0]?["version"] == (version < .v100 ? "4" : nil))
    #expect(json["ips"]?[1]?["version"] == (version < .v100 ? "6" : nil))
    #expect(try CNIResult(json: json) == Self.result)
  }

  @Test("what 1.1.0 added is written by 1.1.0 alone, and read wherever it stands")
  func newFields() throws {
    var result = Self.result
    result.interfaces[1].mtu = 1400
    result.interfaces[1].pciID = "0000:00:1f.6"
    result.interfaces[1].socketPath = "/run/vhost.sock"
    result.routes[0] = .init(
      to: result.routes[0].destination, via: result.routes[0].gateway, mtu: 1300, advertisedSegmentSize: 1260,
      priority: 100, table: 254, scope: 0)
    let json = result.json(version: .v110)
    #expect(json["interfaces"]?[1]?["mtu"] == 1400 && json["routes"]?[0]?["advmss"] == 1260)
    #expect(try CNIResult(json: json) == result)
    for version in CNIVersion.allCases where version < .v110 {
      #expect(result.json(version: version) == Self.result.json(version: version))
    }
  }

  @Test("a wrong field is named with its place")
  func wrongField() throws {
    var json = Self.result.json(version: .v100)
    json["ips"] = [["address": "10.0.0.5/24"], ["address": "10.0.0.5"]]
    let error = #expect(throws: CNIError.self) { try CNIResult(json: json) }
    #expect(error?.code == .decodingFailure)
    #expect(error?.message.contains("ips[1].address") == true)
    json = Self.result.json(version: .v110)
    json["routes"] = [["dst": "10.0.0.0/8", "priority": -1]]
    let negative = #expect(throws: CNIError.self) { try CNIResult(json: json) }
    #expect(negative?.message.contains("routes[0].priority") == true)
  }

  @Test("errors are read back as they were written")
  func errors() throws {
    let error = CNIError(.tryAgainLater, "later", details: "the agent starts")
    #expect(CNIError(json: error.json()) == error)
    #expect(CNIError(json: ["no": "code"]) == nil)
  }
}
