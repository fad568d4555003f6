public import KubernetesModel

/// L2Services on a ConnectionPoint: the NetworkAttachmentDefinition of the same name that pods refer to. Made by the
/// cloud admin.
public struct L2ServiceAttachment: NetloomResource {
  public static let definition = ResourceDefinition.netloom(
    "L2ServiceAttachment", plural: "l2serviceattachments", shortNames: ["l2a"])

  public var metadata: ObjectMeta
  public var spec: Spec
  public var status: Status?

  /// An L2ServiceAttachment as written by its author, without status unless one is given.
  public init(metadata: ObjectMeta, spec: Spec, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  public var callbackURL: String? { spec.callbackURL }

  /// What is attached where, and how.
  public struct Spec: Codable, Sendable, Hashable {
    /// A note for people.
    public var description: String?
    /// The L2Services: `name` in this namespace, or `namespace/name` where that service allows it.
    public var l2Services: [String]
    /// Name of the ConnectionPoint; not needed for an overlay, which is on every node.
    public var connectionPoint: String?
    /// How the VLANs reach the pod.
    public var vlanType: VLANType
    /// What the pod gets to see; absent: what the chosen interface offers first.
    public var podInterfaceType: PodInterfaceType?
    /// The CNI plugin; absent: the first of the ConnectionPoint that fits.
    public var implementation: Implementation?
    /// With `vlanType` `qinq`: the VLANs that the pod may use inside, `100` or `100-199`; absent: all.
    public var customerVLANs: [String]?
    /// Largest IP packet in bytes; absent: what the ConnectionPoint has room for (``effectiveMTU(on:)``).
    public var mtu: Int?
    /// How much may pass; absent: no limit.
    public var bandwidth: Bandwidth?
    /// Whether pods can send from their own addresses only; absent: they can where the implementation can see to it.
    public var portSecurity: Bool?
    /// Where every change of the state is POSTed.
    public var callbackURL: String?

    /// The given services, attached in the given way.
    public init(
      l2Services: [String], connectionPoint: String? = nil, vlanType: VLANType = .access,
      podInterfaceType: PodInterfaceType? = nil, implementation: Implementation? = nil, customerVLANs: [String]? = nil,
      mtu: Int? = nil, bandwidth: Bandwidth? = nil, portSecurity: Bool? = nil, description: String? = nil,
      callbackURL: String? = nil
    ) {
      self.l2Services = l2Services
      self.connectionPoint = connectionPoint
      self.vlanType = vlanType
      self.podInterfaceType = podInterfaceType
      self.implementation = implementation
      self.customerVLANs = customerVLANs
      self.mtu = mtu
      self.bandwidth = bandwidth
      self.portSecurity = portSecurity
      self.description = description
      self.callbackURL = callbackURL
    }
  }

  /// How much may pass an interface, each way, in the words and units of CNI (CONVENTIONS.md, "bandwidth").
  public struct Bandwidth: Codable, Sendable, Hashable {
    /// What may reach the pod, in bits a second; absent: no limit.
    public var ingressRate: Int?
    /// What may reach the pod at once after a pause, in bits.
    public var ingressBurst: Int?
    /// What the pod may send, in bits a second; absent: no limit.
    public var egressRate: Int?
    /// What the pod may send at once after a pause, in bits.
    public var egressBurst: Int?

    /// Describes limits.
    public init(
      ingressRate: Int? = nil, ingressBurst: Int? = nil, egressRate: Int? = nil, egressBurst: Int? = nil
    ) {
      self.ingressRate = ingressRate
      self.ingressBurst = ingressBurst
      self.egressRate = egressRate
      self.egressBurst = egressBurst
    }

    /// A way that packets go, seen from the pod.
    public enum Direction: String, Sendable, Hashable, CaseIterable {
      case ingress, egress
    }

    /// The rate and the burst of one direction.
    public subscript(direction: Direction) -> (rate: Int?, burst: Int?) {
      switch direction {
      case .ingress: (ingressRate, ingressBurst)
      case .egress: (egressRate, egressBurst)
      }
    }
  }

  /// What was made of it, and who uses it.
  public struct Status: NetloomStatus {
    public var phase: Phase?
    public var observedGeneration: Int64?
    public var conditions: [Condition]?
    /// The CNI plugin in use.
    public var implementation: Implementation?
    /// What pods get to see.
    public var podInterfaceType: PodInterfaceType?
    /// Name of the NetworkAttachmentDefinition in this namespace, once it exists.
    public var networkAttachmentDefinition: String?
    /// The VLANs that pods get, sorted; one, untagged, when the type is `access`.
    public var vlans: [Int]?
    /// How many pods are attached.
    public var podCount: Int?
    /// These pods as `namespace/name`, sorted; at most 20.
    public var pods: [String]?

    public init() {}
  }
}
