import Yams

/// The content of a kubeconfig file, or of several that were merged (`client-go` v1 `Config`).
public struct Kubeconfig: Sendable, Hashable {
  /// Where a cluster is and how it is trusted.
  public struct Cluster: Sendable, Hashable, Codable {
    /// The server's URL.
    public var server: String
    /// The file of the certificates that are trusted, PEM.
    public var certificateAuthority: String?
    /// The same inline, in Base64.
    public var certificateAuthorityData: String?
    /// Whether the server's certificate is accepted unchecked.
    public var insecureSkipTLSVerify: Bool?
    /// The name that the server's certificate must have, when it is not that of the URL.
    public var tlsServerName: String?
    /// An HTTP proxy on the way.
    public var proxyURL: String?

    enum CodingKeys: String, CodingKey {
      case server
      case certificateAuthority = "certificate-authority"
      case certificateAuthorityData = "certificate-authority-data"
      case insecureSkipTLSVerify = "insecure-skip-tls-verify"
      case tlsServerName = "tls-server-name"
      case proxyURL = "proxy-url"
    }
  }

  /// How a user proves who they are.
  public struct User: Sendable, Hashable, Codable {
    /// The file of the client certificate, PEM.
    public var clientCertificate: String?
    /// The same inline, in Base64.
    public var clientCertificateData: String?
    /// The file of the private key, PEM.
    public var clientKey: String?
    /// The same inline, in Base64.
    public var clientKeyData: String?
    /// A bearer token.
    public var token: String?
    /// The file of a bearer token; it is preferred to `token` and read again when it changes.
    public var tokenFile: String?
    /// A name for basic authentication.
    public var username: String?
    /// Its password.
    public var password: String?
    /// A program that gives credentials.
    public var exec: ExecConfiguration?
    /// The user to act as.
    public var impersonate: String?
    /// The groups to act as.
    public var impersonateGroups: [String]?

    enum CodingKeys: String, CodingKey {
      case clientCertificate = "client-certificate"
      case clientCertificateData = "client-certificate-data"
      case clientKey = "client-key"
      case clientKeyData = "client-key-data"
      case token, tokenFile, username, password, exec
      case impersonate = "as"
      case impersonateGroups = "as-groups"
    }
  }

  /// A cluster, a user and a namespace under one name.
  public struct Context: Sendable, Hashable, Codable {
    /// The name of the cluster.
    public var cluster: String
    /// The name of the user.
    public var user: String?
    /// The namespace of commands that name none.
    public var namespace: String?
  }

  /// The clusters by name.
  public var clusters: [String: Cluster] = [:]
  /// The users by name.
  public var users: [String: User] = [:]
  /// The contexts by name.
  public var contexts: [String: Context] = [:]
  /// The context that is used when none is named.
  public var currentContext: String?

  /// An empty configuration.
  public init() {}

  /// Reads a file; paths in it are relative to its folder.
  ///
  /// - Throws: `KubernetesAPIError` (`configuration`).
  public init(path: String) throws {
    let attempt = "use the kubeconfig \(path)"
    do {
      try self.init(yaml: String(decoding: readFile(path), as: UTF8.self), folder: folder(of: path), attempt: attempt)
    } catch let error as FileError {
      throw KubernetesAPIError(attempt: attempt, reason: .configuration, message: "\(error)")
    }
  }

  /// Reads YAML text; paths in it are relative to `folder`.
  ///
  /// - Throws: `KubernetesAPIError` (`configuration`).
  public init(yaml: String, folder: String, attempt: String = "read a kubeconfig") throws {
    let file: File
    do { file = try YAMLDecoder().decode(File.self, from: yaml) } catch {
      throw KubernetesAPIError(attempt: attempt, reason: .configuration, message: "not a kubeconfig: \(error)")
    }
    func resolve(_ path: inout String?) {
      guard let relative = path, !relative.isEmpty, !relative.hasPrefix("/") else { return }
      path = "\(folder)/\(relative)"
    }
    for var named in file.clusters ?? [] {
      resolve(&named.cluster.certificateAuthority)
      clusters[named.name] = clusters[named.name] ?? named.cluster
    }
    for var named in file.users ?? [] {
      resolve(&named.user.clientCertificate)
      resolve(&named.user.clientKey)
      resolve(&named.user.tokenFile)
      if let command = named.user.exec?.command, command.contains("/"), !command.hasPrefix("/") {
        named.user.exec?.command = "\(folder)/\(command)"
      }
      users[named.name] = users[named.name] ?? named.user
    }
    for named in file.contexts ?? [] { contexts[named.name] = contexts[named.name] ?? named.context }
    currentContext = file.currentContext.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Adds what another file says; what is there stays, as `KUBECONFIG` with several files asks for.
  public mutating func merge(_ other: Kubeconfig) {
    clusters.merge(other.clusters) { mine, _ in mine }
    users.merge(other.users) { mine, _ in mine }
    contexts.merge(other.contexts) { mine, _ in mine }
    currentContext = currentContext ?? other.currentContext
  }

  private struct File: Codable {
    struct NamedCluster: Codable {
      var name: String
      var cluster: Cluster
    }
    struct NamedUser: Codable {
      var name: String
      var user: User
    }
    struct NamedContext: Codable {
      var name: String
      var context: Context
    }
    var clusters: [NamedCluster]?
    var users: [NamedUser]?
    var contexts: [NamedContext]?
    var currentContext: String?

    enum CodingKeys: String, CodingKey {
      case clusters, users, contexts
      case currentContext = "current-context"
    }
  }
}

/// A program that gives credentials (`client.authentication.k8s.io/v1`).
public struct ExecConfiguration: Sendable, Hashable, Codable {
  /// One variable of its environment.
  public struct Variable: Sendable, Hashable, Codable {
    /// The name.
    public var name: String
    /// The value.
    public var value: String
  }

  /// `client.authentication.k8s.io/v1` or `v1beta1`.
  public var apiVersion: String
  /// The program; looked for in `PATH` when it has no slash.
  public var command: String
  /// Its arguments.
  public var args: [String]?
  /// Variables beside those of this process.
  public var env: [Variable]?
  /// What to tell the user when the program is not there.
  public var installHint: String?
  /// Whether the program is told about the cluster.
  public var provideClusterInfo: Bool?

  /// A program and its arguments.
  public init(
    apiVersion: String = "client.authentication.k8s.io/v1", command: String, args: [String]? = nil,
    env: [Variable]? = nil, installHint: String? = nil, provideClusterInfo: Bool? = nil
  ) {
    self.apiVersion = apiVersion
    self.command = command
    self.args = args
    self.env = env
    self.installHint = installHint
    self.provideClusterInfo = provideClusterInfo
  }
}
