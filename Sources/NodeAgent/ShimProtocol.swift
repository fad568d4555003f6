import CNI
import JSON

/// What `netloom-cni` sends: the plugin's variables and its standard input.
struct ShimRequest: Sendable, CustomStringConvertible {
  /// The name by which it was called: `netloom` or `netloom-ipam`.
  var plugin: String
  var command: String
  var containerID: String
  var namespacePath: String
  var interface: String
  var arguments: String
  var configuration: JSONValue

  /// Missing texts count as empty: the checks of the variables name them.
  init(json: JSONValue) {
    func text(_ key: String) -> String { json[key]?.string ?? "" }
    plugin = text("plugin")
    command = text("command")
    containerID = text("containerID")
    namespacePath = text("netns")
    interface = text("ifname")
    arguments = text("args")
    configuration = json["config"] ?? .null
  }

  /// Whether the command is about one container's interface.
  var concernsContainer: Bool { !["GC", "STATUS", "VERSION"].contains(command) }

  /// Whether it is for the multiplexer, not for the plugin itself.
  var isForMultiplexer: Bool { plugin != "netloom-ipam" && configuration["multiplexer"] != nil }

  var description: String { concernsContainer ? "\(command) of interface \(interface)" : command }

  /// The checked variables. Fails with ``CNIError/Code/invalidEnvironment``.
  func attachment() throws(CNIError) -> CNIAttachment {
    let attachment = CNIAttachment(
      containerID: containerID, namespacePath: namespacePath, interface: interface,
      arguments: try CNIAttachment.parseArguments(arguments))
    try attachment.validate(allowsEmptyNamespace: command == "DEL")
    return attachment
  }
}

/// What the plugin prints, and its exit status.
struct ShimAnswer: Sendable, Hashable {
  var exitStatus: Int64
  var standardOutput: String

  init(success output: JSONValue?) {
    exitStatus = 0
    standardOutput = output.map { "\($0)\n" } ?? ""
  }

  init(failure: CNIError, version: CNIVersion) {
    exitStatus = 1
    standardOutput = "\(failure.json(version: version))\n"
  }

  var json: JSONValue { ["exit": .integer(exitStatus), "stdout": .string(standardOutput)] }
}
