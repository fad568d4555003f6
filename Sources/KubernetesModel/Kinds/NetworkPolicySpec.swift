public import JSON

/// What a NetworkPolicy says (networking.k8s.io/v1), and with it a ``MultiNetworkPolicy``.
public struct NetworkPolicySpec: Sendable, Hashable, Codable {
  /// A way that traffic goes, as seen from the selected pods.
  public enum Direction: String, Sendable, Hashable, Codable, CaseIterable {
    /// Towards them.
    case ingress = "Ingress"
    /// From them.
    case egress = "Egress"
  }

  /// One kind of traffic that passes. A list that is absent or empty stands for everything.
  public struct Rule: Sendable, Hashable, Codable {
    /// The ports that are sent to.
    public var ports: [Port]?
    /// The senders, of an ingress rule.
    public var from: [Peer]?
    /// The receivers, of an egress rule.
    public var to: [Peer]?

    /// A rule of the parts.
    public init(ports: [Port]? = nil, from: [Peer]? = nil, to: [Peer]? = nil) {
      self.ports = ports
      self.from = from
      self.to = to
    }
  }

  /// One port or several.
  public struct Port: Sendable, Hashable, Codable {
    /// `TCP`, `UDP` or `SCTP`; nil: TCP.
    public var `protocol`: String?
    /// A number or the name of a container's port; nil: every port.
    public var port: JSONValue?
    /// The last of the ports that begin with `port`; nil: that one alone.
    public var endPort: Int?

    /// A port of the parts.
    public init(protocol: String? = nil, port: JSONValue? = nil, endPort: Int? = nil) {
      self.protocol = `protocol`
      self.port = port
      self.endPort = endPort
    }
  }

  /// Another end: pods or addresses.
  public struct Peer: Sendable, Hashable, Codable {
    /// Pods, of the policy's namespace unless `namespaceSelector` is there; nil beside that one: every pod.
    public var podSelector: LabelSelector?
    /// The namespaces of the pods.
    public var namespaceSelector: LabelSelector?
    /// Addresses.
    public var ipBlock: IPBlock?

    /// A peer of the parts.
    public init(
      podSelector: LabelSelector? = nil, namespaceSelector: LabelSelector? = nil, ipBlock: IPBlock? = nil
    ) {
      self.podSelector = podSelector
      self.namespaceSelector = namespaceSelector
      self.ipBlock = ipBlock
    }
  }

  /// Addresses.
  public struct IPBlock: Sendable, Hashable, Codable {
    /// A prefix.
    public var cidr: String
    /// Parts of it that do not count.
    public var except: [String]?

    /// A block of the parts.
    public init(cidr: String, except: [String]? = nil) {
      self.cidr = cidr
      self.except = except
    }
  }

  /// The pods of the policy's namespace that it is for.
  public var podSelector: LabelSelector?
  /// The directions that it is for; nil: see ``directions``.
  public var policyTypes: [Direction]?
  /// What passes towards the pods.
  public var ingress: [Rule]?
  /// What passes from the pods.
  public var egress: [Rule]?

  /// A specification of the parts.
  public init(
    podSelector: LabelSelector? = nil, policyTypes: [Direction]? = nil, ingress: [Rule]? = nil, egress: [Rule]? = nil
  ) {
    self.podSelector = podSelector
    self.policyTypes = policyTypes
    self.ingress = ingress
    self.egress = egress
  }

  /// The directions in which nothing passes but what the rules say. Without `policyTypes`: ingress, and egress if there
  /// is an egress rule.
  public var directions: Set<Direction> {
    if let policyTypes { return Set(policyTypes) }
    return (egress ?? []).isEmpty ? [.ingress] : [.ingress, .egress]
  }
}
