import Compiler
import KubernetesModel
import Logging
import Metrics

/// What the operator finds wrong with itself, all the time: pods when they change, everything once a minute.
///
/// Told as gauge `netloom_invariant_violations{role="operator",check}`, which must read 0, and each violation once in the
/// log and as an event.
struct InvariantReport {
  /// How often everything is compared with everything.
  static let interval: Duration = .seconds(60)
  /// How long after the start for the first time: until then there is more urgent work.
  static let rest: Duration = .seconds(1)

  private var ofPods: [NamespacedName: [InvariantViolation]] = [:]
  private var ofAll: [InvariantViolation] = []
  private var told: Set<InvariantViolation> = []
  /// When everything is to be compared next; nil: before the first `check`, when nothing is known yet.
  private(set) var nextFull: Duration?
  private let gauges = InvariantViolation.Check.allCases.map { check in
    (
      check,
      Gauge(label: "netloom_invariant_violations", dimensions: [("role", "operator"), ("check", check.rawValue)])
    )
  }
  private let logger: Logger

  init(logger: Logger) {
    self.logger = logger
    for (_, gauge) in gauges { gauge.record(0) }
  }

  /// Compares what has changed, or everything when that is due.
  ///
  /// - Returns: what is wrong and was not a moment ago.
  mutating func check(_ compiler: Compiler, changed pods: Set<NamespacedName>, at time: Moment) -> [InvariantViolation]
  {
    guard let due = nextFull else {
      nextFull = time.elapsed + Self.rest
      return []
    }
    let isFull = time.elapsed >= due
    guard isFull || !pods.isEmpty else { return [] }
    if isFull {
      nextFull = time.elapsed + Self.interval
      ofPods = [:]
      ofAll = compiler.violations()
    } else {
      for pod in pods {
        let id = WorldID(.pod, pod)
        ofAll.removeAll { $0.subject == id }
        let violations = compiler.violations(of: pod)
        ofPods[pod] = violations.isEmpty ? nil : violations
      }
    }
    let now = Set(ofAll).union(ofPods.values.joined())
    for (check, gauge) in gauges { gauge.record(now.count { $0.check == check }) }
    defer { told = now }
    let news = now.subtracting(told).sorted { $0.message < $1.message }
    for violation in news {
      logger.error(
        "an invariant does not hold", metadata: ["check": "\(violation.check)", "problem": "\(violation.message)"])
    }
    return news
  }
}

/// The gauges `netloom_subnet_addresses{subnet,state}`.
struct AddressGauges {
  private var gauges: [NamespacedName: [String: Gauge]] = [:]

  /// Sets the gauges of subnets of which addresses have moved.
  mutating func update(_ subnets: Set<NamespacedName>, from compiler: Compiler, at time: Moment) {
    for subnet in subnets {
      guard let counts = compiler.addressCounts(of: subnet, at: time) else {
        for gauge in gauges.removeValue(forKey: subnet)?.values ?? [:].values { gauge.destroy() }
        continue
      }
      for (state, count) in counts {
        let gauge =
          gauges[subnet]?[state]
          ?? Gauge(label: "netloom_subnet_addresses", dimensions: [("subnet", "\(subnet)"), ("state", state)])
        gauges[subnet, default: [:]][state] = gauge
        gauge.record(count)
      }
    }
  }
}
