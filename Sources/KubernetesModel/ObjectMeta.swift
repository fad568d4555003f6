/// The standard metadata of an object (`metav1.ObjectMeta`), without `managedFields`.
///
/// Timestamps stay the RFC 3339 strings that the server sent. Unknown fields are dropped when decoding.
public struct ObjectMeta: Sendable, Hashable {
  /// The name, unique in its namespace and kind; empty when the server is to make one from `generateName`.
  public var name: String
  /// The namespace, or nil for cluster-scoped objects.
  public var namespace: String?
  /// A prefix from which the server makes a name.
  public var generateName: String?
  /// Unique over time: a re-created object has another.
  public var uid: String?
  /// Changes with every write; opaque, only to be compared for equality and sent back.
  public var resourceVersion: String?
  /// Counts changes of the specification.
  public var generation: Int64?
  /// When the server made the object, RFC 3339.
  public var creationTimestamp: String?
  /// Set when deletion was asked for; the object goes when its finalizers are gone. RFC 3339.
  public var deletionTimestamp: String?
  /// The seconds that a graceful deletion may take.
  public var deletionGracePeriodSeconds: Int64?
  /// Labels: what selectors match.
  public var labels: [String: String]?
  /// Annotations: free text for tools.
  public var annotations: [String: String]?
  /// Who must do something before the object may go.
  public var finalizers: [String]?
  /// The objects with which this one is garbage-collected.
  public var ownerReferences: [OwnerReference]?

  /// Metadata of an object that is to be created; set other fields afterwards.
  public init(
    name: String = "", namespace: String? = nil, labels: [String: String]? = nil,
    annotations: [String: String]? = nil, finalizers: [String]? = nil, ownerReferences: [OwnerReference]? = nil,
    generateName: String? = nil
  ) {
    self.name = name
    self.namespace = namespace
    self.generateName = generateName
    self.labels = labels
    self.annotations = annotations
    self.finalizers = finalizers
    self.ownerReferences = ownerReferences
  }

  /// The namespace and the name.
  public var namespacedName: NamespacedName { NamespacedName(namespace: namespace, name: name) }

  /// Whether deletion was asked for.
  public var isBeingDeleted: Bool { deletionTimestamp != nil }
}

extension ObjectMeta: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, namespace, generateName, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp
    case deletionGracePeriodSeconds, labels, annotations, finalizers, ownerReferences
  }

  /// Every field may be absent.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decodeIfPresent(String.self, forKey: .name) ?? ""
    namespace = try container.decodeIfPresent(String.self, forKey: .namespace)
    generateName = try container.decodeIfPresent(String.self, forKey: .generateName)
    uid = try container.decodeIfPresent(String.self, forKey: .uid)
    resourceVersion = try container.decodeIfPresent(String.self, forKey: .resourceVersion)
    generation = try container.decodeIfPresent(Int64.self, forKey: .generation)
    creationTimestamp = try container.decodeIfPresent(String.self, forKey: .creationTimestamp)
    deletionTimestamp = try container.decodeIfPresent(String.self, forKey: .deletionTimestamp)
    deletionGracePeriodSeconds = try container.decodeIfPresent(Int64.self, forKey: .deletionGracePeriodSeconds)
    labels = try container.decodeIfPresent([String: String].self, forKey: .labels)
    annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
    finalizers = try container.decodeIfPresent([String].self, forKey: .finalizers)
    ownerReferences = try container.decodeIfPresent([OwnerReference].self, forKey: .ownerReferences)
  }

  /// Absent fields, and an empty name, are left out.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if !name.isEmpty { try container.encode(name, forKey: .name) }
    try container.encodeIfPresent(namespace, forKey: .namespace)
    try container.encodeIfPresent(generateName, forKey: .generateName)
    try container.encodeIfPresent(uid, forKey: .uid)
    try container.encodeIfPresent(resourceVersion, forKey: .resourceVersion)
    try container.encodeIfPresent(generation, forKey: .generation)
    try container.encodeIfPresent(creationTimestamp, forKey: .creationTimestamp)
    try container.encodeIfPresent(deletionTimestamp, forKey: .deletionTimestamp)
    try container.encodeIfPresent(deletionGracePeriodSeconds, forKey: .deletionGracePeriodSeconds)
    try container.encodeIfPresent(labels, forKey: .labels)
    try container.encodeIfPresent(annotations, forKey: .annotations)
    try container.encodeIfPresent(finalizers, forKey: .finalizers)
    try container.encodeIfPresent(ownerReferences, forKey: .ownerReferences)
  }
}

/// Says that an object belongs to another and is garbage-collected with it (`metav1.OwnerReference`).
public struct OwnerReference: Sendable, Hashable, Codable {
  /// The owner's `apiVersion`.
  public var apiVersion: String
  /// The owner's kind.
  public var kind: String
  /// The owner's name; it is in the same namespace or cluster-scoped.
  public var name: String
  /// The owner's uid: another object of the same name is not the owner.
  public var uid: String
  /// Whether the owner manages this object; at most one reference says so.
  public var controller: Bool?
  /// Whether a foreground deletion of the owner waits for this object.
  public var blockOwnerDeletion: Bool?

  /// A reference of the parts.
  public init(
    apiVersion: String, kind: String, name: String, uid: String, controller: Bool? = nil,
    blockOwnerDeletion: Bool? = nil
  ) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.name = name
    self.uid = uid
    self.controller = controller
    self.blockOwnerDeletion = blockOwnerDeletion
  }
}
