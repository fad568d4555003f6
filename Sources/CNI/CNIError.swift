import JSON

/// An error as CNI plugins print it on standard output (CNI 1.1.0, section 5 "Error").
public struct CNIError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The standard's numbers; 100 and above are a plugin's own.
  public struct Code: RawRepresentable, Sendable, Hashable {
    public let rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// The configuration's version is not supported.
    public static let incompatibleVersion = Code(rawValue: 1)
    /// A field of the configuration asks for what is not supported; the message names it.
    public static let unsupportedField = Code(rawValue: 2)
    /// The container is unknown or gone: no cleaning up is needed.
    public static let unknownContainer = Code(rawValue: 3)
    /// A `CNI_...` environment variable is missing or wrong.
    public static let invalidEnvironment = Code(rawValue: 4)
    /// Reading or writing failed.
    public static let ioFailure = Code(rawValue: 5)
    /// The configuration is not JSON.
    public static let decodingFailure = Code(rawValue: 6)
    /// A field of the configuration is missing or wrong; the message names it.
    public static let invalidConfiguration = Code(rawValue: 7)
    /// Something passing: the runtime should try again.
    public static let tryAgainLater = Code(rawValue: 11)
    /// STATUS: the plugin cannot do an ADD.
    public static let notAvailable = Code(rawValue: 50)
    /// STATUS: the plugin cannot do an ADD, and the containers that it has attached may have lost connectivity.
    public static let limitedConnectivity = Code(rawValue: 51)
    /// Anything else that went wrong inside.
    public static let internalFailure = Code(rawValue: 999)
  }

  public var code: Code
  /// What went wrong, short.
  public var message: String
  /// More of it: values, reasons, what to do. May be empty.
  public var details: String

  public init(_ code: Code, _ message: String, details: String = "") {
    self.code = code
    self.message = message
    self.details = details
  }

  /// An error of a configuration's field, with the value that it has and what would be right.
  public static func invalidField(_ field: String, _ value: JSONValue?, expected: String) -> CNIError {
    CNIError(
      .invalidConfiguration, "invalid field \"\(field)\" in the network configuration",
      details: value.map { "\($0) is not \(expected)" } ?? "it is missing: give \(expected)")
  }

  /// Several failures of one command as one: the first, with all of them in the details. Nil when there is none.
  public init?(combining failures: [CNIError]) {
    guard let first = failures.first else { return nil }
    self = first
    if failures.count > 1 { details = failures.map(\.description).joined(separator: "; ") }
  }

  /// What a plugin printed when it failed; nil when that is no CNI error.
  public init?(json: JSONValue) {
    guard let code = json["code"]?.integer else { return nil }
    self.init(Code(rawValue: code), json["msg"]?.string ?? "", details: json["details"]?.string ?? "")
  }

  /// What a plugin prints.
  public func json(version: CNIVersion = .latest) -> JSONValue {
    var json: JSONValue = [
      "cniVersion": .string(version.rawValue), "code": .integer(code.rawValue), "msg": .string(message),
    ]
    if !details.isEmpty { json["details"] = .string(details) }
    return json
  }

  public var description: String {
    "\(message)\(details.isEmpty ? "" : ": \(details)") (CNI code \(code.rawValue))"
  }
}
