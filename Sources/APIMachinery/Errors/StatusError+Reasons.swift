import JSON

extension StatusError {
  /// 404: the object is not there.
  public static func notFound(_ resource: ResourceName, name: String) -> Self {
    about(resource, name, 404, "NotFound", "not found")
  }

  /// 409: an object of that name is there.
  public static func alreadyExists(_ resource: ResourceName, name: String) -> Self {
    about(resource, name, 409, "AlreadyExists", "already exists")
  }

  /// 409: the write was based on something that is no longer so. `resource.name` may be a kind, as for preconditions.
  public static func conflict(_ resource: ResourceName, name: String, _ why: String) -> Self {
    Self(
      code: 409, reason: "Conflict",
      message: "Operation cannot be fulfilled on \(resource) \"\(name)\": \(why)",
      details: Details(name: name, group: resource.group, kind: resource.name))
  }

  /// 409: the resourceVersion given is not the current one.
  public static func modified(_ resource: ResourceName, name: String) -> Self {
    conflict(
      resource, name: name,
      "the object has been modified; please apply your changes to the latest version and try again")
  }

  /// 409: a write met an object of another uid than the one it names.
  public static func uidMismatch(_ resource: ResourceName, name: String, precondition: String, actual: String) -> Self {
    conflict(
      resource, name: name, "Precondition failed: UID in precondition: \(precondition), UID in object meta: \(actual)")
  }

  /// 409: DELETE's `preconditions.uid` is not the object's. `kind` is the Kind, as Kubernetes has it there.
  public static func deletePreconditionUID(kind: ResourceName, name: String, expected: String, actual: String) -> Self {
    conflict(
      kind, name: name,
      "the UID in the precondition (\(expected)) does not match the UID in record (\(actual)). "
        + "The object might have been deleted and then recreated")
  }

  /// 409: DELETE's `preconditions.resourceVersion` is not the object's.
  public static func deletePreconditionResourceVersion(
    kind: ResourceName, name: String, expected: String, actual: String
  ) -> Self {
    conflict(
      kind, name: name,
      "the ResourceVersion in the precondition (\(expected)) does not match the ResourceVersion in record (\(actual)). "
        + "The object might have been modified")
  }

  /// 422: the object breaks rules; `errors` are the causes. `kind` may be empty (Kubernetes names none for a bad patch).
  public static func invalid(_ kind: ResourceName, name: String, _ errors: [FieldError]) -> Self {
    Self(
      code: 422, reason: "Invalid",
      message: "\(kind) \"\(name)\" is invalid: \(errors.joinedMessage)",
      details: Details(
        name: name, group: kind.group, kind: kind.name,
        causes: errors.map { Cause(reason: $0.reason.rawValue, message: $0.body, field: $0.field) }))
  }

  /// 422: the result of a patch cannot be read as an object of its kind.
  public static func invalidPatch(_ why: String) -> Self {
    invalid(
      ResourceName(group: "", name: ""), name: "",
      [FieldError("patch", .invalid, value: "\"<object>\"", detail: why)])
  }

  /// 422 without causes: a JSON patch that cannot be applied.
  public static func unprocessable(_ why: String) -> Self {
    Self(
      code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request: \(why)",
      details: Details())
  }

  /// 422: a replace that does not say which state it is based on.
  public static func resourceVersionRequired(_ resource: ResourceName, name: String) -> Self {
    invalid(resource, name: name, [.invalid("metadata.resourceVersion", 0, "must be specified for an update")])
  }

  /// 400: the request makes no sense.
  public static func badRequest(_ message: String) -> Self {
    Self(code: 400, reason: "BadRequest", message: message)
  }

  /// 400: the body cannot be read as an object of the kind that the path takes.
  public static func cannotBeHandled(kind: String, version: String, as target: String, _ why: String) -> Self {
    badRequest("\(kind) in version \"\(version)\" cannot be handled as a \(target): \(why)")
  }

  /// 400: the body's kind is not the path's (a built-in resource).
  public static func unknownConversion(kind: String, version: String, package: String, to target: String) -> Self {
    cannotBeHandled(
      kind: kind, version: version, as: target,
      "converting (\(package).\(kind)) to (core.\(target)): unknown conversion")
  }

  /// 400: the body's apiVersion is not the path's.
  public static func versionMismatch(data: String, expected: String) -> Self {
    badRequest("the API version in the data (\(data)) does not match the expected API version (\(expected))")
  }

  /// 400: name of body and path differ.
  public static func nameMismatch(object: String, url: String) -> Self {
    badRequest("the name of the object (\(object)) does not match the name on the URL (\(url))")
  }

  /// 400: namespace of body and path differ.
  public static let namespaceMismatch = badRequest(
    "the namespace of the provided object does not match the namespace sent on the request")

  /// 400: an update without a name.
  public static let nameRequired = badRequest("name must be provided")

  /// 401: the credentials are absent or wrong.
  public static func unauthorized() -> Self { Self(code: 401, reason: "Unauthorized", message: "Unauthorized") }

  /// 403: the request may not be done. Without a name it is about the resource as a whole.
  public static func forbidden(_ resource: ResourceName, name: String, _ why: String, causes: [Cause] = []) -> Self {
    let subject = name.isEmpty ? "\(resource)" : "\(resource) \"\(name)\""
    return Self(
      code: 403, reason: "Forbidden", message: "\(subject) is forbidden: \(why)",
      details: Details(name: name, group: resource.group, kind: resource.name, causes: causes))
  }

  /// 403: nothing new may be made in a namespace that goes away.
  public static func namespaceTerminating(_ resource: ResourceName, name: String, namespace: String) -> Self {
    forbidden(
      resource, name: name,
      "unable to create new content in namespace \(namespace) because it is being terminated",
      causes: [
        Cause(
          reason: "NamespaceTerminating", message: "namespace \(namespace) is being terminated",
          field: "metadata.namespace")
      ])
  }

  /// 404: no such resource in a group that exists.
  public static func unknownPath() -> Self {
    Self(code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: Details())
  }

  /// 405: the resource has no such verb.
  public static func methodNotAllowed() -> Self {
    Self(
      code: 405, reason: "MethodNotAllowed",
      message: "the server does not allow this method on the requested resource", details: Details())
  }

  /// 406 of a built-in resource.
  public static let notAcceptable = Self(
    code: 406, reason: "NotAcceptable",
    message: "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, "
      + "application/vnd.kubernetes.protobuf, application/json;stream=watch, "
      + "application/vnd.kubernetes.protobuf;stream=watch",
    details: Details())

  /// 406 of a custom resource.
  public static let notAcceptableCustomResource = Self(
    code: 406, reason: "NotAcceptable",
    message: "only the following media types are accepted: application/json, application/yaml, "
      + "application/vnd.kubernetes.protobuf")

  /// 415: the body's media type is none of `accepted`.
  public static func unsupportedMediaType(accepted: [String]) -> Self {
    Self(
      code: 415, reason: "UnsupportedMediaType",
      message: "the body of the request was in an unknown format - accepted media types include: "
        + accepted.joined(separator: ", "))
  }

  /// 410: the revision asked for is no longer kept.
  public static func expired(_ message: String) -> Self { Self(code: 410, reason: "Expired", message: message) }

  /// 410: what was asked for is no longer there.
  public static func gone(_ message: String) -> Self { Self(code: 410, reason: "Gone", message: message) }

  /// 410 as a watch says it: the revision asked for, and the oldest that is kept.
  public static func tooOldResourceVersion(_ asked: UInt64, oldest: UInt64) -> Self {
    expired("too old resource version: \(asked) (\(oldest))")
  }

  /// 504: the revision asked for lies in the future.
  public static func tooLargeResourceVersion(_ asked: UInt64, current: UInt64) -> Self {
    Self(
      code: 504, reason: "Timeout", message: "Timeout: Too large resource version: \(asked), current: \(current)",
      details: Details(
        causes: [Cause(reason: "ResourceVersionTooLarge", message: "Too large resource version")], retryAfterSeconds: 1)
    )
  }

  /// 500 without a reason: what Kubernetes answers where it did not expect an error.
  public static func internalFailure(_ message: String) -> Self { Self(code: 500, reason: nil, message: message) }

  /// 500 InternalError: the server failed.
  public static func internalError(_ why: String) -> Self {
    Self(
      code: 500, reason: "InternalError", message: "Internal error occurred: \(why)",
      details: Details(causes: [Cause(message: why)]))
  }

  /// 500: an object that is to be created may not bring a resourceVersion.
  public static let resourceVersionOnCreate = internalFailure(
    "resourceVersion should not be set on objects to be created")

  /// 501: a part of the Kubernetes API that this server does not have.
  public static func notImplemented(_ what: String) -> Self {
    Self(code: 501, reason: "NotImplemented", message: "\(what) is not implemented by this server")
  }

  /// 429: try again later.
  public static func tooManyRequests(_ message: String, retryAfterSeconds: Int) -> Self {
    Self(
      code: 429, reason: "TooManyRequests", message: message, details: Details(retryAfterSeconds: retryAfterSeconds))
  }

  /// 413: the body is larger than the server takes.
  public static func requestTooLarge(limit: Int) -> Self {
    Self(
      code: 413, reason: "RequestEntityTooLarge",
      message: "Request entity is too large: limit is \(limit)")
  }

  private static func about(
    _ resource: ResourceName, _ name: String, _ code: Int, _ reason: String, _ words: String
  ) -> Self {
    Self(
      code: code, reason: reason, message: "\(resource) \"\(name)\" \(words)",
      details: Details(name: name, group: resource.group, kind: resource.name))
  }
}
