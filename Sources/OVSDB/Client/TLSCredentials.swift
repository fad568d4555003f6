import NIOCore
import NIOSSL

/// What a client shows and trusts on a TLS connection, in PEM.
public struct TLSCredentials: Sendable, Hashable {
  /// The client's certificate, followed by intermediate ones.
  public let certificateChain: String
  /// The certificate's private key.
  public let privateKey: String
  /// The authorities that a server's certificate must come from.
  public let trustRoots: String

  /// Puts credentials together; they are read when a connection is made.
  public init(certificateChain: String, privateKey: String, trustRoots: String) {
    self.certificateChain = certificateChain
    self.privateKey = privateKey
    self.trustRoots = trustRoots
  }
}

/// A TLS context for one endpoint.
struct ConnectionSecurity: Sendable {
  let context: NIOSSLContext
  /// For the server name indication; nil when the endpoint is an address.
  let serverName: String?

  init(_ credentials: TLSCredentials, host: String, endpoint: Endpoint) throws(OVSDBError) {
    do {
      var configuration = TLSConfiguration.makeClientConfiguration()
      let chain = try NIOSSLCertificate.fromPEMBytes(Array(credentials.certificateChain.utf8))
      configuration.certificateChain = chain.map { .certificate($0) }
      configuration.privateKey = .privateKey(
        try NIOSSLPrivateKey(bytes: Array(credentials.privateKey.utf8), format: .pem))
      configuration.trustRoots = .certificates(
        try NIOSSLCertificate.fromPEMBytes(Array(credentials.trustRoots.utf8)))
      // As Open vSwitch does: its certificates (ovs-pki) carry no host name; who signed them is what counts.
      configuration.certificateVerification = .noHostnameVerification
      context = try NIOSSLContext(configuration: configuration)
    } catch {
      throw OVSDBError(
        .invalidCredentials, attempt: "reading the TLS credentials for \(endpoint)",
        reason: "\(error); certificate, private key and authority must be in PEM")
    }
    let isAddress = host.contains(":") || host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (48...57).contains($0) }
    serverName = isAddress ? nil : host
  }

  func makeHandler() throws -> NIOSSLClientHandler {
    try NIOSSLClientHandler(context: context, serverHostname: serverName)
  }
}
