import JSON
import Testing
import YAML

@Suite struct YAMLTests {
  @Test func documents() throws {
    let text = """
      # comment
      kind: L2Service
      metadata: {name: vlan13, labels: {on: "yes"}}
      spec:
        segmentationID: 13
        hex: 0x1f
        ratio: 1.5
        enabled: yes
        quoted: "13"
        none:
        list: [a, 1]
      ---
      ---
      kind: Subnet
      """
    let documents = try YAML.documents(text)
    #expect(documents.count == 2)
    #expect(
      documents[0]["spec"]
        == [
          "segmentationID": 13, "hex": 31, "ratio": 1.5, "enabled": true, "quoted": "13", "none": nil,
          "list": ["a", 1],
        ])
    #expect(documents[0][path: "metadata", "labels", "on"] == "yes")
  }

  @Test(arguments: ["a: [1", "a: b: c", "\tx: 1"])
  func refuses(text: String) {
    #expect(throws: YAML.ParsingError.self) { try YAML.documents(text) }
  }

  @Test func roundTrip() throws {
    let value: JSONValue = [
      "a": "yes", "b": true, "c": [1, 2.5, "3", nil, [:], []], "d": ["e": "multi\nline", "f": "", "g": "10.0.0.0/8"],
    ]
    #expect(try YAML.document(try YAML.text(value)) == value)
  }
}
