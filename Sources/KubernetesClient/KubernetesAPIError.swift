public import JSON

/// Why something that was asked of the API server was not done.
///
/// Either the server's own `Status` (`code` is the HTTP status) or a failure on this side (`code` is 0 and `reason` one
/// of `transport`, `undecodable`, `configuration`, `credentials`).
public struct KubernetesAPIError: Error, Sendable, Hashable {
  /// Why, for programs (`metav1.StatusReason`, and those of this side). Open: servers may send others.
  public struct Reason: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The word in `Status.reason`.
    public var rawValue: String
    /// A reason of this word.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The word.
    public var description: String { rawValue }

    /// 400: the request is malformed.
    public static let badRequest = Self(rawValue: "BadRequest")
    /// 401: the credentials were not accepted.
    public static let unauthorized = Self(rawValue: "Unauthorized")
    /// 403: not allowed.
    public static let forbidden = Self(rawValue: "Forbidden")
    /// 404: there is no such object or kind.
    public static let notFound = Self(rawValue: "NotFound")
    /// 405: the resource does not support the verb.
    public static let methodNotAllowed = Self(rawValue: "MethodNotAllowed")
    /// 409: an object of this name exists.
    public static let alreadyExists = Self(rawValue: "AlreadyExists")
    /// 409: the object changed meanwhile; read it again.
    public static let conflict = Self(rawValue: "Conflict")
    /// 410: the resource version is too old to watch from.
    public static let gone = Self(rawValue: "Gone")
    /// 410: the resource version or the continue token has expired.
    public static let expired = Self(rawValue: "Expired")
    /// 413: the request is too large.
    public static let requestEntityTooLarge = Self(rawValue: "RequestEntityTooLarge")
    /// 415: the server does not accept this kind of body.
    public static let unsupportedMediaType = Self(rawValue: "UnsupportedMediaType")
    /// 422: the object breaks a rule; see `causes`.
    public static let invalid = Self(rawValue: "Invalid")
    /// 429: too many requests; see `retryAfter`.
    public static let tooManyRequests = Self(rawValue: "TooManyRequests")
    /// 500: the server failed.
    public static let internalError = Self(rawValue: "InternalError")
    /// 503: the server cannot answer now.
    public static let serviceUnavailable = Self(rawValue: "ServiceUnavailable")
    /// 504: the server could not finish in time.
    public static let timeout = Self(rawValue: "Timeout")
    /// 504: the server asks to try again.
    public static let serverTimeout = Self(rawValue: "ServerTimeout")
    /// The server gave no reason that fits the HTTP status.
    public static let unknown = Self(rawValue: "Unknown")

    /// This side: there was no complete answer. A write may or may not have been done.
    public static let transport = Self(rawValue: "transport")
    /// This side: the answer is not what was expected of this kind.
    public static let undecodable = Self(rawValue: "undecodable")
    /// This side: the configuration cannot be used.
    public static let configuration = Self(rawValue: "configuration")
    /// This side: credentials could not be had.
    public static let credentials = Self(rawValue: "credentials")
  }

  /// One cause of an `invalid` object.
  public struct Cause: Sendable, Hashable, CustomStringConvertible {
    /// The sort of mistake, for example `FieldValueInvalid`.
    public var reason: String
    /// The field, for example `spec.segmentationID`; empty when it is about the whole.
    public var field: String
    /// What is wrong with it.
    public var message: String

    /// A cause of the parts.
    public init(reason: String, field: String, message: String) {
      self.reason = reason
      self.field = field
      self.message = message
    }

    /// `spec.vlan: must be ...`.
    public var description: String { field.isEmpty ? message : "\(field): \(message)" }
  }

  /// What was attempted, and on what: `get Pod test/a`.
  public var attempt: String
  /// The HTTP status, or 0 when the failure is on this side.
  public var code: Int
  /// Why, for programs.
  public var reason: Reason
  /// Why, for people.
  public var message: String
  /// The fields that are wrong.
  public var causes: [Cause]
  /// How long the server asks to wait.
  public var retryAfter: Duration?

  /// An error of the parts.
  public init(
    attempt: String, code: Int = 0, reason: Reason, message: String, causes: [Cause] = [], retryAfter: Duration? = nil
  ) {
    self.attempt = attempt
    self.code = code
    self.reason = reason
    self.message = message
    self.causes = causes
    self.retryAfter = retryAfter
  }

  /// Whether there is no such object or kind.
  public var isNotFound: Bool { reason == .notFound }
  /// Whether the object changed meanwhile.
  public var isConflict: Bool { reason == .conflict }
  /// Whether an object of this name exists.
  public var isAlreadyExists: Bool { reason == .alreadyExists }
  /// Whether a list or a watch must begin anew.
  public var isGone: Bool { code == 410 || reason == .gone || reason == .expired }
}

extension KubernetesAPIError {
  /// Reads a `Status` object; what is not one becomes an error of the HTTP status and the beginning of the text.
  ///
  /// - Parameters:
  ///   - body: the answer's body, or the object of a watch's `ERROR` event.
  ///   - code: the HTTP status, used when the `Status` has no code.
  public init(attempt: String, code: Int, body: JSONValue?, text: String = "", retryAfter: Duration? = nil) {
    let status = body?["kind"] == "Status" ? body : nil
    let details = status?["details"]
    let code = status?["code"]?.integer.map(Int.init) ?? code
    let seconds = details?["retryAfterSeconds"]?.integer
    self.init(
      attempt: attempt,
      code: code,
      reason: status?["reason"]?.string.flatMap { $0.isEmpty ? nil : Reason(rawValue: $0) } ?? Self.reason(of: code),
      message: status?["message"]?.string ?? (text.isEmpty ? "HTTP status \(code)" : String(text.prefix(1024))),
      causes: (details?["causes"]?.array ?? []).map {
        Cause(
          reason: $0["reason"]?.string ?? "", field: $0["field"]?.string ?? "", message: $0["message"]?.string ?? "")
      },
      retryAfter: retryAfter ?? seconds.map { .seconds($0) })
  }

  private static func reason(of code: Int) -> Reason {
    switch code {
    case 400: .badRequest
    case 401: .unauthorized
    case 403: .forbidden
    case 404: .notFound
    case 405: .methodNotAllowed
    case 409: .conflict
    case 410: .gone
    case 413: .requestEntityTooLarge
    case 415: .unsupportedMediaType
    case 422: .invalid
    case 429: .tooManyRequests
    case 500: .internalError
    case 503: .serviceUnavailable
    case 504: .timeout
    default: .unknown
    }
  }
}

extension KubernetesAPIError: CustomStringConvertible {
  /// `cannot get Pod test/a: pods "a" not found (NotFound, 404)`.
  public var description: String {
    "cannot \(attempt): \(message) (\(code == 0 ? "\(reason)" : "\(reason), \(code)"))"
  }
}
