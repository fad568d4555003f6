import Glibc
import JSON
import KubernetesClient
import KubernetesModel
import Logging
import NetloomAPI
import NetworkTypes
import Synchronization

/// The whole story on one machine: external networks declared with kubectl reach the fabric, the nodes and the pods, and
/// go again, with real switches and real packets.
public struct Demo: Sendable {
  /// What a user may choose.
  public struct Options: Sendable {
    /// Stop before the networks are deleted, print how to go on with kubectl, and wait for Ctrl-C.
    public var keep = false
    /// Wait for the return key after each step.
    public var pause = false
    /// Folder of the manifests; nil: the project's own.
    public var examples: String?
    /// Where the picture of the topology is written.
    public var picture = "netloom-demo.svg"

    public init() {}
  }

  let options: Options
  let console: Console
  let executable = ProcessEnvironment.executable
  let directory = LabDirectory(name: "demo-\(getpid())")
  let logger: Logger

  public init(options: Options, console: Console) {
    self.options = options
    self.console = console
    var logger = Logger(label: "demo")
    logger.logLevel = .error
    self.logger = logger
  }

  /// Tells the story; whatever happens, the machine is left as it was.
  /// - Returns: whether everything was as expected.
  public func run() async throws -> Bool {
    Self.sweep()
    let topology = try LabTopology.demo()
    let lab = try await console.working("building a data centre: 2 workers, 2 leaf switches, 1 DC gateway") {
      try await Lab.up(topology, in: directory, logger: logger)
    }
    defer { Lab.down(directory) }
    let crew = try await Crew(executable: executable, directory: directory)
    let receiver = CallbackReceiver()
    let result = await withTaskGroup(of: Void.self) { group in
      let (urls, continuation) = AsyncStream.makeStream(of: String.self)
      group.addTask {
        do { try await receiver.run { continuation.yield($0) } } catch { continuation.finish() }
      }
      defer { group.cancelAll() }
      guard let url = await urls.first(where: { _ in true }) else {
        return Result<Bool, any Error>.failure(LabError("start the callback receiver", reason: "it ended"))
      }
      do {
        return .success(try await tell(lab, crew, receiver, url))
      } catch {
        return .failure(error)
      }
    }
    await crew.stop()
    return try result.get()
  }

  /// Takes down what demos that were killed have left.
  private static func sweep() {
    let root = "/run/netloom/lab"
    for name in Files.entries(of: root) where name.hasPrefix("demo-") {
      guard let process = Int32(name.dropFirst(5)), Glibc.kill(process, 0) != 0, errno == ESRCH else { continue }
      Lab.down(LabDirectory(name: name))
    }
  }

  private func tell(_ lab: Lab, _ crew: Crew, _ receiver: CallbackReceiver, _ callbackURL: String) async throws -> Bool
  {
    let examples = try DemoManifests.find(options.examples, executable: executable)
    let manifests = try DemoManifests(
      examples: examples, writingTo: "\(directory.path)/manifests", directory: directory, callbackURL: callbackURL)
    let scenario = try DemoScenario(manifests.all)
    let kubeconfig = "\(directory.path)/kubeconfig"
    console.good("data centre of network namespaces: \(lab.topology.machines.joined(separator: ", "))")
    let before = try await SwitchInventory.take(directory, machines: lab.topology.machines, logger: logger)
    try await startKubernetes(crew, lab.topology, kubeconfig)
    let kubectl = try await Kubectl.find(kubeconfig: kubeconfig, fallback: executable)
    console.say("commands are run with \(kubectl.title)")
    return try await KubernetesClient.withClient(
      configuration: .resolve(path: kubeconfig), logger: logger
    ) { client in
      let story = DemoStory(
        demo: self, lab: lab, crew: crew, kubectl: kubectl, cluster: DemoCluster(client: client), manifests: manifests,
        scenario: scenario, receiver: receiver, before: before)
      return try await story.tell()
    }
  }

  private func startKubernetes(_ crew: Crew, _ topology: LabTopology, _ kubeconfig: String) async throws {
    try await console.working("starting the embedded Kubernetes, the operator, an agent and a node for each worker") {
      try await crew.start(
        "apiserver",
        [
          "apiserver", "--data", "\(directory.path)/kubernetes", "--listen", "127.0.0.1:0", "--kubeconfig-out",
          kubeconfig,
        ])
      try await installCRDs(kubeconfig)
      try await crew.start("operator", ["operator", "--kubeconfig", kubeconfig])
      for (number, host) in topology.hosts.map(\.name).enumerated() {
        let socket = "\(directory.path)/\(host)/agent.sock"
        try await crew.start(
          "agent-\(host)",
          [
            "agent", "--node", host, "--kubeconfig", kubeconfig, "--socket", socket,
            "--ovsdb", directory.databaseEndpoint(of: host), "--host-netns", directory.namespace(of: host),
          ])
        let configurations = "\(directory.path)/\(host)/cni"
        try writeClusterNetwork(host: host, number: number + 1, to: configurations)
        try await crew.start(
          "node-\(host)",
          [
            "node", "--name", host, "--kubeconfig", kubeconfig, "--host-netns", directory.namespace(of: host),
            "--pod-namespaces", directory.podNamespaces(of: host), "--cni-conf-dir", configurations,
            "--cni-bin-dir", "/usr/lib/cni", "--cni-bin-dir", folder(of: executable), "--agent-socket", socket,
            "--state", "\(directory.path)/\(host)/state", "--labels", "netloom.dev/node-pool=data",
          ])
      }
    }
    console.good("Kubernetes API server, operator, 2 node agents, 2 nodes run")
  }

  private func installCRDs(_ kubeconfig: String) async throws {
    try await KubernetesClient.withClient(configuration: .resolve(path: kubeconfig), logger: logger) { client in
      for manifest in CRDGenerator.manifests() {
        try await client.resource(CustomResourceDefinition.definition).create(manifest)
      }
      try await DemoCluster(client: client).wait(
        for: CustomResourceDefinition.definition, "the kinds are served"
      ) { crds in
        crds.allSatisfy { $0.condition("Established")?["status"] == "True" }
      }
    }
  }

  /// The pods' first interface comes from Debian's reference plugins, untouched by Netloom.
  private func writeClusterNetwork(host: String, number: Int, to folder: String) throws {
    try Files.makeFolder(folder)
    let configuration: JSONValue = [
      "cniVersion": "1.0.0", "name": "cluster",
      "plugins": [
        [
          "type": "bridge", "bridge": "cni0", "isGateway": true,
          "ipam": [
            "type": "host-local", "dataDir": .string("\(directory.path)/\(host)/host-local"),
            "ranges": [[["subnet": .string("10.244.\(number).0/24")]]],
          ],
        ]
      ],
    ]
    try Files.write(configuration.serialized(.pretty), to: "\(folder)/10-cluster.conflist")
  }

  private func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }
}
