import ArgumentParser
import Files
import IPAM
import Lab
import OVNEngine
import OVSDB
import Operator

struct OperatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operator", abstract: "Carries what is declared to the fabric, the nodes and the pods.",
    discussion: "It keeps nothing of its own: it can be killed at any moment and started again.")

  @Flag(help: "Be one of several operators, of which one works at a time.")
  var leaderElect = FromEnvironment.flag("LEADER_ELECT")
  @Option(help: "Namespace of the lease by which they agree.")
  var leaderElectNamespace = FromEnvironment.text("LEADER_ELECT_NAMESPACE") ?? "kube-system"
  @Option(help: "What this process is called in the lease; absent: the host's name and the process number.")
  var identity: String?
  @Option(help: "Seconds for which nobody else gets the address of a pod that is gone, unless nothing else is free.")
  var quarantine = FromEnvironment.text("QUARANTINE").flatMap { UInt($0) } ?? 60
  @Option(help: "First two octets of the MAC addresses that are made for pods; those that pods have stay.")
  var macPrefix = FromEnvironment.text("MAC_PREFIX") ?? MACPrefix.standard.description
  @Option(
    help: ArgumentHelp(
      "OVN's northbound database: tcp:ADDRESS:PORT, ssl:HOST:PORT or unix:PATH; of a cluster all servers, with commas.",
      valueName: "servers"))
  var ovnNorthbound: String?
  @Option(
    help: ArgumentHelp(
      "OVN's southbound database, likewise: then statuses tell on which nodes gateways and ports are.",
      valueName: "servers"))
  var ovnSouthbound: String?
  @Option(
    help: ArgumentHelp(
      """
      Milliseconds between two packets of BFD, by which OVN notices that the node of a gateway is dead: put into NB_Global \
      options:bfd-min-rx where that is absent. 0: never.
      """, valueName: "milliseconds"))
  var ovnBfdInterval = FromEnvironment.text("OVN_BFD_INTERVAL").flatMap { Int($0) } ?? FailoverPace().interval
  @Option(help: "File (PEM) of the authority of the servers of ssl:.")
  var ovnCa: String?
  @Option(help: "File (PEM) of the certificate that is shown to them.")
  var ovnCertificate: String?
  @Option(help: "File (PEM) of the certificate's private key.")
  var ovnPrivateKey: String?
  @OptionGroup var cluster: ClusterOptions
  @OptionGroup var metrics: MetricsOptions
  @OptionGroup var log: LogOptions

  func validate() throws {
    guard ovnBfdInterval >= 0 else { throw ValidationError("--ovn-bfd-interval: a time is not negative") }
    do { _ = try MACPrefix(parsing: macPrefix) } catch { throw ValidationError("--mac-prefix: \(error)") }
  }

  func run() async throws {
    var configuration = Operator.Configuration()
    configuration.kubeconfig = cluster.kubeconfig
    configuration.quarantine = .seconds(quarantine)
    configuration.macPrefix = try MACPrefix(parsing: macPrefix)
    configuration.northbound = try database(ovnNorthbound ?? FromEnvironment.text("OVN_NORTHBOUND"))
    configuration.southbound = try database(ovnSouthbound ?? FromEnvironment.text("OVN_SOUTHBOUND"))
    configuration.failoverPace = ovnBfdInterval > 0 ? FailoverPace(interval: ovnBfdInterval) : nil
    if let identity = identity ?? FromEnvironment.text("IDENTITY") { configuration.identity = identity }
    if leaderElect { configuration.leaderElectionNamespace = leaderElectNamespace }
    let logger = log.logger("operator")
    let metrics = metrics.endpoint(logger).map { [$0] } ?? []
    try await service(logger, Operator(configuration: configuration, logger: logger), beside: metrics) {
      Readiness.announce()
    }
  }

  private func database(_ servers: String?) throws -> OVNDatabase? {
    guard let servers else { return nil }
    guard let authority = ovnCa ?? FromEnvironment.text("OVN_CA"),
      let certificate = ovnCertificate ?? FromEnvironment.text("OVN_CERTIFICATE"),
      let key = ovnPrivateKey ?? FromEnvironment.text("OVN_PRIVATE_KEY")
    else { return try .init(parsing: servers) }
    return try .init(
      parsing: servers,
      credentials: TLSCredentials(
        certificateChain: text(certificate), privateKey: text(key), trustRoots: text(authority)))
  }

  private func text(_ path: String) throws -> String {
    guard let bytes = try Files.read(path) else { throw ValidationError("\(path) does not exist") }
    return String(decoding: bytes, as: UTF8.self)
  }
}
