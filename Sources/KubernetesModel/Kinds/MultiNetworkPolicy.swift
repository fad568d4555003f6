public import JSON

/// What may reach the interfaces of pods on networks beside the default one, and what may be reached from them: a
/// NetworkPolicy for NetworkAttachmentDefinitions, which the annotation `k8s.v1.cni.cncf.io/policy-for` names
/// (k8snetworkplumbingwg/multi-networkpolicy).
public struct MultiNetworkPolicy: KubernetesResource, Hashable {
  /// Served as `multi-networkpolicies` in `k8s.cni.cncf.io/v1beta1` and `v1beta2`; stored in the first; both have
  /// `endPort` since release 1.0.1.
  public static let definition = ResourceDefinition(
    group: "k8s.cni.cncf.io", version: "v1beta1", kind: "MultiNetworkPolicy", plural: "multi-networkpolicies",
    singular: "multi-networkpolicy", shortNames: ["multi-policy"], scope: .namespaced)

  /// The standard metadata.
  public var metadata: ObjectMeta
  /// As of a NetworkPolicy (networking.k8s.io/v1).
  public var spec: JSONValue?

  /// A policy of the parts.
  public init(metadata: ObjectMeta, spec: JSONValue? = nil) {
    self.metadata = metadata
    self.spec = spec
  }
}
