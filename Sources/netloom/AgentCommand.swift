import ArgumentParser
import Lab
import MultiNetwork
import NetworkTypes
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
  var hostNetns: String?
  @Option(help: "Folder for what the multiplexer has attached.")
  var state = FromEnvironment.text("STATE") ?? "/var/lib/netloom"
  @OptionGroup var folders: CNIFolderOptions
  @Flag(help: "Install netloom's CNI plugins and the multiplexer's configuration when the agent is ready.")
  var installCNI = FromEnvironment.flag("INSTALL_CNI")
  @Option(help: "Unix socket where the kubelet tells the devices of pods.")
  var podResources = FromEnvironment.text("POD_RESOURCES") ?? KubeletDevices.standardSocket
  @Option(help: "Folder where device plugins and CNI plugins exchange information on devices.")
  var deviceInfo = FromEnvironment.text("DEVICE_INFO") ?? DeviceInfo.standardFolder
  @Option(
    help: "Milliseconds to wait for a holder's answer before an address is used for the first time; 0: do not ask.")
  var conflictProbe = 60
  @Option(
    help: """
      OVN's southbound database, which makes the node a chassis: tcp:HOST:PORT, ssl:HOST:PORT or unix:PATH, several \
      separated by commas. For ssl, Open vSwitch has to have a certificate (ovs-vsctl set-ssl).
      """)
  var ovnSouthbound: String?
  @Option(help: "Address of this node where the tunnels of OVN end.")
  var ovnEncapIP: String?
  @Option(help: "Kind of the tunnels: geneve.")
  var ovnEncapType = FromEnvironment.text("OVN_ENCAP_TYPE") ?? "geneve"
  @OptionGroup var cluster: ClusterOptions
  @OptionGroup var metrics: MetricsOptions
  @OptionGroup var log: LogOptions

  private func overlay() throws -> NodeAgent.Configuration.Overlay? {
    guard let southbound = ovnSouthbound ?? FromEnvironment.text("OVN_SOUTHBOUND") else { return nil }
    guard let text = ovnEncapIP ?? FromEnvironment.text("OVN_ENCAP_IP") else {
      throw ValidationError("--ovn-southbound needs --ovn-encap-ip, an address of this node")
    }
    guard let address = IPAddress(text) else {
      throw ValidationError("--ovn-encap-ip: \"\(text)\" is no IP address; give an address of this node")
    }
    return .init(southbound: southbound, address: address, encapsulation: ovnEncapType)
  }

  func validate() throws { _ = try overlay() }

  func run() async throws {
    let logger = log.logger("agent")
    var configuration = NodeAgent.Configuration(node: node)
    configuration.kubeconfig = cluster.kubeconfig
    configuration.socketPath = socket
    configuration.ovsdb = ovsdb
    configuration.hostNamespacePath = hostNetns ?? FromEnvironment.text("HOST_NETNS")
    configuration.state = state
    configuration.pluginFolders = folders.pluginFolders
    configuration.networkConfigurations = folders.cniConfDir
    configuration.installsPlugins = installCNI
    configuration.kubeletSocket = podResources
    configuration.deviceInfo = deviceInfo
    configuration.overlay = try overlay()
    configuration.conflictProbe = conflictProbe > 0 ? .milliseconds(conflictProbe) : nil
    let inspection = InvariantInspection()
    let policies = PolicyCounters(logger: logger)
    let endpoint = metrics.endpoint(logger, pages: ["/invariants": inspection.report], collect: policies.collect)
    let agent = NodeAgent(configuration, inspection: inspection, policies: policies, logger: logger) {
      Readiness.announce()
    }
    try await service(logger, agent, beside: endpoint.map { [$0] } ?? [])
  }
}
