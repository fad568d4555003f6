/// What a write needs to know beside the object: nothing here is read from a clock or a random source.
public struct RequestContext: Sendable {
  /// Namespace of the URL; nil for a cluster-scoped resource.
  public var namespace: String?
  /// Name of the URL; nil for a create.
  public var name: String?
  /// The time of the request, RFC 3339 in UTC, whole seconds.
  public var now: String
  /// The uid of an object that is made.
  public var uid: String
  /// What completes `metadata.generateName`; see ``NameSuffix``.
  public var nameSuffix: String
  /// Whether the object is the result of a patch.
  public var isPatch: Bool

  /// The circumstances of one write.
  public init(
    namespace: String? = nil, name: String? = nil, now: String, uid: String = "", nameSuffix: String = "",
    isPatch: Bool = false
  ) {
    self.namespace = namespace
    self.name = name
    self.now = now
    self.uid = uid
    self.nameSuffix = nameSuffix
    self.isPatch = isPatch
  }
}

/// What happens to unknown and doubled fields of a body.
public enum FieldValidation: String, Sendable, CaseIterable {
  /// They are dropped.
  case ignore = "Ignore"
  /// They are dropped, and the client is warned.
  case warn = "Warn"
  /// The request is refused.
  case strict = "Strict"

  /// The value of the query parameter `fieldValidation`; absent and empty mean `warn`. `options` is the kind that the
  /// 422 of a wrong value names: `CreateOptions`, `UpdateOptions` or `PatchOptions`.
  public static func parse(_ text: String?, options: String) throws(StatusError) -> FieldValidation {
    guard let text, !text.isEmpty else { return .warn }
    guard let value = FieldValidation(rawValue: text) else {
      throw .invalid(
        ResourceName(group: "meta.k8s.io", name: options), name: "",
        [.notSupported("fieldValidation", .string(text), supported: ["", "Ignore", "Strict", "Warn"])])
    }
    return value
  }
}
