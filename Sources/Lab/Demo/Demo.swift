import Glibc
import Logging

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
    Lab.sweep("demo")
    let topology = try LabTopology.demo()
    let lab = try await console.working("building a data centre: 2 workers, 2 leaf switches, 1 DC gateway") {
      try await Lab.up(topology, in: directory, logger: logger)
    }
    defer { Lab.down(directory) }
    console.good("data centre of network namespaces: \(lab.topology.machines.joined(separator: ", "))")
    let receiver = CallbackReceiver()
    return try await withThrowingTaskGroup(of: Void.self) { group in
      let (urls, continuation) = AsyncStream.makeStream(of: String.self)
      group.addTask {
        defer { continuation.finish() }
        try await receiver.run { continuation.yield($0) }
      }
      defer { group.cancelAll() }
      guard let url = await urls.first(where: { _ in true }) else {
        try await group.waitForAll()
        throw LabError("start the callback receiver", reason: "it ended")
      }
      return try await tell(lab, receiver, url)
    }
  }

  private func tell(_ lab: Lab, _ receiver: CallbackReceiver, _ callbackURL: String) async throws -> Bool {
    let examples = try DemoManifests.find(options.examples, executable: executable)
    let manifests = try DemoManifests(
      examples: examples, writingTo: "\(directory.path)/manifests", directory: directory, callbackURL: callbackURL)
    let scenario = try DemoScenario(manifests.all)
    let before = try await SwitchInventory.take(directory, machines: lab.topology.machines, logger: logger)
    let cluster = try await console.working(
      "starting the embedded Kubernetes, the operator, an agent and a node for each worker"
    ) {
      try await LabCluster.start(on: lab, executable: executable, logger: logger)
    }
    return try await cluster.stopping {
      console.good("Kubernetes API server, operator, 2 node agents, 2 nodes run")
      let kubectl = try await Kubectl.find(kubeconfig: cluster.kubeconfig, fallback: executable)
      console.say("commands are run with \(kubectl.title)")
      return try await cluster.withClient { client in
        let story = DemoStory(
          demo: self, lab: lab, kubectl: kubectl, cluster: ClusterObjects(client: client), parts: cluster,
          manifests: manifests,
          scenario: scenario, receiver: receiver, before: before)
        return try await story.tell()
      }
    }
  }
}
