import JSON
import Testing

@testable import APIMachinery

@Suite struct DiscoveryTests {
  /// Parts of the expectation that the answer must hold.
  private func holds(_ actual: JSONValue?, _ expected: JSONValue, _ path: String = "") -> [String] {
    ContractPlayer.differences(actual, expected, path).filter { !$0.contains("not expected") }
  }

  @Test func openAPIOfACustomGroup() throws {
    let types = try ContractPlayer().types
    let document = try #require(OpenAPI.v3(group: "example.netloom.dev", version: "v1", types))
    let recorded = try ContractPlayer.load("http/discovery/openapi-v3-custom-group.json")
    let expected = try #require(recorded["steps"]?[0]?[path: "expect", "body"])
    #expect(holds(document, expected) == [])
    let path = ["components", "schemas", "dev.netloom.example.v1.Network"]
    #expect(ContractPlayer.differences(document[path: path], try #require(expected[path: path])) == [])
  }

  @Test func resourceLists() throws {
    let types = try ContractPlayer().types
    let recorded = try ContractPlayer.load("http/discovery/core-resources.json")
    let expected = try #require(recorded["steps"]?[0]?[path: "expect", "body", "resources"]?.array)
    let list = try #require(Discovery.resourceList(group: "", version: "v1", types)?["resources"]?.array)
    for resource in expected {
      #expect(holds(list.first { $0["name"] == resource["name"] }, resource) == [])
    }
  }

  @Test func groups() throws {
    let types = try ContractPlayer().types
    let list = try #require(Discovery.groupList(types)["groups"]?.array)
    let custom = list.first { $0["name"] == "example.netloom.dev" }
    #expect(custom?["versions"]?.array?.compactMap { $0["version"]?.string } == ["v1", "v1beta1"])
    #expect(Discovery.group("nowhere", types) == nil)
    #expect(Discovery.resourceList(group: "example.netloom.dev", version: "v9", types) == nil)
    #expect(Discovery.aggregated(core: true, types)["items"]?.array?.count == 1)
  }

  @Test func versionOrder() {
    let versions = ["v1", "v10", "v2beta1", "v11alpha2", "foo1", "v2", "v2beta2", "v1alpha1"]
    #expect(
      versions.sorted { VersionPriority($0) > VersionPriority($1) }
        == ["v10", "v2", "v1", "v2beta2", "v2beta1", "v11alpha2", "v1alpha1", "foo1"])
  }

  /// Every schema that a document refers to is in it.
  @Test(arguments: ["", "coordination.k8s.io", "events.k8s.io", "apiextensions.k8s.io"]) func isClosed(group: String)
    throws
  {
    let document = try #require(OpenAPI.v3(group: group, version: "v1", ResourceType.builtIn))
    let schemas = try #require(document[path: "components", "schemas"]?.object)
    func references(_ value: JSONValue) -> [String] {
      switch value {
      case .object(let members):
        (members["$ref"]?.string.map { [$0] } ?? []) + members.values.flatMap(references)
      case .array(let elements): elements.flatMap(references)
      default: []
      }
    }
    let missing = references(document).map { String($0.dropFirst("#/components/schemas/".count)) }.filter {
      schemas[$0] == nil
    }
    #expect(missing == [])
  }
}

@Suite struct SelectorTests {
  @Test(arguments: [
    ("a=b", ["a": "b"], true), ("a==b,c!=d", ["a": "b"], true), ("a in (b, c)", ["a": "c"], true),
    ("a notin (b)", [:], true), ("!a", [:], true),
    ("a", ["a": ""], true), ("a=", ["a": ""], true), ("a>5", ["a": "6"], true), ("a<5", ["a": "6"], false),
    ("", [:], true),
    ("x.y/z in (),q", ["x.y/z": "", "q": "1"], true), ("a in (b),a notin (b)", ["a": "b"], false),
  ])
  func labels(text: String, labels: [String: String], matches: Bool) throws {
    #expect(try LabelSelector.parse(text).matches(labels) == matches)
  }

  @Test(arguments: ["a=b,", "=a", "a in b", "a in (b", "!", "a=b c", "a=not valid!", "bad/key/x=1", "a>x", ",", "!!a"])
  func badLabels(text: String) {
    let error = #expect(throws: StatusError.self) { try LabelSelector.parse(text) }
    #expect(error?.code == 400)
  }

  @Test func exactName() throws {
    let pods = try #require(ResourceType.builtIn.first { $0.kind == "Pod" })
    #expect(try FieldSelector.parse("metadata.name=x,status.phase!=Failed", for: pods).exactName == "x")
    #expect(try FieldSelector.parse("metadata.name!=x", for: pods).exactName == nil)
  }
}

@Suite struct OptionTests {
  @Test(arguments: [
    "paging/resourceversionmatch", "watch/initial-events-need-match", "deletion/bad-propagation",
    "paging/limit-zero-and-negative",
  ])
  func recordedRefusals(name: String) throws {
    for step in try ContractPlayer.load("http/\(name).json")["steps"]?.array ?? [] {
      guard let request = step["request"]?.string, let expected = step[path: "expect", "body"],
        expected["status"] == "Failure"
      else { continue }
      var query: [String: [String]] = [:]
      for pair in request.split(separator: "?").dropFirst().first?.split(separator: "&") ?? [] {
        let parts = pair.split(separator: "=").map(String.init)
        query[parts[0]] = [parts.count > 1 ? parts[1] : ""]
      }
      let error = #expect(throws: StatusError.self) {
        if request.hasPrefix("DELETE") {
          _ = try DeleteOptions.parse(body: step["body"], query: query)
        } else {
          _ = try ListOptions.parse(query)
        }
      }
      #expect(ContractPlayer.differences(error?.status, expected) == [])
    }
  }
}

@Suite struct StatusErrorTests {
  private let pods = ResourceName(group: "", name: "pods")

  @Test func texts() {
    #expect(StatusError.forbidden(pods, name: "", "no").message == "pods is forbidden: no")
    #expect(StatusError.forbidden(pods, name: "p", "no").message == "pods \"p\" is forbidden: no")
    #expect(StatusError.unknownPath().status["details"] == .object([:]))
    #expect(StatusError.internalFailure("x").status["reason"] == nil)
  }

  @Test func repeatedErrorsAreNamedOnce() {
    let error = FieldError.invalid("a", "b", "c")
    #expect([error, error].joinedMessage == "a: Invalid value: \"b\": c")
    #expect([error, .required("d")].joinedMessage == "[a: Invalid value: \"b\": c, d: Required value]")
  }
}
