import CNI
import ControllerRuntime
import JSON
import KubernetesModel
import MultiNetwork
import NetworkAnnotations
import OpenVSwitchEngine

/// What a running pod says of its networks now.
struct LivePod: Sendable {
  let request: PodRequest
  private let allocations: [Allocation]

  init(_ pod: Pod) {
    let annotations = pod.metadata.annotations ?? [:]
    request = PodRequest(
      namespace: pod.metadata.namespace ?? "default", name: pod.metadata.name, uid: pod.metadata.uid,
      networks: annotations[PodAnnotation.networks], defaultNetwork: annotations[PodAnnotation.defaultNetwork],
      status: annotations[PodAnnotation.networkStatus])
    // What the operator wrote and we cannot read is as good as not written: nothing is changed by it.
    let text = annotations[PodAnnotation.allocations]
    allocations =
      text.flatMap { text in
        do { return try Allocation.list(parsing: text) } catch { return nil }
      } ?? []
  }

  /// Whether the attachment needs no allocation, or has it.
  func isReady(_ delegate: Delegate) -> Bool {
    let plugins = delegate.configuration["plugins"]?.array ?? [delegate.configuration]
    return plugins.allSatisfy { plugin in
      let source =
        plugin["type"] == "netloom" ? plugin : plugin["ipam"]?["type"] == "netloom-ipam" ? plugin["ipam"] : nil
      guard let attachment = source?["attachment"]?.string else { return true }
      return allocations.contains { $0.network.description == attachment && $0.interface == delegate.interface }
    }
  }

  /// The call by which another multiplexer would attach, as things are now, the port with these marks; nil for a port that is
  /// not of this pod, or whose network cannot be told.
  func call(
    for marks: [String: String], _ definition: (NetworkReference) -> NetworkAttachmentDefinition?
  ) throws(CNIError) -> NativeCall? {
    guard marks[PodPortMark.pod] == "\(request.namespace)/\(request.name)",
      let container = marks[PodPortMark.container], let interface = marks[PodPortMark.interface],
      let path = marks[PodPortMark.namespacePath],
      let network = allocations.first(where: { $0.interface == interface })?.network,
      let text = definition(network)?.spec?.config
    else { return nil }
    var json: JSONValue
    do { json = try JSONValue(parsing: text) } catch {
      throw CNIError(.invalidConfiguration, "spec.config of \(network) is not JSON", details: "\(error)")
    }
    guard json["type"] == "netloom", json["name"]?.string == marks[PodPortMark.network] else { return nil }
    if let bandwidth = bandwidth(of: network) { json["runtimeConfig"] = ["bandwidth": bandwidth] }
    var arguments = ["K8S_POD_NAMESPACE": request.namespace, "K8S_POD_NAME": request.name]
    arguments["K8S_POD_UID"] = request.uid
    return NativeCall(
      attachment: CNIAttachment(
        containerID: container, namespacePath: path, interface: interface, arguments: arguments),
      network: try NetworkConfiguration(json: json))
  }

  private func bandwidth(of network: NetworkReference) -> JSONValue? {
    do {
      let selections = try NetworkSelection.list(parsing: request.networks ?? "", namespace: request.namespace)
      return selections.first { $0.network == network }?.bandwidth?.json
    } catch {
      return nil
    }
  }
}

extension Pod {
  /// Whether the pod's interfaces are to be kept up to date.
  var isLive: Bool {
    !isFinished && metadata.deletionTimestamp == nil && spec?.hostNetwork != true
  }

  /// Whether the networks of both can differ. A status that we write ourselves is no reason to look again.
  func asksTheSame(as other: Pod) -> Bool {
    let keys = [PodAnnotation.networks, PodAnnotation.allocations]
    return metadata.uid == other.metadata.uid && isLive == other.isLive
      && keys.allSatisfy { metadata.annotations?[$0] == other.metadata.annotations?[$0] }
  }

  /// The networks that the pod names or was given addresses of.
  var liveNetworks: Set<NetworkReference> {
    let annotations = metadata.annotations ?? [:]
    var networks: Set<NetworkReference> = []
    do {
      networks.formUnion(
        try NetworkSelection.list(
          parsing: annotations[PodAnnotation.networks] ?? "", namespace: metadata.namespace ?? "default"
        ).map(\.network))
      if let text = annotations[PodAnnotation.allocations] {
        networks.formUnion(try Allocation.list(parsing: text).map(\.network))
      }
    } catch {
      // A pod that cannot be read is not concerned; it is told so when its own annotation changes.
    }
    return networks
  }
}

extension Controller where R.Key == NamespacedName {
  /// Looks at a pod when what it asks for has changed. To be called when everybody who is asked about the pod knows of it.
  func follow(_ delta: Delta<Pod>) {
    switch delta {
    case .added(let pod), .deleted(let pod): enqueue(pod.metadata.namespacedName)
    case .updated(let old, let new): if !new.asksTheSame(as: old) { enqueue(new.metadata.namespacedName) }
    case .synced: break
    }
  }

  /// Looks at all pods of a network when the network changes.
  func follow(_ definitions: Informer<NetworkAttachmentDefinition>, for pods: Informer<Pod>) {
    watch(pods, deltas: { _ in [] })
    watch(
      definitions,
      deltas: { delta in
        switch delta {
        case .added(let definition), .updated(_, let definition), .deleted(let definition):
          let name = definition.metadata.namespacedName
          let network = NetworkReference(namespace: name.namespace ?? "default", name: name.name)
          return pods.store.all.filter { $0.liveNetworks.contains(network) }.map(\.metadata.namespacedName)
        case .synced: return []
        }
      })
  }
}
