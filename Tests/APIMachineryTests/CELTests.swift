import JSON
import Testing

@testable import APIMachinery

@Suite struct CELTests {
  private static let schema: JSONValue = [
    "type": "object",
    "properties": [
      "mode": ["type": "string"], "mtu": ["type": "integer"], "weight": ["type": "number"], "on": ["type": "boolean"],
      "ports": [
        "type": "array",
        "items": ["type": "object", "properties": ["name": ["type": "string"], "speed": ["type": "integer"]]],
      ],
      "tags": ["type": "array", "items": ["type": "string"]],
      "options": ["type": "object", "additionalProperties": ["type": "string"]],
      "any": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
      "seen": ["type": "string", "format": "date-time"],
      "namespace": ["type": "string"], "a-b": ["type": "integer"], "limit": ["x-kubernetes-int-or-string": true],
    ],
  ]

  private static let value: JSONValue = [
    "mode": "trunk", "mtu": 1500, "weight": 3, "on": true, "ports": [["name": "p", "speed": 10], ["name": "q"]],
    "tags": ["a", "b"], "options": ["x": "y"], "any": ["deep": ["er": 1]], "namespace": "n", "a-b": 7, "limit": "50%",
  ]

  private func errors(_ rule: String, old: JSONValue? = nil) throws -> [FieldError] {
    var schema = Self.schema
    schema["x-kubernetes-validations"] = [["rule": .string(rule), "message": "no"]]
    return try Schema(["type": "object", "properties": ["spec": schema]])
      .ruleErrors(["spec": Self.value], old: old.map { ["spec": $0] })
  }

  @Test(arguments: [
    "self.mode == 'trunk'", "self.mode != 'access' && size(self.ports) > 0",
    "has(self.mtu) && !has(self.nothingElse) || true",
    "self.ports.all(p, p.name.size() == 1)", "self.ports.exists(p, p.name == 'q')",
    "self.ports.exists_one(p, has(p.speed))",
    "self.ports.map(p, p.name) == ['p', 'q']", "self.ports.filter(p, has(p.speed)).size() == 1", "'a' in self.tags",
    "'x' in self.options", "self.options['x'] == \"y\"", "self.options.x == 'y'", "self.mtu in [1400, 1500]",
    "self.mtu + 1 > 1500",
    "self.mtu % 500 == 0 && self.mtu / 2 == 750", "-self.mtu < 0", "self.weight / 2.0 == 1.5",
    "self.on ? self.mtu > 1 : false",
    "self.mode.startsWith('tr') && self.mode.endsWith('k') && self.mode.contains('un')",
    "self.mode.matches('^[a-z]+$')",
    "self.any.deep.er == 1", "self.__namespace__ == 'n'", "self.a__dash__b == 7", "self.tags.join(',') == 'a,b'",
    "'a,b'.split(',') == self.tags", "self.tags.isSorted()", "[3, 1, 2].max() == 3 && [1, 2].sum() == 3",
    "self.tags[1] == 'b'",
    "isIP('10.0.0.1') && isCIDR('10.0.0.0/8') && !isIP('x')", "int('5') + 1 == 6 && string(5) == '5'",
    "{'a': 1}.a == 1",
    "self.options.all(k, self.options[k] != '')", "self.ports[5].name == 'x' || self.on", "type(1) == 1 || true",
    "// a comment\nself.on", "r'\\d' == '\\\\d'", "self.limit == '50%'", "has(self.seen) == false", "(1 < 2) == true",
  ])
  func holds(rule: String) throws {
    if rule.contains("nothingElse") || rule.contains("type(") {
      #expect(throws: Schema.CompilationError.self) { try errors(rule) }
    } else {
      #expect(try errors(rule) == [])
    }
  }

  @Test(arguments: [
    "self.mode == 'access'", "self.ports.size() > 2", "self.tags.all(t, t == 'a')", "self.ports[1].speed > 0",
    "self.any.gone == 1",
  ])
  func fails(rule: String) throws { #expect(try errors(rule).map(\.field) == ["spec"]) }

  @Test(arguments: [
    "self.nothing > 1", "nothing", "self.mode > 1", "self.mtu == 'x'", "self.mtu", "self.mode &&", "f(self.mode)",
    "self.mode.f()",
    "self.seen == 'x'", "'unterminated", "1 + 'a'", "self.tags.all(1, true)", "self.mode.matches(1)", "has(self)",
    "self..a", "1u == 1u",
    "self.tags.all(t, t > 1)", "#",
  ])
  func refuses(rule: String) {
    let error = #expect(throws: Schema.CompilationError.self) { try errors(rule) }
    #expect(error?.error.body.contains("compilation failed") == true)
  }

  @Test func transitions() throws {
    #expect(try errors("self.mtu >= oldSelf.mtu") == [])
    #expect(try errors("self.mtu >= oldSelf.mtu", old: ["mtu": 1400]) == [])
    #expect(try errors("self.mtu >= oldSelf.mtu", old: ["mtu": 9000]).map(\.body) == ["Invalid value: no"])
  }

  @Test func reasonsMessagesAndPaths() throws {
    let schema = try Schema([
      "type": "object", "properties": ["a": ["type": "integer"], "b": ["type": "string"]],
      "x-kubernetes-validations": [
        [
          "rule": "self.a > 1", "messageExpression": "'a is ' + string(self.a)", "reason": "FieldValueForbidden",
          "fieldPath": ".a",
        ],
        ["rule": "self.b == 'x'"],
      ],
    ])
    #expect(
      schema.ruleErrors(["a": 1, "b": "y"], old: nil).map(\.message)
        == ["a: Forbidden: a is 1", ": Invalid value: failed rule: self.b == 'x'"])
  }

  @Test(.timeLimit(.minutes(1))) func endsWhateverTheRule() throws {
    let schema = try Schema([
      "type": "array", "items": ["type": "integer"],
      "x-kubernetes-validations": [["rule": "self.all(a, self.all(b, self.all(c, self.all(d, a + b + c + d >= 0))))"]],
    ])
    let errors = schema.ruleErrors(.array((0..<200).map { .integer($0) }), old: nil)
    #expect(errors.first?.body.contains("cost limit exceeded") == true)
  }
}
