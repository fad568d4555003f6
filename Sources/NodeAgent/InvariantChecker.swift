import ControllerRuntime
import KubernetesModel
import Logging
import Metrics
import Netlink
import NetworkAnnotations
import OpenVSwitchEngine
import Synchronization

/// Compares all ports, interfaces and allocations of the node with its live pods and sandboxes, and tells of what must not
/// be: by the gauge `netloom_invariant_violations{role="agent",check=...}`, which is 0 on a sound node, and in the log. It
/// changes nothing.
final class InvariantChecker: Reconciler {
  let openVSwitch: OpenVSwitchEngine
  /// The node's network namespace; nil: the process's own.
  let host: NetworkNamespace?
  /// The pods of this node.
  let pods: @Sendable () -> [Pod]
  /// The containers that a call is under way for.
  let busy: @Sendable () async -> Set<String>
  /// Whether interfaces on the network have ports.
  let isNative: @Sendable (NetworkReference) -> Bool
  let logger: Logger
  private let gauges: [InvariantCheck: Gauge]
  private let history: Mutex<InvariantHistory>

  /// The longest time between two looks.
  static let period = Duration.seconds(60)
  /// How long after a change is looked, so that many changes are looked at once.
  static let delay = Duration.seconds(2)

  /// - Parameter patience: how long something must stand to count: longer than any ADD takes.
  init(
    openVSwitch: OpenVSwitchEngine, host: NetworkNamespace?, pods: @escaping @Sendable () -> [Pod],
    busy: @escaping @Sendable () async -> Set<String>,
    isNative: @escaping @Sendable (NetworkReference) -> Bool, patience: Duration = .seconds(20),
    metrics: any MetricsFactory = MetricsSystem.factory, logger: Logger
  ) {
    self.openVSwitch = openVSwitch
    self.host = host
    self.pods = pods
    self.busy = busy
    self.isNative = isNative
    self.logger = logger
    history = Mutex(InvariantHistory(patience: patience))
    gauges = Dictionary(
      uniqueKeysWithValues: InvariantCheck.allCases.map { check in
        let dimensions = [("role", "agent"), ("check", check.rawValue)]
        let gauge = Gauge(label: "netloom_invariant_violations", dimensions: dimensions, factory: metrics)
        gauge.record(0)
        return (check, gauge)
      })
  }

  /// The key is the node's name: there is one unit of work.
  func reconcile(_ node: String) async throws -> ReconcileResult {
    let found: Set<InvariantViolation>
    do {
      found = try await violations()
    } catch let error as OpenVSwitchError where error.code == .unreachable {
      // What the switch held last is not what it holds now; its return is an event.
      return .requeue(after: Self.period)
    }
    let (counted, new, next) = history.withLock { $0.observe(found, at: .now) }
    for (check, gauge) in gauges { gauge.record(counted.count { $0.check == check }) }
    for violation in new.sorted(by: { $0.subject < $1.subject }) {
      logger.error(
        "the node is not as it must be",
        metadata: ["check": "\(violation.check.rawValue)", "subject": "\(violation.subject)"])
    }
    // Reading everything leaves as much garbage as the agent has memory, and the allocator keeps it.
    ProcessMemory.giveBack()
    return .requeue(after: min(Self.period, next ?? Self.period))
  }

  /// What deviates now, also what may be on its way to being right, with how long it is known to stand.
  func inspect() async throws -> [(violation: InvariantViolation, age: Duration)] {
    let found = try await violations()
    return history.withLock { $0.ages(of: found, at: .now) }
  }

  private func violations() async throws -> Set<InvariantViolation> {
    let inventory = try await inventory()
    let busy = await busy()
    let violations = inventory.violations().filter { $0.container.map { !busy.contains($0) } ?? true }
    return violations.filter { $0.network.map(isNative) ?? true }
  }

  private func inventory() async throws -> InvariantInventory {
    InvariantInventory(
      ports: try await openVSwitch.podPorts().map { name, port in
        .init(name: name, port) { NetworkNamespace.exists(path: $0) }
      },
      devices: Set(
        try NetlinkSocket(in: host).links().filter { $0.kind == "veth" && HostEnd.isName($0.name) }.map(\.name)),
      pods: Dictionary(
        pods().map { ($0.metadata.namespacedName, .init($0)) }, uniquingKeysWith: { $1 }))
  }
}

extension NetworkNamespace {
  /// Whether there is one. EINVAL: the file is there, the namespace that was mounted on it is not.
  static func exists(path: String) -> Bool {
    do {
      _ = try open(path: path)
      return true
    } catch {
      return !(error.isNotFound || error.isInvalid)
    }
  }
}

extension HostEnd {
  /// Whether a name has the form of those that ``name(containerID:interface:variant:)`` makes.
  static func isName(_ name: String) -> Bool {
    let characters = name.utf8.dropFirst(2)
    return name.hasPrefix("nl") && characters.count == 13
      && characters.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "2")...UInt8(ascii: "7")).contains($0)
      }
  }
}
