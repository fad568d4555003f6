import APIMachinery
import JSON

/// Gives each Namespace its default objects, and empties a Namespace that is deleted before it goes.
struct NamespaceController: Controller {
  let registry: Registry
  /// The authority's certificate, which every Namespace publishes in the ConfigMap kube-root-ca.crt.
  let authority: String
  let name = "namespace"
  let interest = WatchHub.Interest()

  /// The Namespaces that wait for content to go: how much there was, at which revision.
  private var waiting: [String: (count: Int, revision: Revision)] = [:]

  init(registry: Registry, authority: String) {
    self.registry = registry
    self.authority = authority
  }

  mutating func begin() async throws {
    waiting = [:]
    guard let namespaces = registry.catalog.find(apiVersion: "v1", kind: "Namespace") else { return }
    var all: [StoredObject] = []
    try await registry.forEach(namespaces) { all.append($0) }
    for namespace in all {
      try await makeDefaults(in: namespace.key.name)
      try await look(namespace)
    }
  }

  mutating func handle(_ event: StoreEvent) async throws {
    let key = event.object.key
    if key.resource == "namespaces" {
      switch event.kind {
      case .added: try await makeDefaults(in: key.name)
      case .modified: try await look(event.object)
      case .deleted: waiting[key.name] = nil
      }
    } else if event.kind == .added {
      // It was let in just before the deletion of its Namespace began.
      if waiting[key.namespace] != nil { try await terminate(key.namespace) }
    } else if event.kind == .deleted {
      if let (count, revision) = waiting[key.namespace], event.revision > revision {
        waiting[key.namespace] = (count - 1, revision)
        if count <= 1 { try await terminate(key.namespace) }
      } else if Self.defaults.contains(key.name), ["serviceaccounts", "configmaps"].contains(key.resource) {
        try await makeDefaults(in: key.namespace)
      }
    }
  }

  private static let defaults: Set<String> = ["default", "kube-root-ca.crt"]

  private mutating func look(_ namespace: StoredObject) async throws {
    let isDeleted = try JSONValue(parsing: namespace.value)[path: "metadata", "deletionTimestamp"]?.string != nil
    if isDeleted && waiting[namespace.key.name] == nil { try await terminate(namespace.key.name) }
  }

  private func makeDefaults(in namespace: String) async throws {
    try await registry.ensure(
      ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "default"]], namespace: namespace)
    try await registry.ensure(
      [
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": [
          "name": "kube-root-ca.crt",
          "annotations": [
            "kubernetes.io/description":
              "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."
          ],
        ],
        "data": ["ca.crt": .string(authority)],
      ], namespace: namespace)
  }

  /// Deletes what the Namespace holds; ends it when nothing is left, otherwise says what is.
  private mutating func terminate(_ namespace: String) async throws {
    waiting[namespace] = (Int.max, registry.store.revision)
    for served in registry.catalog.stored where served.type.namespaced {
      var keys: [StoreKey] = []
      try await registry.forEach(served, namespace: namespace) { keys.append($0.key) }
      for key in keys { try await registry.remove(key, as: served, .inBackground()) }
    }
    let revision = registry.store.revision
    let left = try await content(of: namespace)
    waiting[namespace] = (left.resources.values.reduce(0, +), revision)
    guard let namespaces = registry.catalog.find(apiVersion: "v1", kind: "Namespace") else { return }
    try await registry.modify(namespaces.key(namespace: nil, name: namespace), as: namespaces) { object in
      guard object[path: "metadata", "deletionTimestamp"]?.string != nil else { return nil }
      var object = object
      if left.resources.isEmpty {
        object[path: "spec", "finalizers"] = nil
      } else {
        object[path: "status", "conditions"] = .array(
          left.conditions(before: object[path: "status", "conditions"]?.array ?? [], now: Chance.now()))
      }
      return object
    }
  }

  private func content(of namespace: String) async throws -> RemainingContent {
    var left = RemainingContent()
    for served in registry.catalog.stored where served.type.namespaced {
      try await registry.forEach(served, namespace: namespace) { object in
        let name = served.type.plural + "." + served.type.group
        left.resources[name, default: 0] += 1
        for finalizer in try JSONValue(parsing: object.value)[path: "metadata", "finalizers"]?.array ?? [] {
          left.finalizers[finalizer.string ?? "", default: 0] += 1
        }
      }
    }
    return left
  }
}

/// What a Namespace that is being deleted still holds.
struct RemainingContent: Sendable, Hashable {
  var resources: [String: Int] = [:]
  var finalizers: [String: Int] = [:]

  /// The conditions that say so, keeping the times of those that did not change.
  func conditions(before: [JSONValue], now: String) -> [JSONValue] {
    func list(_ counts: [String: Int], _ word: String) -> String {
      counts.sorted { $0.key < $1.key }.map { "\($0.key) \(word) \($0.value) resource instances" }.joined(
        separator: ", ")
    }
    let states: [(type: String, status: Bool, reason: String, message: String)] = [
      ("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered"),
      (
        "NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
        "All legacy kube types successfully parsed"
      ),
      (
        "NamespaceDeletionContentFailure", false, "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization"
      ),
      resources.isEmpty
        ? ("NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed")
        : (
          "NamespaceContentRemaining", true, "SomeResourcesRemain",
          "Some resources are remaining: \(list(resources, "has"))"
        ),
      finalizers.isEmpty
        ? (
          "NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers",
          "All content-preserving finalizers finished"
        )
        : (
          "NamespaceFinalizersRemaining", true, "SomeFinalizersRemain",
          "Some content in the namespace has finalizers remaining: \(list(finalizers, "in"))"
        ),
    ]
    return states.map { state in
      let status: JSONValue = state.status ? "True" : "False"
      let old = before.first { $0["type"]?.string == state.type && $0["status"] == status }
      return [
        "type": .string(state.type), "status": status, "reason": .string(state.reason),
        "message": .string(state.message), "lastTransitionTime": old?["lastTransitionTime"] ?? .string(now),
      ]
    }
  }
}
