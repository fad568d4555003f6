import JSON

/// The configuration of one plugin (CNI 1.1.0, section 1 "Plugin configuration objects"), as it comes on the plugin's
/// standard input.
public struct NetworkConfiguration: Sendable, Hashable {
  public let version: CNIVersion
  /// The network's name.
  public let name: String
  /// The plugin: the name of its executable.
  public let type: String
  /// The whole object; a plugin reads its own fields here.
  public let json: JSONValue

  /// Checks the fields that every configuration has. Fails with ``CNIError/Code/invalidConfiguration`` and the field's name,
  /// or ``CNIError/Code/incompatibleVersion``.
  public init(json: JSONValue) throws(CNIError) {
    try self.init(json: json, version: json["cniVersion"], name: json["name"])
  }

  /// Fails with ``CNIError/Code/decodingFailure`` when the text is not JSON.
  public init(parsing text: [UInt8]) throws(CNIError) {
    try self.init(json: parseJSON(text))
  }

  /// A plugin of a list, which gets its version and name from the list.
  init(json: JSONValue, version: JSONValue?, name: JSONValue?) throws(CNIError) {
    guard json.object != nil else {
      throw .invalidField("(top level)", .string(json.typeName), expected: "an object")
    }
    self.version = try parseVersion(version)
    guard let networkName = name?.string, isCNIName(networkName) else {
      throw .invalidField(
        "name", name, expected: "a name of letters, digits, \"_\", \".\" and \"-\" that begins with a letter or digit")
    }
    guard let type = json["type"]?.string, !type.isEmpty, !type.contains("/") else {
      throw .invalidField("type", json["type"], expected: "the name of a plugin's executable, without a path")
    }
    for field in ["ipam", "dns", "capabilities", "runtimeConfig", "args", "prevResult"] {
      if let value = json[field], value.object == nil, !value.isNull {
        throw .invalidField(field, value, expected: "an object")
      }
    }
    self.name = networkName
    self.type = type
    self.json = json
  }

  /// The same in another version.
  init(_ configuration: NetworkConfiguration, _ version: CNIVersion) {
    self.version = version
    (name, type, json) = (configuration.name, configuration.type, configuration.json)
  }

  /// What the previous plugin, or at CHECK and DEL the ADD before, returned; nil when there is none.
  public func previousResult() throws(CNIError) -> CNIResult? {
    guard let json = json["prevResult"], !json.isNull else { return nil }
    return try CNIResult(json: json)
  }

  /// What GC is told to keep: `cni.dev/valid-attachments`, or `cni.dev/attachments` as the first runtimes of CNI 1.1 wrote
  /// it. Fails with ``CNIError/Code/invalidConfiguration`` when it is missing or wrong: nothing must be removed by mistake.
  public func validAttachments() throws(CNIError) -> Set<AttachmentKey> {
    let field = "cni.dev/valid-attachments"
    let value = json[field] ?? json["cni.dev/attachments"]
    guard let elements = value?.array else {
      throw .invalidField(field, value, expected: #"a list of {"containerID": ..., "ifname": ...}"#)
    }
    var keys: Set<AttachmentKey> = []
    for (position, element) in elements.enumerated() {
      guard let container = element["containerID"]?.string, let interface = element["ifname"]?.string else {
        throw .invalidField(
          "\(field)[\(position)]", element, expected: #"of the form {"containerID": ..., "ifname": ...}"#)
      }
      keys.insert(AttachmentKey(containerID: container, interface: interface))
    }
    return keys
  }

  /// The names of the capabilities that the plugin says it has.
  public var capabilities: Set<String> {
    Set((json["capabilities"]?.object ?? [:]).filter { $0.value == true }.keys)
  }
}

func parseJSON(
  _ text: [UInt8], _ subject: String = "the network configuration"
) throws(CNIError) -> JSONValue {
  do {
    return try JSONValue(parsing: text)
  } catch {
    throw CNIError(.decodingFailure, "\(subject) is not JSON", details: "\(error)")
  }
}

func parseVersion(_ json: JSONValue?) throws(CNIError) -> CNIVersion {
  guard let text = json?.string else { throw .invalidField("cniVersion", json, expected: "a version like \"1.0.0\"") }
  return try CNIVersion(negotiating: text)
}

/// Whether the text may name a network or a container: letters, digits, `_`, `.`, `-`, first a letter or digit.
func isCNIName(_ text: String) -> Bool {
  func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }
  guard let first = text.utf8.first, isAlphanumeric(first) else { return false }
  return text.utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
}
