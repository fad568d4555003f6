import KubernetesModel

/// Decides who leads, from what a lease says. No I/O, no clock: local moments and the time of day come in.
///
/// Safe against clocks that differ between machines: how old a lease is is measured on the local clock, from the moment
/// at which its content was last seen to change. `leaseDuration > renewDeadline` makes a leader that cannot renew stop
/// before another may begin.
struct LeaderElectorStateMachine: Sendable {
  /// What to do about a lease that was read.
  enum Decision: Sendable, Hashable {
    /// There is none: create this.
    case create(Lease)
    /// It is free, expired or one's own: write this.
    case replace(Lease)
    /// Another has it.
    case wait
  }

  let configuration: LeaderElection
  /// The lease as it was last read or written.
  private(set) var observed: Lease?
  private var observedAt = Duration.zero
  /// When one's own renewal was last known to succeed; nil when another leads.
  private(set) var renewedAt: Duration?

  init(_ configuration: LeaderElection) { self.configuration = configuration }

  var isLeader: Bool { renewedAt != nil }

  /// Who holds the lease, as far as known.
  var holder: String? { observed?.spec?.holderIdentity.flatMap { $0.isEmpty ? nil : $0 } }

  /// The moment by which a leader must have renewed.
  var renewDeadline: Duration? { renewedAt.map { $0 + configuration.renewDeadline } }

  /// A lease was read, or there is none.
  mutating func read(_ lease: Lease?, now: Duration, time: Timestamp) -> Decision {
    guard let lease else { return .create(claim(nil, time)) }
    if lease.spec != observed?.spec || lease.metadata.uid != observed?.metadata.uid { observedAt = now }
    observed = lease
    if let holder, holder != configuration.identity {
      renewedAt = nil
      let seconds = max(lease.spec?.leaseDurationSeconds ?? 0, 1)
      guard now >= observedAt + .seconds(seconds) else { return .wait }
    }
    return .replace(claim(lease, time))
  }

  /// What a leader writes to renew without reading first; nil for others.
  func renewal(time: Timestamp) -> Lease? { isLeader ? observed.map { claim($0, time) } : nil }

  /// What a leader writes to let go; nil for others.
  func release(time: Timestamp) -> Lease? {
    guard isLeader, var lease = observed else { return nil }
    lease.spec?.holderIdentity = ""
    lease.spec?.leaseDurationSeconds = 1
    lease.spec?.renewTime = time.micro
    return lease
  }

  /// A claim that was begun at `start` was accepted.
  mutating func written(_ lease: Lease, start: Duration) {
    observed = lease
    observedAt = start
    // From the beginning of the request: for others the lease may be that old already.
    renewedAt = start
  }

  /// A renewal failed. False when the time to renew is over: another may lead soon.
  mutating func failed(now: Duration) -> Bool {
    guard let deadline = renewDeadline, now < deadline else {
      renewedAt = nil
      return false
    }
    return true
  }

  /// The lease was let go.
  mutating func released() {
    renewedAt = nil
    observed = nil
  }

  private func claim(_ lease: Lease?, _ time: Timestamp) -> Lease {
    var claim = lease ?? Lease(metadata: ObjectMeta(name: configuration.name, namespace: configuration.namespace))
    let isOwn = lease?.spec?.holderIdentity == configuration.identity
    let before = lease?.spec
    claim.spec = Lease.Spec(
      holderIdentity: configuration.identity,
      leaseDurationSeconds: max(1, Int(configuration.leaseDuration.components.seconds)),
      acquireTime: isOwn ? before?.acquireTime ?? time.micro : time.micro, renewTime: time.micro,
      leaseTransitions: (before?.leaseTransitions ?? 0) + (isOwn || lease == nil ? 0 : 1))
    return claim
  }
}
