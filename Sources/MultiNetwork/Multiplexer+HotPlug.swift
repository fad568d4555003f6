import CNI
import JSON
import NetworkAnnotations

/// What became of bringing a running sandbox to what its pod asks for.
public struct HotPlugReport: Sendable, Hashable {
  /// What was changed, in words.
  public var changes: [String] = []
  /// What cannot be changed while the pod runs.
  public var refusals: [LiveRefusal] = []
  /// What did not succeed, and may when it is tried again.
  public var failures: [CNIError] = []

  /// Nothing happened.
  public init() {}

  /// Adds what became of another sandbox of the pod.
  public mutating func add(_ other: HotPlugReport) {
    changes += other.changes
    refusals += other.refusals
    failures += other.failures
  }
}

extension Multiplexer {
  /// The sandboxes that were made for a pod; those that cannot be read are passed over.
  public func sandboxes(of pod: PodRequest) -> [AttachmentKey] {
    parts.state.all().sandboxes.filter { $0.isOf(pod) }.map(\.key)
  }

  /// Whether the sandbox is still there.
  public func knows(_ key: AttachmentKey) -> Bool {
    do throws(CNIError) { return try parts.state.load(key) != nil } catch { return true }
  }

  /// Brings a running sandbox to what its pod asks for now: networks that it no longer names are detached, further ones are
  /// attached, and what stays is brought up to date where it can be. The default network stays as it is. One failure does not
  /// stop the rest.
  ///
  /// A sandbox whose ADD has not succeeded is left to the runtime.
  ///
  /// - Parameter isReady: whether an attachment has what it needs of the operator; others are left as they are.
  /// - Throws: when nothing could be done, because what is attached is not known, or the pod asks in a wrong way.
  public func adapt(
    _ key: AttachmentKey, to pod: PodRequest, isReady: @escaping @Sendable (Delegate) -> Bool
  ) async throws(CNIError) -> HotPlugReport {
    try await sandboxes.withLock(key.containerID) { () async throws(CNIError) in
      guard let sandbox = try parts.state.load(key), !sandbox.results.isEmpty,
        sandbox.results.count == sandbox.delegates.count
      else { return HotPlugReport() }
      var change = SandboxChange(sandbox: sandbox, multiplexer: self)
      do {
        let wanted = try await wanted(of: sandbox, pod)
        try await change.perform(HotPlug(recorded: sandbox.attached, wanted: wanted), isReady)
      } catch {
        throw error as? CNIError ?? CNIError("cannot bring the pod to what it asks for", error)
      }
      if change.isStatusStale { await parts.cluster.publish(try change.status(), of: pod) }
      return change.report
    }
  }

  private func wanted(of sandbox: Sandbox, _ pod: PodRequest) async throws -> [HotPlug.Wanted] {
    let configuration = try sandbox.multiplexer.map { json throws(CNIError) in
      try MultiplexerConfiguration(NetworkConfiguration(json: json))
    }
    let (requested, plan) = try await plan(of: pod, configuration ?? MultiplexerConfiguration())
    return try plan.wanted(of: sandbox, requested)
  }
}

/// A sandbox that is being changed: every step is written down, so that whoever is killed in between can go on.
private struct SandboxChange {
  var sandbox: Sandbox
  let multiplexer: Multiplexer
  var report = HotPlugReport()
  var isStatusStale = false

  mutating func perform(_ plan: HotPlug, _ isReady: (Delegate) -> Bool) async throws {
    report.refusals = plan.refusals
    report.failures = plan.failures
    for delegate in plan.detach.reversed() { try await attempt(delegate) { try await $0.detach(delegate) } }
    // A name that could not be freed is taken.
    for delegate in plan.attach where isReady(delegate) && position(of: delegate) == nil {
      try await attempt(delegate) { try await $0.attach(delegate) }
    }
    for delegate in plan.keep where isReady(delegate) && delegate.isNative {
      try await attempt(delegate) { try await $0.update(delegate) }
    }
  }

  func status() throws(CNIError) -> [NetworkStatus] {
    var results: [CNIResult] = []
    for json in sandbox.results { results.append(json.isNull ? CNIResult() : try CNIResult(json: json)) }
    var finished = sandbox
    finished.delegates = sandbox.attached.filter(\.isFinished).map(\.delegate)
    results = zip(results, sandbox.attached).filter(\.1.isFinished).map(\.0)
    return finished.status(results, multiplexer.logger)
  }

  private mutating func attempt(
    _ delegate: Delegate, _ body: (inout SandboxChange) async throws -> Void
  ) async throws {
    do { try await body(&self) } catch let error as CNIError where error.code != .ioFailure {
      report.failures.append(error)
    }
  }

  private func position(of delegate: Delegate) -> Int? {
    sandbox.delegates.firstIndex { $0.interface == delegate.interface }
  }

  private func save() throws(CNIError) { try multiplexer.parts.state.save(sandbox) }

  private mutating func detach(_ delegate: Delegate) async throws {
    guard let position = position(of: delegate) else { return }
    var part = sandbox
    part.delegates = [delegate]
    if let failure = CNIError(combining: await multiplexer.delegation.delete(part).failures) { throw failure }
    sandbox.delegates.remove(at: position)
    sandbox.results.remove(at: position)
    try save()
    isStatusStale = true
    report.changes.append("detached \(delegate.interface) from \(delegate.network)")
  }

  private mutating func attach(_ delegate: Delegate) async throws {
    sandbox.delegates.append(delegate)
    sandbox.results.append(.null)
    try save()
    var part = sandbox
    part.delegates = [delegate]
    do {
      var attempted = 0
      let results = try await multiplexer.delegation.add(part, attempted: &attempted)
      sandbox.results[sandbox.results.count - 1] = results[0].json(version: .latest)
      try save()
    } catch {
      if await multiplexer.delegation.delete(part).failures.isEmpty {
        sandbox.delegates.removeLast()
        sandbox.results.removeLast()
        try save()
      }
      throw error
    }
    isStatusStale = true
    report.changes.append("attached \(delegate.interface) to \(delegate.network)")
  }

  private mutating func update(_ delegate: Delegate) async throws {
    guard let position = position(of: delegate) else { return }
    let before = (sandbox.delegates[position], sandbox.results[position])
    let recorded = try CNIResult(json: before.1)
    let update = try await multiplexer.parts.native.update(delegate.nativeCall(of: sandbox), recorded: recorded)
    report.refusals += update.refusals
    report.changes += update.changes
    var result = update.result
    // The pod's default route is where the pod asked for it, and not in an update.
    result.routes.removeAll { $0.destination.prefixLength == 0 }
    result.routes += recorded.routes.filter { $0.destination.prefixLength == 0 }
    sandbox.delegates[position] = delegate
    sandbox.results[position] = result.json(version: .latest)
    guard before != (sandbox.delegates[position], sandbox.results[position]) else { return }
    try save()
    isStatusStale = isStatusStale || before.1 != sandbox.results[position]
  }
}

extension Sandbox {
  /// Older runtimes do not tell the pod's uid.
  fileprivate func isOf(_ pod: PodRequest) -> Bool {
    arguments["K8S_POD_NAMESPACE"] == pod.namespace && arguments["K8S_POD_NAME"] == pod.name
      && arguments["K8S_POD_UID"].map { $0 == pod.uid } ?? true
  }

  /// The delegates beside the default network's, each with whether its ADD has succeeded.
  var attached: [HotPlug.Attached] {
    zip(delegates, results).map { HotPlug.Attached(delegate: $0, isFinished: !$1.isNull) }
  }
}

extension Delegate {
  /// Whether the attachment is of the plugin `netloom`, and of nothing else.
  public var isNative: Bool {
    do { return try list().isNative } catch { return false }
  }
}
