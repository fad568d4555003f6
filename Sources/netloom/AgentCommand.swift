import ArgumentParser
import Lab
import NodeAgent

struct AgentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agent", abstract: "The node's agent: programs Open vSwitch, answers the CNI plugin. Needs root.")

  @Option(help: "Name of the Kubernetes Node.") var node: String
  @Option(help: "Unix socket that netloom-cni connects to.")
  var socket = FromEnvironment.text("SOCKET") ?? "/run/netloom/agent.sock"
  @Option(help: "Open vSwitch's database: unix:PATH, tcp:HOST:PORT or ssl:HOST:PORT.")
  var ovsdb = FromEnvironment.text("OVSDB") ?? "unix:/var/run/openvswitch/db.sock"
  @Option(help: "Network namespace that is the node's; absent: this process's own.")
  var hostNetns: String? = FromEnvironment.text("HOST_NETNS")
  @OptionGroup var cluster: ClusterOptions
  @OptionGroup var metrics: MetricsOptions
  @OptionGroup var log: LogOptions

  func run() async throws {
    let logger = log.logger("agent")
    var configuration = NodeAgent.Configuration(node: node)
    configuration.kubeconfig = cluster.kubeconfig
    configuration.socketPath = socket
    configuration.ovsdb = ovsdb
    configuration.hostNamespacePath = hostNetns
    let metrics = metrics.endpoint(logger).map { [$0] } ?? []
    try await service(logger, NodeAgent(configuration, logger: logger) { Readiness.announce() }, beside: metrics)
  }
}
