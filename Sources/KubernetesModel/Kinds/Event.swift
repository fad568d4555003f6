/// A report of something that happened to an object (core/v1).
public struct Event: KubernetesResource, Hashable {
  /// Served as `events` in `v1`.
  public static let definition = ResourceDefinition(
    group: "", version: "v1", kind: "Event", plural: "events", shortNames: ["ev"], scope: .namespaced)

  /// The standard metadata.
  public var metadata: ObjectMeta
  /// What it happened to.
  public var involvedObject: ObjectReference
  /// Why, as one CamelCase word.
  public var reason: String?
  /// Why, for people.
  public var message: String?
  /// `Normal` or `Warning`.
  public var type: String?
  /// How often it happened.
  public var count: Int?
  /// When it first happened, RFC 3339.
  public var firstTimestamp: String?
  /// When it last happened, RFC 3339.
  public var lastTimestamp: String?
  /// When it first happened, with microseconds.
  public var eventTime: String?
  /// What was done or attempted.
  public var action: String?
  /// Who reports, in the older form.
  public var source: Source?
  /// Who reports, for example `netloom.dev/operator`.
  public var reportingComponent: String?
  /// Which process reports.
  public var reportingInstance: String?

  /// A Event of the parts.
  public init(
    metadata: ObjectMeta, involvedObject: ObjectReference, reason: String? = nil, message: String? = nil,
    type: String? = nil, count: Int? = nil, firstTimestamp: String? = nil, lastTimestamp: String? = nil,
    eventTime: String? = nil, action: String? = nil, source: Source? = nil, reportingComponent: String? = nil,
    reportingInstance: String? = nil
  ) {
    self.metadata = metadata
    self.involvedObject = involvedObject
    self.reason = reason
    self.message = message
    self.type = type
    self.count = count
    self.firstTimestamp = firstTimestamp
    self.lastTimestamp = lastTimestamp
    self.eventTime = eventTime
    self.action = action
    self.source = source
    self.reportingComponent = reportingComponent
    self.reportingInstance = reportingInstance
  }
}

extension Event {
  /// Who reports an event.
  public struct Source: Sendable, Hashable, Codable {
    /// The component.
    public var component: String?
    /// The node.
    public var host: String?

    /// Of the parts.
    public init(component: String? = nil, host: String? = nil) {
      self.component = component
      self.host = host
    }
  }
}

/// Points to an object, possibly of another namespace (`corev1.ObjectReference`).
public struct ObjectReference: Sendable, Hashable, Codable {
  /// The object's `apiVersion`.
  public var apiVersion: String?
  /// The kind.
  public var kind: String?
  /// The namespace.
  public var namespace: String?
  /// The name.
  public var name: String?
  /// The uid.
  public var uid: String?
  /// The version that is meant.
  public var resourceVersion: String?
  /// The part that is meant.
  public var fieldPath: String?

  /// A reference of the parts.
  public init(
    apiVersion: String? = nil, kind: String? = nil, namespace: String? = nil, name: String? = nil, uid: String? = nil,
    resourceVersion: String? = nil, fieldPath: String? = nil
  ) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.fieldPath = fieldPath
  }

  /// A reference to an object as it stands.
  public init(to object: some KubernetesResource) {
    self.init(to: object.metadata, of: type(of: object).definition)
  }

  private init(to metadata: ObjectMeta, of definition: ResourceDefinition) {
    self.init(
      apiVersion: definition.apiVersion, kind: definition.kind, namespace: metadata.namespace, name: metadata.name,
      uid: metadata.uid, resourceVersion: metadata.resourceVersion)
  }
}
