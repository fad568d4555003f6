import KubernetesModel
import NetworkAnnotations

/// Allocations as the operator writes them into the annotations of pods: fed with the pods of this node, it answers at once
/// when the annotation is there and waits for it, with a bound, when it is not.
public actor PodAllocations: AllocationSource {
  private let patience: Duration
  private var pods: [NamespacedName: Entry] = [:]
  private var waiters: [NamespacedName: [Int: CheckedContinuation<Void, Never>]] = [:]
  private var nextWaiter = 0

  private var isSynced = false

  private struct Entry {
    let uid: String?
    let annotations: [String: String]
    /// What the annotation says; nil without it.
    let allocations: Result<[Allocation], any Error>?

    /// Of a pod as it is after it was otherwise: what is the same is not read again.
    init(_ pod: Pod, after earlier: Entry?) {
      uid = pod.metadata.uid
      annotations = (pod.metadata.annotations ?? [:]).filter { Self.kept.contains($0.key) }
      let text = annotations[PodAnnotation.allocations]
      if let earlier, earlier.annotations[PodAnnotation.allocations] == text {
        allocations = earlier.allocations
      } else {
        allocations = text.map { text in Result { try Allocation.list(parsing: text) } }
      }
    }

    private static let kept: Set = [
      PodAnnotation.allocations, PodAnnotation.networks, PodAnnotation.defaultNetwork, PodAnnotation.networkStatus,
    ]
  }

  /// - Parameter patience: how long an allocation is waited for.
  public init(patience: Duration = .seconds(10)) {
    self.patience = patience
  }

  /// The pod was seen, new or changed.
  public func update(_ pod: Pod) {
    let name = pod.metadata.namespacedName
    pods[name] = Entry(pod, after: pods[name])
    wake(name)
  }

  /// The pod is gone.
  public func remove(_ name: NamespacedName) { pods[name] = nil }

  /// All pods of the node have been seen.
  public func synced() { isSynced = true }

  public func obstacle() -> String? {
    isSynced ? nil : "the pods of this node have not been read from the API server yet: see the agent's log"
  }

  public func allocation(
    for pod: PodIdentity, network: NetworkReference, interface: String
  ) async throws -> Allocation {
    try await value(of: pod, "\(interface) on \(network)") { entry in
      do {
        return try entry.allocations?.get().first { $0.network == network && $0.interface == interface }
      } catch {
        throw AllocationError(pod, "\(error)")
      }
    }
  }

  public func uid(of pod: PodIdentity) -> String? {
    pod.uid ?? pods[NamespacedName(namespace: pod.namespace, name: pod.name)]?.uid
  }

  /// The pod's annotations and its uid, as soon as the pod is seen on this node; waits for that with the same bound.
  public func annotations(of pod: PodIdentity) async throws -> (uid: String?, annotations: [String: String]) {
    try await value(of: pod, "its networks") { ($0.uid, $0.annotations) }
  }

  /// What `read` finds in the annotations of a pod, as soon as it finds something.
  private func value<Value: Sendable>(
    of pod: PodIdentity, _ subject: String, _ read: (Entry) throws -> Value?
  ) async throws -> Value {
    let name = NamespacedName(namespace: pod.namespace, name: pod.name)
    let deadline = ContinuousClock.now + patience
    while true {
      // A pod of the same name with another uid is an earlier or a later one.
      if let entry = pods[name], pod.uid == nil || entry.uid == pod.uid, let value = try read(entry) {
        return value
      }
      guard await changed(name, before: deadline) else {
        throw AllocationError(
          pod,
          "\(missing(name, pod)) for \(subject) within \(patience): see whether the netloom operator runs "
            + "and `kubectl describe pod` for its events", isTemporary: true)
      }
    }
  }

  private func missing(_ name: NamespacedName, _ pod: PodIdentity) -> String {
    guard let entry = pods[name] else { return "the pod was not seen on this node" }
    if let uid = pod.uid, entry.uid != uid { return "the pod on this node has uid \(entry.uid ?? "none"), not \(uid)" }
    return entry.allocations == nil
      ? "the annotation \(PodAnnotation.allocations) was not written" : "the annotation has no entry"
  }

  /// Whether the pod changed before the deadline.
  private func changed(_ name: NamespacedName, before deadline: ContinuousClock.Instant) async -> Bool {
    guard ContinuousClock.now < deadline, !Task.isCancelled else { return false }
    let waiter = nextWaiter
    nextWaiter += 1
    let timeout = Task {
      do { try await Task.sleep(until: deadline) } catch { return }
      giveUp(waiter, on: name)
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiters[name, default: [:]][waiter] = $0 }
    } onCancel: {
      Task { await giveUp(waiter, on: name) }
    }
    timeout.cancel()
    return ContinuousClock.now < deadline && !Task.isCancelled
  }

  private func giveUp(_ waiter: Int, on name: NamespacedName) {
    waiters[name]?.removeValue(forKey: waiter)?.resume()
    if waiters[name]?.isEmpty == true { waiters[name] = nil }
  }

  private func wake(_ name: NamespacedName) {
    for waiter in (waiters.removeValue(forKey: name) ?? [:]).values { waiter.resume() }
  }
}
