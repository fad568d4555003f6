import JSON
import KubernetesModel
import NetloomAPI
import NetworkTypes
import Testing

@testable import Lab

/// A namespace of a test's own. When the test is over the namespace is deleted, and the network must be as it was.
struct Tenant: Sendable {
  let cluster: TestCluster
  let namespace: String

  /// Lends a namespace of that name; whatever the body did, nothing of it may be left in the network.
  static func with(_ namespace: String, _ body: (Tenant) async throws -> Void) async throws {
    let cluster = try TestCluster.current()
    let tenant = Tenant(cluster: cluster, namespace: namespace)
    let before = try await NetworkState.take(cluster)
    try await cluster.kubectl("create", "namespace", namespace).succeeded()
    do {
      try await body(tenant)
      try await tenant.expectInvariants("at the end of the test")
    } catch {
      try await tenant.remove()
      throw error
    }
    try await tenant.remove()
    try await NetworkState.expect(before, on: cluster)
    try await tenant.expectInvariants("after everything is gone")
  }

  /// Nobody finds anything wrong, and everybody looks.
  func expectInvariants(_ moment: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let reading = try await cluster.cluster.settledInvariants()
    #expect(reading.violations == [], "\(moment)", sourceLocation: sourceLocation)
  }

  private func remove() async throws {
    try await cluster.kubectl("delete", "namespace", namespace, "--wait=false").succeeded()
    let name = namespace
    try await cluster.objects.wait(for: Namespace.definition, "namespace \(name) is gone") { namespaces in
      !namespaces.contains { $0.name == name }
    }
    for kind in [BridgeDomain.definition, NodeNetwork.definition] {
      try await cluster.objects.wait(for: kind, "every \(kind.kind) is gone") { $0.isEmpty }
    }
    for host in cluster.lab.topology.hosts { try await cluster.waitUntilBridgesAreGone(from: host.name) }
  }

  // MARK: - Declaring

  /// Applies manifests that must be accepted.
  func apply(_ manifests: JSONValue...) async throws { try await apply(manifests) }

  /// Applies manifests that must be accepted.
  func apply(_ manifests: [JSONValue]) async throws {
    try await cluster.kubectl("apply", "-n", namespace, "-f", "-", input: manifests.asText).succeeded()
  }

  /// Deletes an object without waiting for its end.
  func delete(_ kind: String, _ names: String...) async throws {
    try await cluster.kubectl(["delete", "-n", namespace, kind] + names + ["--wait=false"]).succeeded()
  }

  /// Waits until the objects of a kind in this namespace are as wanted.
  func wait(
    for definition: ResourceDefinition, _ what: String, timeout: Duration = .seconds(30),
    until isWanted: @escaping @Sendable ([JSONValue]) -> Bool
  ) async throws {
    try await cluster.objects.wait(for: definition, in: namespace, timeout: timeout, what, until: isWanted)
  }

  /// Waits until one object is as wanted, and returns it.
  @discardableResult
  func wait(
    for definition: ResourceDefinition, _ name: String, _ what: String, timeout: Duration = .seconds(30),
    until isWanted: @escaping @Sendable (JSONValue) -> Bool
  ) async throws -> JSONValue {
    try await wait(for: definition, "\(name) \(what)", timeout: timeout) { objects in
      objects.contains { $0.name == name && isWanted($0) }
    }
    return try await get(definition, name)
  }

  /// Waits until every network of this namespace is ready.
  func waitUntilReady(timeout: Duration = .seconds(30)) async throws {
    for kind in [Subnet.definition, L2Service.definition, L2ServiceAttachment.definition] {
      try await wait(for: kind, "every \(kind.kind) is ready", timeout: timeout) { $0.allSatisfy(\.isReady) }
    }
  }

  /// Waits until every pod of this namespace is ready.
  func waitUntilPodsReady(timeout: Duration = .seconds(30)) async throws {
    try await wait(for: Pod.definition, "the pods are ready", timeout: timeout) { $0.allSatisfy(\.isReady) }
  }

  /// Waits until there is no object of a kind in this namespace.
  func waitUntilGone(_ definition: ResourceDefinition, timeout: Duration = .seconds(30)) async throws {
    try await wait(for: definition, "every \(definition.kind) is gone", timeout: timeout) { $0.isEmpty }
  }

  /// Reads an object.
  func get(_ definition: ResourceDefinition, _ name: String) async throws -> JSONValue {
    try await cluster.objects.client.resource(definition).get(NamespacedName(namespace: namespace, name: name))
  }

  /// Reads every object of a kind.
  func list(_ definition: ResourceDefinition) async throws -> [JSONValue] {
    try await cluster.objects.list(definition, in: namespace)
  }
}
