public import JSON
public import KubernetesModel

/// Which objects a list returns, and how.
public struct ListOptions: Sendable, Hashable {
  /// Labels, in the form of the parameter (`LabelSelector.queryString`).
  public var labelSelector: String?
  /// Fields, for example `spec.nodeName=worker1`.
  public var fieldSelector: String?
  /// The most objects in one page; nil leaves it to the server.
  public var limit: Int?
  /// Where the page before ended.
  public var continueToken: String?
  /// What state is wanted; nil for the newest, `0` for any (from the server's cache).
  public var resourceVersion: String?
  /// How `resourceVersion` is meant: `Exact` or `NotOlderThan`.
  public var resourceVersionMatch: String?

  /// Options; everything may be left out.
  public init(
    labelSelector: LabelSelector? = nil, fieldSelector: String? = nil, limit: Int? = nil,
    continueToken: String? = nil, resourceVersion: String? = nil, resourceVersionMatch: String? = nil
  ) {
    self.labelSelector = labelSelector?.queryString
    self.fieldSelector = fieldSelector
    self.limit = limit
    self.continueToken = continueToken
    self.resourceVersion = resourceVersion
    self.resourceVersionMatch = resourceVersionMatch
  }

  var query: [APIRequest.QueryItem] {
    var query: [APIRequest.QueryItem] = []
    query.append("labelSelector", labelSelector)
    query.append("fieldSelector", fieldSelector)
    query.append("limit", limit.map(String.init))
    query.append("continue", continueToken)
    // With a continue token the server takes the version from it and refuses another.
    if continueToken == nil {
      query.append("resourceVersion", resourceVersion)
      query.append("resourceVersionMatch", resourceVersionMatch)
    }
    return query
  }
}

/// Which objects a watch reports, and for how long.
public struct WatchOptions: Sendable, Hashable {
  /// Labels, in the form of the parameter (`LabelSelector.queryString`).
  public var labelSelector: String?
  /// Fields, for example `spec.nodeName=worker1`.
  public var fieldSelector: String?
  /// How long the server keeps the watch open; nil, or more than the client's `watchTimeout`, takes that.
  public var timeout: Duration?
  /// Whether the server sends bookmarks, so that a watch without events can be resumed.
  public var bookmarks: Bool

  /// Options; everything may be left out.
  public init(
    labelSelector: LabelSelector? = nil, fieldSelector: String? = nil, timeout: Duration? = nil,
    bookmarks: Bool = true
  ) {
    self.labelSelector = labelSelector?.queryString
    self.fieldSelector = fieldSelector
    self.timeout = timeout
    self.bookmarks = bookmarks
  }

  func query(from resourceVersion: String) -> [APIRequest.QueryItem] {
    var query = [APIRequest.QueryItem("watch", "true")]
    query.append("labelSelector", labelSelector)
    query.append("fieldSelector", fieldSelector)
    query.append("resourceVersion", resourceVersion)
    query.append("timeoutSeconds", timeout.map { String(max(1, $0.components.seconds)) })
    query.append("allowWatchBookmarks", bookmarks ? "true" : nil)
    return query
  }
}

/// How an object is written.
public struct WriteOptions: Sendable, Hashable {
  /// What the server does with fields that it does not know.
  public enum FieldValidation: String, Sendable, Hashable {
    /// Drops them.
    case ignore = "Ignore"
    /// Drops them with a warning.
    case warn = "Warn"
    /// Refuses the object.
    case strict = "Strict"
  }

  /// Whether the server only checks the write and does not store it.
  public var dryRun: Bool
  /// Who writes, as `managedFields` says it.
  public var fieldManager: String?
  /// What the server does with unknown fields; nil leaves it to the server.
  public var fieldValidation: FieldValidation?

  /// Options; everything may be left out.
  public init(dryRun: Bool = false, fieldManager: String? = nil, fieldValidation: FieldValidation? = nil) {
    self.dryRun = dryRun
    self.fieldManager = fieldManager
    self.fieldValidation = fieldValidation
  }

  var query: [APIRequest.QueryItem] {
    var query: [APIRequest.QueryItem] = []
    query.append("dryRun", dryRun ? "All" : nil)
    query.append("fieldManager", fieldManager)
    query.append("fieldValidation", fieldValidation?.rawValue)
    return query
  }
}

/// How, and on what conditions, an object is deleted.
public struct DeleteOptions: Sendable, Hashable {
  /// What happens to the objects that name it as their owner.
  public enum Propagation: String, Sendable, Hashable {
    /// They stay, without an owner.
    case orphan = "Orphan"
    /// They are deleted afterwards.
    case background = "Background"
    /// They are deleted first.
    case foreground = "Foreground"
  }

  /// What happens to the objects that name it as their owner; nil leaves it to the kind.
  public var propagation: Propagation?
  /// How long a graceful deletion may take; nil leaves it to the kind.
  public var gracePeriod: Duration?
  /// Delete only the object of this uid.
  public var uid: String?
  /// Delete only the object in this version.
  public var resourceVersion: String?
  /// Whether the server only checks and deletes nothing.
  public var dryRun: Bool

  /// Options; everything may be left out.
  public init(
    propagation: Propagation? = nil, gracePeriod: Duration? = nil, uid: String? = nil, resourceVersion: String? = nil,
    dryRun: Bool = false
  ) {
    self.propagation = propagation
    self.gracePeriod = gracePeriod
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.dryRun = dryRun
  }

  var body: APIRequest.Body {
    var json: JSONValue = ["apiVersion": "v1", "kind": "DeleteOptions"]
    if let propagation { json["propagationPolicy"] = .string(propagation.rawValue) }
    if let gracePeriod { json["gracePeriodSeconds"] = .integer(gracePeriod.components.seconds) }
    if let uid { json[path: "preconditions", "uid"] = .string(uid) }
    if let resourceVersion { json[path: "preconditions", "resourceVersion"] = .string(resourceVersion) }
    if dryRun { json["dryRun"] = ["All"] }
    return .init(json)
  }
}

/// A change of a part of an object.
public enum Patch: Sendable, Hashable {
  /// Operations in order, all or none (RFC 6902).
  case json([JSONValue])
  /// Fields to set; null removes, lists are replaced (RFC 7386).
  case merge(JSONValue)
  /// As `merge`, but lists are merged by key. Built-in kinds only.
  case strategic(JSONValue)
  /// Server-side apply: the fields that `manager` wants; those it wanted before and no longer names are removed.
  /// `force` takes fields over that another manager owns.
  case apply(JSONValue, manager: String, force: Bool = false)

  var verb: String {
    if case .apply = self { "apply" } else { "patch" }
  }

  var query: [APIRequest.QueryItem] {
    guard case .apply(_, let manager, let force) = self else { return [] }
    return [.init("fieldManager", manager)] + (force ? [.init("force", "true")] : [])
  }

  var body: APIRequest.Body {
    switch self {
    case .json(let operations): .init(contentType: "application/json-patch+json", .array(operations))
    case .merge(let patch): .init(contentType: "application/merge-patch+json", patch)
    case .strategic(let patch): .init(contentType: "application/strategic-merge-patch+json", patch)
    // JSON is YAML; the server knows the media type for apply only as YAML.
    case .apply(let object, _, _): .init(contentType: "application/apply-patch+yaml", object)
    }
  }
}

extension [APIRequest.QueryItem] {
  mutating func append(_ name: String, _ value: String?) {
    if let value { append(APIRequest.QueryItem(name, value)) }
  }
}
