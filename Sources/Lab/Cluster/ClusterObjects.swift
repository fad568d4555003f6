import JSON
import KubernetesClient
import KubernetesModel
import Logging
import NetloomAPI

/// The objects of a cluster, waited for by watching.
public struct ClusterObjects: Sendable {
  /// How the API server is reached.
  public let client: KubernetesClient

  public init(client: KubernetesClient) { self.client = client }

  /// Waits until the objects of a kind are as wanted, looking again at each change. An API server that is away is
  /// waited for.
  /// - Throws: ``LabError`` that says what was still missing when the time was over.
  public func wait(
    for definition: ResourceDefinition, in namespace: String? = nil, timeout: Duration = .seconds(30), _ what: String,
    until isWanted: @escaping @Sendable ([JSONValue]) -> Bool
  ) async throws {
    let last = LastSeen()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await follow(definition, namespace, last, isWanted) }
      group.addTask {
        try await Task.sleep(for: timeout)
        throw LabError("wait until \(what)", reason: "it is not so after \(timeout): \(last.summary)")
      }
      try await group.next()
      group.cancelAll()
    }
  }

  private func follow(
    _ definition: ResourceDefinition, _ namespace: String?, _ last: LastSeen,
    _ isWanted: @Sendable ([JSONValue]) -> Bool
  ) async throws {
    while true {
      do {
        if try await watchOnce(definition, namespace, last, isWanted) { return }
      } catch let error as KubernetesAPIError where error.reason == .transport {
        // Nothing tells when a server that was killed listens again.
        try await Task.sleep(for: .milliseconds(50))
      }
    }
  }

  /// - Returns: false when the server ended the watch before the objects were as wanted.
  private func watchOnce(
    _ definition: ResourceDefinition, _ namespace: String?, _ last: LastSeen,
    _ isWanted: @Sendable ([JSONValue]) -> Bool
  ) async throws -> Bool {
    let resource = client.resource(definition)
    let list = try await resource.listAll(namespace: namespace)
    var objects: [NamespacedName: JSONValue] = [:]
    for item in list.items { objects[resource.identity(item).name] = item }
    last.set(Array(objects.values))
    if isWanted(Array(objects.values)) { return true }
    for try await event in try await resource.watch(namespace: namespace, from: list.resourceVersion) {
      switch event {
      case .added(let object), .modified(let object): objects[resource.identity(object).name] = object
      case .deleted(let object): objects[resource.identity(object).name] = nil
      case .bookmark, .undecodable: continue
      }
      last.set(Array(objects.values))
      if isWanted(Array(objects.values)) { return true }
    }
    return false
  }

  /// All objects of a kind.
  public func list(_ definition: ResourceDefinition, in namespace: String? = nil) async throws -> [JSONValue] {
    try await client.resource(definition).listAll(namespace: namespace).items
  }
}

extension JSONValue {
  var name: String { self[path: "metadata", "name"]?.string ?? "" }
  var phase: String? { self[path: "status", "phase"]?.string }

  /// The status of a condition.
  func condition(_ type: String) -> JSONValue? {
    self[path: "status", "conditions"]?.array?.first { $0["type"]?.string == type }
  }

  var isReady: Bool { condition("Ready")?["status"] == "True" }
}
