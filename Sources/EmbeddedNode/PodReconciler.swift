import CNI
import ControllerRuntime
import Glibc
import JSON
import KubernetesClient
import KubernetesModel
import Logging
import Netlink
import NetworkTypes

/// Makes one pod's sandbox be what the pod says: there while the pod is wanted, gone when it is not.
struct PodReconciler: Reconciler {
  let pods: @Sendable (NamespacedName) -> Pod?
  let client: KubernetesClient
  let network: PodNetwork
  let sandboxes: SandboxStore
  let namespaceFolder: String
  let logger: Logger

  func reconcile(_ name: NamespacedName) async throws -> ReconcileResult {
    let pod = pods(name)
    let isWanted = pod.map { $0.metadata.deletionTimestamp == nil && !$0.isFinished } ?? false
    if let sandbox = try sandboxes.load(name), !isWanted || sandbox.uid != pod?.metadata.uid {
      try await tearDown(sandbox)
    }
    guard let pod else { return .done }
    if isWanted {
      guard pod.status?.phase != "Running" else { return .done }
      do {
        try await setUp(pod)
      } catch {
        try await report(failure: error, of: pod)
        throw error
      }
    } else if pod.metadata.deletionTimestamp != nil {
      try await confirmDeletion(of: pod)
    }
    return .done
  }

  // MARK: - Up

  private func setUp(_ pod: Pod) async throws {
    if let earlier = try sandboxes.load(pod.metadata.namespacedName) {
      // The watched copy may be older than what this node has reported: a pod that runs must not lose its network.
      if try await isReported(pod) { return }
      // What an attempt before this one has left is taken down first: an ADD is for a fresh namespace.
      try await tearDown(earlier)
    }
    let namespace = pod.metadata.namespace ?? "default"
    let sandbox = Sandbox(
      namespace: namespace, name: pod.metadata.name, uid: pod.metadata.uid ?? "",
      path: "\(namespaceFolder)/\(namespace).\(pod.metadata.name)", network: try network.current().json)
    try sandboxes.save(sandbox)
    let result: CNIResult
    do {
      _ = try NetworkNamespace.create(at: sandbox.path)
      result = try await network.add(sandbox)
    } catch {
      try await tearDown(sandbox)
      throw error
    }
    try await report(result.ips.map(\.address.address), of: pod)
    logger.info("pod runs", metadata: ["pod": "\(pod.metadata.namespacedName)"])
  }

  /// Whether the API server knows by now that the pod runs.
  private func isReported(_ pod: Pod) async throws -> Bool {
    let newest = try await client.resource(Pod.self).find(pod.metadata.namespacedName)
    return newest?.metadata.uid == pod.metadata.uid && newest?.status?.phase == "Running"
  }

  private func report(_ addresses: [IPAddress], of pod: Pod) async throws {
    let time = JSONValue.string(Timestamp.now().seconds)
    let addresses = addresses.map { JSONValue.string("\($0)") }
    let conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map { type -> JSONValue in
      ["type": .string(type), "status": "True", "lastTransitionTime": time]
    }
    let containers = (pod.spec?.containers ?? []).map { container -> JSONValue in
      [
        "name": .string(container.name), "image": .string(container.image ?? ""), "imageID": "", "ready": true,
        "started": true, "restartCount": 0, "state": ["running": ["startedAt": time]],
      ]
    }
    try await client.resource(Pod.definition).patch(
      pod.metadata.namespacedName,
      .merge([
        "status": [
          "phase": "Running", "startTime": time, "podIP": addresses.first ?? .null,
          "podIPs": .array(addresses.map { ["ip": $0] }), "conditions": .array(conditions),
          "containerStatuses": .array(containers),
        ]
      ]), subresource: "status")
  }

  private func report(failure: any Error, of pod: Pod) async throws {
    let reason = "FailedCreatePodSandBox"
    let containers = (pod.spec?.containers ?? []).map { container -> JSONValue in
      [
        "name": .string(container.name), "image": .string(container.image ?? ""), "imageID": "", "ready": false,
        "restartCount": 0, "state": ["waiting": ["reason": "ContainerCreating", "message": .string("\(failure)")]],
      ]
    }
    let ready: JSONValue = [
      "type": "Ready", "status": "False", "reason": .string(reason), "message": .string("\(failure)"),
    ]
    try await client.resource(Pod.definition).patch(
      pod.metadata.namespacedName,
      .merge(["status": ["phase": "Pending", "conditions": [ready], "containerStatuses": .array(containers)]]),
      subresource: "status")
  }

  // MARK: - Down

  /// The sandbox is forgotten only when nothing of it is left.
  private func tearDown(_ sandbox: Sandbox) async throws {
    try await network.delete(sandbox)
    try NetworkNamespace.remove(path: sandbox.path)
    try sandboxes.remove(sandbox.namespacedName)
  }

  /// Tells the API server that nothing of the pod runs any more, as a kubelet does.
  private func confirmDeletion(of pod: Pod) async throws {
    do {
      try await client.resource(Pod.definition).delete(
        pod.metadata.namespacedName,
        DeleteOptions(gracePeriod: .zero, uid: pod.metadata.uid))
    } catch let error as KubernetesAPIError where error.isNotFound || error.isConflict {
      // Gone already, or another pod of the same name is there.
    }
  }
}
