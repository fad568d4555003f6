import JSON
import Testing

@testable import APIMachinery

@Suite struct RegularExpressionTests {
  @Test(arguments: [
    ("^[0-9a-f.:]+/[0-9]{1,3}$", "10.0.0.0/24", true), ("^[0-9a-f.:]+/[0-9]{1,3}$", "nonsense", false),
    ("a|b", "xbx", true), ("^(a|b)*$", "abba", true), ("^(a|b)*$", "abca", false), ("a{2,3}", "xaay", true),
    ("^a{2,3}$", "aaaa", false), (#"\d+\.\d+"#, "v1.2", true), (#"^\w+$"#, "a b", false), ("^[^/]+$", "a/b", false),
    ("(?i)^abc$", "ABC", true), ("^(?:x|y)z?$", "y", true), ("^[[:alpha:]-]+$", "a-b", true),
    (#"\bfoo\b"#, "a foo b", true),
    ("^$", "", true), ("^.$", "é", true), (#"^[\w.-]+@[\w.-]+$"#, "a@b.c", true), ("^(?P<n>a)+?$", "aaa", true),
    ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-b", true), ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-", false),
    ("x*", "", true),
    ("^(([0-9]{1,3})\\.){3}([0-9]{1,3})$", "10.10.13.1", true), ("a{", "a{", true), ("[]a]", "]", true),
  ])
  func matches(pattern: String, text: String, matches: Bool) throws {
    #expect(try RegularExpression(pattern).matches(text) == matches)
  }

  @Test(arguments: ["(", "[a", "a**", "*a", "a{2,1}", #"\q"#, "[z-a]", "(?P<n", "a)", "\\"])
  func refuses(pattern: String) {
    #expect(throws: RegularExpression.SyntaxError.self) { try RegularExpression(pattern) }
  }

  @Test(.timeLimit(.minutes(1))) func isLinear() throws {
    let text = String(repeating: "a", count: 5000)
    #expect(try !RegularExpression("^(a+)+$").matches(text + "b"))
  }
}

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00Z", 951_825_600), ("2026-01-02T03:04:05+01:00", 1_767_319_445),
    ("1969-12-31T23:59:59Z", -1),
  ])
  func seconds(text: String, seconds: Int64) { #expect(Timestamp.parse(text) == seconds) }

  @Test(arguments: [
    "", "2026-01-02", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
  ])
  func refuses(text: String) { #expect(Timestamp(text) == nil) }

  @Test(arguments: 0..<200) func roundTrip(step: Int64) {
    let seconds = (step - 20) * 86_400 * 1_919 + 12_345 * step
    #expect(Timestamp.parse(Timestamp.format(secondsSince1970: seconds)) == seconds)
  }

  @Test func microseconds() {
    #expect(Timestamp("2020-01-02T03:04:05.000006Z").map(Timestamp.formatMicro) == "2020-01-02T03:04:05.000006Z")
  }

  @Test(arguments: [
    (0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (599, "9m59s"), (600, "10m"), (10_799, "179m"),
    (10_800, "3h"),
    (12_000, "3h20m"), (28_800, "8h"), (86_400, "24h"), (172_800, "2d"), (180_000, "2d2h"), (864_000, "10d"),
    (86_400 * 800, "2y70d"), (-5, "<invalid>"),
  ])
  func ages(seconds: Int64, text: String) { #expect(humanDuration(seconds: seconds) == text) }
}

@Suite struct FormatTests {
  @Test(arguments: [
    ("ipv4", "10.0.0.1", true), ("ipv4", "10.0.0.256", false), ("ipv4", "010.0.0.1", false),
    ("ipv6", "2001:db8::1", true),
    ("ipv6", "::ffff:10.0.0.1", true), ("ipv6", "1::2::3", false), ("ipv6", "1:2:3:4:5:6:7:8", true),
    ("ipv6", "1:2", false),
    ("cidr", "10.0.0.0/24", true), ("cidr", "10.0.0.0/33", false), ("cidr", "2001:db8::/64", true),
    ("mac", "02:00:00:00:00:01", true),
    ("mac", "02:00", false), ("uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", true), ("uuid", "x", false),
    ("date", "2026-02-28", true),
    ("date", "2026-02-30", false), ("uri", "https://a.example/x", true), ("uri", "a b", false), ("byte", "AAEC", true),
    ("byte", "A", false),
    ("duration", "1h30m", true), ("duration", "x", false), ("hostname", "a.example", true),
    ("unknown", "anything", true),
  ])
  func fits(format: String, text: String, fits: Bool) { #expect(Formats.fits(text, format) == fits) }

  /// RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func base64(text: String, encoded: String) {
    #expect(Base64.encode(Array(text.utf8)) == encoded)
    #expect(Base64.firstIllegalByte(encoded) == nil)
  }

  @Test(arguments: ["1", "500m", "1.5Gi", "8Ki", "1e3", "-1", "100M"]) func quantities(text: String) {
    #expect(Quantity.isValid(text))
  }
  @Test(arguments: ["", "x", "1 Gi", "1K", "1.2.3", "Gi"]) func badQuantities(text: String) {
    #expect(!Quantity.isValid(text))
  }
}

@Suite struct JSONPathTests {
  private let object: JSONValue = [
    "metadata": ["labels": ["a.b/c": "x"]], "spec": ["ports": [["name": "p", "n": 1], ["name": "q", "n": 2]]],
    "status": ["conditions": [["type": "Ready", "status": "True"], ["type": "Blocked", "status": "False"]]],
  ]

  @Test(arguments: [
    (".spec.ports[0].name", ["p"]), (".spec.ports[*].name", ["p", "q"]), (".spec.ports[-1].name", ["q"]),
    (#".metadata.labels['a.b/c']"#, ["x"]), (#".metadata.labels.a\.b/c"#, ["x"]),
    (#".status.conditions[?(@.type=="Ready")].status"#, ["True"]),
    (#".status.conditions[?(@.type == 'Blocked')].status"#, ["False"]),
    (".spec.ports[?(@.n>1)].name", ["q"]), (".spec.nothing.deeper", []), ("{.spec.ports[1].name}", ["q"]),
  ])
  func values(path: String, texts: [String]) throws {
    #expect(try #require(JSONPath(path)).values(in: object).compactMap(\.string) == texts)
  }

  @Test(arguments: ["", "spec", ".a[", ".a[?(x)]", ".a['b"]) func refuses(path: String) {
    #expect(JSONPath(path) == nil)
  }
}

@Suite struct DuplicateFieldTests {
  @Test(arguments: [
    (#"{"a":1,"a":2}"#, ["a"]), (#"{"a":{"b":1,"b":2},"c":[{"d":1},{"d":1,"d":2}]}"#, ["a.b", "c[1].d"]),
    (#"{"a":"{\"b\":1,\"b\":2}"}"#, []), (#" { "a" : [ ] , "b" : { } } "#, []), ("[]", []),
    (#"{"a":1,"a":2,"a":3}"#, ["a"]),
  ])
  func finds(json: String, paths: [String]) { #expect(DuplicateFields.find(in: Array(json.utf8)) == paths) }
}
