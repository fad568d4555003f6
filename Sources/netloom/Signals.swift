import Dispatch
import Glibc

/// Runs work in a task that is cancelled by SIGINT or SIGTERM, so that what it made is cleaned up; a second signal ends
/// the process at once.
/// - Throws: what the work throws; `CancellationError` whatever it throws after a signal.
func untilSignalled<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
  let (starts, start) = AsyncStream.makeStream(of: Void.self)
  let task = Task {
    for await _ in starts {}
    return try await work()
  }
  var sources: [any DispatchSourceSignal] = []
  for number in [SIGINT, SIGTERM] { sources.append(await heeded(number, cancelling: task)) }
  defer { for source in sources { source.cancel() } }
  start.finish()
  do {
    return try await task.value
  } catch {
    // What was interrupted fails with errors of its own: a program that was killed, a request without an answer.
    throw task.isCancelled ? CancellationError() : error
  }
}

/// Has a signal cancel a task; once it returns no signal is lost.
private func heeded<Result: Sendable>(
  _ number: Int32, cancelling task: Task<Result, any Error>
) async -> any DispatchSourceSignal {
  // Before Dispatch puts its own handler there.
  Glibc.signal(number, SIG_IGN)
  let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
  source.setEventHandler {
    if task.isCancelled { _exit(128 + number) }
    task.cancel()
  }
  await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
    source.setRegistrationHandler { continuation.resume() }
    source.resume()
  }
  return source
}
