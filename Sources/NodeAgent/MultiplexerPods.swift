import CNI
import ControllerRuntime
import KubernetesClient
import KubernetesModel
import MultiNetwork
import NetworkAnnotations
import NetworkTypes

/// What the multiplexer knows of the cluster: the pods of this node and all definitions, as they are watched.
struct MultiplexerPods: MultiplexerCluster {
  let isSynced: @Sendable () -> Bool
  let pods: PodAllocations
  let definitions: Informer<NetworkAttachmentDefinition>
  let client: KubernetesClient
  let publisher: NetworkStatusPublisher

  func pod(of attachment: CNIAttachment) async throws -> PodRequest? {
    guard let identity = PodIdentity(attachment) else { return nil }
    do {
      let (uid, annotations) = try await pods.annotations(of: identity)
      return PodRequest(
        namespace: identity.namespace, name: identity.name, uid: uid, networks: annotations[PodAnnotation.networks],
        defaultNetwork: annotations[PodAnnotation.defaultNetwork], status: annotations[PodAnnotation.networkStatus])
    } catch {
      throw CNIError(attempting: "finding pod \(identity.namespace)/\(identity.name)", error)
    }
  }

  func definition(_ name: NetworkReference) async throws -> NetworkAttachmentDefinition? {
    let name = NamespacedName(namespace: name.namespace, name: name.name)
    if let known = definitions.store[name] { return known }
    // It may have been made just now: the pod is not to fail because the watch has not told yet.
    do { return try await client.resource(NetworkAttachmentDefinition.self).find(name) } catch {
      throw CNIError(.tryAgainLater, "cannot read NetworkAttachmentDefinition \(name)", details: "\(error)")
    }
  }

  func macAddress(of attachment: CNIAttachment, madeBy plugin: NetworkConfiguration) async throws -> MACAddress? {
    guard plugin.json[path: "ipam", "type"] == "netloom-ipam", let pod = PodIdentity(attachment) else { return nil }
    return try await pods.allocation(
      for: pod, network: AddressHandler.attachment(plugin), interface: attachment.interface
    ).mac
  }

  func publish(_ status: [NetworkStatus], of pod: PodRequest) {
    publisher.publish(status, of: pod)
  }

  func verifyReady() throws {
    guard isSynced() else {
      throw CNIError(
        .notAvailable, "the pods of this node are not known yet", details: "see whether the API server can be reached")
    }
  }
}
