import ControllerRuntime
import JSON
import KubernetesClient
import KubernetesModel
import Logging
import MultiNetwork
import NetworkAnnotations
import ServiceLifecycle
import Synchronization

/// Writes the annotation `k8s.v1.cni.cncf.io/network-status` of pods: one patch for all networks of a pod. Nobody waits for
/// it: what cannot be written is tried again until it can, or the pod is gone, and a pod never lacks its networks for it.
final class NetworkStatusPublisher: Service {
  private let writer: Writer
  private let controller: Controller<Writer>

  init(client: KubernetesClient, logger: Logger) {
    writer = Writer(client: client)
    controller = Controller(name: "network-status", reconciler: writer, logger: logger)
  }

  func run() async throws { try await controller.run() }

  /// It is written soon, in place of what was to be written before.
  func publish(_ status: [NetworkStatus], of pod: PodRequest) {
    let name = NamespacedName(namespace: pod.namespace, name: pod.name)
    let text = NetworkStatus.text(of: status)
    writer.pending.withLock { $0[name] = Writer.Entry(uid: pod.uid, text: text) }
    controller.enqueue(name)
  }

  /// Writes the newest status of one pod.
  final class Writer: Reconciler {
    struct Entry: Hashable {
      let uid: String?
      let text: String
    }

    let client: KubernetesClient
    let pending = Mutex<[NamespacedName: Entry]>([:])

    init(client: KubernetesClient) { self.client = client }

    func reconcile(_ name: NamespacedName) async throws -> ReconcileResult {
      guard let entry = pending.withLock({ $0[name] }) else { return .done }
      var metadata: JSONValue = ["annotations": [PodAnnotation.networkStatus: .string(entry.text)]]
      // Another pod of the same name is refused by the API server.
      metadata["uid"] = entry.uid.map { .string($0) }
      do {
        try await client.resource(Pod.definition).patch(name, .merge(["metadata": metadata]))
      } catch let error as KubernetesAPIError where error.isNotFound || error.isConflict {
        // The pod is gone.
      }
      pending.withLock { pending in
        if pending[name] == entry { pending[name] = nil }
      }
      return .done
    }
  }
}
