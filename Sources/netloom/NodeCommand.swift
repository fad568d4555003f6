import ArgumentParser
import EmbeddedNode
import Lab

struct NodeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "node",
    abstract: "The embedded node: turns Pods into network namespaces and runs the CNI chain on them.")

  @Option(help: "Name of the Node object.") var name: String
  @Option(help: "Labels of the Node object: key=value,key=value.")
  var labels = FromEnvironment.text("LABELS") ?? ""
  @Option(help: "Network namespace that is the node's; absent: this process's own.")
  var hostNetns: String?
  @Option(help: "Folder for the pods' network namespaces.")
  var podNamespaces = FromEnvironment.text("POD_NAMESPACES") ?? "/run/netloom/pods"
  @OptionGroup var folders: CNIFolderOptions
  @Option(help: "Folder for what has been attached.")
  var state = FromEnvironment.text("STATE") ?? "/var/lib/netloom/node"
  @OptionGroup var cluster: ClusterOptions
  @OptionGroup var log: LogOptions

  func run() async throws {
    var pairs: [String: String] = [:]
    for pair in labels.split(separator: ",") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw ValidationError("--labels \(labels): write key=value,key=value")
      }
      pairs[parts[0]] = parts[1]
    }
    let logger = log.logger("node")
    var configuration = EmbeddedNode.Configuration(name: name)
    configuration.labels = pairs
    configuration.kubeconfig = cluster.kubeconfig
    configuration.hostNamespacePath = hostNetns ?? FromEnvironment.text("HOST_NETNS")
    configuration.podNamespaces = podNamespaces
    configuration.networkConfigurations = folders.cniConfDir
    configuration.pluginFolders = folders.pluginFolders
    configuration.state = state
    try await service(logger, EmbeddedNode(configuration, logger: logger) { Readiness.announce() })
  }
}
