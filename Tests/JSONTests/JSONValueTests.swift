import JSON
import TestSupport
import Testing

@Suite struct JSONValueTests {
  static let accepted: [(String, JSONValue)] = [
    ("null", .null), ("true", true), (" [1, -2,3.5] ", [1, -2, 3.5]), ("{\"a\":{\"b\":[]}}", ["a": ["b": []]]),
    ("\"\\u00e9\\n\\ud83d\\ude00\"", "é\n😀"), ("\"\\ud83d\"", "\u{fffd}"), ("1e2", .number(100)),
    ("0", 0), ("-0", 0), ("9223372036854775807", .integer(.max)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)),
  ]

  @Test(arguments: accepted)
  func parses(text: String, value: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == value)
  }

  @Test(arguments: [
    "", "nul", "01", "1.", "-", "[1,]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "\"\u{1}\"", "\"\\x\"", "[1] 2", "1e999",
    "+1",
    "\"abc", "[", "{\"a\":", "'a'", "tru e", "[1 2]", "\"\\u12g4\"", "NaN",
  ])
  func refuses(text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  }

  @Test func refusesBytesThatAreNotUTF8() {
    #expect(throws: JSONError(.invalidUTF8, at: 1)) { try JSONValue(parsing: [0x22, 0xff, 0x22]) }
  }

  @Test func nestingIsBounded() throws {
    let text = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(try JSONValue(parsing: text, options: .init(maximumDepth: 600)).array?.count == 1)
  }

  @Test func duplicateKeys() throws {
    #expect(try JSONValue(parsing: "{\"a\":1,\"a\":2}") == ["a": 2])
    #expect(throws: JSONError(.duplicateKey("a"), at: 7)) {
      try JSONValue(parsing: "{\"a\":1,\"a\":2}", options: .init(rejectDuplicateKeys: true))
    }
  }

  @Test func textIsCanonical() {
    let value: JSONValue = ["b": [1, 2.5, nil, true], "a": "/\"\\\u{7}", "ü": [:]]
    #expect(value.description == #"{"a":"/\"\\\u0007","b":[1,2.5,null,true],"ü":{}}"#)
    let pretty = String(decoding: (["a": [1], "b": [:]] as JSONValue).serialized(.pretty), as: UTF8.self)
    #expect(pretty == "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}")
  }

  @Test func paths() {
    var value: JSONValue = [:]
    value[path: "a", "b"] = 1
    #expect(value == ["a": ["b": 1]])
    value[path: "x", "y"] = nil
    #expect(value == ["a": ["b": 1]])
    value[path: "a", "b"] = nil
    #expect(value == ["a": [:]])
    #expect(value[path: "a", "b", "c"] == nil)
  }

  @Test func roundTrip() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<300 {
      let value = JSONValue.random(depth: 4, using: &random)
      #expect(try JSONValue(parsing: value.serialized()) == value)
      #expect(try JSONValue(parsing: value.serialized(.pretty)) == value)
      #expect(try JSONValue(encoding: value) == value)
    }
  }

  @Test func framesHoweverTheStreamIsCut() throws {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<100 {
      let messages = (0..<5).map { _ in JSONValue.array([.random(depth: 3, using: &random)]) }
      let bytes = messages.flatMap { $0.serialized() + Array(["", " ", "\n"].randomElement(using: &random)!.utf8) }
      var framer = JSONFramer()
      var found: [JSONValue] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let size = Int.random(in: 1...7, using: &random)
        framer.append(rest.prefix(size))
        rest = rest.dropFirst(size)
        while let value = try framer.next() { found.append(value) }
      }
      #expect(found == messages)
      #expect(!framer.hasPartialValue)
    }
  }

  @Test func framerRefusesGarbageForGood() {
    var framer = JSONFramer(maximumSize: 10)
    framer.append("{}x".utf8)
    #expect(throws: Never.self) { try framer.next() }
    #expect(throws: JSONError.self) { try framer.next() }
    framer.append("{}".utf8)
    #expect(throws: JSONError.self) { try framer.next() }
    var small = JSONFramer(maximumSize: 10)
    small.append("{\"aaaaaaaaaaaaaaaaaaaaa".utf8)
    #expect(throws: JSONError.self) { try small.next() }
  }
}

@Suite struct JSONCodableTests {
  struct Sample: Codable, Equatable {
    struct Inner: Codable, Equatable { var x: UInt16 }
    enum Mode: String, Codable { case on, off }
    var name: String
    var count: Int?
    var inner: [Inner]
    var mode: Mode
    var labels: [String: String]?
    var raw: JSONValue?
  }

  @Test func typed() throws {
    let sample = Sample(name: "a", count: nil, inner: [.init(x: 3)], mode: .off, labels: ["k": "v"], raw: [1, "b"])
    let json: JSONValue = ["name": "a", "inner": [["x": 3]], "mode": "off", "labels": ["k": "v"], "raw": [1, "b"]]
    #expect(try JSONValue(encoding: sample) == json)
    #expect(try json.decode(Sample.self) == sample)
    var more = json
    more["unknown"] = 1
    more["count"] = .null
    #expect(try more.decode(Sample.self) == sample)
  }

  @Test func errorsNameThePath() throws {
    let json: JSONValue = ["name": "a", "inner": [["x": 70000]], "mode": "off"]
    let error = try #require(throws: DecodingError.self) { try json.decode(Sample.self) }
    guard case .typeMismatch(_, let context) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(context.debugDescription == "inner.[0].x must be an integer in the range of UInt16, found integer")
  }
}

extension JSONValue {
  static func random(depth: Int, using random: inout SeededGenerator) -> JSONValue {
    let children = Int.random(in: 0...3, using: &random)
    switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &random) {
    case 0: return .null
    case 1: return .bool(.random(using: &random))
    case 2: return .integer(.random(in: .min ... .max, using: &random))
    case 3: return .number(.random(in: -1e9...1e9, using: &random) + 0.5)
    case 4: return .string(String((0..<children).map { _ in "a\"\\{}[]\n é😀".randomElement(using: &random)! }))
    case 5: return .array((0..<children).map { _ in .random(depth: depth - 1, using: &random) })
    default:
      let members = (0..<children).map { ("k\($0)\"", JSONValue.random(depth: depth - 1, using: &random)) }
      return .object(Dictionary(members, uniquingKeysWith: { $1 }))
    }
  }
}
