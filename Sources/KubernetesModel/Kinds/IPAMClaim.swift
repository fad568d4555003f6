/// Addresses that outlive the pods that use them (Kubernetes Network Custom Resource Definition De-facto Standard 1.3,
/// section 8). Made by whoever runs the workload; the status is written by whoever assigns the addresses.
public struct IPAMClaim: KubernetesResource, Hashable {
  /// Served as `ipamclaims` in `k8s.cni.cncf.io/v1alpha1`.
  public static let definition = ResourceDefinition(
    group: "k8s.cni.cncf.io", version: "v1alpha1", kind: "IPAMClaim", plural: "ipamclaims", scope: .namespaced)

  /// The standard metadata.
  public var metadata: ObjectMeta
  /// What the addresses are for.
  public var spec: Spec
  /// The addresses.
  public var status: Status?

  /// An IPAMClaim of the parts.
  public init(metadata: ObjectMeta, spec: Spec, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }
}

extension IPAMClaim {
  /// What the addresses are for.
  public struct Spec: Sendable, Hashable, Codable {
    /// The name of the network.
    public var network: String
    /// The name of the interface in the pod.
    public var interface: String

    /// Of the parts.
    public init(network: String, interface: String) {
      self.network = network
      self.interface = interface
    }
  }

  /// The addresses.
  public struct Status: Sendable, Hashable, Codable {
    /// Each with the prefix length of its subnet.
    public var ips: [String]?

    /// These addresses.
    public init(ips: [String]? = nil) {
      self.ips = ips
    }
  }
}
