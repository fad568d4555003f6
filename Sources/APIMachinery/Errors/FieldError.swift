import JSON

/// One violation at one field, with the reason and the words that a Kubernetes API server uses
/// (k8s.io/apimachinery `field.Error`).
public struct FieldError: Error, Sendable, Hashable {
  /// What is wrong. The raw value is the `reason` of a Status cause.
  public enum Reason: String, Sendable, Hashable {
    case required = "FieldValueRequired"
    case notFound = "FieldValueNotFound"
    case duplicate = "FieldValueDuplicate"
    case invalid = "FieldValueInvalid"
    case notSupported = "FieldValueNotSupported"
    case forbidden = "FieldValueForbidden"
    case tooLong = "FieldValueTooLong"
    case tooMany = "FieldValueTooMany"
    case internalError = "InternalError"
    case typeInvalid = "FieldValueTypeInvalid"

    var words: String {
      switch self {
      case .required: "Required value"
      case .notFound: "Not found"
      case .duplicate: "Duplicate value"
      case .invalid, .typeInvalid: "Invalid value"
      case .notSupported: "Unsupported value"
      case .forbidden: "Forbidden"
      case .tooLong: "Too long"
      case .tooMany: "Too many"
      case .internalError: "Internal error"
      }
    }
  }

  /// The path of the field (`spec.ports[0].name`); `<nil>` where the error is about no field.
  public var field: String
  /// What is wrong with it.
  public var reason: Reason
  /// The reason, the value and the detail as one text: what a Status cause says.
  public var body: String

  /// The path and the body: one element of the message of an Invalid Status.
  public var message: String { "\(field): \(body)" }

  init(_ field: String, _ reason: Reason, value: String? = nil, detail: String = "") {
    self.field = field
    self.reason = reason
    body = ([reason.words] + [value, detail].compactMap { $0 }.filter { !$0.isEmpty }).joined(separator: ": ")
  }

  /// A field that must be there.
  public static func required(_ field: String, _ detail: String = "") -> Self {
    Self(field, .required, detail: detail)
  }

  /// A value that is not as it must be.
  public static func invalid(_ field: String, _ value: JSONValue, _ detail: String) -> Self {
    Self(field, .invalid, value: goValue(value), detail: detail)
  }

  /// A value of another type than the field's.
  public static func typeInvalid(_ field: String, _ value: JSONValue, _ detail: String) -> Self {
    Self(field, .typeInvalid, value: goValue(value), detail: detail)
  }

  /// Something that must not be set, or not be changed.
  public static func forbidden(_ field: String, _ detail: String) -> Self {
    Self(field, .forbidden, detail: detail)
  }

  /// A value that may be there once only.
  public static func duplicate(_ field: String, _ value: JSONValue) -> Self {
    Self(field, .duplicate, value: goValue(value))
  }

  /// A value outside an enumeration.
  public static func notSupported(_ field: String, _ value: JSONValue, supported: [String]) -> Self {
    let list = supported.map(goQuoted).joined(separator: ", ")
    return Self(field, .notSupported, value: goValue(value), detail: "supported values: \(list)")
  }

  /// A text that is longer than `limit` bytes.
  public static func tooLong(_ field: String, limit: Int) -> Self {
    Self(field, .tooLong, detail: "may not be more than \(limit) bytes")
  }

  /// A list of more than `limit` elements.
  public static func tooMany(_ field: String, count: Int, limit: Int) -> Self {
    Self(field, .tooMany, value: "\(count)", detail: "must have at most \(limit) items")
  }

  /// The same error with `prefix` put before its path.
  public func under(_ prefix: String) -> Self {
    var copy = self
    copy.field = field.hasPrefix("[") ? prefix + field : "\(prefix).\(field)"
    return copy
  }
}

extension [FieldError] {
  /// The texts joined as Go's aggregate error does: one alone, several in brackets, repeated ones once.
  public var joinedMessage: String {
    var seen = Set<String>()
    let messages = map(\.message).filter { seen.insert($0).inserted }
    return messages.count == 1 ? messages[0] : "[\(messages.joined(separator: ", "))]"
  }
}
