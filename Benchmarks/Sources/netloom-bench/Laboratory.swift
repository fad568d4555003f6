import Glibc
import JSON
import KubernetesClient
import KubernetesModel
import Lab
import Logging
import Netlink
import NetloomAPI

/// Where everything is measured: machines of a lab with real switches, and the Netloom processes on it. Whatever
/// happens, all of it is gone afterwards.
struct Laboratory: Sendable {
  let lab: Lab
  let programs: Programs
  let crew: Crew
  let logger: Logger

  var directory: LabDirectory { lab.directory }
  var kubeconfig: String { "\(directory.path)/kubeconfig" }

  /// The programs that are measured.
  struct Programs: Sendable {
    var netloom: String
    var plugin: String
    var stopwatch: String
  }

  static func with<Result: Sendable>(
    _ topology: LabTopology, _ programs: Programs, _ work: (Laboratory) async throws -> Result
  ) async throws -> Result {
    var logger = Logger(label: "bench")
    logger.logLevel = .error
    let directory = LabDirectory(name: "bench-\(getpid())")
    let lab = try await Lab.up(topology, in: directory, logger: logger)
    defer { Lab.down(directory) }
    let crew = try await Crew(executable: programs.netloom, directory: directory)
    do {
      let result = try await work(Laboratory(lab: lab, programs: programs, crew: crew, logger: logger))
      await crew.stop()
      return result
    } catch {
      await crew.stop()
      throw error
    }
  }

  /// Starts the API server with Netloom's kinds and lends a client of it.
  func withAPIServer<Result: Sendable>(
    _ work: (KubernetesClient, _ process: Int32) async throws -> Result
  ) async throws -> Result {
    let process = try await startAPIServer()
    return try await KubernetesClient.withClient(configuration: .resolve(path: kubeconfig), logger: logger) { client in
      for manifest in CRDGenerator.manifests() {
        try await client.resource(CustomResourceDefinition.definition).create(manifest)
      }
      try await ClusterObjects(client: client).wait(
        for: CustomResourceDefinition.definition, "the kinds are served"
      ) { definitions in
        definitions.allSatisfy { definition in
          definition[path: "status", "conditions"]?.array?.contains {
            $0["type"] == "Established" && $0["status"] == "True"
          } == true
        }
      }
      try await client.create(Namespace(metadata: ObjectMeta(name: "test")))
      return try await work(client, process)
    }
  }

  /// Starts the API server: anywhere at first, and then where everybody looks for it.
  @discardableResult
  func startAPIServer() async throws -> Int32 {
    var address = "127.0.0.1:0"
    if !readFile(kubeconfig).isEmpty {
      address = String(try ClusterConfiguration.resolve(path: kubeconfig).server.trimmingPrefix("https://"))
    }
    return try await crew.start(
      "apiserver",
      [
        "apiserver", "--data", "\(directory.path)/kubernetes", "--listen", address, "--kubeconfig-out", kubeconfig,
      ])
  }

  /// Starts the operator.
  @discardableResult
  func startOperator(_ options: String...) async throws -> Int32 {
    try await crew.start("operator", ["operator", "--kubeconfig", kubeconfig, "--log-level", "error"] + options)
  }

  /// Starts the agent of a host; its plugin's socket is ``agentSocket(of:)``.
  @discardableResult
  func startAgent(of host: String, _ options: String...) async throws -> Int32 {
    try await crew.start(
      "agent-\(host)",
      [
        "agent", "--node", host, "--kubeconfig", kubeconfig, "--socket", agentSocket(of: host),
        "--ovsdb", directory.databaseEndpoint(of: host), "--host-netns", directory.namespace(of: host),
        "--state", "\(directory.path)/\(host)/agent", "--device-info", "\(directory.path)/\(host)/devinfo",
        "--cni-conf-dir", "\(directory.path)/\(host)/cni", "--log-level", "error",
      ] + options)
  }

  func agentSocket(of host: String) -> String { "\(directory.path)/\(host)/agent.sock" }

  /// A new network namespace that goes with the lab.
  func namespace(_ name: String, on host: String) throws -> (path: String, handle: NetworkNamespace) {
    let path = "\(directory.podNamespaces(of: host))/\(name)"
    return (path, try NetworkNamespace.create(at: path))
  }

  /// The path of the socket of a machine's Open vSwitch database.
  func database(of machine: String) -> String { "\(directory.openVSwitch(of: machine))/db.sock" }
}
