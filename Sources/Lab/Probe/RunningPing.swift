import Glibc
import Netlink
import NetworkTypes

/// Echo requests that go on while something changes: how many were lost, and how long nothing came back.
struct RunningPing: Sendable {
  /// Milliseconds from one request to the next.
  static let interval = 10

  private let process: NamespaceProcess

  /// Starts to ask an address from a namespace, at most for two minutes.
  init(_ address: IPAddress, from namespace: NetworkNamespace) async throws {
    process = try await NamespaceProcess.start(
      ProcessCommand("ping", ["-n", "-D", "-i", "0.0\(Self.interval)", "-w", "120", "\(address)"]), in: namespace)
  }

  /// Ends it.
  func stop() async throws -> PingRecord {
    process.signal(SIGINT)
    let outcome = await process.wait()
    guard let record = PingRecord(parsing: outcome.text) else {
      throw LabError("read what ping said", reason: "\(outcome.text.suffix(500)) \(outcome.errorText)")
    }
    return record
  }

  /// Waits until so many requests in a row are answered.
  /// - Returns: whether they were in time.
  static func answers(
    _ count: Int = 1, of address: IPAddress, from namespace: NetworkNamespace, within patience: Duration = .seconds(20)
  ) async throws -> Bool {
    let deadline = ContinuousClock.now + patience
    // ping gives up at once when a router on the way says that there is no way (yet).
    while ContinuousClock.now < deadline {
      let arguments = ["-q", "-n", "-i", "0.02", "-W", "0.5", "-c", "\(count)", "\(address)"]
      let outcome = try await NamespaceProcess.run(ProcessCommand("ping", arguments), in: namespace)
      if let record = PingRecord(parsing: outcome.text), record.received == count { return true }
    }
    return false
  }
}

/// What ping(8) said with `-D`.
struct PingRecord: Sendable, Hashable {
  var sent: Int
  var received: Int
  /// How many were not answered before the last that was. What is still under way at the end is not lost.
  var lost: Int
  /// The longest time between two answers, in milliseconds.
  var longestGap: Int

  /// How long nothing came back, in milliseconds: what the longest gap is more than usual.
  var outage: Int { max(0, longestGap - RunningPing.interval) }

  /// Nil when there is no summary in it.
  init?(parsing text: String) {
    let lines = text.split(separator: "\n")
    guard let summary = lines.first(where: { $0.contains(" packets transmitted, ") }) else { return nil }
    let numbers = summary.split(separator: " ").compactMap { Int($0) }
    guard numbers.count >= 2 else { return nil }
    (sent, received) = (numbers[0], numbers[1])
    let answers = lines.filter { $0.contains(" bytes from ") }
    let last = answers.last?.firstRange(of: "icmp_seq=").flatMap { range in
      answers.last.flatMap { Int($0[range.upperBound...].prefix { $0.isNumber }) }
    }
    lost = max(0, (last ?? 0) - answers.count)
    let times = answers.compactMap { Double($0.dropFirst().prefix { $0 != "]" }) }
    longestGap = Int((zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? 0) * 1000)
  }
}
