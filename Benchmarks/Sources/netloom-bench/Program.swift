import Glibc

/// A program to be run over and over: what can be prepared is prepared before the clock starts, and no thread or task of
/// ours is in between.
struct Program: Sendable {
  private let path: String
  private let arguments: [String]
  private let environment: [String]
  private let input: String
  private let output: String

  /// - Parameters:
  ///   - arguments: without the program's own name.
  ///   - environment: all of it, as `NAME=VALUE`.
  ///   - input: the file that is its standard input.
  ///   - output: the file that its standard output is written to.
  init(
    _ path: String, _ arguments: [String] = [], environment: [String] = [], input: String = "/dev/null",
    output: String = "/dev/null"
  ) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
    self.input = input
    self.output = output
  }

  /// Starts it in the calling thread's network namespace and waits for its end.
  /// - Returns: its exit status; 128 and the signal's number when a signal ended it; -1 when it could not be started.
  func run() -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    return withCStrings([path] + arguments) { arguments in
      withCStrings(environment) { environment in
        var process: pid_t = 0
        guard posix_spawn(&process, path, &actions, nil, arguments, environment) == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
      }
    }
  }
}

/// Calls `body` with a null-terminated array of zero-terminated strings.
private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let pointers = strings.map { strdup($0) }
  defer { for pointer in pointers { free(pointer) } }
  return body(pointers + [nil])
}
