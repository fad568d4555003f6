import KubernetesModel

/// What one request shows to the server.
struct IssuedCredentials: Sendable, Hashable {
  /// The `Authorization` header.
  var authorization: String?
  /// A certificate in the place of the configured one.
  var certificate: ClientCertificate?
}

/// Gives each request its credentials; reads rotating tokens again and runs programs when theirs expire.
///
/// Requests that need a program's credentials at the same time share one run of it.
actor CredentialProvider {
  /// A token file is read again after this long, as client-go does; a refused token at once.
  static let tokenFileLifetime = Duration.seconds(60)
  /// Credentials are renewed this long before they expire.
  static let expirationMargin = Duration.seconds(10)

  private enum State {
    case empty
    case issued(IssuedCredentials, until: Timestamp?)
    case running(Task<ExecCredential, any Error>)
  }

  private let configuration: ClusterConfiguration
  private let now: @Sendable () -> Timestamp
  private var state = State.empty

  init(_ configuration: ClusterConfiguration, now: @escaping @Sendable () -> Timestamp = { Timestamp.now() }) {
    self.configuration = configuration
    self.now = now
  }

  /// The credentials to use now.
  func current() async throws -> IssuedCredentials {
    if case .issued(let credentials, let end) = state, end.map({ now() < $0 }) ?? true { return credentials }
    switch configuration.credentials {
    case .none: return issue(IssuedCredentials())
    case .token(let token): return issue(IssuedCredentials(authorization: "Bearer \(token)"))
    case .basic(let username, let password):
      return issue(IssuedCredentials(authorization: "Basic \(Base64.encode(Array("\(username):\(password)".utf8)))"))
    case .tokenFile(let path):
      return issue(
        IssuedCredentials(authorization: "Bearer \(try token(in: path))"),
        until: now().advanced(by: Self.tokenFileLifetime))
    case .exec(let exec): return try await run(exec)
    }
  }

  /// Says that the server refused these; the next request gets fresh ones.
  ///
  /// False when there are no others to be had, so that trying again makes no sense.
  func refused(_ credentials: IssuedCredentials) -> Bool {
    switch configuration.credentials {
    case .none, .token, .basic: return false
    case .tokenFile, .exec:
      if case .issued(let mine, _) = state, mine == credentials { state = .empty }
      return true
    }
  }

  private func issue(_ credentials: IssuedCredentials, until end: Timestamp? = nil) -> IssuedCredentials {
    state = .issued(credentials, until: end)
    return credentials
  }

  private func token(in path: String) throws -> String {
    let bytes: [UInt8]
    do { bytes = try readFile(path) } catch {
      throw KubernetesAPIError(attempt: "read the bearer token", reason: .credentials, message: "\(error)")
    }
    let token = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first
    guard let token else {
      throw KubernetesAPIError(attempt: "read the bearer token", reason: .credentials, message: "\(path) is empty")
    }
    return String(token)
  }

  private func run(_ exec: ExecConfiguration) async throws -> IssuedCredentials {
    let task: Task<ExecCredential, any Error>
    if case .running(let running) = state {
      task = running
    } else {
      let plugin = ExecPlugin(configuration: exec, cluster: configuration)
      task = Task { try await plugin.run() }
      state = .running(task)
    }
    do {
      let credential = try await task.value
      return issue(
        IssuedCredentials(
          authorization: credential.token.map { "Bearer \($0)" }, certificate: credential.certificate),
        until: credential.expiration?.advanced(by: .zero - Self.expirationMargin))
    } catch {
      if case .running(let running) = state, running == task { state = .empty }
      throw error
    }
  }
}
