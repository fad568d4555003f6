import JSON
import Testing

@testable import NetloomAPI

@Suite struct YAMLEmitterTests {
  @Test func blockStyle() {
    let value: JSONValue = [
      "kind": "A", "apiVersion": "v1", "list": [["name": "a", "b": [1, [2]]], "x"], "empty": [:], "none": [],
      "null": nil,
    ]
    #expect(
      YAMLEmitter.text(value) == """
        apiVersion: v1
        kind: A
        empty: {}
        list:
        - name: a
          b:
          - 1
          - - 2
        - x
        none: []
        "null": null

        """)
  }

  static let scalars: [(String, String)] = [
    ("plain words (here)", "plain words (here)"), ("", #""""#), ("true", #""true""#), ("No", #""No""#),
    ("12", #""12""#),
    ("a: b", #""a: b""#), ("a #b", #""a #b""#), ("a:", #""a:""#), ("- a", #""- a""#), (" a", #"" a""#),
    ("a ", #""a ""#),
    (".5", #"".5""#), (".inf", #"".inf""#), (".status.phase", ".status.phase"), ("tab\t", #""tab\t""#),
    ("ä", #""ä""#), ("[a]", #""[a]""#), ("a,b", "a,b"), ("1e3", #""1e3""#), ("~", #""~""#),
  ]

  @Test(arguments: scalars) func everyTextIsReadBackAsThatText(_ text: String, _ yaml: String) {
    #expect(YAMLEmitter.text(.string(text)) == yaml + "\n")
  }

  @Test func manifestsAreReadBackAsTheyWereMade() throws {
    #expect(try yamlDocuments(in: CRDGenerator.yaml()) == CRDGenerator.manifests())
    #expect(try CRDGenerator.files().flatMap { try yamlDocuments(in: $0.text) } == CRDGenerator.manifests())
  }
}
