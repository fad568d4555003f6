/// The annotation keys of pods and NetworkAttachmentDefinitions that Netloom reads or writes.
public enum PodAnnotation {
  /// The networks that a pod asks for (NPWG multi-network standard v1.3, section 4).
  public static let networks = "k8s.v1.cni.cncf.io/networks"
  /// The networks that a pod has (the same standard, section 5).
  public static let networkStatus = "k8s.v1.cni.cncf.io/network-status"
  /// The network that a pod has in place of the cluster's default one (an extension of Multus).
  public static let defaultNetwork = "v1.multus-cni.io/default-network"
  /// On a NetworkAttachmentDefinition: the device-plugin resource that its attachments take a device of.
  public static let resourceName = "k8s.v1.cni.cncf.io/resourceName"
  /// On a MultiNetworkPolicy: the NetworkAttachmentDefinitions whose interfaces it is for.
  public static let policyFor = "k8s.v1.cni.cncf.io/policy-for"
  /// What the operator assigned to a pod's interfaces, a list of `Allocation`.
  public static let allocations = "netloom.dev/allocations"
  /// The addresses of a pod that somebody else was found to have, a list of `AddressConflict`.
  public static let conflicts = "netloom.dev/conflicts"
}
