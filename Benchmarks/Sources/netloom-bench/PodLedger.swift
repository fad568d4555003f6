import KubernetesClient
import KubernetesModel
import NetworkAnnotations
import NetworkTypes

/// What a watch tells of the pods and their addresses.
actor PodLedger {
  /// A pod that there is.
  struct Entry {
    var uid: String?
    var allocations: [Allocation]
  }

  private let networks: Int
  private(set) var pods: [String: Entry] = [:]
  /// The pods that have an address on each network.
  private(set) var settled = 0
  /// How often pods were changed by anybody after they were made.
  private(set) var changes = 0
  private var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
  private var nextListener = 0

  /// - Parameter networks: how many a pod joins.
  init(networks: Int) { self.networks = networks }

  /// Follows the pods of a namespace that has none, until the task is cancelled.
  func follow(_ client: KubernetesClient, namespace: String) async throws {
    let resource = client.resource(Pod.self)
    var version = try await resource.list(namespace: namespace).resourceVersion
    while !Task.isCancelled {
      for try await event in try await resource.watch(namespace: namespace, from: version) {
        switch event {
        case .added(let pod):
          try put(pod)
          version = pod.metadata.resourceVersion ?? version
        case .modified(let pod):
          changes += 1
          try put(pod)
          version = pod.metadata.resourceVersion ?? version
        case .deleted(let pod):
          set(nil, pod.metadata.name)
          version = pod.metadata.resourceVersion ?? version
        case .bookmark(let newest): version = newest
        case .undecodable(let object, _): throw BenchmarkError("a pod cannot be read: \(object.problem)")
        }
        for listener in listeners.values { listener.yield() }
      }
    }
  }

  private func put(_ pod: Pod) throws {
    let text = pod.metadata.annotations?[PodAnnotation.allocations]
    set(
      Entry(uid: pod.metadata.uid, allocations: try text.map { try Allocation.list(parsing: $0) } ?? []),
      pod.metadata.name)
  }

  private func set(_ entry: Entry?, _ name: String) {
    if pods[name].map(isSettled) == true { settled -= 1 }
    if entry.map(isSettled) == true { settled += 1 }
    pods[name] = entry
  }

  private func isSettled(_ entry: Entry) -> Bool { entry.allocations.count { !$0.ips.isEmpty } == networks }

  /// Waits until so many pods have all their addresses, and there are no others.
  func waitUntilSettled(_ count: Int, timeout: Duration = .seconds(120)) async throws {
    let (news, listener) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let number = nextListener
    nextListener += 1
    listeners[number] = listener
    defer { listeners[number] = nil }
    let limit = Task {
      try await Task.sleep(for: timeout)
      listener.finish()
    }
    defer { limit.cancel() }
    if settled == count, pods.count == count { return }
    for await _ in news where settled == count && pods.count == count { return }
    try Task.checkCancellation()
    throw BenchmarkError("of \(pods.count) pods only \(settled) have their addresses after \(timeout), not \(count)")
  }

  /// Every address that several pods have.
  func duplicates() -> [String] {
    var holders: [String: [String]] = [:]
    for (name, entry) in pods {
      for allocation in entry.allocations {
        for ip in allocation.ips { holders["\(allocation.network) \(ip.address)", default: []].append(name) }
      }
    }
    return holders.filter { $0.value.count > 1 }.map { "\($0.key): \($0.value.sorted().joined(separator: ", "))" }
  }
}
