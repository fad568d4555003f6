import Glibc
import Logging

/// A whole story on one machine: networks declared with kubectl reach the fabric, the nodes and the pods, and go again,
/// with real switches and real packets.
public struct Demo: Sendable {
  /// What is told.
  public enum Story: String, Sendable, Hashable, CaseIterable {
    /// VLANs through a managed fabric.
    case fabric
    /// Virtual networks on OVN: overlays, a router, a service chain, a way out.
    case virtual
  }

  /// What a user may choose.
  public struct Options: Sendable {
    public var story = Story.fabric
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
    let topology = try options.story == .virtual ? LabTopology.virtual() : .demo()
    let machines = [("worker", topology.hosts.count), ("leaf switch", topology.switches.count), ("DC gateway", 1)]
    let lab = try await console.working(
      "building a data centre: " + machines.map { $0.1.of($0.0) }.joined(separator: ", ")
    ) {
      try await Lab.up(topology, in: directory, logger: logger)
    }
    defer { Lab.down(directory) }
    console.good("data centre of network namespaces: \(lab.topology.machines.joined(separator: ", "))")
    return switch options.story {
    case .fabric: try await tellOfFabric(lab)
    case .virtual: try await tellOfVirtual(lab)
    }
  }

  private func tellOfVirtual(_ lab: Lab) async throws -> Bool {
    let manifests = try DemoManifests.virtual(
      examples: examples(), writingTo: "\(directory.path)/manifests", directory: directory)
    return try await onStage(lab, manifests) { try await VirtualStory(stage: $0).tell() }
  }

  private func tellOfFabric(_ lab: Lab) async throws -> Bool {
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
      let manifests = try DemoManifests.fabric(
        examples: examples(), writingTo: "\(directory.path)/manifests", directory: directory, callbackURL: url)
      let scenario = try DemoScenario(manifests.all)
      return try await onStage(lab, manifests) {
        try await FabricStory(stage: $0, scenario: scenario, receiver: receiver).tell()
      }
    }
  }

  private func examples() throws -> String {
    try DemoManifests.find(options.examples, executable: executable)
  }

  /// Starts everything on a lab, tells a story there, and ends everything.
  private func onStage(
    _ lab: Lab, _ manifests: DemoManifests, _ tell: (DemoStage) async throws -> Bool
  ) async throws -> Bool {
    let before = try await SwitchInventory.take(directory, machines: lab.topology.machines, logger: logger)
    let cluster = try await console.working(
      "starting the embedded Kubernetes, the operator, an agent and a node for each worker"
    ) {
      try await LabCluster.start(on: lab, executable: executable, logger: logger)
    }
    return try await cluster.stopping {
      let count = lab.topology.hosts.count
      console.good("Kubernetes API server, operator, \(count.of("node agent")), \(count.of("node")) run")
      let kubectl = try await Kubectl.find(kubeconfig: cluster.kubeconfig, fallback: executable)
      console.say("commands are run with \(kubectl.title)")
      return try await cluster.withClient { client in
        try await tell(
          DemoStage(
            demo: self, lab: lab, kubectl: kubectl, cluster: ClusterObjects(client: client), parts: cluster,
            manifests: manifests, before: before))
      }
    }
  }
}

extension Int {
  /// "1 DC gateway", "2 leaf switches".
  fileprivate func of(_ thing: String) -> String {
    self == 1 ? "1 \(thing)" : "\(self) \(thing)\(thing.hasSuffix("ch") ? "es" : "s")"
  }
}
