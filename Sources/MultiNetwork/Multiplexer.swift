import CNI
import Files
import JSON
import KubernetesModel
import Logging
import NetworkAnnotations
import NetworkTypes

/// What the multiplexer has to learn from the cluster, and what it tells it.
public protocol MultiplexerCluster: Sendable {
  /// The pod of an attachment, as the runtime's arguments name it; nil when they name none. Waits, with a bound, for a pod
  /// that is not known yet.
  func pod(of attachment: CNIAttachment) async throws -> PodRequest?
  /// A definition; nil when there is none.
  func definition(_ name: NetworkReference) async throws -> NetworkAttachmentDefinition?
  /// The MAC address that was decided for the interface that a plugin of others is to make; nil when none was, or when it is
  /// not known here.
  func macAddress(of attachment: CNIAttachment, madeBy plugin: NetworkConfiguration) async throws -> MACAddress?
  /// The networks that the pod has from now on. It need not be told when this returns.
  func publish(_ status: [NetworkStatus], of pod: PodRequest) async
  /// Fails while nothing is known of the cluster.
  func verifyReady() async throws
}

/// Attaches a pod to several networks, each by its own plugin (NPWG multi-network standard v1.3, sections 6 and 7): the
/// cluster's default network first, then those that the pod asks for, in order.
///
/// Operations for one sandbox are done one after the other, in the order in which they came.
public struct Multiplexer: Sendable {
  /// The parts that the multiplexer works with.
  public struct Parts: Sendable {
    /// Runs the delegates' plugins.
    public var runtime: CNIRuntime
    /// The plugin of type `netloom`.
    public var native: any InProcessPlugins
    /// Pods and definitions.
    public var cluster: any MultiplexerCluster
    /// The devices of pods.
    public var devices: any DeviceSource
    /// Where information on devices is exchanged.
    public var deviceInfo: DeviceInfo
    /// What is attached.
    public var state: StateFolder
    /// The folder of CNI configurations where the multiplexer's configuration names none.
    public var configurationFolder: String

    /// Of the parts.
    public init(
      runtime: CNIRuntime, native: any InProcessPlugins, cluster: any MultiplexerCluster, devices: any DeviceSource,
      deviceInfo: DeviceInfo = DeviceInfo(), state: StateFolder, configurationFolder: String = "/etc/cni/net.d"
    ) {
      self.runtime = runtime
      self.native = native
      self.cluster = cluster
      self.devices = devices
      self.deviceInfo = deviceInfo
      self.state = state
      self.configurationFolder = configurationFolder
    }
  }

  let parts: Parts
  let logger: Logger
  /// By container; whoever changes a sandbox's attachments without being asked by the runtime takes it too.
  public let sandboxes = KeyedLock<String>()

  /// A multiplexer of these parts.
  public init(_ parts: Parts, logger: Logger) {
    self.parts = parts
    self.logger = logger
  }

  var delegation: Delegation { Delegation(parts: parts, logger: logger) }

  // MARK: - ADD

  /// Attaches the sandbox to all of its networks, or to none: the first failure takes back what was made. Returns the result
  /// of the default network.
  public func add(_ attachment: CNIAttachment, _ network: NetworkConfiguration) async throws(CNIError) -> CNIResult {
    let configuration = try MultiplexerConfiguration(network)
    return try await sandboxes.withLock(attachment.containerID) { () async throws(CNIError) in
      do {
        return try await add(attachment, configuration, network.withoutCall)
      } catch {
        throw error as? CNIError ?? CNIError("cannot attach the pod", error)
      }
    }
  }

  private func add(
    _ attachment: CNIAttachment, _ configuration: MultiplexerConfiguration, _ json: JSONValue
  ) async throws -> CNIResult {
    try configuration.verifyClusterNetwork()
    // What is left of an ADD that the runtime has given up waiting for.
    if let earlier = try parts.state.load(attachment.key) { try await takeDown(earlier) }
    let pod = try await parts.cluster.pod(of: attachment)
    let (requested, plan) = try await plan(of: pod, configuration)
    var sandbox = Sandbox(attachment, try plan.delegates(for: attachment, requested), multiplexer: json)
    try parts.state.save(sandbox)
    var attempted = 0
    var (results, status): ([CNIResult], [NetworkStatus]) = ([], [])
    do {
      results = try await delegation.add(sandbox, attempted: &attempted)
      status = sandbox.status(results, logger)
      sandbox.results = results.map { $0.json(version: .latest) }
      try parts.state.save(sandbox)
    } catch {
      sandbox.delegates.removeLast(sandbox.delegates.count - attempted)
      await takeBack(sandbox, because: error)
      throw error
    }
    if let pod { await parts.cluster.publish(status, of: pod) }
    return results[0]
  }

  func plan(
    of pod: PodRequest?, _ configuration: MultiplexerConfiguration
  ) async throws -> (RequestedNetworks, SandboxPlan) {
    let requested = try RequestedNetworks(pod, configuration)
    var definitions: [NetworkReference: NetworkAttachmentDefinition] = [:]
    for reference in requested.definitions(configuration) {
      definitions[reference] = try await parts.cluster.definition(reference)
    }
    var devices: [String: [String]] = [:]
    if let pod, definitions.values.contains(where: { $0.metadata.annotations?[PodAnnotation.resourceName] != nil }) {
      devices = try await parts.devices.devices(ofPod: pod.name, namespace: pod.namespace)
    }
    let plan = SandboxPlan(
      configuration: configuration,
      node: NodeConfigurations(ConfigurationFolder(configuration.folder ?? parts.configurationFolder)),
      definitions: definitions, devices: devices, deviceInfo: parts.deviceInfo)
    return (requested, plan)
  }

  /// What a pod without wishes of its own is attached to.
  func clusterNetwork(
    _ configuration: MultiplexerConfiguration,
    _ attachment: CNIAttachment = CNIAttachment(containerID: "", namespacePath: "", interface: "eth0")
  ) async throws(CNIError) -> Delegate {
    do {
      let (requested, plan) = try await plan(of: nil, configuration)
      return try plan.delegates(for: attachment, requested)[0]
    } catch {
      throw error as? CNIError ?? CNIError("cannot find the cluster's network", error)
    }
  }

  private func takeBack(_ sandbox: Sandbox, because cause: any Error) async {
    do {
      try await takeDown(sandbox)
    } catch {
      // It stays written down: the runtime's DEL, or GC, tries again.
      logger.error(
        "what was attached could not be taken back",
        metadata: ["container": "\(sandbox.containerID)", "cause": "\(cause)", "error": "\(error)"])
    }
  }

  // MARK: - DEL

  /// Detaches the sandbox from everything that was attempted, in reverse. One failure does not stop the others; afterwards it
  /// fails with all of them. Needs neither the pod nor the definitions.
  public func delete(_ attachment: CNIAttachment, _ network: NetworkConfiguration) async throws(CNIError) {
    let configuration = try MultiplexerConfiguration(network)
    try await sandboxes.withLock(attachment.containerID) { () async throws(CNIError) in
      if let sandbox = try parts.state.load(attachment.key) {
        try await takeDown(sandbox)
      } else {
        try await deleteUnknown(attachment, configuration)
        try parts.state.remove(attachment.key)
      }
    }
  }

  /// A pod of the time before the multiplexer has the cluster's network only.
  private func deleteUnknown(
    _ attachment: CNIAttachment, _ configuration: MultiplexerConfiguration
  ) async throws(CNIError) {
    let network: Delegate
    do throws(CNIError) { network = try await clusterNetwork(configuration, attachment) } catch {
      logger.notice(
        "nothing is known of a sandbox that goes",
        metadata: ["container": "\(attachment.containerID)", "error": "\(error)"])
      return
    }
    if let failure = CNIError(combining: await delegation.delete(Sandbox(attachment, [network])).failures) {
      throw failure
    }
  }

  /// The caller holds the sandbox.
  func takeDown(_ sandbox: Sandbox) async throws(CNIError) {
    let (remaining, failures) = await delegation.delete(sandbox)
    guard let failure = CNIError(combining: failures) else { return try parts.state.remove(sandbox.key) }
    var sandbox = sandbox
    sandbox.delegates = remaining
    sandbox.results = []
    try parts.state.save(sandbox)
    throw failure
  }

  // MARK: - CHECK

  /// Fails with every difference when one of the attachments is not as its ADD left it.
  public func check(_ attachment: CNIAttachment, _ network: NetworkConfiguration) async throws(CNIError) {
    try await sandboxes.withLock(attachment.containerID) { () async throws(CNIError) in
      guard let sandbox = try parts.state.load(attachment.key), !sandbox.results.isEmpty else {
        throw CNIError(
          .unknownContainer, "no ADD of this sandbox is known",
          details: "container \(attachment.containerID), interface \(attachment.interface)")
      }
      if let failure = CNIError(combining: await delegation.check(sandbox)) { throw failure }
    }
  }
}

extension NetworkConfiguration {
  /// The configuration without what belongs to one call.
  fileprivate var withoutCall: JSONValue {
    var json = json
    for key in ["runtimeConfig", "prevResult", "args"] { json[key] = nil }
    return json
  }
}

extension MultiplexerConfiguration {
  /// Fails while the file that says that the cluster's network is ready is not there.
  func verifyClusterNetwork() throws(CNIError) {
    guard let readinessIndicator, Files.modificationTime(readinessIndicator) == nil else { return }
    throw CNIError(
      .tryAgainLater, "the cluster's network is not ready",
      details: "there is no \(readinessIndicator), which multiplexer.readinessIndicatorFile names: see whether the "
        + "cluster's network is installed")
  }
}
