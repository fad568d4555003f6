import JSON

/// An error as the standard wants it on standard output (CNI 1.0.0, section 5 "Error").
struct PluginError: Error {
  var code: Int64
  var message: String
  var details: String

  static let supportedVersions = ["0.3.1", "0.4.0", "1.0.0"]

  /// Code 11: the runtime tries again. That is right at DEL too: the port of a pod that is gone must not stay.
  static func agentUnavailable(_ path: String, _ reason: String) -> PluginError {
    PluginError(
      code: 11, message: "the netloom agent does not answer at \(path)",
      details:
        "\(reason): check that `netloom agent` runs on this node with --socket \(path); the call may then be repeated")
  }

  var json: JSONValue {
    ["cniVersion": "1.0.0", "code": .integer(code), "msg": .string(message), "details": .string(details)]
  }
}
