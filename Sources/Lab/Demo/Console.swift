import Glibc
import Synchronization

/// What a person watches: numbered steps, sentences, commands with their output, and a line that lives while work is
/// going on. On a terminal the line moves; elsewhere plain lines are printed.
public final class Console: Sendable {
  private let isTerminal: Bool
  private let hasColour: Bool
  private let start = ContinuousClock.now
  private let live = Mutex<String?>(nil)

  /// - Parameter environment: `NO_COLOR` (no-color.org) turns colour off.
  public init(environment: [String: String]) {
    isTerminal = isatty(1) == 1
    hasColour = isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  /// A heading.
  public func step(_ number: Int, _ title: String) {
    print("")
    print(styled("[\(number)] \(title)", "1;36") + styled("  (\(elapsed))", "2"))
  }

  /// A sentence.
  public func say(_ text: String) { print("    \(text)") }

  /// Something that is as it should be.
  public func good(_ text: String) { print("    \(styled("✓", "32")) \(text)") }

  /// Something that is not.
  public func bad(_ text: String) { print("    \(styled("✗ \(text)", "31"))") }

  /// A command that is being run, so that the reader can run it too.
  public func command(_ text: String) { print("    \(styled("$ \(text)", "33"))") }

  /// Lines that a command printed, or a table or drawing of ours.
  public func block(_ lines: [String]) {
    for line in lines { print("      \(line)") }
  }

  /// Runs work with a live line: on a terminal it shows a moving sign and the seconds, and disappears when done.
  public func working<Result: Sendable>(
    _ text: String, _ work: @Sendable () async throws -> Result
  ) async throws -> Result {
    guard isTerminal else {
      say("\(text) ...")
      return try await work()
    }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.animate(text) }
      defer { group.cancelAll() }
      do {
        let result = try await work()
        erase()
        return result
      } catch {
        erase()
        throw error
      }
    }
  }

  /// Seconds since the console was made, for people.
  public var elapsed: String {
    let duration = ContinuousClock.now - start
    let tenths = Int(duration / .milliseconds(100))
    return "\(tenths / 10).\(tenths % 10) s"
  }

  /// The animation's frames are bound to the clock, not to an event: this is what people see move.
  private func animate(_ text: String) async throws {
    let begin = ContinuousClock.now
    for sign in sequence(
      state: 0,
      next: { state -> Character? in
        state += 1
        return Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")[state % 10]
      })
    {
      let seconds = Int((ContinuousClock.now - begin) / .seconds(1))
      live.withLock { $0 = text }
      write("\r\u{1b}[2K    \(styled(String(sign), "36")) \(text)\(seconds > 0 ? " (\(seconds) s)" : "")")
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  private func erase() {
    live.withLock { $0 = nil }
    write("\r\u{1b}[2K")
  }

  private func print(_ line: String) {
    if live.withLock({ $0 }) != nil { write("\r\u{1b}[2K") }
    write(line + "\n")
  }

  private func styled(_ text: String, _ code: String) -> String {
    hasColour ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }

  private func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
