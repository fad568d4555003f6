import NetworkAnnotations

/// Where the agent learns what the operator assigned to a pod's interface.
public protocol AllocationSource: Sendable {
  /// The allocation for the interface `interface` on `network`. Waits for one that is expected to come; fails with
  /// ``AllocationError`` when it does not.
  func allocation(for pod: PodIdentity, network: NetworkReference, interface: String) async throws -> Allocation

  /// The same for interfaces that are there already: without what is done before addresses are used for the first time.
  nonisolated var forInterfacesInUse: any AllocationSource { get }

  /// The uid of a pod that has an allocation, also where the runtime does not tell it; nil when nobody knows.
  func uid(of pod: PodIdentity) async -> String?

  /// Why no allocation can be told now, in words; nil when nothing stands in the way.
  func obstacle() async -> String?
}

extension AllocationSource {
  public nonisolated var forInterfacesInUse: any AllocationSource { self }

  public func uid(of pod: PodIdentity) async -> String? { pod.uid }

  public func obstacle() async -> String? { nil }
}

/// Where the agent learns whether networks have addresses left.
public protocol PoolReport: Sendable {
  /// Why no further interface could get an address on the network, in words; nil when it could, or when that is not known.
  func shortage(of network: NetworkReference) async -> String?
}

/// Why there is no allocation.
public struct AllocationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Whether it may come yet.
  public var isTemporary: Bool
  public var pod: PodIdentity
  public var reason: String

  public init(_ pod: PodIdentity, _ reason: String, isTemporary: Bool = false) {
    self.isTemporary = isTemporary
    self.pod = pod
    self.reason = reason
  }

  public var description: String { "no allocation for pod \(pod.namespace)/\(pod.name): \(reason)" }
}

/// Allocations that are known beforehand, for machines without an operator and for tests.
public struct StaticAllocations: AllocationSource {
  private let allocations: [Key: [Allocation]]

  private struct Key: Hashable {
    var namespace: String
    var name: String
  }

  /// By pod, as namespace and name.
  public init(_ allocations: [(namespace: String, name: String, allocations: [Allocation])]) {
    self.allocations = Dictionary(
      allocations.map { (Key(namespace: $0.namespace, name: $0.name), $0.allocations) }, uniquingKeysWith: +)
  }

  public func allocation(
    for pod: PodIdentity, network: NetworkReference, interface: String
  ) async throws -> Allocation {
    let candidates = allocations[Key(namespace: pod.namespace, name: pod.name)] ?? []
    guard let match = candidates.first(where: { $0.network == network && $0.interface == interface }) else {
      throw AllocationError(pod, "none is known for \(interface) on \(network)")
    }
    return match
  }
}
