import JSON
import KubernetesModel
import Netlink

/// The network namespace of a pod on a host of the laboratory, and what a container runtime does with it.
struct PodSandbox: Sendable {
  let container: String
  let host: String
  let namespace: NetworkNamespace
  /// An attachment each, in order.
  let calls: [PluginCall]
  /// The address on each network, known after the attachment.
  private(set) var addresses: [String] = []

  /// A namespace without interfaces.
  /// - Parameter configurations: of the networks that it is to join.
  init(
    _ container: String, of pod: String, on host: String, in laboratory: Laboratory, configurations: [JSONValue]
  ) throws {
    self.container = container
    self.host = host
    let (path, handle) = try laboratory.namespace(container, on: host)
    namespace = handle
    calls = configurations.enumerated().map { number, configuration in
      PluginCall(
        plugin: laboratory.programs.plugin, configuration: configuration, container: container, namespacePath: path,
        interface: "net\(number + 1)", pod: NamespacedName(namespace: "test", name: pod),
        agentSocket: laboratory.agentSocket(of: host))
    }
  }

  /// Joins every network, one after the other.
  mutating func attach() async throws {
    for call in calls {
      let result = try await call.perform("ADD")
      guard let address = result["ips"]?[0]?["address"]?.string?.split(separator: "/").first else {
        throw BenchmarkError("ADD of \(call.interface) of pod \(call.pod) gave no address: \(result)")
      }
      addresses.append(String(address))
    }
  }

  /// Leaves every network, the last first, and is gone.
  func remove() async throws {
    for call in calls.reversed() { try await call.perform("DEL") }
    try NetworkNamespace.remove(path: calls[0].namespacePath)
  }

  /// Whether an address answers.
  func reaches(_ address: String) async throws -> Bool {
    try await NamespaceProcess.run(ProcessCommand("ping", ["-q", "-c", "1", "-W", "2", address]), in: namespace)
      .isSuccess
  }
}
