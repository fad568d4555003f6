import APIMachinery
import JSON

/// Gives each unbound Pod a Node: one that is ready, fits the Pod's nodeSelector and tolerations, and has the fewest Pods.
struct Scheduler: Controller {
  let registry: Registry
  let name = "scheduler"
  let interest = WatchHub.Interest()

  private var nodes: [String: NodeState] = [:]
  private var bound: [StoreKey: String] = [:]
  private var waiting: Set<StoreKey> = []

  init(registry: Registry) { self.registry = registry }

  private var pods: Served? { registry.catalog.find(apiVersion: "v1", kind: "Pod") }

  mutating func begin() async throws {
    (nodes, bound, waiting) = ([:], [:], [])
    var all: [StoredObject] = []
    for kind in ["Node", "Pod"] {
      guard let served = registry.catalog.find(apiVersion: "v1", kind: kind) else { continue }
      try await registry.forEach(served) { all.append($0) }
    }
    for object in all { note(object.key, try JSONValue(parsing: object.value)) }
    try await scheduleWaiting()
  }

  mutating func handle(_ event: StoreEvent) async throws {
    let key = event.object.key
    guard key.resource == "pods" || key.resource == "nodes" else { return }
    if event.kind == .deleted {
      (bound[key], nodes[key.name]) = (nil, key.resource == "nodes" ? nil : nodes[key.name])
      waiting.remove(key)
      return
    }
    note(key, try JSONValue(parsing: event.object.value))
    if key.resource == "nodes" {
      try await scheduleWaiting()
    } else if waiting.contains(key) {
      try await schedule(key)
    }
  }

  private mutating func note(_ key: StoreKey, _ object: JSONValue) {
    if key.resource == "nodes" {
      nodes[key.name] = NodeState(object)
      return
    }
    let node = object[path: "spec", "nodeName"]?.string ?? ""
    let phase = object[path: "status", "phase"]?.string
    let isOver = phase == "Succeeded" || phase == "Failed"
    bound[key] = node.isEmpty || isOver ? nil : node
    if node.isEmpty && !isOver && object[path: "metadata", "deletionTimestamp"]?.string == nil {
      waiting.insert(key)
    } else {
      waiting.remove(key)
    }
  }

  private mutating func scheduleWaiting() async throws {
    for key in waiting.sorted(by: { ($0.namespace, $0.name) < ($1.namespace, $1.name) }) { try await schedule(key) }
  }

  private mutating func schedule(_ key: StoreKey) async throws {
    guard let pods, let stored = try registry.store.get(key) else { return }
    let pod = try pods.represent(stored)
    guard let node = choose(for: pod) else {
      try await noteUnschedulable(key, pods)
      return
    }
    do {
      _ = try await registry.bind(
        Target(served: pods, namespace: key.namespace, name: key.name, subresource: "binding"),
        binding: ["target": ["kind": "Node", "name": .string(node)]], dryRun: false)
      bound[key] = node
      waiting.remove(key)
    } catch let error as StatusError where error.code == 404 || error.code == 409 {
      waiting.remove(key)  // it is gone, or somebody else bound it
    }
  }

  private func choose(for pod: JSONValue) -> String? {
    var counts: [String: Int] = [:]
    for node in bound.values { counts[node, default: 0] += 1 }
    return nodes.filter { $0.value.takes(pod) }.keys
      .min { (counts[$0, default: 0], $0) < (counts[$1, default: 0], $1) }
  }

  private func noteUnschedulable(_ key: StoreKey, _ pods: Served) async throws {
    let message = "0/\(nodes.count) nodes are available: none is ready and fits the Pod's nodeSelector and tolerations."
    try await registry.modify(key, as: pods) { pod in
      var conditions = pod[path: "status", "conditions"]?.array ?? []
      let old = conditions.first { $0["type"] == "PodScheduled" }
      if old?["message"]?.string == message { return nil }
      conditions.removeAll { $0["type"] == "PodScheduled" }
      conditions.append([
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": .string(message),
        "lastProbeTime": .null, "lastTransitionTime": old?["lastTransitionTime"] ?? .string(Chance.now()),
      ])
      var pod = pod
      pod[path: "status", "conditions"] = .array(conditions)
      return pod
    }
  }
}

/// What the scheduler needs to know of a Node.
struct NodeState: Sendable {
  let isReady: Bool
  let labels: [String: String]
  let taints: [JSONValue]

  init(_ node: JSONValue) {
    let conditions = node[path: "status", "conditions"]?.array ?? []
    isReady =
      conditions.contains { $0["type"] == "Ready" && $0["status"] == "True" }
      && node[path: "spec", "unschedulable"]?.bool != true
      && node[path: "metadata", "deletionTimestamp"]?.string == nil
    labels = EmbeddedKubernetes.labels(of: node)
    taints = (node[path: "spec", "taints"]?.array ?? []).filter {
      ["NoSchedule", "NoExecute"].contains($0["effect"]?.string)
    }
  }

  /// Whether the Pod may run here.
  func takes(_ pod: JSONValue) -> Bool {
    guard isReady else { return false }
    for (key, value) in pod[path: "spec", "nodeSelector"]?.object ?? [:] where labels[key] != value.string {
      return false
    }
    let tolerations = pod[path: "spec", "tolerations"]?.array ?? []
    return taints.allSatisfy { taint in tolerations.contains { Self.tolerates($0, taint) } }
  }

  private static func tolerates(_ toleration: JSONValue, _ taint: JSONValue) -> Bool {
    if let effect = toleration["effect"]?.string, !effect.isEmpty, effect != taint["effect"]?.string { return false }
    let key = toleration["key"]?.string ?? ""
    let exists = toleration["operator"]?.string == "Exists"
    if key.isEmpty { return exists }
    if key != taint["key"]?.string { return false }
    return exists || (toleration["value"]?.string ?? "") == (taint["value"]?.string ?? "")
  }
}
