import Files
import JSON
import KubernetesClient
import KubernetesModel
import Logging
import NetloomAPI

/// Netloom on a lab, each part a process of its own as on a cluster: the embedded Kubernetes, the operator, and an agent
/// and a node for every host.
public struct LabCluster: Sendable {
  /// One of the processes.
  public enum Part: Sendable, Hashable, CustomStringConvertible {
    /// The embedded Kubernetes API server.
    case apiServer
    /// The operator.
    case `operator`
    /// The agent of a host.
    case agent(String)
    /// The embedded node of a host.
    case node(String)

    /// Its name, also that of its log.
    public var description: String {
      switch self {
      case .apiServer: "apiserver"
      case .operator: "operator"
      case .agent(let host): "agent-\(host)"
      case .node(let host): "node-\(host)"
      }
    }
  }

  /// The machines.
  public let lab: Lab
  private let crew: Crew
  private let logger: Logger

  private init(lab: Lab, crew: Crew, logger: Logger) {
    self.lab = lab
    self.crew = crew
    self.logger = logger
  }

  /// The administrator's access to the API server.
  public var kubeconfig: String { "\(lab.directory.path)/kubeconfig" }

  /// Every part, in the order in which they are started.
  public var parts: [Part] {
    [.apiServer, .operator] + lab.topology.hosts.flatMap { [.agent($0.name), .node($0.name)] }
  }

  /// Starts every part and returns when all are ready and the kinds are served. On failure none is left running.
  /// - Parameter executable: the `netloom` program; `netloom-cni` lies beside it.
  /// - Throws: ``LabError`` with the end of its log when a part does not start.
  public static func start(on lab: Lab, executable: String, logger: Logger) async throws -> LabCluster {
    let cluster = LabCluster(
      lab: lab, crew: try await Crew(executable: executable, directory: lab.directory),
      logger: logger)
    do {
      for (number, host) in lab.topology.hosts.enumerated() {
        try cluster.writeClusterNetwork(of: host.name, number: number + 1)
      }
      try await cluster.start(.apiServer)
      try await cluster.installCRDs()
      try await cluster.start(Array(cluster.parts.dropFirst()))
    } catch {
      await cluster.stop()
      throw error
    }
    return cluster
  }

  /// Runs work with a client of the API server.
  public func withClient<Result: Sendable>(_ work: (KubernetesClient) async throws -> Result) async throws -> Result {
    try await KubernetesClient.withClient(configuration: .resolve(path: kubeconfig), logger: logger, work)
  }

  /// Starts a part, also one that was killed, and returns when it is ready.
  /// - Throws: ``LabError`` with the end of its log when it ends instead.
  public func start(_ part: Part) async throws {
    try await crew.start(part.description, arguments(of: part))
  }

  /// Starts parts side by side and returns when all are ready.
  public func start(_ parts: [Part]) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for part in parts { group.addTask { try await start(part) } }
      try await group.waitForAll()
    }
  }

  /// Ends a part the hard way, as a crash would.
  public func kill(_ part: Part) async {
    await crew.kill(part.description)
  }

  /// Ends every part.
  public func stop() async {
    await crew.stop()
  }

  /// Runs work and then ends every part, however the work ended.
  public func stopping<Result: Sendable>(after work: () async throws -> Result) async throws -> Result {
    do {
      let result = try await work()
      await stop()
      return result
    } catch {
      await stop()
      throw error
    }
  }

  // MARK: - The parts

  private func arguments(of part: Part) -> [String] {
    let directory = lab.directory
    switch part {
    case .apiServer:
      return [
        "apiserver", "--data", "\(directory.path)/kubernetes", "--listen", address, "--kubeconfig-out", kubeconfig,
      ]
    case .operator:
      return ["operator", "--kubeconfig", kubeconfig, "--metrics", "unix:\(metricsSocket(of: part))"]
        + remotes("--ovn-northbound", .northbound) + remotes("--ovn-southbound", .southbound)
    case .agent(let host):
      return [
        "agent", "--node", host, "--kubeconfig", kubeconfig, "--socket", agentSocket(of: host),
        "--ovsdb", directory.databaseEndpoint(of: host), "--host-netns", directory.namespace(of: host),
        "--install-cni", "--state", "\(directory.path)/\(host)/agent", "--device-info",
        "\(directory.path)/\(host)/devinfo", "--metrics", "unix:\(metricsSocket(of: part))",
      ] + networkFolders(of: host) + remotes("--ovn-southbound", .southbound)
        + (lab.topology.underlayAddress(of: host).map { ["--ovn-encap-ip", "\($0.address)"] } ?? [])
    case .node(let host):
      return [
        "node", "--name", host, "--kubeconfig", kubeconfig, "--host-netns", directory.namespace(of: host),
        "--pod-namespaces", directory.podNamespaces(of: host), "--state", "\(directory.path)/\(host)/state",
        "--labels", "netloom.dev/node-pool=data",
      ] + networkFolders(of: host)
    }
  }

  /// The option that tells of one of OVN's databases; none in a lab without OVN.
  private func remotes(_ option: String, _ database: OVNCentral.Part) -> [String] {
    lab.central.map { [option, $0.remotes(of: database)] } ?? []
  }

  /// Where the API server listens: anywhere at first, and then where everybody looks for it.
  private var address: String {
    guard let server = try? ClusterConfiguration.resolve(path: kubeconfig).server else {
      return "127.0.0.1:0"
    }
    return String(server.trimmingPrefix("https://"))
  }

  /// Where a part says what it measures.
  func metricsSocket(of part: Part) -> String { "\(lab.directory.path)/metrics-\(part).sock" }

  private func agentSocket(of host: String) -> String { "\(lab.directory.path)/\(host)/agent.sock" }

  private func networkConfigurations(of host: String) -> String { "\(lab.directory.path)/\(host)/cni" }

  /// Where a host has its CNI configurations and plugins. The agent puts its own there, as it does on a cluster.
  private func networkFolders(of host: String) -> [String] {
    [
      "--cni-conf-dir", networkConfigurations(of: host), "--cni-bin-dir", "\(lab.directory.path)/\(host)/plugins",
      "--cni-bin-dir", "/usr/lib/cni",
    ]
  }

  private func installCRDs() async throws {
    try await withClient { client in
      for manifest in CRDGenerator.manifests() {
        try await client.resource(CustomResourceDefinition.definition).create(manifest)
      }
      try await ClusterObjects(client: client).wait(
        for: CustomResourceDefinition.definition, "the kinds are served"
      ) { crds in
        crds.allSatisfy { $0.condition("Established")?["status"] == "True" }
      }
    }
  }

  /// The pods' first interface comes from Debian's reference plugins: the agent makes Netloom the first configuration, and this
  /// is what it delegates to.
  private func writeClusterNetwork(of host: String, number: Int) throws {
    let configuration: JSONValue = [
      "cniVersion": "1.0.0", "name": "cluster",
      "plugins": [
        [
          "type": "bridge", "bridge": "cni0", "isGateway": true,
          "ipam": [
            "type": "host-local", "dataDir": .string("\(lab.directory.path)/\(host)/host-local"),
            "ranges": [[["subnet": .string("10.244.\(number).0/24")]]],
          ],
        ]
      ],
    ]
    try Files.makeFolder(networkConfigurations(of: host))
    try Files.write(configuration.serialized(.pretty), to: "\(networkConfigurations(of: host))/10-cluster.conflist")
  }
}
