import CNetlink
import Glibc

/// A child process and the pipes to it, for the one thread that serves them.
final class SpawnedProcess {
  let processID: Int32
  /// A pidfd.
  let handle: Descriptor
  private var input: Descriptor?
  private var unwritten: ArraySlice<UInt8>
  private var outputs: [Output]

  private struct Output {
    var pipe: Descriptor?
    var collected: [UInt8] = []
  }

  /// Starts the program in the calling thread's network namespace.
  init(_ command: ProcessCommand) throws(NetlinkError) {
    let input = try Pipe()
    let (standardOutput, standardError, pipes) = try Self.openOutputs(command)
    processID = try Self.spawn(
      command, descriptors: [input.readEnd.rawValue, standardOutput.rawValue, standardError.rawValue])
    let process = processID
    handle = Descriptor(
      owning: Int32(try check("watch", command.executable) { Int(cnetlink_pidfd_open(process)) }))
    self.input = input.writeEnd
    unwritten = command.standardInput[...]
    outputs = pipes.map { Output(pipe: $0) }
    for descriptor in pipes + [input.writeEnd] { _ = fcntl(descriptor.rawValue, F_SETFL, O_NONBLOCK) }
  }

  /// Serves the pipes until the program ends.
  func waitForEnd() -> ProcessOutcome {
    // Writing to a program that does not read must not end this process: the signal stays pending on this thread.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    write()
    while true {
      var polled = [pollfd(fd: handle.rawValue, events: Int16(POLLIN), revents: 0)]
      if let input { polled.append(pollfd(fd: input.rawValue, events: Int16(POLLOUT), revents: 0)) }
      for case let pipe? in outputs.map(\.pipe) {
        polled.append(pollfd(fd: pipe.rawValue, events: Int16(POLLIN), revents: 0))
      }
      if poll(&polled, nfds_t(polled.count), -1) < 0 { continue }
      write()
      for index in outputs.indices { read(index) }
      if polled[0].revents != 0 { break }
    }
    // What was written between the last reading and the end.
    for index in outputs.indices { read(index) }
    return ProcessOutcome(
      status: Self.status(cnetlink_reap(processID)), standardOutput: outputs.first?.collected ?? [],
      standardError: outputs.last?.collected ?? [])
  }

  private func write() {
    guard let input else { return }
    while !unwritten.isEmpty {
      let count = unwritten.withUnsafeBytes { Glibc.write(input.rawValue, $0.baseAddress, $0.count) }
      if count < 0 && errno == EAGAIN { return }
      if count < 0 { break }
      unwritten = unwritten.dropFirst(count)
    }
    self.input = nil
  }

  private func read(_ index: Int) {
    guard let pipe = outputs[index].pipe else { return }
    var buffer = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
      let count = Glibc.read(pipe.rawValue, &buffer, buffer.count)
      if count < 0 && errno == EAGAIN { return }
      if count <= 0 { break }
      outputs[index].collected += buffer[..<count]
    }
    outputs[index].pipe = nil
  }

  private static func status(_ waited: Int32) -> ProcessOutcome.Status {
    waited & 0x7f == 0 ? .exited((waited >> 8) & 0xff) : .signaled(waited & 0x7f)
  }

  /// The child's ends, which the caller closes after the start, and our ends of what is captured.
  private static func openOutputs(
    _ command: ProcessCommand
  ) throws(NetlinkError) -> (output: Descriptor, error: Descriptor, captured: [Descriptor]) {
    switch command.output {
    case .capture:
      let (output, error) = (try Pipe(), try Pipe())
      return (output.writeEnd, error.writeEnd, [output.readEnd, error.readEnd])
    case .discard:
      let null = try open("/dev/null", O_WRONLY)
      return (null, null, [])
    case .append(let path):
      let file = try open(path, O_WRONLY | O_CREAT | O_APPEND)
      return (file, file, [])
    case .inherit:
      return (try duplicate(1), try duplicate(2), [])
    }
  }

  private static func open(_ path: String, _ flags: Int32) throws(NetlinkError) -> Descriptor {
    Descriptor(owning: Int32(try check("open", path) { Int(Glibc.open(path, flags | O_CLOEXEC, 0o644)) }))
  }

  private static func duplicate(_ descriptor: Int32) throws(NetlinkError) -> Descriptor {
    Descriptor(
      owning: Int32(
        try check("duplicate", "descriptor \(descriptor)") { Int(fcntl(descriptor, F_DUPFD_CLOEXEC, 3)) }))
  }

  /// `descriptors` become the child's standard input, output and error.
  private static func spawn(_ command: ProcessCommand, descriptors: [Int32]) throws(NetlinkError) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, descriptor) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
    }
    // The child starts with signals as a shell would leave them, whatever this process blocks or ignores.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var process: pid_t = 0
    let code = withCStrings([command.executable] + command.arguments) { arguments in
      guard let environment = command.environment else {
        return posix_spawnp(&process, command.executable, &actions, &attributes, arguments, cnetlink_environment())
      }
      return withCStrings(environment.map { "\($0.key)=\($0.value)" }) { variables in
        posix_spawnp(&process, command.executable, &actions, &attributes, arguments, variables)
      }
    }
    if code != 0 { throw NetlinkError("start", on: command.executable, errno: code) }
    return process
  }
}

private struct Pipe {
  let readEnd: Descriptor
  let writeEnd: Descriptor

  init() throws(NetlinkError) {
    var ends: [Int32] = [0, 0]
    try check("open", "a pipe") { Int(cnetlink_pipe(&ends)) }
    readEnd = Descriptor(owning: ends[0])
    writeEnd = Descriptor(owning: ends[1])
  }
}

/// Calls `body` with a null-terminated array of zero-terminated strings.
private func withCStrings<Success>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Success
) -> Success {
  let pointers = strings.map { strdup($0) }
  defer { for pointer in pointers { free(pointer) } }
  return body(pointers + [nil])
}
