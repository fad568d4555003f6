import JSON
import Testing

@testable import APIMachinery

/// Random JSON values of a reproducible sequence.
struct JSONGenerator {
  private var state: UInt64

  init(seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }

  /// An object without nulls, which merge patches cannot express.
  mutating func object(depth: Int = 3) -> JSONValue {
    var members: [String: JSONValue] = [:]
    for _ in 0..<next(5) { members[["a", "b", "c", "d"][next(4)]] = value(depth: depth - 1) }
    return .object(members)
  }

  mutating func value(depth: Int) -> JSONValue {
    switch next(depth > 0 ? 6 : 4) {
    case 0: .integer(Int64(next(5)))
    case 1: .string(["x", "y", ""][next(3)])
    case 2: .bool(next(2) == 0)
    case 3: .array((0..<next(3)).map { _ in .integer(Int64(next(3))) })
    default: object(depth: depth)
    }
  }
}

@Suite struct MergePatchTests {
  /// The examples of RFC 7386, appendix A.
  @Test(arguments: [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
    (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
    (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
    (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
    (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, "null", "null"), (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
    (#"{"e":null}"#, #"{"a":1}"#, #"{"a":1,"e":null}"#), ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
    ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
  ])
  func examples(original: String, patch: String, result: String) throws {
    #expect(try Patch.merge(JSONValue(parsing: patch), to: JSONValue(parsing: original)) == JSONValue(parsing: result))
  }

  @Test(arguments: 1...200) func differenceThenApply(seed: Int) {
    var generator = JSONGenerator(seed: seed)
    let (old, new) = (generator.object(), generator.object())
    let patch = Patch.mergeDifference(from: old, to: new)
    #expect(Patch.merge(patch, to: old) == new)
    #expect(Patch.merge(patch, to: new) == new)
    #expect(Patch.mergeDifference(from: new, to: new) == .object([:]))
  }
}

@Suite struct JSONPatchTests {
  @Test(arguments: [
    (#"{"a":[1,2]}"#, #"[{"op":"add","path":"/a/-","value":3}]"#, #"{"a":[1,2,3]}"#),
    (#"{"a":[1,2]}"#, #"[{"op":"add","path":"/a/0","value":3}]"#, #"{"a":[3,1,2]}"#),
    (#"{"a~b/c":1}"#, #"[{"op":"replace","path":"/a~0b~1c","value":2}]"#, #"{"a~b/c":2}"#),
    (#"{"a":1}"#, #"[{"op":"move","from":"/a","path":"/b"}]"#, #"{"b":1}"#),
    (#"{"a":{"x":1}}"#, #"[{"op":"copy","from":"/a","path":"/b"},{"op":"remove","path":"/a"}]"#, #"{"b":{"x":1}}"#),
    (#"{"a":1}"#, #"[{"op":"test","path":"/a","value":1.0}]"#, #"{"a":1}"#),
    (#"{"a":1}"#, #"[{"op":"add","path":"","value":[]}]"#, "[]"),
    (#"{"":1}"#, #"[{"op":"remove","path":"/"}]"#, "{}"),
  ])
  func applies(original: String, patch: String, result: String) throws {
    #expect(try Patch.json(JSONValue(parsing: patch), to: JSONValue(parsing: original)) == JSONValue(parsing: result))
  }

  @Test(arguments: [
    (#"[{"op":"remove","path":"/x"}]"#, 422), (#"[{"op":"replace","path":"/x","value":1}]"#, 422),
    (#"[{"op":"add","path":"/x/y","value":1}]"#, 422), (#"[{"op":"add","path":"/l/3","value":1}]"#, 422),
    (#"[{"op":"add","path":"/l/01","value":1}]"#, 422), (#"[{"op":"test","path":"/a","value":2}]"#, 422),
    (#"[{"op":"move","from":"/o","path":"/o/p"}]"#, 422), (#"[{"op":"jump","path":"/a"}]"#, 400),
    (#"[{"op":"add","path":"a","value":1}]"#, 400), (#"{"op":"remove"}"#, 400),
    (#"[{"op":"add","path":"/a","value":9},{"op":"remove","path":"/x"}]"#, 422),
  ])
  func refuses(patch: String, code: Int) throws {
    let original: JSONValue = ["a": 1, "l": [1, 2], "o": ["p": 1]]
    let error = #expect(throws: StatusError.self) { try Patch.json(JSONValue(parsing: patch), to: original) }
    #expect(error?.code == code)
  }
}

@Suite struct StrategicMergePatchTests {
  private func patched(_ original: JSONValue, _ patch: JSONValue) throws -> JSONValue {
    try Patch.strategic(patch, to: original, for: pods)
  }

  private let pods = ResourceType.builtIn.first { $0.kind == "Pod" }!

  @Test func joinsListsByKey() throws {
    let pod: JSONValue = ["spec": ["containers": [["name": "a", "image": "1"], ["name": "b", "image": "1"]]]]
    let result = try patched(pod, ["spec": ["containers": [["name": "b", "image": "2"], ["name": "c"]]]])
    #expect(
      result == ["spec": ["containers": [["name": "a", "image": "1"], ["name": "b", "image": "2"], ["name": "c"]]]])
  }

  @Test func deletesElements() throws {
    let pod: JSONValue = ["spec": ["containers": [["name": "a"], ["name": "b"]]]]
    #expect(
      try patched(pod, ["spec": ["containers": [["name": "a", "$patch": "delete"]]]])
        == ["spec": ["containers": [["name": "b"]]]])
  }

  @Test func replaces() throws {
    let pod: JSONValue = [
      "spec": ["containers": [["name": "a"]], "nodeSelector": ["x": "1"], "tolerations": [["key": "k"]]]
    ]
    let patch: JSONValue = [
      "spec": [
        "containers": [["name": "z"], ["$patch": "replace"]], "nodeSelector": ["$patch": "replace", "y": "2"],
        "tolerations": [],
      ]
    ]
    #expect(
      try patched(pod, patch)
        == ["spec": ["containers": [["name": "z"]], "nodeSelector": ["y": "2"], "tolerations": []]])
  }

  @Test func retainsKeys() throws {
    let pod: JSONValue = ["spec": ["volumes": [["name": "v", "emptyDir": [:]]]]]
    let patch: JSONValue = [
      "spec": ["volumes": [["name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": ["path": "/x"]]]]
    ]
    #expect(try patched(pod, patch) == ["spec": ["volumes": [["name": "v", "hostPath": ["path": "/x"]]]]])
  }

  @Test func ordersElements() throws {
    let pod: JSONValue = ["spec": ["containers": [["name": "a"], ["name": "b"], ["name": "c"]]]]
    let patch: JSONValue = [
      "spec": [
        "$setElementOrder/containers": [["name": "c"], ["name": "a"]], "containers": [["name": "a", "image": "x"]],
      ]
    ]
    let names = try patched(pod, patch)[path: "spec", "containers"]?.array?.compactMap { $0["name"]?.string }
    #expect(names == ["b", "c", "a"] || names == ["c", "a", "b"])
  }

  @Test func needsMergeKey() {
    let error = #expect(throws: StatusError.self) { try patched([:], ["spec": ["containers": [["image": "x"]]]]) }
    #expect(error?.code == 400)
  }

  @Test func customKindsHaveNone() throws {
    let type = try #require(try ContractPlayer().types.first { $0.kind == "Network" })
    let error = #expect(throws: StatusError.self) { try Patch.strategic([:], to: [:], for: type) }
    #expect(error?.code == 415)
    #expect(error?.message.contains("application/json-patch+json, application/merge-patch+json") == true)
  }

  /// Without lists and directives it is a merge patch.
  @Test(arguments: 1...100) func isMergePatchWithoutLists(seed: Int) throws {
    var generator = JSONGenerator(seed: seed)
    let (original, patch) = (generator.object(), generator.object())
    #expect(try patched(original, patch) == Patch.merge(patch, to: original))
  }
}
