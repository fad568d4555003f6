import AsyncHTTPClient

/// What the operator and the agents of a cluster find wrong with it.
public struct InvariantReading: Sendable, Hashable {
  /// How many checks are told of: series of the metric `netloom_invariant_violations`.
  public var checks = 0
  /// What must not be, a line each; also a part that tells of no check.
  public var violations: [String] = []

  /// Takes in what a part answers.
  mutating func add(_ part: String, metrics: String) {
    let series = metrics.split(separator: "\n").filter { $0.hasPrefix("netloom_invariant_violations{") }
    checks += series.count
    violations += series.filter { !$0.hasSuffix("} 0") }.map { "\(part): \($0)" }
    if series.isEmpty { violations.append("\(part): no series of netloom_invariant_violations") }
  }

  /// Takes in what an agent finds right now.
  mutating func add(_ part: String, deviations: String) {
    violations += deviations.split(separator: "\n").map { "\(part): \($0)" }
  }
}

extension LabCluster {
  /// Asks the operator and every agent, which all must run, what is wrong.
  public func invariants() async throws -> InvariantReading {
    var reading = InvariantReading()
    for part in parts {
      switch part {
      case .operator: reading.add("\(part)", metrics: try await page("metrics", of: part))
      case .agent:
        reading.add("\(part)", metrics: try await page("metrics", of: part))
        reading.add("\(part)", deviations: try await page("invariants", of: part))
      case .apiServer, .node: continue
      }
    }
    return reading
  }

  /// Asks until nothing is wrong, at most for some time: nothing tells when an agent has heard what a test already knows.
  public func settledInvariants(patience: Duration = .seconds(3)) async throws -> InvariantReading {
    let deadline = ContinuousClock.now + patience
    while true {
      let reading = try await invariants()
      if reading.violations.isEmpty || .now >= deadline { return reading }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// A page that a part serves: "metrics".
  func page(_ path: String, of part: Part) async throws -> String {
    let socket = metricsSocket(of: part).split(separator: "/", omittingEmptySubsequences: false).joined(
      separator: "%2F")
    do {
      let request = HTTPClientRequest(url: "http+unix://\(socket)/\(path)")
      let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
      let text = String(buffer: try await response.body.collect(upTo: 1 << 22))
      guard response.status == .ok else { throw LabError("read /\(path) of \(part)", reason: text) }
      return text
    } catch let error as HTTPClientError {
      throw LabError("read /\(path) of \(part)", reason: "\(error)")
    }
  }
}
