public import KubernetesModel

/// Leads the traffic between two networks through functions, in order and both ways through the same instance of each.
/// Made by the tenant or the cloud admin.
public struct ServiceChain: NetloomResource {
  public static let definition = ResourceDefinition.netloom(
    "ServiceChain", plural: "servicechains", shortNames: ["sc"])

  public var metadata: ObjectMeta
  public var spec: Spec
  public var status: Status?

  /// A ServiceChain as written by its author, without status unless one is given.
  public init(metadata: ObjectMeta, spec: Spec, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  public var callbackURL: String? { spec.callbackURL }

  /// What happens to traffic when a function has no pod.
  public enum FailureMode: String, Codable, Sendable, Hashable, CaseIterable {
    /// It does not pass.
    case block
    /// It passes without that function.
    case bypass
  }

  /// The chain as its author wants it.
  public struct Spec: Codable, Sendable, Hashable {
    /// A note for people.
    public var description: String?
    /// Where the traffic comes from.
    public var left: End
    /// Where it goes to; answers go the other way.
    public var right: End
    /// The functions, in the order from left to right.
    public var functions: [Function]
    /// What happens when a function has no pod; absent: `block`.
    public var onFailure: FailureMode?
    /// Where every change of the state is POSTed.
    public var callbackURL: String?

    /// A chain between two ends.
    public init(
      left: End, right: End, functions: [Function], onFailure: FailureMode? = nil, description: String? = nil,
      callbackURL: String? = nil
    ) {
      self.left = left
      self.right = right
      self.functions = functions
      self.onFailure = onFailure
      self.description = description
      self.callbackURL = callbackURL
    }
  }

  /// One end of a chain: a network, or pods on it.
  public struct End: Codable, Sendable, Hashable {
    /// The L2Service: `name` in this namespace, or `namespace/name` where that service allows it.
    public var l2Service: String
    /// The pods on it; absent: everything on it.
    public var podSelector: LabelSelector?
    /// The namespaces of these pods; absent: that of the chain.
    public var namespaceSelector: LabelSelector?

    /// An end on an L2Service.
    public init(l2Service: String, podSelector: LabelSelector? = nil, namespaceSelector: LabelSelector? = nil) {
      self.l2Service = l2Service
      self.podSelector = podSelector
      self.namespaceSelector = namespaceSelector
    }
  }

  /// A function: its pods share the flows.
  public struct Function: Codable, Sendable, Hashable {
    /// A name for it, unique in the chain.
    public var name: String
    /// Its pods, in the chain's namespace.
    public var podSelector: LabelSelector
    /// The L2Service on which it takes what comes from the left.
    public var left: String
    /// The L2Service on which it gives that on, and takes the answers; absent: the same, it is one-armed.
    public var right: String?

    /// A function between two L2Services, or on one.
    public init(name: String, podSelector: LabelSelector, left: String, right: String? = nil) {
      self.name = name
      self.podSelector = podSelector
      self.left = left
      self.right = right
    }
  }

  /// What was made of it.
  public struct Status: NetloomStatus {
    public var phase: Phase?
    public var observedGeneration: Int64?
    public var conditions: [Condition]?
    /// The functions one by one, in the manifest's order.
    public var functions: [FunctionStatus]?

    public init() {}
  }

  /// A function that traffic passes.
  public struct FunctionStatus: Codable, Sendable, Hashable {
    /// Its name.
    public var name: String
    /// How many pods share its flows.
    public var podCount: Int
    /// These pods, sorted; at most 20.
    public var instances: [Instance]

    /// The pods of the function of that name.
    public init(name: String, podCount: Int, instances: [Instance]) {
      self.name = name
      self.podCount = podCount
      self.instances = instances
    }
  }

  /// A pod of a function.
  public struct Instance: Codable, Sendable, Hashable {
    /// The pod as `namespace/name`.
    public var pod: String
    /// Its addresses on the function's left network.
    public var addresses: [String]
    /// How many percent of the left side's addresses pass it, rounded.
    public var share: Int

    /// A pod with its part of the flows.
    public init(pod: String, addresses: [String], share: Int) {
      self.pod = pod
      self.addresses = addresses
      self.share = share
    }
  }
}
