import Glibc
import Netlink
import Testing

@Suite("Processes in namespaces", .enabled(if: geteuid() == 0, "making network namespaces needs root"))
struct ProcessTests {
  @Test("input, output, environment, arguments and status")
  func inputAndOutput() async throws {
    let input = [UInt8](repeating: 65, count: 300_000)
    let outcome = try await NamespaceProcess.run(
      ProcessCommand(
        "/bin/sh", ["-c", "cat; echo \"$WORD $1\" >&2; exit 3", "sh", "two words"], environment: ["WORD": "hello"],
        standardInput: input))
    #expect(outcome.status == .exited(3))
    #expect(outcome.standardOutput == input)
    #expect(outcome.errorText == "hello two words\n")
  }

  @Test("a program that does not read its input does no harm")
  func unreadInput() async throws {
    let outcome = try await NamespaceProcess.run(
      ProcessCommand("/bin/true", standardInput: [UInt8](repeating: 65, count: 300_000)))
    #expect(outcome.isSuccess)
  }

  @Test("the program sees the namespace")
  func namespace() async throws {
    try await withNamespaces { left, _ in
      try NetlinkSocket(in: left).perform(.createBridge("only-here"))
      let outcome = try await NamespaceProcess.run(ProcessCommand("cat", ["/proc/net/dev"]), in: left)
      #expect(outcome.text.contains("only-here"))
    }
  }

  /// The threads that a thread causes to be started inherit its namespace, and stay there.
  @Test("while the program runs, no thread of this process is in its namespace")
  func threads() async throws {
    try await withNamespaces { left, _ in
      let process = try await NamespaceProcess.start(ProcessCommand("sleep", ["100"]), in: left)
      #expect(threads(in: left) == [])
      process.signal(SIGKILL)
      _ = await process.wait()
    }
  }

  private func threads(in namespace: NetworkNamespace) -> [String] {
    guard let folder = opendir("/proc/self/task") else { return ["no /proc"] }
    defer { closedir(folder) }
    var found: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      // A thread may have ended meanwhile.
      if let other = try? NetworkNamespace.open(path: "/proc/self/task/\(name)/ns/net"), other.isSame(as: namespace) {
        found.append(name)
      }
    }
    return found
  }

  @Test("signals end it, also by cancellation; later signals do nothing")
  func signals() async throws {
    let process = try await NamespaceProcess.start(ProcessCommand("sleep", ["100"]))
    process.signal(SIGTERM)
    #expect(await process.wait().status == .signaled(SIGTERM))
    #expect(await process.wait().status == .signaled(SIGTERM))
    process.signal(SIGKILL)
    let task = Task { try await NamespaceProcess.run(ProcessCommand("sleep", ["100"])) }
    task.cancel()
    #expect(try await task.value.status == .signaled(SIGKILL))
  }

  @Test("a daemon that keeps the pipes open holds nothing up")
  func daemon() async throws {
    let outcome = try await NamespaceProcess.run(ProcessCommand("/bin/sh", ["-c", "sleep 3 & echo $!"]))
    #expect(outcome.isSuccess)
    let daemon = try #require(Int32(outcome.text.filter(\.isNumber)))
    kill(daemon, SIGKILL)
  }

  @Test("a program that does not exist is an error with its name")
  func missingProgram() async throws {
    let error = await #expect(throws: NetlinkError.self) {
      try await NamespaceProcess.run(ProcessCommand("/nowhere/program"))
    }
    #expect(error?.subject == "/nowhere/program")
    #expect(error?.errno == ENOENT)
  }
}
