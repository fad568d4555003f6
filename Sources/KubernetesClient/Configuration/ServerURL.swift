/// The server's URL as requests need it.
///
/// `tls-server-name` is put in the place of the host in the URL, which makes TLS check (and send) it, and the true host
/// is what that name is said to resolve to.
struct ServerURL: Sendable, Hashable {
  /// What the paths of requests are appended to.
  let url: String
  /// Whether it is `https`.
  let isSecure: Bool
  /// Names and what they resolve to.
  let dnsOverride: [String: String]
  /// The `Host` header, where it is not that of the URL.
  let hostHeader: String?

  init(_ configuration: ClusterConfiguration) throws(KubernetesAPIError) {
    let server = configuration.server
    func fail(_ message: String) -> KubernetesAPIError {
      KubernetesAPIError(attempt: "use the server \"\(server)\"", reason: .configuration, message: message)
    }
    let scheme: String
    if server.hasPrefix("https://") {
      scheme = "https://"
    } else if server.hasPrefix("http://") {
      scheme = "http://"
    } else {
      throw fail("not an http:// or https:// URL")
    }
    isSecure = scheme == "https://"
    let rest = server.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" }
    let host: Substring
    let port: Substring
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      host = authority[authority.index(after: authority.startIndex)..<end]
      port = authority[authority.index(after: end)...]
    } else {
      host = authority.prefix { $0 != ":" }
      port = authority.dropFirst(host.count)
    }
    guard !host.isEmpty else { throw fail("no host in it") }
    if isSecure, let name = configuration.tlsServerName, !name.isEmpty, name != host {
      url = "\(scheme)\(name)\(port)\(rest.dropFirst(authority.count))"
      dnsOverride = [name: String(host)]
      hostHeader = String(authority)
    } else {
      url = server
      dnsOverride = [:]
      hostHeader = nil
    }
  }
}
