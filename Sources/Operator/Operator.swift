import ControllerRuntime
public import IPAM
public import KubernetesClient
public import Logging
public import OVNEngine
public import ServiceLifecycle

/// The role that turns declared networks into what the fabric, the nodes and the pods need: it follows the API server,
/// compiles, and carries out what has to be done. It keeps nothing that is not at the API server or on the targets, so
/// that it can be killed at any moment and started again.
public struct Operator: Service {
  /// How it is run.
  public struct Configuration: Sendable {
    /// The kubeconfig; nil: in-cluster, then `KUBECONFIG`, then `~/.kube/config`.
    public var kubeconfig: String?
    /// How many writes are under way at once.
    public var concurrency = 16
    /// How long a deleted object waits at most for its last state to be taken by its callback.
    public var lastWordLimit: Duration = .seconds(30)
    /// How long the address of a pod that is gone is given to no other, unless nothing else is free.
    public var quarantine: Duration = .seconds(60)
    /// What MAC addresses begin with that are made for pods; those that pods have stay.
    public var macPrefix = MACPrefix.standard
    /// The OVN that carries networks; nil: there is none, and what needs one says so.
    public var northbound: OVNDatabase?
    /// Where that OVN tells on which nodes ports are; nil: what is told of them is what was asked for.
    public var southbound: OVNDatabase?
    /// How fast OVN is to notice that the node of a gateway is dead, unless its settings say so already; nil: they are
    /// left alone.
    public var failoverPace: FailoverPace? = FailoverPace()
    /// Who this process is, in events and leases.
    public var identity: String = "netloom-operator"
    /// The namespace of the lease by which one of several operators leads; nil: this is the only one.
    public var leaderElectionNamespace: String?

    /// The defaults.
    public init() {}
  }

  private let configuration: Configuration
  private let logger: Logger

  /// An operator; nothing happens until `run()`.
  public init(configuration: Configuration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
  }

  /// Works until the task is cancelled or a graceful shutdown begins. What is programmed stays programmed.
  ///
  /// - Throws: `KubernetesAPIError` when the configuration of the cluster is not usable.
  public func run() async throws {
    let cluster = try ClusterConfiguration.resolve(path: configuration.kubeconfig)
    try await KubernetesClient.withClient(configuration: cluster, logger: logger) { client in
      try await cancelWhenGracefulShutdown {
        try await run(with: client)
      }
    }
  }

  /// Works with a client that the caller made and shuts down.
  public func run(with client: KubernetesClient) async throws {
    guard let namespace = configuration.leaderElectionNamespace else { return await lead(client) }
    let election = LeaderElection(namespace: namespace, name: "netloom-operator", identity: configuration.identity)
    try await LeaderElector(client: client, election: election, logger: logger) { await lead(client) }.run()
  }

  private func lead(_ client: KubernetesClient) async {
    await Reconciliation(client: client, configuration: configuration, logger: logger).run()
  }
}
