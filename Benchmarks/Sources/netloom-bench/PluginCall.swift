import JSON
import KubernetesModel
import Lab
import Netlink

/// What a container runtime tells a CNI plugin about one attachment (CNI 1.1, section 2).
struct PluginCall: Sendable {
  /// The plugin's program.
  var plugin: String
  var configuration: JSONValue
  var container: String
  var namespacePath: String
  var interface: String
  var pod: NamespacedName
  /// Where `netloom-cni` finds the agent.
  var agentSocket: String?

  private func environment(_ command: String) -> [String: String] {
    var environment = [
      "CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_NETNS": namespacePath, "CNI_IFNAME": interface,
      "CNI_PATH": "/usr/lib/cni", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
      "CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAMESPACE=\(pod.namespace ?? "default");K8S_POD_NAME=\(pod.name)",
    ]
    environment["NETLOOM_SOCKET"] = agentSocket
    return environment
  }

  /// Runs a command beside others.
  /// - Returns: what the plugin printed.
  @discardableResult
  func perform(_ command: String) async throws -> JSONValue {
    let outcome = try await NamespaceProcess.run(
      ProcessCommand(plugin, environment: environment(command), standardInput: configuration.serialized()))
    guard outcome.isSuccess else {
      throw BenchmarkError("\(command) of \(interface) of pod \(pod): \(outcome.text) \(outcome.errorText)")
    }
    return outcome.standardOutput.isEmpty ? .null : try JSONValue(parsing: outcome.standardOutput)
  }

  /// A command for the clock: everything is prepared, nothing of ours is in between.
  /// - Parameter file: where the configuration is written, and beside it what the plugin prints.
  func program(_ command: String, file: String) throws -> () throws -> Void {
    try writeFile(configuration.serialized(), to: "\(file).conf")
    let program = Program(
      plugin, environment: environment(command).map { "\($0.key)=\($0.value)" }, input: "\(file).conf",
      output: "\(file).out")
    return {
      let status = program.run()
      guard status == 0 else {
        throw BenchmarkError(
          "\(command) of \(interface) of pod \(pod) ended with \(status): "
            + String(decoding: readFile("\(file).out"), as: UTF8.self))
      }
    }
  }
}
