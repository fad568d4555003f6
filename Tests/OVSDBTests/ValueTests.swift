import JSON
import Testing

@testable import OVSDB

struct ValueTests {
  @Test func rowIDs() {
    let text = "550e8400-e29b-41d4-a716-446655440000"
    #expect(RowID(text)?.description == text)
    #expect(RowID(text.uppercased()) == RowID(text))
    for wrong in ["", "550e8400", text + "0", text.replacing("-", with: "0"), text.replacing("5", with: "g")] {
      #expect(RowID(wrong) == nil, "\(wrong)")
    }
    for _ in 0..<100 {
      let id = RowID(rawValue: UInt128.random(in: 0...UInt128.max))
      #expect(RowID(id.description) == id)
    }
  }

  @Test(arguments: [
    (Datum("a"), #""a""#), (Datum(7), "7"), (Datum(true), "true"), (Datum(.real(1.5)), "1.5"),
    (Datum(set: []), #"["set",[]]"#), (Datum(set: [2, 1, 2]), #"["set",[1,2]]"#), (Datum(set: [1]), "1"),
    (Datum(map: ["b": 2, "a": 1]), #"["map",[["a",1],["b",2]]]"#), (Datum(.namedUUID("x")), #"["named-uuid","x"]"#),
    (Datum(.uuid(.zero)), #"["uuid","00000000-0000-0000-0000-000000000000"]"#),
  ])
  func wireForm(_ datum: Datum, _ text: String) throws {
    #expect(datum.json.description == text)
    #expect(Datum(json: try JSONValue(parsing: text)) == datum)
  }

  @Test(arguments: [
    "null", "{}", "[]", #"["set"]"#, #"["set",1]"#, #"["set",[null]]"#, #"["map",[[1]]]"#, #"["map",[1,2]]"#,
    #"["uuid","1"]"#, #"["uuid",1]"#, #"["bag",[]]"#, #"["set",[["set",[]]]]"#,
  ])
  func rejectsWhatIsNoDatum(_ text: String) throws {
    #expect(Datum(json: try JSONValue(parsing: text)) == nil)
  }

  @Test func oneElementSetsAreAtoms() throws {
    #expect(Datum(json: try JSONValue(parsing: #"["set",[5]]"#)) == Datum(5))
    #expect(Set<Int>(datum: Datum(5)) == [5])
    #expect(Optional<Int>(datum: .empty) == .some(.none))
    #expect(Optional<Int>(datum: Datum(5)) == 5)
    #expect(Optional<Int>(datum: Datum(set: [1, 2])) == nil)
    #expect(Int(datum: .empty) == nil && Int(datum: "x".datum) == nil && Double(datum: Datum(5)) == 5.0)
    #expect([String: String](datum: .empty) == [:] && [String: String](datum: Datum(5)) == nil)
  }

  /// The difference of two data, as ovsdb-server makes it, leads from one to the other.
  @Test func differencesLeadFromOldToNew() throws {
    let set = try type(#"{"key":"integer","min":0,"max":"unlimited"}"#)
    let map = try type(#"{"key":"string","value":"integer","min":0,"max":"unlimited"}"#)
    let optional = try type(#"{"key":"integer","min":0,"max":1}"#)
    for _ in 0..<500 {
      let old = Set((0..<6).map { _ in Int.random(in: 0...8) })
      let new = Set((0..<6).map { _ in Int.random(in: 0...8) })
      #expect(old.datum.applying(difference: old.symmetricDifference(new).datum, type: set) == new.datum)
      let oldMap = Dictionary(old.map { ("\($0)", Int.random(in: 0...2)) }, uniquingKeysWith: { $1 })
      let newMap = Dictionary(new.map { ("\($0)", Int.random(in: 0...2)) }, uniquingKeysWith: { $1 })
      var difference: [String: Int] = [:]
      for key in Set(oldMap.keys).union(newMap.keys) where oldMap[key] != newMap[key] {
        difference[key] = newMap[key] ?? oldMap[key]
      }
      #expect(oldMap.datum.applying(difference: difference.datum, type: map) == newMap.datum)
    }
    #expect(Datum(3).applying(difference: Datum(4), type: optional) == Datum(4))
    #expect(Datum(3).applying(difference: .empty, type: optional) == .empty)
  }

  private func type(_ text: String) throws -> ColumnType {
    try #require(ColumnType(json: JSONValue(parsing: text)))
  }

  @Test func namesOfNewRowsAreValidAndUnambiguous() {
    #expect(rowName("port", "eth1.10") == "port_eth1_2e10")
    #expect(rowName("port", "a_b") != rowName("port", "a.b"))
    #expect(rowName("port", "ä").allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
  }
}

struct EndpointTests {
  @Test(arguments: [
    ("unix:/var/run/openvswitch/db.sock", Endpoint.unix(path: "/var/run/openvswitch/db.sock")),
    ("tcp:1.2.3.4:6641", .tcp(host: "1.2.3.4", port: 6641)), ("tcp:[::1]:6641", .tcp(host: "::1", port: 6641)),
    ("ssl:[fe80::1]:1", .tls(host: "fe80::1", port: 1)),
    ("ssl:leaf-1.example.com:65535", .tls(host: "leaf-1.example.com", port: 65535)),
  ])
  func reads(_ text: String, _ endpoint: Endpoint) throws {
    #expect(try Endpoint(parsing: text) == endpoint)
    #expect(endpoint.description == text)
  }

  @Test func thePortMayBeLeftOut() throws {
    #expect(try Endpoint(parsing: "tcp:1.2.3.4") == .tcp(host: "1.2.3.4", port: 6640))
    #expect(try Endpoint(parsing: "ssl:[::1]") == .tls(host: "::1", port: 6640))
  }

  @Test(arguments: [
    "", "unix:", "unix:relative", "tcp:", "tcp::6640", "tcp:1.2.3:6640", "tcp:1.2.3.4:0", "tcp:1.2.3.4:65536",
    "tcp:1.2.3.4:x", "tcp:1.2.3.4:+1", "tcp:::1:6640", "tcp:[::1:6640", "tcp:[1.2.3.4]:1", "tcp:[::1]6640",
    "ptcp:1.2.3.4:1",
    "http://x", "tcp:a b:1", "unix:/" + String(repeating: "x", count: 120),
  ])
  func refuses(_ text: String) {
    let error = #expect(throws: OVSDBError.self) { try Endpoint(parsing: text) }
    #expect(error?.code == .invalidEndpoint)
    #expect(error?.description.contains("\"\(text)\"") == true)
  }
}
