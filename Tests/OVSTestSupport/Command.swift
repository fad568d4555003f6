import Dispatch
import Glibc
import Synchronization

/// A program that failed, with what it printed.
public struct CommandError: Error, CustomStringConvertible {
  public let description: String

  public init(description: String) { self.description = description }
}

/// Programs run by tests. Descriptors are made and inherited under one lock, so that no child holds another's pipe.
public enum Command {
  private static let spawning = Mutex(())

  /// Runs a program to its end and returns what it printed.
  @discardableResult
  public static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
    try await aside {
      let output = try Pipe()
      let pid = try spawn(arguments, environment, input: nil, output: output)
      output.closeWriteEnd()
      let text = String(decoding: output.readToEnd(), as: UTF8.self)
      let status = wait(pid)
      guard status == 0 else {
        throw CommandError(description: "\(arguments.joined(separator: " ")): status \(status): \(text)")
      }
      return text
    }
  }

  /// Runs what blocks on a thread of its own: the few threads of Swift's tasks belong to those who do not.
  static func aside<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Swift.Result { try body() }) }
    }
  }

  /// Starts a program whose standard input stays open until `Pipe.closeWriteEnd` or the end of this process.
  static func start(_ arguments: [String], input: Pipe, output: Pipe) throws -> pid_t {
    try spawn(arguments, [:], input: input, output: output)
  }

  /// Waits for a child; its exit status, or 128 and the signal.
  static func wait(_ pid: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) == -1, errno == EINTR {}
    return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
  }

  private static func spawn(
    _ arguments: [String], _ environment: [String: String], input: Pipe?, output: Pipe
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input { posix_spawn_file_actions_adddup2(&actions, input.readEnd, 0) }
    posix_spawn_file_actions_adddup2(&actions, output.writeEnd, 1)
    posix_spawn_file_actions_adddup2(&actions, output.writeEnd, 2)
    let argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    let variables = [path] + environment.map { "\($0.key)=\($0.value)" }
    let envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let code = spawning.withLock { _ in posix_spawnp(&pid, arguments[0], &actions, nil, argv, envp) }
    guard code == 0 else { throw CommandError(description: "\(arguments[0]): \(String(cString: strerror(code)))") }
    return pid
  }

  /// A pipe that children do not inherit.
  final class Pipe: Sendable {
    let readEnd: Int32
    let writeEnd: Int32
    private let isWriteEndOpen = Mutex(true)

    init() throws {
      var ends: [Int32] = [0, 0]
      let isMade = Command.spawning.withLock { _ in
        guard pipe(&ends) == 0 else { return false }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return true
      }
      guard isMade else { throw CommandError(description: "pipe: \(String(cString: strerror(errno)))") }
      (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
      closeWriteEnd()
      close(readEnd)
    }

    func closeWriteEnd() {
      isWriteEndOpen.withLock { isOpen in
        if isOpen { close(writeEnd) }
        isOpen = false
      }
    }

    func readLine() -> String {
      var line: [UInt8] = []
      var byte: UInt8 = 0
      while read(readEnd, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
      return String(decoding: line, as: UTF8.self)
    }

    func readToEnd() -> [UInt8] {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65536)
      while true {
        let count = read(readEnd, &buffer, buffer.count)
        if count <= 0 { return bytes }
        bytes += buffer[..<count]
      }
    }
  }
}
