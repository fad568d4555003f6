import CNI
import JSON
import NetworkAnnotations
import Testing

@testable import MultiNetwork

/// A running sandbox is brought to what its pod asks for now.
@Suite struct AdaptTests {
  private func adapt(_ host: TestHost, to networks: String?) async throws -> HotPlugReport {
    let status = host.look { $0.published.last }.map(NetworkStatus.text)
    host.change { $0.pod = PodRequest(namespace: "test", name: "p", uid: "u", networks: networks, status: status) }
    try host.forgetCalls()
    host.change { $0.native = [] }
    let pod = try #require(host.look { $0.pod })
    #expect(host.multiplexer.sandboxes(of: pod) == [host.sandbox().key])
    return try await host.multiplexer.adapt(host.sandbox().key, to: pod) { _ in true }
  }

  private func interfaces(_ host: TestHost) -> [String] {
    (host.look { $0.published.last } ?? []).map { "\($0.name) \($0.interface ?? "")" }
  }

  private func with(_ networks: String, _ body: (TestHost) async throws -> Void) async throws {
    try await TestHost.with { host in
      for name in ["a", "b", "c"] {
        host.define(name, ["cniVersion": "1.0.0", "name": .string(name), "type": "record"])
      }
      host.define("n", ["cniVersion": "1.0.0", "name": "n", "type": "netloom"])
      host.ask(for: networks)
      _ = try await host.multiplexer.add(host.sandbox(), host.network())
      try await body(host)
    }
  }

  @Test func pluginsAreCalledForWhatComesAndGoes() async throws {
    try await with("a,b") { host in
      #expect(try await adapt(host, to: "a,b") == HotPlugReport())
      #expect(try host.calls == [] && host.look { $0.published.count } == 1)

      let report = try await adapt(host, to: "b,n")
      #expect(report.changes == ["detached net1 from test/a", "attached net1 to test/n"])
      #expect(try host.calls == ["DEL net1"] && host.look { $0.native } == ["ADD net1"])
      #expect(interfaces(host) == ["cluster eth0", "test/b net2", "test/n net1"])
      #expect(host.look { $0.published.count } == 2)

      #expect(try await adapt(host, to: nil).changes.count == 2)
      #expect(interfaces(host) == ["cluster eth0"])
      _ = try await adapt(host, to: "c")
      try host.forgetCalls()
      try await host.multiplexer.delete(host.sandbox(), host.network())
      #expect(try host.calls == ["DEL net1", "DEL eth0"])
    }
  }

  @Test func failuresAreToldAndTriedAgain() async throws {
    try await with("a") { host in
      try host.failAt("ADD", "net2")
      try host.failAt("DEL", "net1")
      let report = try await adapt(host, to: "b,c")
      // The interface that could not be freed is not given to another network.
      #expect(report.failures.count == 2 && report.changes == [])
      #expect(
        report.failures.allSatisfy { $0.details.contains("told to fail") || $0.description.contains("told to fail") })
      try host.succeedAt("ADD", "net2")
      try host.succeedAt("DEL", "net1")
      #expect(try await adapt(host, to: "b,c").failures == [])
      #expect(interfaces(host).sorted() == ["cluster eth0", "test/b net1", "test/c net2"])
    }
  }

  @Test func whatANetworkIsNowReachesOurOwnPlugin() async throws {
    try await with("n,a") { host in
      host.define("n", ["cniVersion": "1.0.0", "name": "n", "type": "netloom", "domain": "example.com"])
      host.define("a", ["cniVersion": "1.0.0", "name": "a", "type": "record", "vlan": 7])
      let report = try await adapt(host, to: "n,a")
      #expect(report.changes == ["net1: changed"] && report.refusals.map(\.remedy) == [.restart])
      #expect(try host.calls == [] && host.look { $0.native } == ["update net1"])
      #expect(host.look { $0.published.last }?[1].dns?.domain == "example.com")
      #expect(try await adapt(host, to: "n,a").changes == [])
      // What the pod was made with is what is taken down.
      try host.forgetCalls()
      try await host.multiplexer.delete(host.sandbox(), host.network())
      #expect(try host.inputs.first?["vlan"] == nil)
    }
  }

  @Test func aWrongAnnotationChangesNothing() async throws {
    try await with("a") { host in
      try host.forgetCalls()
      for networks in ["[", "a,,", "a@eth0"] {
        await #expect(throws: CNIError.self) { try await adapt(host, to: networks) }
      }
      let report = try await adapt(host, to: "a,absent")
      let calls = try host.calls
      #expect(report.failures.count == 1 && report.changes == [] && calls == [])
      #expect(interfaces(host) == ["cluster eth0", "test/a net1"])
    }
  }

  /// The agent was killed between writing down what it was about to do and its end.
  @Test func whatWasInterruptedIsMadeAnew() async throws {
    try await with("a") { host in
      let folder = host.multiplexer.parts.state
      var sandbox = try #require(try folder.load(host.sandbox().key))
      sandbox.delegates.append(
        Delegate(
          network: "test/b", interface: "net2",
          configuration: ["cniVersion": "1.0.0", "name": "b", "type": "record"]))
      sandbox.results.append(.null)
      try folder.save(sandbox)
      #expect(try await adapt(host, to: "a,b").changes == ["detached net2 from test/b", "attached net2 to test/b"])
      #expect(try host.calls == ["DEL net2", "ADD net2"])
      #expect(interfaces(host) == ["cluster eth0", "test/a net1", "test/b net2"])
    }
  }
}
