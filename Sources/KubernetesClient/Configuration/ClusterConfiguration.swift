import KubernetesModel

/// A client certificate and its private key, PEM.
public struct ClientCertificate: Sendable, Hashable {
  /// The certificate, followed by intermediate ones.
  public var certificate: [UInt8]
  /// The private key.
  public var key: [UInt8]

  /// A certificate and its key.
  public init(certificate: [UInt8], key: [UInt8]) {
    self.certificate = certificate
    self.key = key
  }
}

/// How one API server is reached, trusted and convinced.
public struct ClusterConfiguration: Sendable, Hashable {
  /// How a client proves who it is beside a certificate.
  public enum Credentials: Sendable, Hashable {
    /// Not at all.
    case none
    /// A bearer token.
    case token(String)
    /// A bearer token in a file that is read again when it rotates.
    case tokenFile(String)
    /// A name and a password.
    case basic(username: String, password: String)
    /// What a program gives.
    case exec(ExecConfiguration)
  }

  /// The server's URL, without a slash at its end.
  public var server: String
  /// The certificates that are trusted, PEM; nil for those of the system.
  public var certificateAuthority: [UInt8]?
  /// Whether the server's certificate is accepted unchecked.
  public var insecureSkipTLSVerify = false
  /// The name that the server's certificate must have, when it is not that of the URL.
  public var tlsServerName: String?
  /// An HTTP proxy on the way.
  public var proxyURL: String?
  /// The client's certificate.
  public var clientCertificate: ClientCertificate?
  /// What else the client shows.
  public var credentials = Credentials.none
  /// The user to act as.
  public var impersonate: String?
  /// The groups to act as.
  public var impersonateGroups: [String] = []
  /// The namespace of commands that name none.
  public var namespace = "default"

  /// A server; set the rest afterwards.
  public init(server: String) {
    self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
  }

  /// Where a pod finds its service account.
  public static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// The configuration of a kubeconfig's context; nil takes the current one.
  ///
  /// Files that it names are read now, but for a token's.
  /// - Throws: `KubernetesAPIError` (`configuration`) that names what is missing or malformed.
  public init(_ kubeconfig: Kubeconfig, context name: String? = nil) throws {
    let attempt = "use a kubeconfig"
    func fail(_ message: String) -> KubernetesAPIError {
      KubernetesAPIError(attempt: attempt, reason: .configuration, message: message)
    }
    guard let name = name ?? kubeconfig.currentContext else {
      throw fail("it has no current-context; name a context or set one with `kubectl config use-context`")
    }
    guard let context = kubeconfig.contexts[name] else { throw fail("it has no context \(name)") }
    guard let cluster = kubeconfig.clusters[context.cluster] else {
      throw fail("context \(name) names the cluster \(context.cluster), which it does not have")
    }
    guard cluster.server.hasPrefix("https://") || cluster.server.hasPrefix("http://") else {
      throw fail("the server of cluster \(context.cluster) is \"\(cluster.server)\", not an http:// or https:// URL")
    }
    self.init(server: cluster.server)
    func content(_ what: String, inline: String?, file: String?) throws -> [UInt8]? {
      if let inline, !inline.isEmpty {
        guard let bytes = Base64.decode(inline) else { throw fail("\(what) is not Base64") }
        return bytes
      }
      guard let file, !file.isEmpty else { return nil }
      do { return try readFile(file) } catch { throw fail("\(what): \(error)") }
    }
    certificateAuthority = try content(
      "certificate-authority of cluster \(context.cluster)", inline: cluster.certificateAuthorityData,
      file: cluster.certificateAuthority)
    insecureSkipTLSVerify = cluster.insecureSkipTLSVerify ?? false
    tlsServerName = cluster.tlsServerName
    proxyURL = cluster.proxyURL
    namespace = context.namespace ?? "default"
    guard let userName = context.user, !userName.isEmpty else { return }
    guard let user = kubeconfig.users[userName] else {
      throw fail("context \(name) names the user \(userName), which it does not have")
    }
    let certificate = try content(
      "client-certificate of user \(userName)", inline: user.clientCertificateData, file: user.clientCertificate)
    let key = try content("client-key of user \(userName)", inline: user.clientKeyData, file: user.clientKey)
    switch (certificate, key) {
    case (let certificate?, let key?): clientCertificate = ClientCertificate(certificate: certificate, key: key)
    case (nil, nil): break
    default: throw fail("user \(userName) has only one of client-certificate and client-key")
    }
    impersonate = user.impersonate
    impersonateGroups = user.impersonateGroups ?? []
    credentials = Self.credentials(of: user)
  }

  private static func credentials(of user: Kubeconfig.User) -> Credentials {
    if let file = user.tokenFile, !file.isEmpty { return .tokenFile(file) }
    if let token = user.token, !token.isEmpty { return .token(token) }
    if let username = user.username { return .basic(username: username, password: user.password ?? "") }
    if let exec = user.exec { return .exec(exec) }
    return .none
  }

  /// The configuration of a pod: its service account's token and certificates; nil outside of a cluster.
  ///
  /// - Throws: `KubernetesAPIError` (`configuration`) when the service account's files are missing.
  public static func inCluster(
    environment: [String: String], folder: String = ClusterConfiguration.serviceAccountFolder
  ) throws -> ClusterConfiguration? {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
    else { return nil }
    var configuration = ClusterConfiguration(server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)")
    do {
      _ = try readFile("\(folder)/token")
      configuration.certificateAuthority = try readFile("\(folder)/ca.crt")
      configuration.namespace = String(decoding: try readFile("\(folder)/namespace"), as: UTF8.self)
    } catch {
      throw KubernetesAPIError(
        attempt: "use the pod's service account", reason: .configuration,
        message: "\(error); does the pod have automountServiceAccountToken: false?")
    }
    configuration.credentials = .tokenFile("\(folder)/token")
    return configuration
  }
}
