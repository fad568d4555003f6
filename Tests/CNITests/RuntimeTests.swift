import Files
import Glibc
import JSON
import NetworkTypes
import Synchronization
import Testing

@testable import CNI

/// The runtime against plugins that are functions.
@Suite("Running plugins")
struct RuntimeTests {
  private static let attachment = CNIAttachment(
    containerID: "c1", namespacePath: "/n", interface: "eth0", arguments: ["K8S_POD_NAME": "p"],
    capabilityArguments: ["mac": "02:00:00:00:00:01"])

  @Test("each plugin is told the result of the one before in the list's version, whatever version that one answered in")
  func conversion() async throws {
    try await withPlugins(["a": .result("0.3.1"), "b": .result("1.1.0"), "c": .result("1.0.0")]) { runtime, calls in
      for version in CNIVersion.allCases {
        let list = try list(["a", "b", "c"], version: version.rawValue)
        let result = try await runtime.add(list, Self.attachment)
        #expect(result.ips.map(\.address.description) == ["10.0.0.5/24"])
        let inputs = calls.take().map(\.input)
        #expect(inputs.map { $0["cniVersion"]?.string } == [version.rawValue, version.rawValue, version.rawValue])
        #expect(inputs[0]["prevResult"] == nil)
        for input in inputs.dropFirst() {
          #expect(input["prevResult"]?["cniVersion"]?.string == version.rawValue)
          #expect(input["prevResult"]?["ips"]?[0]?["version"] == (version < .v100 ? "4" : nil))
        }
        try await runtime.delete(list, Self.attachment)
        let deletions = calls.take()
        #expect(deletions.map(\.plugin) == ["c", "b", "a"])
        #expect(deletions.allSatisfy { ($0.input["prevResult"] != nil) == (version >= .v040) })
      }
    }
  }

  @Test("of several versions the newest that all plugins support is used; without a common one nothing runs")
  func negotiation() async throws {
    let plugins: [String: FakePlugin] = [
      "old": .result("1.0.0", supports: ["0.4.0", "1.0.0"]), "new": .result("1.1.0", supports: ["1.0.0", "1.1.0"]),
      "newest": .result("1.1.0", supports: ["1.1.0"]),
    ]
    try await withPlugins(plugins) { runtime, calls in
      try await runtime.add(list(["old", "new"], versions: ["0.4.0", "1.0.0", "1.1.0"]), Self.attachment)
      #expect(calls.take().filter { $0.command == "ADD" }.map { $0.input["cniVersion"] } == ["1.0.0", "1.0.0"])
      let none = await #expect(throws: CNIError.self) {
        try await runtime.add(list(["old", "newest"], versions: ["0.4.0", "1.1.0"]), Self.attachment)
      }
      #expect(none?.code == .incompatibleVersion && none?.details.contains("plugin old supports") == true)
      #expect(calls.take().allSatisfy { $0.command == "VERSION" })
    }
  }

  @Test("GC deletes what is kept and not in the list, asks every plugin, goes on after errors and tells all of them")
  func collection() async throws {
    let plugins: [String: FakePlugin] = ["a": .result("1.1.0"), "broken": .failing(["GC"]), "z": .result("1.1.0")]
    try await withPlugins(plugins) { runtime, calls in
      let list = try list(["a", "broken", "z"], version: "1.1.0")
      var stale = Self.attachment
      stale.containerID = "c2"
      for attachment in [Self.attachment, stale] { try await runtime.add(list, attachment) }
      _ = calls.take()
      let keep = Self.attachment.key
      let failure = await #expect(throws: CNIError.self) { try await runtime.collect(list, keeping: [keep]) }
      #expect(failure?.message.contains("broken failed at GC") == true)
      let made = calls.take()
      #expect(
        made.map { "\($0.command) \($0.plugin)" } == ["DEL z", "DEL broken", "DEL a", "GC a", "GC broken", "GC z"])
      #expect(made[0].environment["CNI_CONTAINERID"] == "c2" && made[0].environment["CNI_ARGS"] == "K8S_POD_NAME=p")
      let expected: JSONValue = [["containerID": "c1", "ifname": "eth0"]]
      for call in made.suffix(3) {
        #expect(call.input["cni.dev/valid-attachments"] == expected && call.input["cni.dev/attachments"] == expected)
        #expect(call.environment["CNI_CONTAINERID"] == nil)
        #expect(try NetworkConfiguration(json: call.input).validAttachments() == [keep])
      }
      #expect(try runtime.cachedResult(list, stale) == nil && runtime.cachedResult(list, Self.attachment) != nil)
    }
  }

  @Test("GC: before 1.1.0 only what is kept is deleted; with disableGC nothing is")
  func collectionElsewhere() async throws {
    try await withPlugins(["a": .result("1.0.0")]) { runtime, calls in
      let old = try list(["a"], version: "1.0.0")
      try await runtime.add(old, Self.attachment)
      _ = calls.take()
      let disabled = try NetworkConfigurationList(
        json: ["cniVersion": "1.1.0", "name": "n", "disableGC": true, "plugins": [["type": "a"]]])
      try await runtime.collect(disabled, keeping: [])
      #expect(calls.take().isEmpty)
      try await runtime.collect(old, keeping: [])
      #expect(calls.take().map(\.command) == ["DEL"])
    }
  }

  @Test("STATUS asks each plugin and tells of the first that is not ready; before 1.1.0 the plugins must be there")
  func status() async throws {
    let plugins: [String: FakePlugin] = ["a": .result("1.1.0"), "broken": .failing(["STATUS"]), "z": .result("1.1.0")]
    try await withPlugins(plugins) { runtime, calls in
      try await runtime.status(list(["a", "z"], version: "1.1.0"))
      #expect(calls.take().map { "\($0.command) \($0.plugin)" } == ["STATUS a", "STATUS z"])
      let failure = await #expect(throws: CNIError.self) {
        try await runtime.status(list(["a", "broken", "z"], version: "1.1.0"))
      }
      #expect(failure?.code == .notAvailable)
      #expect(calls.take().map(\.plugin) == ["a", "broken"])
      try await runtime.status(list(["a", "broken"], version: "1.0.0"))
      #expect(calls.take().isEmpty)
      let absent = await #expect(throws: CNIError.self) {
        try await runtime.status(list(["a", "absent"], version: "1.0.0"))
      }
      #expect(absent?.code == .notAvailable && absent?.message.contains("absent") == true)
    }
  }

  @Test("CHECK: not before 0.4.0, not with disableCheck, not without a result")
  func check() async throws {
    try await withPlugins(["a": .result("1.1.0")]) { runtime, calls in
      let old = await #expect(throws: CNIError.self) {
        try await runtime.check(list(["a"], version: "0.3.1"), Self.attachment)
      }
      #expect(old?.code == .incompatibleVersion)
      let unknown = await #expect(throws: CNIError.self) {
        try await runtime.check(list(["a"], version: "1.1.0"), Self.attachment)
      }
      #expect(unknown?.code == .unknownContainer)
      try await runtime.check(
        NetworkConfigurationList(
          json: ["cniVersion": "1.1.0", "name": "n", "disableCheck": true, "plugins": [["type": "a"]]]), Self.attachment
      )
      #expect(calls.take().isEmpty)
      try await runtime.add(list(["a"], version: "1.1.0"), Self.attachment)
      _ = calls.take()
      try await runtime.check(list(["a"], version: "1.1.0"), Self.attachment)
      #expect(calls.take().map { $0.input["prevResult"]?["ips"]?[0]?["address"] } == ["10.0.0.5/24"])
    }
  }

  @Test("the first plugin of a list may be given a result to build on")
  func givenResult() async throws {
    try await withPlugins(["a": .result("1.1.0")]) { runtime, calls in
      let given = CNIResult(interfaces: [.init(name: "given")])
      try await runtime.add(list(["a"], version: "1.1.0"), Self.attachment, previous: given)
      #expect(calls.take()[0].input["prevResult"]?["interfaces"]?[0]?["name"] == "given")
    }
  }

  private func list(_ types: [String], version: String) throws -> NetworkConfigurationList {
    try NetworkConfigurationList(
      json: [
        "cniVersion": .string(version), "name": "n", "plugins": .array(types.map { ["type": .string($0)] }),
      ])
  }

  private func list(_ types: [String], versions: [String]) throws -> NetworkConfigurationList {
    try NetworkConfigurationList(
      json: [
        "cniVersions": .array(versions.map { .string($0) }), "name": "n",
        "plugins": .array(types.map { ["type": .string($0)] }),
      ])
  }

  /// A runtime whose plugins are files of a folder of its own that are never run.
  private func withPlugins(
    _ plugins: [String: FakePlugin], _ body: (CNIRuntime, Calls) async throws -> Void
  ) async throws {
    let folder = "/tmp/netloom-plugins-\(UInt64.random(in: 0..<1 << 40))"
    defer { Files.removeTree(folder) }
    try Files.makeFolder(folder)
    for name in plugins.keys {
      try Files.write([], to: "\(folder)/\(name)", mode: 0o755)
    }
    let calls = Calls()
    let runtime = CNIRuntime(pluginFolders: [folder], cacheFolder: "\(folder)/results") { invocation in
      let name = String(invocation.path.split(separator: "/").last ?? "")
      let command = invocation.environment["CNI_COMMAND"] ?? ""
      calls.append(
        Call(
          plugin: name, command: command, environment: invocation.environment,
          input: try JSONValue(parsing: invocation.standardInput)))
      return plugins[name]?.answer(command)
        ?? PluginOutcome(isSuccess: false, standardOutput: [], standardError: [])
    }
    try await body(runtime, calls)
  }
}

private struct Call: Sendable {
  var plugin: String
  var command: String
  var environment: [String: String]
  var input: JSONValue
}

private final class Calls: Sendable {
  private let calls = Mutex<[Call]>([])

  func append(_ call: Call) { calls.withLock { $0.append(call) } }

  func take() -> [Call] {
    calls.withLock { calls in
      defer { calls = [] }
      return calls
    }
  }
}

private struct FakePlugin: Sendable {
  var version: String
  var supported: [String]
  var failing: Set<String> = []

  /// One that answers ADD in that version.
  static func result(_ version: String, supports supported: [String] = []) -> FakePlugin {
    FakePlugin(version: version, supported: supported)
  }

  static func failing(_ commands: Set<String>) -> FakePlugin {
    FakePlugin(version: "1.1.0", supported: [], failing: commands)
  }

  func answer(_ command: String) -> PluginOutcome {
    if failing.contains(command) {
      let error = CNIError(.notAvailable, "not now").json()
      return PluginOutcome(isSuccess: false, standardOutput: error.serialized(), standardError: [])
    }
    let output: JSONValue? =
      switch command {
      case "ADD":
        try? CNIResult(ips: [.init(InterfaceAddress(parsing: "10.0.0.5/24"))])
          .json(version: CNIVersion(rawValue: version) ?? .latest)
      case "VERSION":
        ["cniVersion": "1.1.0", "supportedVersions": .array(supported.map { .string($0) })]
      default: nil
      }
    return PluginOutcome(isSuccess: true, standardOutput: output?.serialized() ?? [], standardError: [])
  }
}
