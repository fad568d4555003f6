import KubernetesModel
import Logging
import NetworkAnnotations
import NetworkTypes

/// Allocations whose addresses were looked for on the network before a pod gets them, where the operator asks for that
/// (``Allocation/probe``).
///
/// The probe begins when the allocation is first seen, so that an ADD, which comes later, hardly waits for it. An address
/// that somebody has is written into the pod's annotation `netloom.dev/conflicts`, in one patch for all of the pod's, and
/// ADD fails with "try again later": the operator assigns another address meanwhile. What cannot be probed is used as it
/// is, with a warning: a probe that is impossible must not keep pods from starting.
actor ConflictProbedAllocations: AllocationSource {
  /// The addresses of an allocation that somebody has.
  typealias Probe = @Sendable (Allocation) async throws -> [AddressConflict]
  /// Writes a pod's conflicts where the operator reads them.
  typealias Report = @Sendable (NamespacedName, [AddressConflict]) async throws -> Void

  private let base: any AllocationSource
  private let probe: Probe
  private let report: Report
  private let logger: Logger
  private var runs: [NamespacedName: Run] = [:]

  /// The probe of one pod's allocations, under way or over.
  private struct Run {
    var allocations: Set<Allocation>
    var task: Task<[AddressConflict], Never>
  }

  init(_ base: any AllocationSource, probe: @escaping Probe, report: @escaping Report, logger: Logger) {
    self.base = base
    self.probe = probe
    self.report = report
    self.logger = logger
  }

  nonisolated var forInterfacesInUse: any AllocationSource { base }

  /// The pod was seen, new or changed. One that runs already has its addresses.
  func update(_ pod: Pod) {
    let text = pod.metadata.annotations?[PodAnnotation.allocations]
    guard let text, pod.status?.phase ?? "Pending" == "Pending",
      let allocations = try? Allocation.list(parsing: text)  // ADD tells what is wrong with it
    else { return }
    _ = run(pod.metadata.namespacedName, Set(allocations.filter(\.probe)))
  }

  /// The pod is gone.
  func remove(_ name: NamespacedName) { runs.removeValue(forKey: name)?.task.cancel() }

  func uid(of pod: PodIdentity) async -> String? { await base.uid(of: pod) }

  func allocation(
    for pod: PodIdentity, network: NetworkReference, interface: String
  ) async throws -> Allocation {
    let allocation = try await base.allocation(for: pod, network: network, interface: interface)
    guard allocation.probe else { return allocation }
    let name = NamespacedName(namespace: pod.namespace, name: pod.name)
    let conflicts = await run(name, [allocation])?.value ?? []
    let ours = conflicts.filter { conflict in allocation.ips.contains { $0.address == conflict.address } }
    guard let conflict = ours.first else { return allocation }
    // Another attempt with the same addresses looks again: the holder may be gone.
    remove(name)
    throw AllocationError(pod, conflict.explanation(network), isTemporary: true)
  }

  /// The run that includes the allocations; begun if there is none.
  private func run(_ pod: NamespacedName, _ allocations: Set<Allocation>) -> Task<[AddressConflict], Never>? {
    if let run = runs[pod], allocations.isSubset(of: run.allocations) { return run.task }
    guard !allocations.isEmpty else { return nil }
    runs.removeValue(forKey: pod)?.task.cancel()
    let task = Task { await look(pod, allocations) }
    runs[pod] = Run(allocations: allocations, task: task)
    return task
  }

  private func look(_ pod: NamespacedName, _ allocations: Set<Allocation>) async -> [AddressConflict] {
    let conflicts = await withTaskGroup(of: [AddressConflict].self) { tasks in
      for allocation in allocations { tasks.addTask { await self.look(pod, allocation) } }
      var conflicts: [AddressConflict] = []
      for await found in tasks { conflicts += found }
      return conflicts.sorted { $0.address < $1.address }
    }
    guard !conflicts.isEmpty, !Task.isCancelled else { return conflicts }
    do {
      try await report(pod, conflicts)
    } catch {
      // ADD fails all the same, and the next one looks and reports again.
      logger.error("a conflict could not be reported", metadata: ["pod": "\(pod)", "error": "\(error)"])
    }
    return conflicts
  }

  private func look(_ pod: NamespacedName, _ allocation: Allocation) async -> [AddressConflict] {
    do {
      return try await probe(allocation)
    } catch is CancellationError {
      return []
    } catch {
      logger.warning(
        "addresses could not be looked for before their first use",
        metadata: ["pod": "\(pod)", "interface": "\(allocation.interface)", "error": "\(error)"])
      return []
    }
  }
}

extension AddressConflict {
  /// What is wrong and what to do.
  func explanation(_ network: NetworkReference) -> String {
    let holder = mac.map { "the machine with MAC address \($0)" } ?? "a machine"
    let place = vlan.map { "VLAN \($0)" } ?? "the network"
    return "address \(address) on \(place) (\(network)) is in use by \(holder), which Netloom did not attach: another "
      + "address is assigned; take this one from that machine, or add it to \"exclude\" of the Subnet"
  }
}
