import JSON

/// One attachment of a container to a network: what the runtime tells a plugin beside the configuration (CNI 1.1.0,
/// section 2 "Parameters").
public struct CNIAttachment: Sendable, Hashable {
  public var containerID: String
  /// The path of the container's network namespace; may be empty at DEL.
  public var namespacePath: String
  /// The interface to make in the container.
  public var interface: String
  /// `CNI_ARGS`: `K8S_POD_NAMESPACE` and the like.
  public var arguments: [String: String]
  /// Values for plugins that have the capability of that name; they appear as `runtimeConfig`.
  public var capabilityArguments: [String: JSONValue]
  /// Values for every plugin that wants them; they appear as `args.cni` (CNI conventions, "args in network config").
  public var configurationArguments: [String: JSONValue]

  public init(
    containerID: String, namespacePath: String, interface: String, arguments: [String: String] = [:],
    capabilityArguments: [String: JSONValue] = [:], configurationArguments: [String: JSONValue] = [:]
  ) {
    self.containerID = containerID
    self.namespacePath = namespacePath
    self.interface = interface
    self.arguments = arguments
    self.capabilityArguments = capabilityArguments
    self.configurationArguments = configurationArguments
  }

  /// Checks the texts as the specification asks. Fails with ``CNIError/Code/invalidEnvironment`` and the variable's name.
  public func validate(allowsEmptyNamespace: Bool = false) throws(CNIError) {
    guard isCNIName(containerID) else {
      throw .invalidVariable(
        "CNI_CONTAINERID", containerID, expected: "letters, digits, \"_\", \".\" and \"-\", first a letter or digit")
    }
    let isInterfaceName =
      (1...15).contains(interface.utf8.count) && interface != "." && interface != ".."
      && interface.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
    guard isInterfaceName else {
      throw .invalidVariable(
        "CNI_IFNAME", interface, expected: "an interface name of 1 to 15 bytes without \"/\", \":\" and spaces")
    }
    if namespacePath.isEmpty && !allowsEmptyNamespace {
      throw .invalidVariable("CNI_NETNS", namespacePath, expected: "the path of a network namespace")
    }
  }

  /// Reads `CNI_ARGS`: `KEY=value;KEY=value`.
  public static func parseArguments(_ text: String) throws(CNIError) -> [String: String] {
    var arguments: [String: String] = [:]
    for pair in text.split(separator: ";") {
      guard let equals = pair.firstIndex(of: "="), equals > pair.startIndex else {
        throw .invalidVariable("CNI_ARGS", text, expected: "a list KEY=value;KEY=value")
      }
      arguments[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
    }
    return arguments
  }
}

/// What tells an attachment of a network from its others (CNI 1.1.0, section 2 "GC").
public struct AttachmentKey: Sendable, Hashable {
  public var containerID: String
  public var interface: String

  public init(containerID: String, interface: String) {
    self.containerID = containerID
    self.interface = interface
  }
}

extension CNIAttachment {
  /// See ``AttachmentKey``.
  public var key: AttachmentKey { AttachmentKey(containerID: containerID, interface: interface) }
}

extension CNIError {
  /// An error of a `CNI_...` variable, with the value that it has and what would be right.
  public static func invalidVariable(_ name: String, _ value: String, expected: String) -> CNIError {
    CNIError(.invalidEnvironment, "invalid environment variable \(name)", details: "\"\(value)\" is not \(expected)")
  }
}
