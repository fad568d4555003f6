import AsyncHTTPClient
import NIOCore
import NIOSSL

extension TLSConfiguration {
  /// What a client of a cluster trusts and shows.
  static func client(for cluster: ClusterConfiguration) throws(KubernetesAPIError) -> TLSConfiguration {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    if let authority = cluster.certificateAuthority {
      do {
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authority))
      } catch {
        throw KubernetesAPIError(
          attempt: "use the certificate authority of \(cluster.server)", reason: .configuration,
          message: "it is not PEM certificates: \(error)")
      }
    }
    if cluster.insecureSkipTLSVerify { tls.certificateVerification = .none }
    if let certificate = cluster.clientCertificate { try tls.show(certificate) }
    return tls
  }

  /// Shows a client certificate.
  mutating func show(_ certificate: ClientCertificate) throws(KubernetesAPIError) {
    do {
      certificateChain = try NIOSSLCertificate.fromPEMBytes(certificate.certificate).map { .certificate($0) }
      privateKey = .privateKey(try NIOSSLPrivateKey(bytes: certificate.key, format: .pem))
    } catch {
      throw KubernetesAPIError(
        attempt: "use the client certificate", reason: .configuration,
        message: "the certificate or its key is not PEM: \(error)")
    }
  }
}

extension HTTPClient.Configuration.Proxy {
  /// An HTTP proxy of a URL such as `http://proxy.example:3128`.
  init(url: String) throws(KubernetesAPIError) {
    let authority = url.hasPrefix("http://") ? url.dropFirst(7).prefix { $0 != "/" } : ""
    let parts = authority.split(separator: ":")
    guard parts.count == 2, let port = Int(parts[1]) else {
      throw KubernetesAPIError(
        attempt: "use the proxy \(url)", reason: .configuration, message: "only http://HOST:PORT is supported")
    }
    self = .server(host: String(parts[0]), port: port)
  }
}
