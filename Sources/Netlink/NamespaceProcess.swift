import CNetlink
import Glibc
import Synchronization

/// A program to be started.
public struct ProcessCommand: Sendable {
  /// Where the program's output goes.
  public enum Output: Sendable, Hashable {
    /// Kept in memory, for ``ProcessOutcome``.
    case capture
    case discard
    /// To where this process's own output goes.
    case inherit
    /// Appended to a file, which is made when it does not exist.
    case append(toFile: String)
  }

  /// A path, or a name to be looked up in `PATH`.
  public var executable: String
  /// Without the program's own name.
  public var arguments: [String]
  /// Nil: this process's environment.
  public var environment: [String: String]?
  /// What the program reads from its standard input, before end of file.
  public var standardInput: [UInt8]
  public var output: Output

  public init(
    _ executable: String, _ arguments: [String] = [], environment: [String: String]? = nil,
    standardInput: [UInt8] = [], output: Output = .capture
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.standardInput = standardInput
    self.output = output
  }
}

/// How a program ended and what it wrote.
public struct ProcessOutcome: Sendable, Hashable {
  public enum Status: Sendable, Hashable {
    case exited(Int32)
    case signaled(Int32)
  }

  public var status: Status
  /// Empty unless captured.
  public var standardOutput: [UInt8]
  /// Empty unless captured.
  public var standardError: [UInt8]

  /// Whether it ended with exit status 0.
  public var isSuccess: Bool { status == .exited(0) }
  /// The standard output as text.
  public var text: String { String(decoding: standardOutput, as: UTF8.self) }
  /// The standard error as text.
  public var errorText: String { String(decoding: standardError, as: UTF8.self) }
}

/// A program running in a network namespace.
///
/// One thread a process enters the namespace, starts the program, carries its input and output and waits for its end, all
/// by blocking calls: nothing polls, and no other thread ever leaves its namespace. Output is collected until the program itself
/// ends, so a daemon that it leaves behind with open pipes holds nothing up.
public final class NamespaceProcess: Sendable {
  public let processID: Int32
  private let handle: Descriptor
  private let end = EndOfProcess()

  private init(processID: Int32, handle: Descriptor) {
    self.processID = processID
    self.handle = handle
  }

  /// Starts a program in `namespace`, or in the process's own when nil.
  public static func start(
    _ command: ProcessCommand, in namespace: NetworkNamespace? = nil
  ) async throws(NetlinkError) -> NamespaceProcess {
    let result: Result<NamespaceProcess, NetlinkError> = await withCheckedContinuation { continuation in
      do throws(NetlinkError) {
        try startThread {
          do throws(NetlinkError) {
            let spawned = try spawn(command, in: namespace)
            let process = NamespaceProcess(processID: spawned.processID, handle: spawned.handle)
            continuation.resume(returning: .success(process))
            process.end.set(spawned.waitForEnd())
          } catch {
            continuation.resume(returning: .failure(error))
          }
        }
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
    return try result.get()
  }

  /// The thread is home again before it wakes anybody up.
  private static func spawn(
    _ command: ProcessCommand, in namespace: NetworkNamespace?
  ) throws(NetlinkError) -> SpawnedProcess {
    guard let namespace else { return try SpawnedProcess(command) }
    return try namespace.visit { Result { () throws(NetlinkError) in try SpawnedProcess(command) } }.get()
  }

  /// Runs a program to its end. When the task is cancelled the program is killed.
  public static func run(
    _ command: ProcessCommand, in namespace: NetworkNamespace? = nil
  ) async throws(NetlinkError) -> ProcessOutcome {
    let process = try await start(command, in: namespace)
    return await withTaskCancellationHandler {
      await process.wait()
    } onCancel: {
      process.signal(SIGKILL)
    }
  }

  /// Waits for the end. May be called any number of times.
  public func wait() async -> ProcessOutcome { await end.value }

  /// Sends a signal; without effect after the end, also when the process number has been taken by another.
  public func signal(_ number: Int32) {
    _ = cnetlink_pidfd_send_signal(handle.rawValue, number)
  }
}

/// The outcome, once known, for any number of waiters.
private final class EndOfProcess: Sendable {
  private enum State {
    case running([CheckedContinuation<ProcessOutcome, Never>])
    case ended(ProcessOutcome)
  }

  private let state = Mutex(State.running([]))

  var value: ProcessOutcome {
    get async {
      await withCheckedContinuation { continuation in
        let outcome: ProcessOutcome? = state.withLock { state in
          switch state {
          case .ended(let outcome):
            return outcome
          case .running(let waiters):
            state = .running(waiters + [continuation])
            return nil
          }
        }
        if let outcome { continuation.resume(returning: outcome) }
      }
    }
  }

  func set(_ outcome: ProcessOutcome) {
    let waiters = state.withLock { state in
      defer { state = .ended(outcome) }
      if case .running(let waiters) = state { return waiters }
      return []
    }
    for waiter in waiters { waiter.resume(returning: outcome) }
  }
}
