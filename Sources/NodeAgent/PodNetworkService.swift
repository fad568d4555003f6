import Logging
import MultiNetwork
import NIOCore
import NIOPosix
import Netlink
import OpenVSwitchEngine
import ServiceLifecycle

/// The part of the agent that attaches pods: answers `netloom-cni` on its socket, and removes what pods that are gone left on
/// the switch each time the switch's database becomes reachable. Needs no Kubernetes.
public struct PodNetworkService: Service {
  let networking: PodNetworking
  let multiplexer: Multiplexer?
  private let server: AgentServer
  private let threads: NIOThreadPool

  /// - Parameters:
  ///   - socketPath: where the plugin connects.
  ///   - openVSwitch: the node's switch; somebody else runs it.
  ///   - host: the node's network namespace; nil: the process's own.
  ///   - pools: what is known of the networks' addresses; nil: nothing.
  ///   - overlay: the node's part in OVN; nil: it has none.
  ///   - multiplexer: makes the multiplexer, which is given the plugin of type `netloom`; absent: there is none.
  ///   - onListening: called once the plugin can connect.
  public init(
    socketPath: String, openVSwitch: OpenVSwitchEngine, host: NetworkNamespace? = nil,
    allocations: any AllocationSource, pools: (any PoolReport)? = nil, overlay: OverlayPorts? = nil,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    logger: Logger, multiplexer: ((any InProcessPlugins) -> Multiplexer)? = nil,
    onListening: @escaping @Sendable () -> Void = {}
  ) {
    // Deleting interfaces waits for the kernel: more threads than processors, so that others need not wait as well.
    threads = NIOThreadPool(numberOfThreads: 8)
    let networking = PodNetworking(
      openVSwitch: openVSwitch, kernel: HostKernel(host: host, threads: threads), allocations: allocations,
      pools: pools, overlay: overlay, sandboxes: KeyedLock(), logger: logger)
    self.networking = networking
    let multiplexer = multiplexer.map { $0(NativePlugins(networking: networking)) }
    self.multiplexer = multiplexer
    let dispatcher = CommandDispatcher(
      native: networking, multiplexer: multiplexer.map { MultiplexerHandler(multiplexer: $0) },
      addresses: AddressHandler(allocations: allocations, pools: pools), sandboxes: networking.sandboxes, logger: logger
    )
    server = AgentServer(socketPath: socketPath, group: group, logger: logger, onListening: onListening) { request in
      await dispatcher.answer(ShimRequest(json: request)).json
    }
  }

  /// The containers that a call is under way for.
  var busyContainers: Set<String> {
    get async { await networking.sandboxes.heldKeys }
  }

  /// Serves until graceful shutdown.
  public func run() async throws {
    threads.start()
    do {
      try await serve()
    } catch {
      try await threads.shutdownGracefully()
      throw error
    }
    try await threads.shutdownGracefully()
  }

  private func serve() async throws {
    try await withThrowingTaskGroup { tasks in
      tasks.addTask { try await server.run() }
      tasks.addTask { await collectGarbage() }
      try await tasks.next()
      tasks.cancelAll()
    }
  }

  private func collectGarbage() async {
    for await event in networking.openVSwitch.events() {
      guard case .synchronized = event else { continue }
      do {
        try await networking.collectGarbage()
      } catch {
        // The next connection to the database is the next attempt.
        networking.logger.warning("ports of pods that are gone could not be removed", metadata: ["error": "\(error)"])
      }
    }
  }
}
