import Logging
import Metrics
import OVNModel
import OVSDB
import OpenFlow

/// Counts on this node what policies let pass and drop: metrics `netloom_policy_packets_total` and
/// `netloom_policy_bytes_total`, with labels `namespace`, `policy`, `direction` and `action`.
///
/// The switch counts by itself. It is looked at when somebody wants to know, and OVN's southbound database is asked only
/// whose flows those are that were not there before. Both count from the agent's start on.
public actor PolicyCounters {
  /// Where it looks.
  struct Sources: Sendable {
    /// The flows by which OVN decides on this node.
    var flows: @Sendable () async throws -> [FlowStatistics]
    /// What flows decide for policies, by their cookies: of all nodes.
    var verdicts: @Sendable () async throws -> [UInt64: PolicyVerdict]
  }

  private let logger: Logger
  private var sources: Sources?
  private var ledger = PolicyLedger()
  private var lastLook: ContinuousClock.Instant?
  /// What the flows decide that were there at the last look; nil: nothing for a policy.
  private var verdicts: [UInt64: PolicyVerdict?] = [:]
  private var look: Task<Void, Never>?
  private var isFailing = false

  public init(logger: Logger) { self.logger = logger }

  /// Begins to count.
  func begin(_ sources: Sources) async {
    self.sources = sources
    await collect()
  }

  /// Brings the metrics up to date. What keeps it from that is logged, and counted in `netloom_policy_read_failures_total`.
  @Sendable public func collect() async {
    if let look { return await look.value }
    guard let sources else { return }
    let look = Task {
      do {
        try await count(sources)
        isFailing = false
      } catch {
        Counter(label: "netloom_policy_read_failures_total").increment()
        if !isFailing { logger.warning("policies are not counted", metadata: ["error": "\(error)"]) }
        isFailing = true
      }
    }
    self.look = look
    await look.value
    self.look = nil
  }

  private func count(_ sources: Sources) async throws {
    let clock = ContinuousClock()
    let pause = lastLook.map { clock.now - $0 }
    let flows = try await sources.flows().filter { PolicyVerdict.flowPriorities.contains(Int($0.flow.priority)) }
    let now = clock.now
    let cookies = Set(flows.map(\.flow.cookie))
    let strangers = pause == nil ? [] : cookies.subtracting(verdicts.keys)
    if !strangers.isEmpty {
      let found = try await sources.verdicts()
      for cookie in strangers { verdicts.updateValue(found[cookie], forKey: cookie) }
    }
    verdicts = verdicts.filter { cookies.contains($0.key) }
    lastLook = now
    for (cookie, use) in ledger.look(at: flows, after: pause) {
      guard let verdict = verdicts[cookie] ?? nil else { continue }
      Counter(label: "netloom_policy_packets_total", dimensions: verdict.labels).increment(by: use.packets)
      Counter(label: "netloom_policy_bytes_total", dimensions: verdict.labels).increment(by: use.bytes)
    }
  }
}

extension PolicyVerdict {
  fileprivate var labels: [(String, String)] {
    [
      ("namespace", namespace), ("policy", policy ?? ""), ("direction", direction.rawValue),
      ("action", action.rawValue),
    ]
  }
}

extension Southbound {
  /// What flows decide for policies, by their cookies: the first 32 bits of the logical flow's id (ovn-architecture(7)).
  @Sendable func policyVerdicts() async throws -> [UInt64: PolicyVerdict] {
    let priorities = PolicyVerdict.flowPriorities
    let rows = try await answers(to: [
      .select(
        table: "Logical_Flow",
        where: [
          Condition("priority", .atLeast, priorities.lowerBound), Condition("priority", .atMost, priorities.upperBound),
        ], columns: ["_uuid", "external_ids", "priority", "match"])
    ])
    return rows[0].reduce(into: [:]) { verdicts, row in
      guard let stage = row["external_ids"].flatMap({ [String: String](datum: $0) })?["stage-name"],
        let priority = row["priority"].flatMap({ Int(datum: $0) }),
        let match = row["match"].flatMap({ String(datum: $0) }),
        let verdict = PolicyVerdict(stage: stage, priority: priority, match: match)
      else { return }
      verdicts[UInt64(row.id.rawValue >> 96)] = verdict
    }
  }
}
