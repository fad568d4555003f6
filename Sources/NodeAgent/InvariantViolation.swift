import NetworkAnnotations

/// What must hold on a node at any time; the value is the label `check` of the metric.
enum InvariantCheck: String, Sendable, CaseIterable {
  /// Every port of ours belongs to a pod of this node that the API server knows.
  case portWithoutPod = "port_without_pod"
  /// Every port of ours belongs to a sandbox whose network namespace exists.
  case portWithoutNamespace = "port_without_namespace"
  /// Every port of ours has its network device.
  case portWithoutInterface = "port_without_interface"
  /// Every port of ours on OVN's bridge is installed by OVN.
  case portNotInstalled = "port_not_installed"
  /// Every device that we made for a pod is a port.
  case interfaceWithoutPort = "interface_without_port"
  /// Every interface that a running pod reports on a network of ours has its port.
  case missingPort = "missing_port"
  /// No two interfaces have one address on one network or VLAN.
  case duplicateAddress = "duplicate_address"
  /// No two interfaces have one MAC address on one network or VLAN.
  case duplicateMAC = "duplicate_mac"
}

/// Something on the node that must not be.
struct InvariantViolation: Sendable, Hashable {
  var check: InvariantCheck
  /// What it is about, the same words each time it is found.
  var subject: String
  /// The container whose ADD or DEL, while it is under way, explains it; nil where none can.
  var container: String?
  /// The network whose kind decides whether it is one: only interfaces of the plugin `netloom` have ports.
  var network: NetworkReference?
}

/// What was found so far. What is on its way to being right is wrong for a moment, so only what stands for a while
/// counts.
struct InvariantHistory {
  /// How long something must stand to count.
  let patience: Duration
  private var since: [InvariantViolation: ContinuousClock.Instant] = [:]
  private var counted: Set<InvariantViolation> = []

  init(patience: Duration) { self.patience = patience }

  /// Takes in all that was found in one pass.
  /// - Returns: what counts; what of it did not at the pass before; and how long until something else may count.
  mutating func observe(
    _ found: Set<InvariantViolation>, at now: ContinuousClock.Instant
  ) -> (counted: Set<InvariantViolation>, new: Set<InvariantViolation>, next: Duration?) {
    let before = counted
    note(found, at: now)
    counted = Set(since.filter { now - $0.value >= patience }.keys)
    let next = since.values.filter { now - $0 < patience }.min().map { patience - (now - $0) }
    return (counted, counted.subtracting(before), next)
  }

  /// Takes in what was found by who asked, without deciding what counts.
  /// - Returns: how long each is known to stand, sorted by what it is about.
  mutating func ages(
    of found: Set<InvariantViolation>, at now: ContinuousClock.Instant
  ) -> [(violation: InvariantViolation, age: Duration)] {
    note(found, at: now)
    return found.sorted { $0.subject < $1.subject }.map { ($0, now - (since[$0] ?? now)) }
  }

  private mutating func note(_ found: Set<InvariantViolation>, at now: ContinuousClock.Instant) {
    since = since.filter { found.contains($0.key) }
    for violation in found where since[violation] == nil { since[violation] = now }
  }
}
