import JSON

/// The query of a list, watch or collection delete.
public struct ListOptions: Sendable, Hashable {
  /// How `resourceVersion` is meant.
  public enum ResourceVersionMatch: String, Sendable { case exact = "Exact", notOlderThan = "NotOlderThan" }

  /// Most objects of one page; nil or zero is no limit.
  public var limit: Int?
  /// The continue token; empty for the first page.
  public var continueToken = ""
  /// The revision asked for; empty for the newest.
  public var resourceVersion = ""
  /// How ``resourceVersion`` is meant; nil when the request does not say.
  public var resourceVersionMatch: ResourceVersionMatch?
  /// The label selector as it was given.
  public var labelSelector = ""
  /// The field selector as it was given.
  public var fieldSelector = ""
  /// Whether the request is a watch.
  public var watch = false
  /// Whether the client takes bookmarks.
  public var allowWatchBookmarks = false
  /// Whether a watch begins with the present objects; nil when the request does not say.
  public var sendInitialEvents: Bool?
  /// After how many seconds a watch ends; nil when the server chooses.
  public var timeoutSeconds: Int64?

  /// Reads the query, already percent-decoded. 400 for what cannot be read, 422 for what does not fit together.
  public static func parse(_ query: [String: [String]]) throws(StatusError) -> ListOptions {
    let query = QueryReader(query)
    var options = ListOptions()
    options.limit = try query.integer("limit").map { Int(clamping: $0) }
    options.continueToken = query.text("continue")
    options.resourceVersion = query.text("resourceVersion")
    options.labelSelector = query.text("labelSelector")
    options.fieldSelector = query.text("fieldSelector")
    options.watch = try query.bool("watch") ?? false
    options.allowWatchBookmarks = try query.bool("allowWatchBookmarks") ?? false
    options.sendInitialEvents = try query.bool("sendInitialEvents")
    options.timeoutSeconds = try query.integer("timeoutSeconds")
    let match = query.text("resourceVersionMatch")
    options.resourceVersionMatch = ResourceVersionMatch(rawValue: match)
    let errors = options.errors(match: match)
    guard errors.isEmpty else {
      throw .invalid(ResourceName(group: "meta.k8s.io", name: "ListOptions"), name: "", errors)
    }
    return options
  }

  private func errors(match: String) -> [FieldError] {
    let field = "resourceVersionMatch"
    var errors: [FieldError] = []
    if watch {
      if sendInitialEvents == nil, !match.isEmpty {
        errors.append(
          .forbidden(field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
      }
      if sendInitialEvents != nil, match != "NotOlderThan" {
        errors.append(.forbidden(field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
      }
      return errors
    }
    if sendInitialEvents != nil {
      errors.append(.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    }
    guard !match.isEmpty else { return errors }
    if resourceVersion.isEmpty {
      errors.append(.forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
    }
    if !continueToken.isEmpty {
      errors.append(.forbidden(field, "resourceVersionMatch is forbidden when continue is provided"))
    }
    if resourceVersionMatch == nil {
      errors.append(.notSupported(field, .string(match), supported: ["Exact", "NotOlderThan", ""]))
    }
    if match == "Exact", resourceVersion == "0" {
      errors.append(.forbidden(field, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
    }
    return errors
  }
}

/// Typed values of a query; 400 with Go's words for what is malformed.
struct QueryReader {
  let values: [String: [String]]

  init(_ values: [String: [String]]) { self.values = values }

  func text(_ key: String) -> String { values[key]?.first ?? "" }

  func integer(_ key: String) throws(StatusError) -> Int64? {
    let text = text(key)
    guard !text.isEmpty else { return nil }
    guard let value = Int64(text) else {
      throw .badRequest("strconv.ParseInt: parsing \(goQuoted(text)): invalid syntax")
    }
    return value
  }

  /// Present without a value means true; `false` and `0` are false, all else true, as Kubernetes reads it.
  func bool(_ key: String) throws(StatusError) -> Bool? {
    guard let text = values[key]?.first else { return nil }
    return !["false", "0"].contains(text.lowercased())
  }
}
