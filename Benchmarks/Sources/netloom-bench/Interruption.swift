import Dispatch
import Glibc

/// Runs work in a task that is cancelled by SIGINT or SIGTERM, so that what it made is removed; a second signal ends the
/// process at once.
func untilSignalled<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
  let task = Task { try await work() }
  let sources = [SIGINT, SIGTERM].map { number in
    Glibc.signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      if task.isCancelled { _exit(128 + number) }
      task.cancel()
    }
    source.resume()
    return source
  }
  defer { for source in sources { source.cancel() } }
  return try await task.value
}

/// The number of this process.
enum ProcessID {
  static var current: Int32 { getpid() }
}

/// Removes a file, if it is there.
func removeFile(_ path: String) { unlink(path) }
