import JSON

/// A failure as a Kubernetes API server reports it: a `Status` object and the HTTP status code it goes with.
public struct StatusError: Error, Sendable, Hashable {
  /// One of the causes in the details of a Status.
  public struct Cause: Sendable, Hashable {
    /// A machine-readable word (`FieldValueInvalid`); empty when there is none.
    public var reason: String
    /// What is wrong.
    public var message: String
    /// The field it is about; empty when there is none.
    public var field: String

    /// A cause of the details of a Status.
    public init(reason: String = "", message: String = "", field: String = "") {
      self.reason = reason
      self.message = message
      self.field = field
    }
  }

  /// The object, kind and causes that the failure is about; empty texts are left out.
  public struct Details: Sendable, Hashable {
    /// Name of the object.
    public var name = ""
    /// API group of the object.
    public var group = ""
    /// Kind, or plural resource name, of the object.
    public var kind = ""
    /// UID of the object.
    public var uid = ""
    /// What is wrong, one by one.
    public var causes: [Cause] = []
    /// After how many seconds the client should try again.
    public var retryAfterSeconds: Int?

    /// Details of a Status.
    public init(
      name: String = "", group: String = "", kind: String = "", uid: String = "", causes: [Cause] = [],
      retryAfterSeconds: Int? = nil
    ) {
      self.name = name
      self.group = group
      self.kind = kind
      self.uid = uid
      self.causes = causes
      self.retryAfterSeconds = retryAfterSeconds
    }

    /// The details as JSON.
    public var json: JSONValue {
      var object: [String: JSONValue] = [:]
      for (key, text) in [("name", name), ("group", group), ("kind", kind), ("uid", uid)] where !text.isEmpty {
        object[key] = .string(text)
      }
      if !causes.isEmpty { object["causes"] = .array(causes.map(\.json)) }
      if let retryAfterSeconds { object["retryAfterSeconds"] = .integer(Int64(retryAfterSeconds)) }
      return .object(object)
    }
  }

  /// The HTTP status code.
  public var code: Int
  /// The machine-readable reason (`NotFound`, `Conflict`, ...); nil where Kubernetes gives none.
  public var reason: String?
  /// What went wrong, for people.
  public var message: String
  /// What it is about; nil where Kubernetes leaves the key out.
  public var details: Details?
  /// Warnings to send with the answer.
  public var warnings: [String] = []

  /// A failure with exactly these parts; the static functions of this type know the usual ones.
  public init(code: Int, reason: String?, message: String, details: Details? = nil) {
    self.code = code
    self.reason = reason
    self.message = message
    self.details = details
  }

  /// The `Status` object that is the body of the answer.
  public var status: JSONValue {
    var object: [String: JSONValue] = [
      "kind": "Status", "apiVersion": "v1", "metadata": .object([:]), "status": "Failure", "message": .string(message),
      "code": .integer(Int64(code)),
    ]
    if let reason { object["reason"] = .string(reason) }
    if let details { object["details"] = details.json }
    return .object(object)
  }

  /// The same failure with warnings.
  func warning(of warnings: [String]) -> Self {
    var copy = self
    copy.warnings += warnings
    return copy
  }

  /// The `Status` object of a success, as DELETE answers it.
  public static func success(details: Details) -> JSONValue {
    ["kind": "Status", "apiVersion": "v1", "metadata": .object([:]), "status": "Success", "details": details.json]
  }
}

extension StatusError.Cause {
  /// The cause as JSON.
  public var json: JSONValue {
    var object: [String: JSONValue] = [:]
    for (key, text) in [("reason", reason), ("message", message), ("field", field)] where !text.isEmpty {
      object[key] = .string(text)
    }
    return .object(object)
  }
}

extension StatusError: CustomStringConvertible {
  public var description: String { "\(code) \(reason ?? ""): \(message)" }
}
