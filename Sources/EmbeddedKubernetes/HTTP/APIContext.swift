import Hummingbird
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL

/// What a request handler knows beside the request: the connection that it came over.
struct APIContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }

  /// The client's certificate, which the TLS layer has verified against our authority.
  func clientCertificate() async throws -> NIOSSLCertificate? {
    try await channel.nioSSL_peerCertificate().get()
  }
}
