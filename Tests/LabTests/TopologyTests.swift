import JSON
import Lab
import NetworkTypes
import Testing

@Suite struct TopologyTests {
  @Test func demoIsSound() throws {
    let topology = try LabTopology.demo()
    #expect(topology.problems() == [])
    #expect(topology.interfaces(of: "leaf1") == ["swp1", "swp2", "up1", "swp48"])
    let json = try JSONValue(encoding: topology)
    #expect(try json.decode(LabTopology.self) == topology)
    #expect(json["cables"]?[0]?["a"] == "worker1:eth1")
  }

  @Test func virtualIsSound() throws {
    let topology = try LabTopology.virtual()
    #expect(topology.problems() == [])
    #expect(try JSONValue(encoding: topology).decode(LabTopology.self) == topology)
  }

  @Test func mistakesAreNamed() {
    let topology = LabTopology(
      hosts: [.init(name: "w"), .init(name: "w"), .init(name: "no spaces")], switches: [],
      gateways: [.init(name: "gw", networks: [])],
      cables: [
        .init(.init("w", "eth0"), .init("x", "eth0")), .init(.init("w", "eth0"), .init("w", "eth0123456789012")),
      ])
    #expect(
      topology.problems() == [
        "machine w is named twice", "machine \"no spaces\": a name has 1 to 20 letters, digits and dashes",
        "cable end x:eth0: there is no machine x", "cable end w:eth0 is used twice",
        "cable end w:eth0123456789012: an interface name has at most 15 bytes", "gateway gw has no cable",
      ])
  }

  @Test(arguments: [([Int](), "-"), ([5], "5"), ([14, 10, 11, 12, 20], "10-12,14,20"), ([2, 2, 1], "1-2")])
  func ranges(numbers: [Int], text: String) {
    #expect(numbers.rangeText == text)
  }

  @Test func matrixShowsWhatIsWrong() {
    var matrix = ReachabilityMatrix(title: "from \\ to", rows: ["a", "bb"], columns: ["x", "y"])
    matrix[0, 0] = .init(expected: "yes", found: "yes")
    matrix[0, 1] = .init(expected: "-", found: "-")
    matrix[1, 0] = .init(expected: "-", found: "yes")
    matrix[1, 1] = .init(expected: "13", found: "13")
    #expect(matrix.lines() == ["from \\ to  x      y", "a          yes    -", "bb         yes!-  13"])
    #expect(matrix.mistakes == ["bb to x: expected -, found yes"])
  }
}

@Suite struct ProbeFrameTests {
  @Test func survivesTheWire() throws {
    let source = try MACAddress(parsing: "02:00:00:00:00:07")
    let tagged = ProbeFrame(token: 0x0102_0304_0506_0708, vlan: try VLANID(13))
    #expect(tagged.encoded(from: source).count == 60)
    #expect(ProbeFrame(decoding: tagged.encoded(from: source), strippedVLAN: nil) == tagged)
    let plain = ProbeFrame(token: 9)
    #expect(ProbeFrame(decoding: plain.encoded(from: source), strippedVLAN: nil) == plain)
    // The kernel takes the tag out of the frame and reports it beside it.
    #expect(ProbeFrame(decoding: plain.encoded(from: source), strippedVLAN: tagged.vlan)?.vlan == tagged.vlan)
  }

  @Test func othersFramesAreNotOurs() {
    #expect(ProbeFrame(decoding: [UInt8](repeating: 0, count: 60), strippedVLAN: nil) == nil)
    #expect(ProbeFrame(decoding: [], strippedVLAN: nil) == nil)
    #expect(ProbeFrame(decoding: [UInt8](repeating: 0x81, count: 15), strippedVLAN: nil) == nil)
  }
}

@Suite struct DrawingTests {
  private func picture() throws -> TopologyPicture {
    var picture = TopologyPicture(title: "dc1 <demo>", topology: try .demo()) {
      $0.interface == "swp48" ? "13,20" : nil
    }
    picture.boxes.append(.init("test/web", .pod, details: ["10.10.13.10"]))
    picture.lines.append(.init(from: "test/web", to: "worker1", label: "net1 13"))
    return picture
  }

  @Test func terminalShowsEveryMachineAndCable() throws {
    let text = try picture().terminalLines().joined(separator: "\n")
    for wanted in ["dc1", "leaf1", "leaf2", "swp48 13,20", "dcgw1", "worker1", "test/web", "net1 13", "10.10.13.10"] {
      #expect(text.contains(wanted))
    }
  }

  @Test func svgIsWellFormed() throws {
    let svg = try picture().svg()
    #expect(svg.hasPrefix("<svg "))
    #expect(svg.contains("dc1 &lt;demo&gt;"))
    #expect(svg.components(of: "<text") == svg.components(of: "</text>"))
    // The background, a plate behind each cable's label, a box for each machine and pod.
    #expect(svg.components(of: "<rect") == 1 + 7 + 6)
  }
}

extension String {
  fileprivate func components(of part: String) -> Int {
    var count = 0
    var rest = self[...]
    while let range = rest.firstRange(of: part) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}
