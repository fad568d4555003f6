public import JSON

/// One field of a manifest that is wrong: which, its value, and what would be right.
///
/// The text is that of Kubernetes' own field errors (k8s.io/apimachinery, validation/field), so that a status, a webhook
/// and kubectl speak alike: `spec.cidr: Invalid value: "10.10.13.5/24": it has host bits set; write 10.10.13.0/24`.
public struct FieldError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What sort of mistake it is; the raw value is Kubernetes' cause type.
  public enum Kind: String, Sendable, Hashable {
    /// The field is missing.
    case required = "FieldValueRequired"
    /// The value is not right.
    case invalid = "FieldValueInvalid"
    /// The value is not one of those that are supported here.
    case notSupported = "FieldValueNotSupported"
    /// The value occurs twice, or is taken by another object.
    case duplicate = "FieldValueDuplicate"
    /// The field names something that does not exist.
    case notFound = "FieldValueNotFound"
    /// The field may not be set so by this author.
    case forbidden = "FieldValueForbidden"
  }

  /// What sort of mistake it is.
  public let kind: Kind
  /// The field: `spec.pools[0].start`.
  public let path: FieldPath
  /// The value that was found; nil where none is shown.
  public let value: JSONValue?
  /// What is wrong with it, and what would be right.
  public let message: String

  init(_ kind: Kind, _ path: FieldPath, _ value: JSONValue?, _ message: String) {
    self.kind = kind
    self.path = path
    self.value = value
    self.message = message
  }

  /// The field is missing.
  public static func required(_ path: FieldPath, _ message: String) -> FieldError {
    FieldError(.required, path, nil, message)
  }

  /// The value is not right.
  public static func invalid(_ path: FieldPath, _ value: JSONValue, _ message: String) -> FieldError {
    FieldError(.invalid, path, value, message)
  }

  /// The value is not supported here.
  public static func notSupported(_ path: FieldPath, _ value: JSONValue, _ message: String) -> FieldError {
    FieldError(.notSupported, path, value, message)
  }

  /// The value occurs twice, or is taken by another object.
  public static func duplicate(_ path: FieldPath, _ value: JSONValue, _ message: String) -> FieldError {
    FieldError(.duplicate, path, value, message)
  }

  /// The field names something that does not exist.
  public static func notFound(_ path: FieldPath, _ value: JSONValue, _ message: String) -> FieldError {
    FieldError(.notFound, path, value, message)
  }

  /// The field may not be set so.
  public static func forbidden(_ path: FieldPath, _ value: JSONValue? = nil, _ message: String) -> FieldError {
    FieldError(.forbidden, path, value, message)
  }

  /// The whole error without the path: what Kubernetes puts into the message of a cause.
  public var detail: String {
    let title =
      switch kind {
      case .required: "Required value"
      case .invalid: "Invalid value"
      case .notSupported: "Unsupported value"
      case .duplicate: "Duplicate value"
      case .notFound: "Not found"
      case .forbidden: "Forbidden"
      }
    return ([title] + [value?.description, message].compactMap { $0 }).joined(separator: ": ")
  }

  /// The whole error in one line.
  public var description: String { "\(path): \(detail)" }

  /// The reason of the condition `Accepted` that reports this error.
  public var conditionReason: String {
    switch kind {
    case .required, .invalid: ConditionReason.invalid
    case .notSupported: ConditionReason.notSupported
    case .duplicate: ConditionReason.conflict
    case .notFound: ConditionReason.referenceNotFound
    case .forbidden: ConditionReason.referenceNotPermitted
    }
  }
}

/// Everything that is wrong with one object; never empty.
public struct InvalidFields: Error, Sendable, Hashable, CustomStringConvertible {
  /// The mistakes in the order of the fields.
  public let errors: [FieldError]

  /// All of them in one line.
  public var description: String { errors.map(\.description).joined(separator: "; ") }
}

/// Where a field stands in its object: `spec.pools[0].start`.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
  /// The path as Kubernetes writes it.
  public let description: String

  /// A path that is known in full.
  public init(stringLiteral path: String) {
    description = path
  }

  private init(_ description: String) {
    self.description = description
  }

  /// `spec`, where most begin.
  public static let spec: FieldPath = "spec"

  /// The field of that name inside.
  public func child(_ name: String) -> FieldPath { FieldPath("\(description).\(name)") }

  /// The item at that place inside.
  public subscript(_ index: Int) -> FieldPath { FieldPath("\(description)[\(index)]") }
}
