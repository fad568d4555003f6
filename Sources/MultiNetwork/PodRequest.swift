import CNI
import NetworkAnnotations

/// What the pod of a sandbox says about its networks.
public struct PodRequest: Sendable, Hashable {
  /// Of the pod.
  public var namespace: String
  /// Of the pod.
  public var name: String
  /// Of the pod, where known.
  public var uid: String?
  /// `k8s.v1.cni.cncf.io/networks`; nil when the pod has none.
  public var networks: String?
  /// `v1.multus-cni.io/default-network`; nil when the pod has none.
  public var defaultNetwork: String?
  /// `k8s.v1.cni.cncf.io/network-status`: the networks that the pod has already; nil when it has none.
  public var status: String?

  /// A request of these parts.
  public init(
    namespace: String, name: String, uid: String? = nil, networks: String? = nil, defaultNetwork: String? = nil,
    status: String? = nil
  ) {
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.networks = networks
    self.defaultNetwork = defaultNetwork
    self.status = status
  }
}

/// The networks that a sandbox is to have, as they are asked for.
struct RequestedNetworks: Sendable, Hashable {
  /// Where the names of `v1.multus-cni.io/default-network` are looked for when they have no namespace, as Multus does.
  static let systemNamespace = "kube-system"

  /// In place of the cluster's network; nil: the cluster's.
  var first: NetworkSelection?
  /// Beside it, in order.
  var additional: [NetworkSelection]
  /// What the pod has already: interfaces that stay keep their names.
  var present: [NetworkStatus] = []

  /// Reads the pod's annotations. Where the standard says that a wrong annotation is ignored, this fails, as Multus does:
  /// a pod that silently lacks a network is worse than one that waits with a reason.
  init(_ pod: PodRequest?, _ configuration: MultiplexerConfiguration) throws(CNIError) {
    do throws(NetworkAnnotationError) {
      first = try pod?.defaultNetwork.flatMap { text throws(NetworkAnnotationError) in
        try NetworkSelection.one(
          parsing: text, annotation: PodAnnotation.defaultNetwork, namespace: Self.systemNamespace)
      }
      additional = try NetworkSelection.list(parsing: pod?.networks ?? "", namespace: pod?.namespace ?? "")
    } catch {
      throw CNIError(.invalidConfiguration, "the pod asks for its networks in a wrong way", details: "\(error)")
    }
    present = NetworkStatus.readable(pod?.status)
    guard let pod, configuration.isolatesNamespaces else { return }
    let open = configuration.globalNamespaces.union([pod.namespace])
    for selection in [first].compactMap(\.self) + additional where !open.contains(selection.namespace) {
      throw .cannotAttach(
        "\(selection.network)", "pods of namespace \(pod.namespace) may not join networks of other namespaces",
        "move the network there, or list its namespace in multiplexer.globalNamespaces")
    }
  }

  /// The NetworkAttachmentDefinitions that must be known to plan the sandbox.
  func definitions(_ configuration: MultiplexerConfiguration) -> Set<NetworkReference> {
    var references = Set(additional.map(\.network))
    if let first {
      references.insert(first.network)
    } else if case .definition(let reference) = configuration.clusterNetwork {
      references.insert(reference)
    }
    return references
  }
}
