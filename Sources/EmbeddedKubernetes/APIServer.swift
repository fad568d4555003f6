import Files
import Hummingbird
import HummingbirdTLS
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Synchronization

/// The embedded Kubernetes: an API server that an unmodified kubectl works against, stored in one directory.
///
/// It serves the built-in kinds that Netloom needs and every CustomResourceDefinition, over TLS with client certificates
/// and bearer tokens, and runs the controllers that those kinds need: namespace lifecycle, garbage collection, custom
/// resource definitions, scheduling. A write that was answered survives the death of the process.
///
/// There is no RBAC: the group `system:masters` may do anything, everybody else may only look at discovery.
public final class APIServer: Service {
  /// How a server is run.
  public struct Configuration: Sendable {
    /// Holds the database, the certificates and `tokens.csv`. Made when it is not there.
    public var dataDirectory: String
    /// The address to listen on, an IP address of this machine.
    public var address: String
    /// The TCP port to listen on; 0 takes any free port.
    public var port: Int
    /// Where the administrator's kubeconfig is written at every start; nil for `admin.kubeconfig` in the data directory.
    public var kubeconfigPath: String?
    /// How many revisions of the past stay readable, for watches that resume and lists in pages.
    public var historyLimit: Int
    /// Whether unbound Pods are given Nodes.
    public var schedulesPods: Bool

    /// A configuration with the usual values: loopback, port 6443, 10,000 revisions of history, scheduling.
    public init(
      dataDirectory: String, address: String = "127.0.0.1", port: Int = 6443, kubeconfigPath: String? = nil,
      historyLimit: Int = 10_000, schedulesPods: Bool = true
    ) {
      self.dataDirectory = dataDirectory
      self.address = address
      self.port = port
      self.kubeconfigPath = kubeconfigPath
      self.historyLimit = historyLimit
      self.schedulesPods = schedulesPods
    }
  }

  /// A server that takes requests.
  public struct Endpoint: Sendable, Hashable {
    /// The TCP port that it listens on.
    public var port: Int
    /// `https://ADDRESS:PORT`
    public var url: String
    /// The file with the administrator's kubeconfig.
    public var kubeconfigPath: String
  }

  private let configuration: Configuration
  private let logger: Logger
  private let endpoint = Readiness<Endpoint>()

  /// A server that has not been started; nothing is opened or written before ``run()``.
  public init(configuration: Configuration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
  }

  /// Where the server listens; returns when it takes requests, throws what kept it from starting.
  public func started() async throws -> Endpoint { try await endpoint.value() }

  /// Runs until the task is cancelled or the service group shuts down gracefully.
  ///
  /// - Throws: ``APIServerError`` when the data directory, the certificates or the address cannot be used.
  public func run() async throws {
    do {
      try await serve()
      endpoint.fail(APIServerError("The API server has stopped", advice: "Start it again"))
    } catch {
      endpoint.fail(error)
      throw error
    }
  }

  private func serve() async throws {
    try Files.makeFolder(configuration.dataDirectory, mode: 0o700)
    let certificates = try Certificates.load(
      from: configuration.dataDirectory, listening: configuration.address,
      addresses: ["127.0.0.1", "::1", ServiceAddresses.kubernetes])
    let store: Store
    do {
      store = try Store(
        path: configuration.dataDirectory + "/state.db", historyLimit: Int64(configuration.historyLimit), logger: logger
      )
    } catch {
      throw APIServerError(
        "Cannot open the database \(configuration.dataDirectory)/state.db: \(error)",
        advice: "Check that the directory is writable and that no other server uses it")
    }
    let registry = Registry(store: store, catalog: Catalog(), addresses: ServiceAddresses(), logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      var definitions = DefinitionController(registry: registry)
      try await definitions.begin()  // what the definitions say is served from the first request on
      group.addTask { [definitions] in
        var definitions = definitions
        await definitions.run(registry)
      }
      group.addTask { [certificates] in
        var namespaces = NamespaceController(registry: registry, authority: certificates.authority)
        await namespaces.run(registry)
      }
      group.addTask {
        var collector = GarbageCollector(registry: registry)
        await collector.run(registry)
      }
      if configuration.schedulesPods {
        group.addTask {
          var scheduler = Scheduler(registry: registry)
          await scheduler.run(registry)
        }
      }
      let application = try makeApplication(registry, certificates)
      do {
        try await withGracefulShutdownHandler {
          try await application.run()
        } onGracefulShutdown: {
          store.hub.close()  // ends the watches, which would hold their connections open
        }
      } catch {
        try store.close()
        throw error
      }
      try store.close()
      group.cancelAll()
    }
  }

  private func makeApplication(_ registry: Registry, _ certificates: Certificates) throws -> some ApplicationProtocol {
    var tls = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMBytes([UInt8](certificates.server.certificate.utf8)).map {
        .certificate($0)
      },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: [UInt8](certificates.server.key.utf8), format: .pem)))
    tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes([UInt8](certificates.authority.utf8)))
    tls.certificateVerification = .optionalVerification
    tls.applicationProtocols = ["http/1.1"]
    // A client that does not say goodbye must not hold up the server's end.
    tls.shutdownTimeout = .seconds(1)
    let responder = APIResponder(
      registry: registry, authenticator: try Authenticator(dataDirectory: configuration.dataDirectory),
      documents: Documents(serverAddress: "\(configuration.address):\(configuration.port)"), logger: logger)
    return Application(
      responder: responder,
      server: try .tls(.http1(), tlsConfiguration: tls),
      configuration: .init(address: .hostname(configuration.address, port: configuration.port), serverName: nil),
      onServerRunning: { [self] channel in await announce(channel, registry, certificates) },
      logger: quiet(logger))
  }

  /// The HTTP library notes each connection; that belongs to the debug level of this server.
  private func quiet(_ logger: Logger) -> Logger {
    var logger = logger
    logger.logLevel = max(logger.logLevel, .warning)
    return logger
  }

  /// The address as a URL has it; the loopback where the server listens on all.
  private var reachableAddress: String {
    switch configuration.address {
    case "0.0.0.0": "127.0.0.1"
    case "::": "[::1]"
    case let address where address.contains(":"): "[\(address)]"
    case let address: address
    }
  }

  private func announce(_ channel: any Channel, _ registry: Registry, _ certificates: Certificates) async {
    let port = channel.localAddress?.port ?? configuration.port
    let url = "https://\(reachableAddress):\(port)"
    let path = configuration.kubeconfigPath ?? configuration.dataDirectory + "/admin.kubeconfig"
    do {
      try await Bootstrap(registry: registry).run(port: port)
      try Files.write(Kubeconfig.text(server: url, certificates: certificates), to: path, mode: 0o600)
      logger.info("The API server takes requests", metadata: ["url": "\(url)", "kubeconfig": "\(path)"])
      endpoint.succeed(Endpoint(port: port, url: url, kubeconfigPath: path))
    } catch {
      logger.error("The API server could not prepare its first objects", metadata: ["error": "\(error)"])
      endpoint.fail(error)
    }
  }
}
