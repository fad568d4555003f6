import Files
import JSON
import Testing

@testable import EmbeddedKubernetes

@Suite("Server")
struct ServerTests {
  @Test(
    "Whoever has neither a certificate nor a known token is refused; a known token lets its owner in",
    .enabled(if: isInstalled("python3"), "needs python3"))
  func authentication() async throws {
    try await withServer(tokens: contractTokens) { endpoint, _ in
      let (status, output) = try await run([
        "python3", contractFolder + "/replay.py", "check", "--kubeconfig", endpoint.kubeconfigPath,
        contractFolder + "/embedded/authentication.json",
      ])
      #expect(status == 0, "\(output)")
    }
  }

  @Test(
    "A server that is stopped and started again has its certificates, objects and definitions",
    .enabled(if: isInstalled("kubectl"), "needs kubectl"))
  func restart() async throws {
    let kept = try TemporaryFolder()
    defer { kept.remove() }
    func serve(_ body: (String) async throws -> Void) async throws {
      try await withServer(configure: { $0.dataDirectory = kept.path }) { endpoint, _ in
        try await body(endpoint.kubeconfigPath)
      }
    }
    let crds = contractFolder + "/fixtures/crds.json"
    var authority: [UInt8]?
    try await serve { config in
      authority = try Files.read(kept.path + "/pki/ca.crt")
      let list = kept.path + "/crds.json"
      let items = try JSONValue(parsing: try #require(try Files.read(crds)))
      try Files.write(
        (["apiVersion": "v1", "kind": "List", "items": items] as JSONValue).serialized(), to: list)
      try await kubectl(config, "create", "-f", list)
      try await kubectl(config, "wait", "--for=condition=Established", "crd/networks.example.netloom.dev")
      try await kubectl(config, "create", "configmap", "kept", "--from-literal=a=b")
    }
    try await serve { config in
      let same = try Files.read(kept.path + "/pki/ca.crt")
      #expect(same == authority)
      let data = try await kubectl(config, "get", "configmap", "kept", "-o", "jsonpath={.data.a}")
      #expect(data == "b")
      let networks = try await kubectl(config, "get", "networks")
      #expect(networks.contains("No resources found"))
    }
  }

  @discardableResult
  private func kubectl(_ config: String, _ arguments: String...) async throws -> String {
    let (status, output) = try await run(["kubectl", "--kubeconfig", config] + arguments)
    #expect(status == 0, "kubectl \(arguments): \(output)")
    return output
  }
}
