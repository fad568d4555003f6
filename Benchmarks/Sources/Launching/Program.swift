import Glibc

/// A program to be run over and over: everything that can be prepared is prepared before the clock starts.
public struct Program: Sendable {
  /// One run of it.
  public struct Run: Sendable {
    /// From before the start to after the end, in nanoseconds.
    public let nanoseconds: Int64
    /// The most memory that it had at a time, in kilobytes; never less than what the process has that started it.
    public let peakKilobytes: Int
    /// Its exit status; 128 and the signal's number when a signal ended it.
    public let status: Int32
  }

  public let path: String
  private let arguments: [String]
  private let environment: [String]
  private let input: String
  private let output: String

  /// - Parameters:
  ///   - arguments: without the program's own name.
  ///   - environment: all of it, as `NAME=VALUE`.
  ///   - input: the file that is its standard input.
  ///   - output: the file that its standard output is written to.
  public init(
    _ path: String, _ arguments: [String] = [], environment: [String] = [], input: String = "/dev/null",
    output: String = "/dev/null"
  ) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
    self.input = input
    self.output = output
  }

  /// Starts it in the calling thread's network namespace and waits for its end. Nil when it cannot be started.
  public func run() -> Run? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    return withCStrings([path] + arguments) { arguments in
      withCStrings(environment) { environment in
        var process: pid_t = 0
        var status: Int32 = 0
        var usage = rusage()
        let start = Self.now()
        guard posix_spawn(&process, path, &actions, nil, arguments, environment) == 0 else { return nil }
        while wait4(process, &status, 0, &usage) < 0 && errno == EINTR {}
        let end = Self.now()
        return Run(
          nanoseconds: end - start, peakKilobytes: usage.ru_maxrss,
          status: status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f))
      }
    }
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
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
