import Logging
import NIOCore
public import OVSDB

/// Where a database of OVN is, and how it is taken when it is away.
public struct OVNDatabase: Sendable {
  /// The servers: one, or all of a cluster. The leader is read, whose copy is never behind, and written to.
  public var endpoints: [Endpoint]
  /// Needed for `.tls` endpoints.
  public var credentials: TLSCredentials?
  /// After how long a silence a server is asked for an echo; after another the next one is tried.
  public var inactivityProbe: Duration = .seconds(5)
  /// For how long the database may be away before that is told: a new leader is elected within a second or two.
  public var grace: Duration = .seconds(2)

  /// The usual settings. At least one endpoint.
  public init(endpoints: [Endpoint], credentials: TLSCredentials? = nil) {
    precondition(!endpoints.isEmpty, "a database of OVN has at least one endpoint")
    self.endpoints = endpoints
    self.credentials = credentials
  }

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
    self.init(endpoints: endpoints, credentials: credentials)
  }

  /// A client that follows these tables of it.
  func client(
    of database: String, _ tables: [MonitoredTable], group: any EventLoopGroup, logger: Logger
  ) -> OVSDBClient {
    var settings = OVSDBClient.Configuration(
      endpoint: endpoints[0], credentials: credentials, database: database, tables: tables)
    settings.alternatives = Array(endpoints.dropFirst())
    settings.followsLeader = true
    settings.inactivityProbe = inactivityProbe
    return OVSDBClient(settings, group: group, logger: logger)
  }
}
