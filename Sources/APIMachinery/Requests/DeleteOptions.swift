import JSON

/// What a DELETE asks for, in its body or its query.
public struct DeleteOptions: Sendable, Hashable {
  /// What becomes of dependents.
  public enum Propagation: String, Sendable {
    case foreground = "Foreground", background = "Background", orphan = "Orphan"
  }

  /// Seconds that the object has to end; nil for the kind's own.
  public var gracePeriodSeconds: Int64?
  /// What becomes of dependents; nil for the kind's own rule.
  public var propagationPolicy: Propagation?
  /// Only an object of this uid may be deleted.
  public var preconditionUID: String?
  /// Only this state of the object may be deleted.
  public var preconditionResourceVersion: String?
  /// Whether everything is to be checked and nothing done.
  public var dryRun = false

  /// No wishes.
  public init() {}

  /// Reads body and query; what the body says counts first. 400 or 422 for what is not valid.
  public static func parse(body: JSONValue?, query: [String: [String]]) throws(StatusError) -> DeleteOptions {
    let query = QueryReader(query)
    var options = DeleteOptions()
    if let body, !body.isNull, let kind = body["kind"]?.string, kind != "DeleteOptions" {
      throw .badRequest("\(kind) cannot be handled as DeleteOptions")
    }
    options.gracePeriodSeconds = try query.integer("gracePeriodSeconds")
    if let seconds = body?["gracePeriodSeconds"]?.integer { options.gracePeriodSeconds = seconds }
    options.preconditionUID = body?[path: "preconditions", "uid"]?.string
    options.preconditionResourceVersion = body?[path: "preconditions", "resourceVersion"]?.string
    let dryRun = body?["dryRun"]?.array?.compactMap(\.string) ?? query.values["dryRun"] ?? []
    options.dryRun = try parseDryRun(dryRun, options: "DeleteOptions")

    let policy = body?["propagationPolicy"]?.string ?? query.text("propagationPolicy")
    let orphanText = query.text("orphanDependents")
    let orphan = body?["orphanDependents"]?.bool ?? (orphanText.isEmpty ? nil : orphanText == "true")
    var errors: [FieldError] = []
    if !policy.isEmpty, orphan != nil {
      errors.append(
        .invalid(
          "propagationPolicy", .string(policy), "orphanDependents and deletionPropagation cannot be both set"))
    }
    if !policy.isEmpty, Propagation(rawValue: policy) == nil {
      errors.append(
        .notSupported(
          "propagationPolicy", .string(policy), supported: ["Foreground", "Background", "Orphan", "nil"]))
    }
    guard errors.isEmpty else {
      throw .invalid(ResourceName(group: "meta.k8s.io", name: "DeleteOptions"), name: "", errors)
    }
    options.propagationPolicy = Propagation(rawValue: policy) ?? orphan.map { $0 ? .orphan : .background }
    return options
  }

  /// Whether `dryRun=All` was given; 422 for anything else. `options` is the kind that the 422 names.
  public static func parseDryRun(_ values: [String], options: String) throws(StatusError) -> Bool {
    let values = values.filter { !$0.isEmpty }
    guard values.allSatisfy({ $0 == "All" }) else {
      throw .invalid(
        ResourceName(group: "meta.k8s.io", name: options), name: "",
        [.notSupported("dryRun", .array(values.map(JSONValue.string)), supported: ["All"])])
    }
    return !values.isEmpty
  }
}
