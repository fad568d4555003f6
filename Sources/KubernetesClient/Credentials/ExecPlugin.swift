import FoundationEssentials
import Glibc
import JSON
import KubernetesModel
import NIOPosix

/// What a credential program gave.
struct ExecCredential: Sendable, Hashable {
  var token: String?
  var certificate: ClientCertificate?
  /// Nil when it is good until the server refuses it.
  var expiration: Timestamp?

  /// Reads the program's answer (`client.authentication.k8s.io` `ExecCredential`).
  init(parsing output: [UInt8], of configuration: ExecConfiguration) throws(KubernetesAPIError) {
    func fail(_ message: String) -> KubernetesAPIError {
      KubernetesAPIError(
        attempt: "get credentials from \(configuration.command)", reason: .credentials, message: message)
    }
    let json: JSONValue
    do { json = try JSONValue(parsing: output) } catch { throw fail("its answer is not JSON: \(error)") }
    guard json["kind"] == "ExecCredential", let status = json["status"] else {
      throw fail("its answer is not an ExecCredential with a status")
    }
    guard json["apiVersion"]?.string == configuration.apiVersion else {
      throw fail("it answers in \(json["apiVersion"]?.string ?? "no version"), not \(configuration.apiVersion)")
    }
    token = status["token"]?.string
    if let certificate = status["clientCertificateData"]?.string, let key = status["clientKeyData"]?.string {
      self.certificate = ClientCertificate(certificate: Array(certificate.utf8), key: Array(key.utf8))
    }
    guard token != nil || certificate != nil else { throw fail("its answer has neither a token nor a certificate") }
    if let text = status["expirationTimestamp"]?.string {
      guard let time = Timestamp(text) else { throw fail("expirationTimestamp \"\(text)\" is not RFC 3339") }
      expiration = time
    }
  }
}

/// Runs credential programs.
struct ExecPlugin: Sendable {
  let configuration: ExecConfiguration
  let cluster: ClusterConfiguration
  /// How long the program may take.
  var limit = Duration.seconds(60)

  func run() async throws -> ExecCredential {
    let environment = ProcessInfo.processInfo.environment.merging(
      (configuration.env ?? []).map { ($0.name, $0.value) } + [("KUBERNETES_EXEC_INFO", information.description)]
    ) { $1 }
    let command = [configuration.command] + (configuration.args ?? [])
    let result: (output: [UInt8], status: Int32)
    do {
      result = try await NIOThreadPool.singleton.runIfActive { [limit] in
        try Self.capture(command, environment, within: limit)
      }
    } catch let error as SystemError {
      let hint = configuration.installHint.map { "; \($0)" } ?? ""
      throw failure("cannot run it: \(String(cString: strerror(error.number)))\(hint)")
    }
    guard result.status == 0 else { throw failure("it ended with status \(result.status)") }
    return try ExecCredential(parsing: result.output, of: configuration)
  }

  private func failure(_ message: String) -> KubernetesAPIError {
    KubernetesAPIError(attempt: "get credentials from \(configuration.command)", reason: .credentials, message: message)
  }

  /// The content of `KUBERNETES_EXEC_INFO`.
  var information: JSONValue {
    var information: JSONValue = [
      "apiVersion": .string(configuration.apiVersion), "kind": "ExecCredential", "spec": ["interactive": false],
    ]
    guard configuration.provideClusterInfo == true else { return information }
    var description: JSONValue = ["server": .string(cluster.server)]
    if let name = cluster.tlsServerName { description["tls-server-name"] = .string(name) }
    if cluster.insecureSkipTLSVerify { description["insecure-skip-tls-verify"] = true }
    if let authority = cluster.certificateAuthority {
      description["certificate-authority-data"] = .string(Base64.encode(authority))
    }
    information[path: "spec", "cluster"] = description
    return information
  }

  /// Runs a program to its end; blocks the thread. Its errors go to this process's standard error.
  private static func capture(
    _ command: [String], _ environment: [String: String], within limit: Duration
  ) throws(SystemError) -> (output: [UInt8], status: Int32) {
    var pipe: [Int32] = [-1, -1]
    guard Glibc.pipe(&pipe) == 0 else { throw SystemError(number: errno) }
    defer { close(pipe[0]) }
    // A process that another thread starts meanwhile must not hold the writing end open.
    for end in pipe where fcntl(end, F_SETFD, FD_CLOEXEC) < 0 { throw SystemError(number: errno) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, pipe[1], 1)
    var arguments = command.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in arguments + variables { free(pointer) } }
    var process = pid_t()
    let error = posix_spawnp(&process, command[0], &actions, nil, &arguments, &variables)
    close(pipe[1])
    guard error == 0 else { throw SystemError(number: error) }
    let output = Result<[UInt8], SystemError> { () throws(SystemError) in
      try readToEnd(pipe[0], within: limit)
    }
    // One that hangs would hold up every request for ever.
    if case .failure = output { kill(process, SIGKILL) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { throw SystemError(number: errno) }
    }
    let exited = status & 0x7f == 0
    return (try output.get(), exited ? status >> 8 & 0xff : 128 + (status & 0x7f))
  }
}
