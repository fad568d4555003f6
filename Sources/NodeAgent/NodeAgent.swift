import CNI
import ControllerRuntime
import JSON
import KubernetesClient
import KubernetesModel
import Logging
import MultiNetwork
import Netlink
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import OVSDB
import OpenVSwitchEngine
import ServiceLifecycle

/// The node's agent: prepares the node's bridges as its NodeNetwork object says, and attaches pods when a container runtime
/// calls `netloom-cni`. The only part of Netloom that needs privileges. The data plane goes on when it is down.
public struct NodeAgent: Service {
  /// What an agent has to know.
  public struct Configuration: Sendable {
    /// The name of the Kubernetes Node.
    public var node: String
    /// Nil: in-cluster configuration, then `KUBECONFIG`, then the default file.
    public var kubeconfig: String?
    /// Where `netloom-cni` connects.
    public var socketPath: String
    /// Open vSwitch's database: `unix:PATH`, `tcp:HOST:PORT`, `ssl:HOST:PORT`.
    public var ovsdb: String
    /// The node's network namespace; nil: the process's own.
    public var hostNamespacePath: String?
    /// How long an ADD waits for the operator's allocation.
    public var allocationPatience: Duration
    /// Folder for what the multiplexer has attached.
    public var state: String
    /// Folders of CNI plugins; ours are installed into the first.
    public var pluginFolders: [String]
    /// Folder of CNI configurations.
    public var networkConfigurations: String
    /// Whether the plugins and the multiplexer's configuration are installed as soon as the agent answers.
    public var installsPlugins: Bool
    /// Where the kubelet tells the devices of pods.
    public var kubeletSocket: String
    /// Folder for information on devices.
    public var deviceInfo: String
    /// How long answers are waited for before an address is used for the first time; nil: addresses are not probed.
    public var conflictProbe: Duration? = .milliseconds(60)
    /// The node's part in OVN; nil: it has none.
    public var overlay: Overlay?

    /// How a node takes part in OVN: as a chassis, by an ovn-controller that runs there.
    public struct Overlay: Sendable, Hashable {
      /// The servers of the southbound database, separated by commas: what ovn-controller connects to.
      public var southbound: String
      /// Where tunnels to this node end; an interface of the node has it.
      public var address: IPAddress
      /// Their kind: "geneve".
      public var encapsulation: String

      public init(southbound: String, address: IPAddress, encapsulation: String = "geneve") {
        self.southbound = southbound
        self.address = address
        self.encapsulation = encapsulation
      }
    }

    public init(
      node: String, kubeconfig: String? = nil, socketPath: String = "/run/netloom/agent.sock",
      ovsdb: String = "unix:/var/run/openvswitch/db.sock", hostNamespacePath: String? = nil,
      allocationPatience: Duration = .seconds(10), state: String = "/var/lib/netloom",
      pluginFolders: [String] = ["/opt/cni/bin", "/usr/lib/cni"], networkConfigurations: String = "/etc/cni/net.d",
      installsPlugins: Bool = false, kubeletSocket: String = KubeletDevices.standardSocket,
      deviceInfo: String = DeviceInfo.standardFolder
    ) {
      self.node = node
      self.kubeconfig = kubeconfig
      self.socketPath = socketPath
      self.ovsdb = ovsdb
      self.hostNamespacePath = hostNamespacePath
      self.allocationPatience = allocationPatience
      self.state = state
      self.pluginFolders = pluginFolders
      self.networkConfigurations = networkConfigurations
      self.installsPlugins = installsPlugins
      self.kubeletSocket = kubeletSocket
      self.deviceInfo = deviceInfo
    }
  }

  private let configuration: Configuration
  private let inspection: InvariantInspection
  private let policies: PolicyCounters?
  private let logger: Logger
  private let onReady: @Sendable () -> Void

  /// - Parameters:
  ///   - inspection: by which can be asked what is wrong with the node.
  ///   - policies: what counts for policies; nil: nobody wants to know.
  ///   - onReady: called once `netloom-cni` can connect.
  public init(
    _ configuration: Configuration, inspection: InvariantInspection = InvariantInspection(),
    policies: PolicyCounters? = nil, logger: Logger, onReady: @escaping @Sendable () -> Void = {}
  ) {
    self.configuration = configuration
    self.inspection = inspection
    self.policies = policies
    self.logger = logger
    self.onReady = onReady
  }

  /// Works until graceful shutdown or cancellation. Fails when the configuration cannot be used; what is unreachable (API
  /// server, switch) is waited for.
  public func run() async throws {
    let host = try configuration.hostNamespacePath.map { path throws(NetlinkError) in
      try NetworkNamespace.open(path: path)
    }
    let (isListening, listening) = AsyncStream.makeStream(of: Never.self)
    let openVSwitch = OpenVSwitchEngine(endpoint: try Endpoint(parsing: configuration.ovsdb), logger: logger)
    let cluster = try ClusterConfiguration.resolve(path: configuration.kubeconfig)
    let allocations = PodAllocations(patience: configuration.allocationPatience)
    try await KubernetesClient.withClient(configuration: cluster, logger: logger) { client in
      let node = configuration.node
      let pods = Informer(
        ResourceCollection(client.resource(Pod.self), fieldSelector: "spec.nodeName=\(node)"), logger: logger)
      let networks = Informer(
        ResourceCollection(client.resource(NodeNetwork.self), fieldSelector: "metadata.name=\(node)"), logger: logger)
      let nodes = Informer(
        ResourceCollection(client.resource(Node.self), fieldSelector: "metadata.name=\(node)"), logger: logger)
      let chassis = configuration.overlay.map { overlay in
        ChassisMembership(
          node: node, overlay: overlay, host: host, kernelHasDatapath: openVSwitch.kernelHasDatapath,
          announced: {
            nodes.store[NamespacedName(namespace: nil, name: node)]?.metadata.annotations?[NodeAnnotation.overlay]
          },
          announce: { text in
            let value = text.map { JSONValue.string($0) } ?? .null
            try await client.patch(
              Node.self, name: node, .merge(["metadata": ["annotations": .object([NodeAnnotation.overlay: value])]]))
          })
      }
      let controller = Controller(
        name: "node-network",
        reconciler: NodeReconciler(
          openVSwitch: openVSwitch, current: { networks.store[NamespacedName(namespace: nil, name: node)] },
          report: { try await client.resource(NodeNetwork.self).replaceStatus($0) },
          now: { Timestamp.now().seconds }, chassis: chassis),
        logger: logger)
      if chassis != nil { controller.watch(nodes, deltas: { _ in [node] }) }
      // Also `synced`: a node without a NodeNetwork must have no bridge of ours.
      controller.watch(networks, deltas: { _ in [node] })
      let definitions = Informer(
        ResourceCollection(client.resource(NetworkAttachmentDefinition.self)), logger: logger)
      let publisher = NetworkStatusPublisher(client: client, logger: logger)
      let multiplexerCluster = MultiplexerPods(
        isSynced: { pods.isSynced }, pods: allocations, definitions: definitions, client: client, publisher: publisher)
      let facts: @Sendable (NetworkReference) -> NetworkFacts = { network in
        let name = NamespacedName(namespace: network.namespace, name: network.name)
        return NetworkFacts(configuration: definitions.store[name]?.spec?.config)
      }
      let probed = configuration.conflictProbe.map { duration in
        ConflictProbedAllocations(
          allocations,
          probe: { allocation in
            let network = networks.store[NamespacedName(namespace: nil, name: node)]
            guard let vlan = allocation.vlan, let bridge = facts(allocation.network).bridge,
              let uplink = network?.spec.bridges.first(where: { $0.name == bridge })?.uplink
            else { return [] }
            return try await ConflictProbe(host: host, duration: duration)
              .conflicts(with: allocation, on: vlan, through: uplink)
          },
          report: { pod, conflicts in
            let text = AddressConflict.text(of: conflicts)
            try await client.resource(Pod.self).patch(
              pod, .merge(["metadata": ["annotations": .object([PodAnnotation.conflicts: .string(text)])]]))
          }, logger: logger)
      }
      let overlayPorts = try configuration.overlay.map {
        try OverlayPorts(southbound: $0.southbound, credentials: openVSwitch.tlsCredentials)
      }
      let podNetwork = PodNetworkService(
        socketPath: configuration.socketPath, openVSwitch: openVSwitch, host: host, allocations: probed ?? allocations,
        pools: SubnetReport(client: client, logger: logger),
        overlay: overlayPorts, logger: logger,
        multiplexer: { native in
          Multiplexer(
            Multiplexer.Parts(
              runtime: configuration.pluginRuntime(in: host), native: native, cluster: multiplexerCluster,
              devices: KubeletDevices(socketPath: configuration.kubeletSocket),
              deviceInfo: DeviceInfo(folder: configuration.deviceInfo),
              state: StateFolder(path: configuration.state),
              configurationFolder: configuration.networkConfigurations),
            logger: logger)
        },
        onListening: { listening.finish() })
      let checker = InvariantChecker(
        openVSwitch: openVSwitch, host: host, pods: { pods.store.all }, busy: { await podNetwork.busyContainers },
        isNative: { facts($0).isNative }, logger: logger)
      inspection.begin(with: checker)
      let invariants = Controller(name: "invariants", reconciler: checker, logger: logger)
      invariants.watch(pods, deltas: { _ in [] })
      invariants.watch(definitions, deltas: { _ in [] })
      pods.onDelta { _ in invariants.enqueue(node, after: InvariantChecker.delay) }
      let events = EventRecorder(client: client, component: "netloom-agent", instance: node, logger: logger)
      let live = Controller(
        name: "live-pods",
        reconciler: LiveReconciler(
          pods: { pods.store[$0] },
          definition: { definitions.store[NamespacedName(namespace: $0.namespace, name: $0.name)] },
          networking: podNetwork.networking, multiplexer: podNetwork.multiplexer, events: events, logger: logger),
        workers: 4, logger: logger)
      live.follow(definitions, for: pods)
      let watched: [any Service] = chassis == nil ? [] : [nodes]
      let services: [any Service] =
        watched + [
          openVSwitch, pods, networks, definitions, publisher, events, controller, invariants, podNetwork, live,
          ClosureService {
            for await _ in isListening {}
            // Container runtimes learn of the multiplexer when it answers, not before.
            if configuration.installsPlugins { try configuration.installation.install() }
            onReady()
          },
          ClosureService {
            guard let southbound = overlayPorts?.southbound else { return }
            await policies?.begin(
              .init(flows: { try await openVSwitch.ruleStatistics() }, verdicts: southbound.policyVerdicts))
          },
          ClosureService {
            for await delta in pods.deltas() {
              await allocations.follow(delta)
              await probed?.follow(delta)
              live.follow(delta)
            }
          },
          ClosureService {
            // Somebody else's change of the switch is repaired; a storm of pods' ports is looked at once.
            for await event in openVSwitch.events() {
              controller.enqueue(node, after: .milliseconds(100))
              invariants.enqueue(node, after: InvariantChecker.delay)
              guard case .synchronized = event else { continue }
              for pod in pods.store.all { live.enqueue(pod.metadata.namespacedName) }
            }
          },
        ]
      try await ServiceGroup(configuration: .init(services: services, logger: logger)).run()
    }
  }
}

extension NodeAgent.Configuration {
  /// What is installed for container runtimes.
  var installation: CNIInstallation {
    CNIInstallation(
      plugins: pluginFolders.first ?? "/opt/cni/bin", configurations: networkConfigurations, state: state,
      socketPath: socketPath)
  }

  /// Runs the multiplexer's delegates where a container runtime would.
  fileprivate func pluginRuntime(in host: NetworkNamespace?) -> CNIRuntime {
    CNIRuntime(
      pluginFolders: pluginFolders, cacheFolder: "\(state)/results",
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "NETLOOM_SOCKET": socketPath]
    ) { invocation in
      let outcome = try await NamespaceProcess.run(
        ProcessCommand(
          invocation.path, environment: invocation.environment, standardInput: invocation.standardInput), in: host)
      return PluginOutcome(
        isSuccess: outcome.isSuccess, standardOutput: outcome.standardOutput, standardError: outcome.standardError)
    }
  }
}

extension PodAllocations {
  fileprivate func follow(_ delta: Delta<Pod>) {
    switch delta {
    case .added(let pod), .updated(_, let pod): update(pod)
    case .deleted(let pod): remove(pod.metadata.namespacedName)
    case .synced: synced()
    }
  }
}

extension ConflictProbedAllocations {
  fileprivate func follow(_ delta: Delta<Pod>) {
    switch delta {
    case .added(let pod), .updated(_, let pod): update(pod)
    case .deleted(let pod): remove(pod.metadata.namespacedName)
    case .synced: break
    }
  }
}

/// A service that is a function; it is cancelled at graceful shutdown.
private struct ClosureService: Service {
  let body: @Sendable () async throws -> Void

  func run() async throws {
    try await cancelWhenGracefulShutdown(body)
    // The function also returns when its source ends; a service group would take that for a failure.
    try await gracefulShutdown()
  }
}
