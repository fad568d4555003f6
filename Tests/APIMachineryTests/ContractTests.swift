import JSON
import Testing

@testable import APIMachinery

/// The recorded cases whose outcome APIMachinery decides.
@Suite struct ContractTests {
  static let cases = [
    "crd/cel-bad-rule", "crd/defaulting", "crd/name-must-fit", "crd/nullable-and-formats", "crd/preserve-whole",
    "crd/protected-group", "crd/pruning", "crd/schema-change", "crd/several-errors", "crd/validation-messages",
    "crud/configmap-binary-and-immutable", "crud/lease-life", "crud/name-wins-over-generatename",
    "crud/namespace-create",
    "crud/namespace-invalid-name", "crud/pod-immutable-spec", "crud/pod-no-container", "crud/secret-type-immutable",
    "crud/service-clusterip", "crud/node-life", "crud/noop-update-keeps-resourceversion",
    "concurrency/conflict", "concurrency/custom-resource-needs-resourceversion", "concurrency/dryrun-create",
    "deletion/two-controllers", "errors/already-exists", "errors/invalid-configmap-key", "errors/invalid-metadata",
    "errors/kind-mismatch", "errors/name-mismatch", "errors/resourceversion-on-create", "errors/uid-immutable",
    "errors/wrong-type", "events/core", "events/new", "fieldvalidation/bad-value", "fieldvalidation/duplicate-field",
    "fieldvalidation/patch-strict", "fieldvalidation/strict-unknown-field", "fieldvalidation/warn-unknown-field",
    "patch/invalid-result", "patch/json", "patch/json-bad-path", "patch/kind-cannot-change", "patch/merge",
    "patch/strategic-containers", "patch/strategic-labels-and-finalizers", "patch/strategic-pod-tolerations-and-status",
    "selectors/equality", "selectors/field-event", "selectors/field-metadata-name", "selectors/field-pod",
    "selectors/field-unsupported", "selectors/set-based", "status/conflict", "status/generation", "status/pod-status",
    "status/subresource-apart", "status/validated", "tables/core-kinds", "tables/custom-columns", "tables/descriptions",
    "tables/nodes", "tables/pods",
  ]

  @Test(arguments: cases) func recorded(name: String) throws {
    let file = try ContractPlayer.load("http/\(name).json")
    var player = try ContractPlayer()
    for step in file["steps"]?.array ?? [] {
      guard let request = step["request"]?.string.map(player.filled), let expected = step["expect"] else { continue }
      let words = request.split(separator: " ", maxSplits: 1).map(String.init)
      // Deleting, discovery and YAML are the server's.
      let path = words[1].split(separator: "/")
      guard words[0] != "DELETE", path.count > (path[0] == "api" ? 2 : 3),
        step["until"] == nil || step["until"]?["status"] == 422
      else { break }
      if step["contentType"] == "application/yaml" { continue }
      let answer = try player.answer(words[0], words[1], player.filled(step))
      for (variable, path) in step["capture"]?.object ?? [:] {
        let keys = (path.string ?? "").split(separator: ".").map(String.init)
        player.variables[variable] = answer.body[path: keys]?.string
      }
      #expect(answer.code == expected["status"]?.integer.map { Int($0) }, "\(request): \(answer.body)")
      if let warnings = expected["warnings"]?.array?.compactMap(\.string) {
        let texts = answer.warnings.map { "299 - \(goQuoted($0))" }
        #expect(texts == warnings, "\(request)")
      }
      let isNarrow = ["compare", "ignore", "patterns"].contains { (step[$0] ?? file[$0]) != nil }
      let isFailure = expected["body"]?["kind"] == "Status"
      guard let body = expected["body"].map(player.filled), words[0] != "GET" || isFailure else { continue }
      if !isNarrow {
        #expect(ContractPlayer.differences(answer.body, body) == [], "\(request)")
      } else if isFailure {
        for key in ["reason", "code"] { #expect(answer.body[key] == body[key], "\(request): \(answer.body)") }
        if step["patterns"] == nil, step["ignore"] == nil { #expect(answer.body["message"] == body["message"]) }
      } else if step["accept"]?.string?.contains("Table") != true {
        for key in ["spec", "status"] where body[key] != nil {
          let extra = ContractPlayer.differences(answer.body[key], body[key]!).filter { !$0.contains("not expected") }
          #expect(extra == [], "\(request)")
        }
      }
    }
  }

  @Test(arguments: ["tables/core-kinds", "tables/nodes", "tables/pods", "tables/custom-columns", "tables/descriptions"])
  func tables(name: String) throws {
    let file = try ContractPlayer.load("http/\(name).json")
    var player = try ContractPlayer()
    for step in file["steps"]?.array ?? [] {
      let words = player.filled(step["request"]?.string ?? "").split(separator: " ", maxSplits: 1).map(String.init)
      let answer = try player.answer(words[0], words[1], player.filled(step))
      guard step["accept"]?.string?.contains("Table") == true, let expected = step["expect"]?["body"].map(player.filled)
      else { continue }
      for (actual, expected) in zip(
        answer.body["columnDefinitions"]?.array ?? [], expected["columnDefinitions"]?.array ?? [])
      {
        for (key, value) in expected.object ?? [:] where value != "<any>" { #expect(actual[key] == value) }
      }
      let cells = (answer.body["rows"]?.array ?? []).map { $0["cells"] ?? .null }
      let wanted = (expected["rows"]?.array ?? []).map { $0["cells"] ?? .null }
      #expect(ContractPlayer.differences(.array(cells), .array(wanted)) == [])
    }
  }
}
