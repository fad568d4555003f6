public import OVSDB

extension Operator {
  /// Where one of the databases of OVN is.
  public struct OVNDatabase: Sendable {
    /// The servers, at least one.
    let endpoints: [Endpoint]
    /// Needed for `ssl:`.
    let credentials: TLSCredentials?

    /// Reads where the database is.
    ///
    /// - Parameters:
    ///   - servers: one server, or all of a cluster, separated by commas: `tcp:10.0.0.1:6641,tcp:10.0.0.2:6641`, `ssl:`,
    ///     `unix:`.
    ///   - credentials: in PEM; needed for `ssl:`.
    /// - Throws: `OVSDBError` `invalidEndpoint` or `invalidCredentials`.
    public init(parsing servers: String, credentials: TLSCredentials? = nil) throws(OVSDBError) {
      var endpoints: [Endpoint] = []
      for server in servers.split(separator: ",") { endpoints.append(try Endpoint(parsing: String(server))) }
      guard !endpoints.isEmpty else {
        throw OVSDBError(
          .invalidEndpoint, attempt: "reading the servers of a database of OVN", reason: "there are none")
      }
      for case .tls in endpoints where credentials == nil {
        throw OVSDBError(
          .invalidCredentials, attempt: "reading \(servers)",
          reason: "an ssl: server needs an authority, a certificate and a private key")
      }
      self.endpoints = endpoints
      self.credentials = credentials
    }
  }
}
