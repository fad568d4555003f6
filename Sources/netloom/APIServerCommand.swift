import ArgumentParser
import EmbeddedKubernetes
import Lab
import Logging

struct APIServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apiserver", abstract: "The embedded Kubernetes API server, for a machine without a cluster.",
    discussion: """
      Example:
        netloom apiserver --data /var/lib/netloom --kubeconfig-out admin.conf
        KUBECONFIG=admin.conf kubectl get namespaces
      """)

  @Option(help: "Folder for its database and certificates.")
  var data: String

  @Option(help: "Address and port; port 0 takes a free one.")
  var listen =
    FromEnvironment.text("LISTEN").flatMap { ListenAddress(argument: $0) } ?? ListenAddress(argument: "127.0.0.1:6443")!

  @Option(help: "Where the administrator's kubeconfig is written; absent: admin.kubeconfig in the data folder.")
  var kubeconfigOut: String?

  @OptionGroup var log: LogOptions

  func run() async throws {
    let logger = log.logger("apiserver")
    let server = APIServer(
      configuration: .init(
        dataDirectory: data, address: listen.address, port: listen.port,
        kubeconfigPath: kubeconfigOut ?? FromEnvironment.text("KUBECONFIG_OUT")),
      logger: logger)
    try await service(logger, server) {
      let endpoint = try await server.started()
      logger.notice("serving", metadata: ["url": "\(endpoint.url)", "kubeconfig": "\(endpoint.kubeconfigPath)"])
      Readiness.announce()
    }
  }
}
