import ArgumentParser
import KubernetesClient
import Lab
import Logging
import Metrics
import Prometheus

/// Defaults from the environment. An option that may be absent takes its own where it is read: ArgumentParser has none for
/// an optional.
enum FromEnvironment {
  private static let values = ProcessEnvironment.current

  /// The value of `NETLOOM_NAME`, if it is set and not empty.
  static func text(_ name: String) -> String? { values["NETLOOM_\(name)"].flatMap { $0.isEmpty ? nil : $0 } }

  /// Whether `NETLOOM_NAME` says yes.
  static func flag(_ name: String) -> Bool { ["1", "true", "yes"].contains(text(name)?.lowercased()) }
}

/// How a command reaches the API server.
struct ClusterOptions: ParsableArguments {
  @Option(help: "Configuration of the cluster; absent: in-cluster, then KUBECONFIG, then ~/.kube/config.")
  var kubeconfig: String?

  func resolve() throws -> ClusterConfiguration { try .resolve(path: kubeconfig ?? FromEnvironment.text("KUBECONFIG")) }
}

/// Where a node has its CNI plugins and configurations.
struct CNIFolderOptions: ParsableArguments {
  @Option(help: "Folder of CNI configurations; the first by name is the network that pods get.")
  var cniConfDir = FromEnvironment.text("CNI_CONF_DIR") ?? "/etc/cni/net.d"
  @Option(help: "Folder of CNI plugins; may be given several times. Netloom's are installed into the first.")
  var cniBinDir: [String] = []

  var pluginFolders: [String] { cniBinDir.isEmpty ? ["/opt/cni/bin", "/usr/lib/cni"] : cniBinDir }
}

/// What a long-running role writes about itself.
struct LogOptions: ParsableArguments {
  @Option(help: "Least severe messages shown: trace, debug, info, notice, warning, error, critical.")
  var logLevel: String = FromEnvironment.text("LOG_LEVEL") ?? "info"

  func validate() throws {
    guard Logger.Level(rawValue: logLevel) != nil else {
      throw ValidationError(
        "--log-level \(logLevel): one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
    }
  }

  func logger(_ label: String) -> Logger {
    var logger = Logger(label: label)
    logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
    return logger
  }
}

/// Whether a long-running role can be scraped.
struct MetricsOptions: ParsableArguments {
  @Option(help: "Serve /metrics, /healthz and /invariants there: ADDRESS:PORT or unix:PATH; absent: nowhere.")
  var metrics: String?

  private var given: String? { metrics ?? FromEnvironment.text("METRICS") }

  private var place: MetricsPlace? {
    guard let given else { return nil }
    if given.hasPrefix("unix:") { return .unix(path: String(given.dropFirst(5))) }
    return ListenAddress(argument: given).map { .address(host: $0.address, port: $0.port) }
  }

  func validate() throws {
    guard let given, place == nil else { return }
    throw ValidationError(
      "--metrics \(given): an address and a port or a socket, 127.0.0.1:9464, [::1]:9464 or unix:PATH")
  }

  /// Begins to keep what the process measures; called once, before anything is measured. Nil when nobody wants to know.
  func endpoint(
    _ logger: Logger, pages: [String: PrometheusEndpoint.Page] = [:], collect: @escaping @Sendable () async -> Void = {}
  ) -> PrometheusEndpoint? {
    guard let place else { return nil }
    let registry = PrometheusRegistry()
    MetricsSystem.bootstrap(registry)
    return PrometheusEndpoint(registry: registry, at: place, pages: pages, collect: collect, logger: logger)
  }
}

/// An address and a port in one word.
struct ListenAddress: ExpressibleByArgument {
  let address: String
  let port: Int

  init?(argument: String) {
    guard let colon = argument.lastIndex(of: ":"), let port = UInt16(argument[argument.index(after: colon)...]) else {
      return nil
    }
    address = argument[..<colon].trimmingPrefix("[").filter { $0 != "]" }
    self.port = Int(port)
  }

  var defaultValueDescription: String { "\(address):\(port)" }
}
