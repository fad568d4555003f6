import JSON

/// An error as the standard wants it on standard output (CNI 1.1.0, section 5 "Error").
struct PluginError: Error {
  var code: Int64
  var message: String
  var details: String

  static let supportedVersions: [JSONValue] = ["0.3.1", "0.4.0", "1.0.0", "1.1.0"]
  static let latestVersion: JSONValue = "1.1.0"

  /// Code 11: the runtime tries again. That is right at DEL too: the port of a pod that is gone must not stay. For STATUS it is
  /// code 50: no attachment can be made; those that are made go on.
  static func agentUnavailable(_ path: String, _ reason: String, command: String?) -> PluginError {
    PluginError(
      code: command == "STATUS" ? 50 : 11, message: "the netloom agent does not answer at \(path)",
      details:
        "\(reason): check that `netloom agent` runs on this node with --socket \(path); the call may then be repeated")
  }

  /// In the configuration's version, where that is known.
  func json(version: JSONValue?) -> JSONValue {
    [
      "cniVersion": version.flatMap { Self.supportedVersions.contains($0) ? $0 : nil } ?? Self.latestVersion,
      "code": .integer(code), "msg": .string(message), "details": .string(details),
    ]
  }
}
