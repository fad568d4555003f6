import CNI
import Files
import JSON
import Netlink
import NetworkAnnotations
import NetworkTypes
import OVSTestSupport
import Testing

@testable import NodeAgent

@Suite(
  "The address plugin",
  .enabled(
    if: SwitchInstance.isAvailable && Files.modificationTime("/usr/lib/cni/bridge") != nil,
    "\(SwitchInstance.requirement), containernetworking-plugins"))
struct AddressPluginTests {
  private static func allocations() throws -> StaticAllocations {
    let route = Allocation.Route(
      destination: try CIDR(parsing: "10.30.0.0/16"), nextHop: try IPAddress(parsing: "10.203.0.1"))
    var allocation = try Allocation.test("10.203.0.2/24", "fd00:203::2/64", routes: [route])
    allocation.dns = .init(nameservers: ["10.203.0.53"])
    var empty = try Allocation.test()
    empty.interface = "net2"
    return StaticAllocations([("test", "a", [allocation, empty])])
  }

  private static func configuration(_ ipam: JSONValue = ["type": "netloom-ipam", "attachment": "test/vlan"])
    -> JSONValue
  {
    [
      "cniVersion": "1.0.0", "name": "test.bridge", "type": "bridge", "bridge": "cni0", "ipam": ipam,
      "capabilities": ["ips": true],
    ]
  }

  @Test("gives a reference plugin's pod the addresses and routes that are assigned, and checks them")
  func delegate() async throws {
    try await TestNode.with(allocations: Self.allocations()) { node in
      try await TestPod.with("a") { pods in
        try await withRuntime(node) { runtime in
          let list = try NetworkConfigurationList(json: Self.configuration())
          let attachment = CNIAttachment(
            containerID: pods[0].containerID, namespacePath: pods[0].namespace.path, interface: "net1",
            arguments: ["IgnoreUnknown": "1", "K8S_POD_NAMESPACE": "test", "K8S_POD_NAME": "a"])
          let result = try await runtime.add(list, attachment)
          #expect(result.ips.map(\.address.description) == ["10.203.0.2/24", "fd00:203::2/64"])
          #expect(result.ips[0].gateway?.description == "10.203.0.1")
          #expect(result.routes.map(\.destination.description) == ["10.30.0.0/16"])
          try await runtime.check(list, attachment)
          try await runtime.delete(list, attachment)
          try await runtime.delete(list, attachment)
          let elsewhere = CNIAttachment(
            containerID: attachment.containerID, namespacePath: attachment.namespacePath, interface: "net1",
            arguments: attachment.arguments, capabilityArguments: ["ips": ["10.203.0.9/24"]])
          let refused = await #expect(throws: CNIError.self) { try await runtime.add(list, elsewhere) }
          #expect(refused?.description.contains("10.203.0.9/24") == true, "\(String(describing: refused))")
          try await runtime.delete(list, attachment)
        }
      }
    }
  }

  @Test("answers every command for itself")
  func commands() async throws {
    try await TestNode.with(allocations: Self.allocations()) { node in
      try await TestPod.with("a") { pods in
        var configuration = Self.configuration().setting("cniVersion", "1.1.0")
        let added = try await call("ADD", pods[0], node, configuration)
        #expect(added.json?["dns"]?["nameservers"] == ["10.203.0.53"])
        #expect(added.json?["interfaces"] == nil && added.json?["ips"]?[0]?["address"] == "10.203.0.2/24")
        configuration["prevResult"] = added.json
        #expect(try await call("CHECK", pods[0], node, configuration).isSuccess)
        configuration["prevResult"] = ["cniVersion": "1.1.0", "ips": [["address": "10.203.0.2/24"]]]
        let differs = try await call("CHECK", pods[0], node, configuration)
        #expect(differs.code == 100 && differs.text.contains("fd00:203::2/64"))
        for command in ["STATUS", "GC", "DEL"] {
          let answer = try await call(command, pods[0], node, configuration)
          #expect(answer.isSuccess && answer.json == nil, "\(answer.text)")
        }
        let cases: [(JSONValue, String, Int64, String)] = [
          (["type": "netloom-ipam"], "net1", 7, "ipam.attachment"),
          (["type": "netloom-ipam", "attachment": "vlan"], "net1", 7, "ipam.attachment"),
          (["type": "netloom-ipam", "attachment": "test/vlan"], "net2", 7, "no address is assigned to interface net2"),
          (["type": "netloom-ipam", "attachment": "test/vlan"], "net3", 999, "net3 on test/vlan"),
        ]
        for (ipam, interface, code, reason) in cases {
          let answer = try await call("ADD", pods[0], node, Self.configuration(ipam), interface: interface)
          #expect(answer.code == code && answer.text.contains(reason), "\(answer.text)")
        }
        let nobody = try await call("ADD", pods[0], node, Self.configuration(), arguments: "IgnoreUnknown=1")
        #expect(nobody.code == 4 && nobody.text.contains("CNI_ARGS"))
      }
    }
  }

  private func call(
    _ command: String, _ pod: TestPod, _ node: TestNode, _ configuration: JSONValue, interface: String = "net1",
    arguments: String? = nil
  ) async throws -> PluginAnswer {
    let outcome = try await NamespaceProcess.run(
      ProcessCommand(
        "bash", ["-c", "exec -a netloom-ipam \(pluginPath)"],
        environment: [
          "CNI_COMMAND": command, "CNI_CONTAINERID": pod.containerID, "CNI_NETNS": pod.namespace.path,
          "CNI_IFNAME": interface, "NETLOOM_SOCKET": node.socketPath, "PATH": "/bin",
          "CNI_ARGS": arguments ?? "K8S_POD_NAMESPACE=test;K8S_POD_NAME=\(pod.name)",
        ], standardInput: configuration.serialized()))
    let json: JSONValue? = outcome.standardOutput.isEmpty ? .none : try JSONValue(parsing: outcome.standardOutput)
    return PluginAnswer(isSuccess: outcome.isSuccess, json: json)
  }

  /// A container runtime on the node, with the shim under the address plugin's name.
  private func withRuntime(_ node: TestNode, _ body: (CNIRuntime) async throws -> Void) async throws {
    let folder = "/tmp/netloom-ipam-tests-\(UInt64.random(in: 0..<1 << 40))"
    defer { Files.removeTree(folder) }
    try Files.makeFolder(folder)
    try Files.write(try #require(try Files.read(pluginPath)), to: "\(folder)/netloom-ipam", mode: 0o755)
    let host = node.host
    let runtime = CNIRuntime(
      pluginFolders: [folder, "/usr/lib/cni"], cacheFolder: "\(folder)/results",
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "NETLOOM_SOCKET": node.socketPath]
    ) { invocation in
      let command = ProcessCommand(
        invocation.path, environment: invocation.environment, standardInput: invocation.standardInput)
      let outcome = try await NamespaceProcess.run(command, in: host)
      return PluginOutcome(
        isSuccess: outcome.isSuccess, standardOutput: outcome.standardOutput, standardError: outcome.standardError)
    }
    try await body(runtime)
  }
}
