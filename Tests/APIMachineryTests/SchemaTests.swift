import JSON
import Testing

@testable import APIMachinery

@Suite struct SchemaTests {
  private func definition(_ spec: JSONValue) -> JSONValue {
    [
      "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
      "metadata": ["name": "things.a.example"],
      "spec": [
        "group": "a.example", "scope": "Namespaced",
        "names": ["plural": "things", "kind": "Thing", "singular": "thing", "listKind": "ThingList"],
        "versions": [
          [
            "name": "v1", "served": true, "storage": true,
            "schema": ["openAPIV3Schema": ["type": "object", "properties": ["spec": spec]]],
          ]
        ],
      ],
    ]
  }

  private func thing(_ spec: JSONValue) -> JSONValue {
    [
      "apiVersion": "a.example/v1", "kind": "Thing", "metadata": ["name": "t", "namespace": "n", "uid": "u"],
      "spec": spec,
    ]
  }

  private let context = RequestContext(namespace: "n", name: "t", now: "2026-01-02T03:04:05Z", isPatch: true)

  /// What a schema became too strict for may stay, and anything else may change.
  @Test func toleratesWhatWasThere() throws {
    let schema: JSONValue = [
      "type": "object",
      "properties": ["size": ["type": "integer", "maximum": 5], "name": ["type": "string", "maxLength": 2]],
      "x-kubernetes-validations": [["rule": "self.size != 9"]],
    ]
    let type = try #require(try ResourceType.custom(crd: definition(schema)).first)
    let old = thing(["size": 9, "name": "ab"])
    let changed = try type.prepareForUpdate(
      thing(["size": 9, "name": "cd"]), over: old, subresource: nil, context: context)
    #expect(changed[path: "spec", "name"] == "cd")
    #expect(throws: StatusError.self) {
      try type.prepareForUpdate(thing(["size": 8, "name": "ab"]), over: old, subresource: nil, context: context)
    }
  }

  @Test(
    arguments: [
      (["properties": [:]], "type: Required value"), (["type": "text"], "type: Unsupported value"),
      (["type": "array"], "items: Required value"), (["type": "array", "items": [:]], "items.type: Required value"),
      (["type": "object", "properties": ["a": ["type": "string"]], "additionalProperties": true], "mutual exclusive"),
      (["type": "array", "items": ["type": "string"], "uniqueItems": true], "uniqueItems: Forbidden"),
      (["type": "string", "pattern": "("], "must be a valid regular expression"),
      (["type": "integer", "default": "x"], "default: Invalid value"),
      (["type": "string", "$ref": "#/x"], "$ref: Forbidden"),
      (["type": "object", "anyOf": [["type": "string"]]], "anyOf[0].type: Forbidden"),
      (
        ["type": "array", "items": ["type": "object"], "x-kubernetes-list-type": "map"],
        "x-kubernetes-list-map-keys: Required"
      ),
      (["type": "string", "x-kubernetes-int-or-string": true], "must be empty if x-kubernetes-int-or-string"),
      (["type": "string", "x-kubernetes-list-type": "set"], "must be array"),
    ] as [(JSONValue, String)])
  func refusesSchemas(schema: JSONValue, words: String) {
    let errors = CustomResourceDefinitions.validate(definition(schema))
    #expect(errors.contains { $0.message.contains(words) }, "\(errors.map(\.message))")
    #expect(errors.allSatisfy { $0.field.hasPrefix("spec.validation.openAPIV3Schema.properties[spec]") })
  }

  @Test func acceptsSchemas() {
    let schema: JSONValue = [
      "type": "object",
      "properties": [
        "a": ["x-kubernetes-int-or-string": true, "anyOf": [["type": "integer"], ["type": "string"]]],
        "b": ["x-kubernetes-preserve-unknown-fields": true],
        "c": ["type": "object", "additionalProperties": ["type": "string"]],
        "d": ["type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true],
        "e": ["type": "array", "items": ["type": "string"], "x-kubernetes-list-type": "set"],
      ],
    ]
    #expect(CustomResourceDefinitions.validate(definition(schema)).isEmpty)
  }

  @Test func keepsEmbeddedResourcesAndPrunesBesides() throws {
    let schema = try Schema([
      "type": "object",
      "properties": [
        "template": [
          "type": "object", "x-kubernetes-embedded-resource": true,
          "properties": ["spec": ["type": "object", "properties": ["a": ["type": "integer"]]]],
        ],
        "free": [
          "type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": ["known": ["type": "object"]],
        ],
      ],
    ])
    var value: JSONValue = [
      "template": ["apiVersion": "v1", "kind": "X", "metadata": ["name": "n"], "spec": ["a": 1, "b": 2], "other": 1],
      "free": ["any": ["thing": 1], "known": ["gone": 1]],
    ]
    var unknown: [String] = []
    schema.prune(&value, isObjectRoot: true, unknown: &unknown)
    #expect(unknown.sorted() == ["free.known.gone", "template.other", "template.spec.b"])
    #expect(
      value == [
        "template": ["apiVersion": "v1", "kind": "X", "metadata": ["name": "n"], "spec": ["a": 1]],
        "free": ["any": ["thing": 1], "known": [:]],
      ])
  }

  @Test func findsRepeatedElements() throws {
    let schema = try Schema(["type": "array", "items": ["type": "string"], "x-kubernetes-list-type": "set"])
    #expect(schema.listErrors(["a", "b", "a", "a"], path: "l").map(\.message) == ["l[2]: Duplicate value: \"a\""])
  }

  /// Defaulting and pruning twice is the same as once, and what was defaulted validates.
  @Test func isIdempotent() throws {
    let type = try #require(try ContractPlayer().types.first { $0.kind == "Network" })
    let body: JSONValue = [
      "apiVersion": "example.netloom.dev/v1", "kind": "Network", "metadata": ["name": "a"],
      "spec": ["vlan": 5, "ports": [["name": "p"]], "x": 1],
    ]
    let once = try type.decode(body, fieldValidation: .ignore, isPatch: false).object
    let twice = try type.decode(once, fieldValidation: .strict, isPatch: false).object
    #expect(once == twice)
    #expect(type.represent(type.stored(once)) == once)
  }
}

@Suite struct TypedDecoderTests {
  private func decode(_ kind: String, _ object: JSONValue) throws -> (object: JSONValue, warnings: [String]) {
    let type = try #require(ResourceType.builtIn.first { $0.kind == kind && $0.group != "events.k8s.io" })
    return try type.decode(object, fieldValidation: .warn, isPatch: false)
  }

  @Test(
    arguments: [
      (
        "Pod", ["spec": ["containers": "x"]],
        "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container"
      ),
      (
        "ConfigMap", ["data": ["a": 1]],
        "json: cannot unmarshal number into Go struct field ConfigMap.data.a of type string"
      ),
      (
        "Node", ["spec": ["unschedulable": "yes"]],
        "json: cannot unmarshal string into Go struct field NodeSpec.spec.unschedulable of type bool"
      ),
      (
        "Pod", ["spec": ["priority": 1.5]],
        "json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.priority of type int32"
      ),
      ("Secret", ["data": ["a": "?"]], "illegal base64 data at input byte 0"),
      ("Pod", ["spec": ["containers": [["resources": ["limits": ["cpu": "lots"]]]]]], "quantities must match"),
    ] as [(String, JSONValue, String)])
  func namesWrongTypes(kind: String, object: JSONValue, words: String) throws {
    let error = #expect(throws: StatusError.self) { try decode(kind, object) }
    #expect(error?.code == 400)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test func findsUnknownFieldsDeepInside() throws {
    let warnings = try decode(
      "Pod",
      [
        "spec": ["containers": [["name": "a"], ["nam": "b", "env": [["x": 1]]]], "nods": 1], "metadata": ["nme": "x"],
      ]
    ).warnings
    #expect(
      warnings
        == ["metadata.nme", "spec.containers[1].env[0].x", "spec.containers[1].nam", "spec.nods"].map {
          "unknown field \"\($0)\""
        })
  }

  /// Every built-in object that was read once reads as itself.
  @Test(arguments: ResourceType.builtIn.map(\.kind)) func isIdempotent(kind: String) throws {
    let once = try decode(kind, ["metadata": ["name": "a"], "spec": [:], "status": [:]]).object
    #expect(try decode(kind, once).object == once)
  }
}
