import CNI
import ControllerRuntime
import JSON
import KubernetesClient
import KubernetesModel
import Logging
import Netlink
import ServiceLifecycle

/// A small node: turns every Pod that is bound to it into a network namespace, runs the real CNI chain on it, and
/// reports its status. It runs no containers: what a pod is here is its network.
///
/// The pod's namespace is bound at `<podNamespaces>/<namespace>.<name>`, so that a person can enter it. What has been
/// attached is kept in files, so that a node that was killed removes what is no longer wanted when it is back.
public struct EmbeddedNode: Service {
  /// What a node has to know.
  public struct Configuration: Sendable {
    /// Name of the Node object.
    public var name: String
    /// Labels of the Node object.
    public var labels: [String: String]
    /// Nil: in-cluster configuration, then `KUBECONFIG`, then the default file.
    public var kubeconfig: String?
    /// The network namespace that is the node's; nil: the process's own.
    public var hostNamespacePath: String?
    /// Folder for the pods' namespaces.
    public var podNamespaces: String
    /// Folder of CNI network configurations; the first file by name is the pods' network.
    public var networkConfigurations: String
    /// Folders of CNI plugins.
    public var pluginFolders: [String]
    /// Folder for what has been attached.
    public var state: String

    public init(
      name: String, labels: [String: String] = [:], kubeconfig: String? = nil, hostNamespacePath: String? = nil,
      podNamespaces: String = "/run/netloom/pods", networkConfigurations: String = "/etc/cni/net.d",
      pluginFolders: [String] = ["/opt/cni/bin", "/usr/lib/cni"],
      state: String = "/var/lib/netloom/node"
    ) {
      self.name = name
      self.labels = labels
      self.kubeconfig = kubeconfig
      self.hostNamespacePath = hostNamespacePath
      self.podNamespaces = podNamespaces
      self.networkConfigurations = networkConfigurations
      self.pluginFolders = pluginFolders
      self.state = state
    }
  }

  private let configuration: Configuration
  private let logger: Logger
  private let onReady: @Sendable () -> Void

  /// - Parameter onReady: called once the Node object exists and the pods are known.
  public init(_ configuration: Configuration, logger: Logger, onReady: @escaping @Sendable () -> Void = {}) {
    self.configuration = configuration
    self.logger = logger
    self.onReady = onReady
  }

  /// Works until graceful shutdown or cancellation. Fails when the configuration cannot be used; an API server that
  /// does not answer is waited for.
  public func run() async throws {
    let host = try configuration.hostNamespacePath.map { path throws(NetlinkError) in
      try NetworkNamespace.open(path: path)
    }
    let sandboxes = SandboxStore(folder: "\(configuration.state)/sandboxes")
    let cluster = try ClusterConfiguration.resolve(path: configuration.kubeconfig)
    try await KubernetesClient.withClient(configuration: cluster, logger: logger) { client in
      try await NodeRegistration(name: configuration.name, labels: configuration.labels, client: client).register()
      let pods = Informer(
        ResourceCollection(client.resource(Pod.self), fieldSelector: "spec.nodeName=\(configuration.name)"),
        logger: logger)
      let network = PodNetwork(
        folder: ConfigurationFolder(configuration.networkConfigurations), runtime: makeRuntime(host))
      let controller = Controller(
        name: "pods",
        reconciler: PodReconciler(
          pods: { pods.store[$0] }, client: client, network: network, sandboxes: sandboxes,
          namespaceFolder: configuration.podNamespaces, logger: logger),
        workers: 8, retries: RetryPolicy(base: .milliseconds(300), limit: .seconds(2)), logger: logger)
      controller.watch(
        pods,
        deltas: { delta in
          switch delta {
          // When all pods are known, also those are looked at that went while the node was down.
          case .synced: sandboxes.names()
          // What this node itself reports is no reason to look again.
          case .updated(let old, let new)
          where old.metadata.annotations == new.metadata.annotations
            && old.metadata.deletionTimestamp == new.metadata.deletionTimestamp && old.isFinished == new.isFinished:
            []
          default: delta.object.map { [$0.metadata.namespacedName] } ?? []
          }
        })
      let announce = AnnounceService { [onReady] in
        do { try await pods.waitUntilSynced() } catch { return }
        onReady()
      }
      // Before the first pod is attached: the list of those that there are must not be older than what is there.
      do {
        try await network.collect(keeping: sandboxes.all())
      } catch {
        logger.notice("what pods that are gone have left was not collected", metadata: ["error": "\(error)"])
      }
      try await ServiceGroup(
        configuration: .init(services: [pods, controller, announce], logger: logger)
      ).run()
    }
  }

  private func makeRuntime(_ host: NetworkNamespace?) -> CNIRuntime {
    CNIRuntime(pluginFolders: configuration.pluginFolders, cacheFolder: "\(configuration.state)/results") {
      invocation in
      let outcome = try await NamespaceProcess.run(
        ProcessCommand(
          invocation.path, environment: invocation.environment, standardInput: invocation.standardInput), in: host)
      return PluginOutcome(
        isSuccess: outcome.isSuccess, standardOutput: outcome.standardOutput, standardError: outcome.standardError)
    }
  }
}

/// A service that does one thing and then waits for the end.
private struct AnnounceService: Service {
  let body: @Sendable () async -> Void

  func run() async throws {
    await cancelWhenGracefulShutdown(body)
    try await gracefulShutdown()
  }
}
