import Files
import Testing

@testable import EmbeddedKubernetes

/// Plays the recorded Kubernetes API contract against the server.
///
/// Tests/Contract/not-yet.txt names what does not fit yet, each with its reason. A case outside that list that fails fails
/// the test, and so does a case in it that passes: the list says exactly how far the server is.
@Suite("Recorded contract", .serialized)
struct ContractTests {
  private static let needs: Comment = "needs python3 and kubectl"
  private static let hasPrograms = isInstalled("python3") && isInstalled("kubectl")

  @Test("HTTP", .enabled(if: isInstalled("python3"), "needs python3"))
  func http() async throws { try await play("check") }

  @Test("kubectl", .enabled(if: hasPrograms, needs))
  func kubectl() async throws { try await play("check-kubectl") }

  private func play(_ what: String) async throws {
    let expected = try Self.notYet()
    try await withServer(tokens: contractTokens) { endpoint, _ in
      let (status, output) = try await run([
        "python3", contractFolder + "/replay.py", what, "-v", "-j", "4", "--kubeconfig", endpoint.kubeconfigPath,
      ])
      var failures: [String: String] = [:]
      var passed: Set<String> = []
      var current: String?
      for line in output.split(separator: "\n") {
        if line.hasPrefix("FAILED ") {
          current = String(line.dropFirst(7))
          failures[current ?? "", default: ""] += ""
        } else if line.hasPrefix("passed ") {
          passed.insert(String(line.dropFirst(7).prefix { $0 != " " }))
          current = nil
        } else if let current, line.hasPrefix("   ") {
          failures[current, default: ""] += line + "\n"
        }
      }
      #expect(!passed.isEmpty, "the replay tool did not run (exit status \(status)): \(output)")
      for (name, why) in failures where expected[name] == nil {
        Issue.record("\(name) failed:\n\(why)")
      }
      for name in passed where expected[name] != nil {
        Issue.record("\(name) passes now: take it out of Tests/Contract/not-yet.txt")
      }
    }
  }

  /// The cases of not-yet.txt with their reasons.
  private static func notYet() throws -> [String: String] {
    var cases: [String: String] = [:]
    let text = String(decoding: try Files.read(contractFolder + "/not-yet.txt") ?? [], as: UTF8.self)
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
      #expect(parts.count == 2, "a line of not-yet.txt needs a case, a tab and a reason: \(line)")
      if parts.count == 2 { cases[parts[0]] = parts[1] }
    }
    return cases
  }
}
