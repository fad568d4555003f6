import Files
import Glibc
import Netlink

/// The Netloom processes that run on a lab, each a process of its own as on a cluster: started, waited for until they
/// say that they are ready, ended by number.
public actor Crew {
  private let executable: String
  private let directory: LabDirectory
  private let listener: ReadinessListener
  private var members: [(name: String, process: NamespaceProcess)] = []

  /// - Parameter executable: the `netloom` program.
  public init(executable: String, directory: LabDirectory) async throws {
    self.executable = executable
    self.directory = directory
    try Files.makeFolder(directory.processes)
    listener = ReadinessListener(path: "\(directory.processes)/notify.sock")
    try await listener.start()
  }

  /// Starts `netloom ARGUMENTS` under a name and returns when it is ready to serve.
  /// - Throws: ``LabError`` with the end of its log when it ends instead.
  @discardableResult
  public func start(_ name: String, _ arguments: [String]) async throws -> Int32 {
    let log = "\(directory.processes)/\(name).log"
    var environment = ProcessEnvironment.current
    environment["NOTIFY_SOCKET"] = listener.path
    let process = try await NamespaceProcess.start(
      ProcessCommand(executable, arguments, environment: environment, output: .append(toFile: log)))
    try Files.write(Array("\(process.processID)\n".utf8), to: "\(directory.processes)/\(name).pid")
    members.append((name, process))
    try await listener.waitForReady(of: process.processID) {
      let outcome = await process.wait()
      let text = String(decoding: ((try? Files.read(log)) ?? []).suffix(2000), as: UTF8.self)
      return LabError(
        "start netloom \(arguments[0])", reason: "it ended (\(outcome.status))", remedy: "its log ends: \(text)")
    }
    return process.processID
  }

  /// Ends one of them the hard way, as a crash would.
  public func kill(_ name: String) async {
    guard let index = members.firstIndex(where: { $0.name == name }) else { return }
    let process = members.remove(at: index).process
    process.signal(SIGKILL)
    _ = await process.wait()
  }

  /// Ends all of them, the last started first, and waits until they are gone.
  public func stop() async {
    for member in members.reversed() { member.process.signal(SIGTERM) }
    for member in members.reversed() {
      let process = member.process
      let late = Task {
        // A process that does not heed SIGTERM within this time is ended without being asked.
        try await Task.sleep(for: .seconds(5))
        process.signal(SIGKILL)
      }
      _ = await process.wait()
      late.cancel()
    }
    members = []
    await listener.stop()
  }
}

/// The environment of this process as a dictionary.
public enum ProcessEnvironment {
  public static var current: [String: String] {
    var result: [String: String] = [:]
    guard let bytes = try? Files.read("/proc/self/environ") else { return result }
    for entry in bytes.split(separator: 0) {
      let parts = String(decoding: entry, as: UTF8.self).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
    }
    return result
  }

  /// The path of the program that is running.
  public static var executable: String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    return count > 0
      ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : CommandLine.arguments[0]
  }
}
