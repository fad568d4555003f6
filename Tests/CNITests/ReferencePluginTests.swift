import Files
import Glibc
import JSON
import Netlink
import NetworkTypes
import Testing

@testable import CNI

private let pluginFolder = "/usr/lib/cni"

@Suite(
  "Debian's reference plugins",
  .enabled(
    if: geteuid() == 0 && isExecutableFile("\(pluginFolder)/bridge"), "needs root and containernetworking-plugins"))
struct ReferencePluginTests {
  @Test("bridge, host-local and tuning are chained, checked and taken down")
  func chain() async throws {
    try await withHost { host, pod, folder in
      let runtime = runtime(in: host, folder: folder)
      let list = try list(folder: folder)
      let attachment = CNIAttachment(
        containerID: "c1", namespacePath: pod.path, interface: "eth0",
        arguments: ["IgnoreUnknown": "1", "K8S_POD_NAME": "p"],
        capabilityArguments: ["mac": "02:11:22:33:44:55"])
      let result = try await runtime.add(list, attachment)
      #expect(result.ips.map(\.address.description) == ["10.202.0.2/24"])
      #expect(result.ips[0].gateway == (try IPAddress(parsing: "10.202.0.1")))
      let link = try NetlinkSocket(in: pod).link(.name("eth0"))
      #expect(link.macAddress?.description == "02:11:22:33:44:55")
      #expect(try runtime.cachedResult(list, attachment) == result)
      try await runtime.check(list, attachment)
      try NetlinkSocket(in: pod).perform(
        .setMACAddress(try MACAddress(parsing: "02:00:00:00:00:01"), of: .name("eth0")))
      let changed = await #expect(throws: CNIError.self) { try await runtime.check(list, attachment) }
      #expect(changed?.message.contains("failed at CHECK") == true)
      try await runtime.delete(list, attachment)
      try await runtime.delete(list, attachment)
      #expect(try NetlinkSocket(in: pod).findLink(.name("eth0")) == nil)
      #expect(try runtime.cachedResult(list, attachment) == nil)
    }
  }

  @Test("bridge, tuning and bandwidth: several versions, status, and what a runtime forgot is collected")
  func collection() async throws {
    try await withHost { host, pod, folder in
      let runtime = runtime(in: host, folder: folder)
      var plugins = try list(folder: folder).plugins.map(\.json)
      plugins.append(["type": "bandwidth", "capabilities": ["bandwidth": true]])
      // The reference plugins know nothing newer than 1.0.0: that is what is used.
      let list = try NetworkConfigurationList(json: [
        "cniVersion": "1.0.0", "cniVersions": ["0.4.0", "1.0.0", "1.1.0"], "name": "reference",
        "plugins": .array(plugins),
      ])
      try await runtime.status(list)
      let limits: JSONValue = ["ingressRate": 8_000_000, "ingressBurst": 800_000]
      let attachments = ["eth0", "eth1"].map {
        CNIAttachment(
          containerID: "c1", namespacePath: pod.path, interface: $0, capabilityArguments: ["bandwidth": limits])
      }
      for attachment in attachments { try await runtime.add(list, attachment) }
      try await runtime.check(list, attachments[1])
      try await runtime.collect(list, keeping: [attachments[1].key])
      #expect(try NetlinkSocket(in: pod).findLink(.name("eth0")) == nil)
      #expect(try NetlinkSocket(in: pod).findLink(.name("eth1")) != nil)
      #expect(try runtime.cachedResult(list, attachments[0]) == nil)
      // host-local gave the address back.
      #expect(Files.entries(of: "\(folder)/ipam/reference").filter { $0.hasPrefix("10.") } == ["10.202.0.3"])
      try await runtime.collect(list, keeping: [])
      #expect(try NetlinkSocket(in: pod).findLink(.name("eth1")) == nil)
    }
  }

  @Test("a plugin's own error comes through; a missing plugin is named")
  func failures() async throws {
    try await withHost { host, pod, folder in
      let runtime = runtime(in: host, folder: folder)
      let attachment = CNIAttachment(containerID: "c1", namespacePath: "/run/netns/absent", interface: "eth0")
      let list = try list(folder: folder)
      let refused = await #expect(throws: CNIError.self) { try await runtime.add(list, attachment) }
      #expect(refused?.message.contains("CNI plugin bridge failed at ADD") == true)
      try await runtime.delete(list, attachment)
      let unknown = try NetworkConfigurationList(json: ["cniVersion": "1.0.0", "name": "n", "type": "absent"])
      let missing = await #expect(throws: CNIError.self) { try await runtime.add(unknown, attachment) }
      #expect(missing?.message == "no CNI plugin \"absent\"")
      #expect(try await runtime.supportedVersions(ofPlugin: "bridge").contains("1.0.0"))
    }
  }

  private func list(folder: String) throws -> NetworkConfigurationList {
    try NetworkConfigurationList(json: [
      "cniVersion": "1.0.0", "name": "reference",
      "plugins": [
        [
          "type": "bridge", "bridge": "cni0", "isGateway": true,
          "ipam": [
            "type": "host-local", "dataDir": .string("\(folder)/ipam"), "ranges": [[["subnet": "10.202.0.0/24"]]],
          ],
        ],
        ["type": "tuning", "capabilities": ["mac": true]],
      ],
    ])
  }

  private func runtime(in host: NetworkNamespace, folder: String) -> CNIRuntime {
    CNIRuntime(pluginFolders: [pluginFolder], cacheFolder: "\(folder)/results") { invocation in
      let command = ProcessCommand(
        invocation.path, environment: invocation.environment, standardInput: invocation.standardInput)
      let outcome = try await NamespaceProcess.run(command, in: host)
      return PluginOutcome(
        isSuccess: outcome.isSuccess, standardOutput: outcome.standardOutput, standardError: outcome.standardError)
    }
  }

  /// Two namespaces and a folder, all removed afterwards.
  private func withHost(
    _ body: (NetworkNamespace, NetworkNamespace, String) async throws -> Void
  ) async throws {
    let folder = "/tmp/netloom-cni-tests-\(UInt64.random(in: 0..<1 << 40))"
    let paths = ["\(folder)/host", "\(folder)/pod"]
    var failure: (any Error)?
    do {
      try await body(.create(at: paths[0]), .create(at: paths[1]), folder)
    } catch {
      failure = error
    }
    for path in paths { try NetworkNamespace.remove(path: path) }
    _ = try await NamespaceProcess.run(ProcessCommand("rm", ["-rf", folder]))
    if let failure { throw failure }
  }
}
