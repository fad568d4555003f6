import Dispatch
import Files
import Glibc
import Logging
import ServiceLifecycle

@testable import EmbeddedKubernetes

/// The repository's folder Tests/Contract.
let contractFolder = #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 } + "/Contract"

/// The tokens that Tests/Contract/embedded/authentication.json speaks of.
let contractTokens = "good-token,jane,1,system:masters\nplain-token,joe,2\n"

/// Whether a program is in PATH.
func isInstalled(_ program: String) -> Bool {
  (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").contains {
    access("\($0)/\(program)", X_OK) == 0
  }
}

/// Runs a program to its end and returns its exit status and what it wrote to stdout and stderr together.
func run(_ arguments: [String], environment extra: [String: String] = [:]) async throws -> (
  status: Int32, output: String
) {
  let folder = try TemporaryFolder()
  defer { folder.remove() }
  let outputPath = folder.path + "/output"
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  posix_spawn_file_actions_adddup2(&actions, 1, 2)
  var environment = ["PATH", "HOME", "TMPDIR"].compactMap { (name: String) -> String? in
    getenv(name).map { "\(name)=\(String(cString: $0))" }
  }
  environment += extra.map { "\($0)=\($1)" }
  var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
  var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
  defer { for pointer in argv + envp { free(pointer) } }
  var process = pid_t()
  let failure = posix_spawnp(&process, arguments[0], &actions, nil, &argv, &envp)
  if failure != 0 {
    throw APIServerError("Cannot run \(arguments[0]): \(String(cString: strerror(failure)))", advice: "Install it")
  }
  let started = process
  let status = await withCheckedContinuation { continuation in
    // A thread of its own: waiting must not hold one of the threads that the server under test runs on.
    DispatchQueue.global().async {
      var status: Int32 = 0
      while waitpid(started, &status, 0) < 0 && errno == EINTR {}
      continuation.resume(returning: status)
    }
  }
  let output = String(decoding: try Files.read(outputPath) ?? [], as: UTF8.self)
  return (status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f), output)
}

/// A server of its own on a free port, stopped and removed afterwards.
func withServer(
  tokens: String? = nil, configure: (inout APIServer.Configuration) -> Void = { _ in },
  _ body: (APIServer.Endpoint, TemporaryFolder) async throws -> Void
) async throws {
  let folder = try TemporaryFolder()
  defer { folder.remove() }
  if let tokens { try Files.write([UInt8](tokens.utf8), to: folder.path + "/tokens.csv") }
  var configuration = APIServer.Configuration(dataDirectory: folder.path, port: 0, schedulesPods: false)
  configure(&configuration)
  var logger = Logger(label: "test")
  logger.logLevel = .error
  let server = APIServer(configuration: configuration, logger: logger)
  let group = ServiceGroup(services: [server], logger: logger)
  try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask { try await group.run() }
    do {
      try await body(server.started(), folder)
    } catch {
      await group.triggerGracefulShutdown()
      throw error
    }
    await group.triggerGracefulShutdown()
    try await tasks.waitForAll()
  }
}
