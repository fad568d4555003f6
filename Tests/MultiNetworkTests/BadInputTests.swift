import CNI
import JSON
import Testing

@testable import MultiNetwork

/// Every field wrong in turn: what stands there, and the exact words of the error.
@Suite("Bad input")
struct BadInputTests {
  /// A member of the multiplexer's configuration, its wrong value, what the error says is expected.
  static let configurations: [(field: String, value: JSONValue, expected: String)] = {
    let network =
      "the path of a file, the namespace/name of a NetworkAttachmentDefinition or a configuration's name"
    let path = "a path that begins with \"/\""
    let namespaces = "a list of namespaces"
    return [
      ("clusterNetwork", "", network), ("clusterNetwork", 1, network), ("clusterNetwork", ["a"], network),
      ("clusterNetwork", "A/b", network), ("clusterNetwork", "a/b/c", network), ("clusterNetwork", "a/", network),
      ("clusterNetwork", nil, network), ("confDir", "", path), ("confDir", "net.d", path), ("confDir", 7, path),
      ("confDir", [], path), ("confDir", nil, path), ("namespaceIsolation", "true", "true or false"),
      ("namespaceIsolation", 1, "true or false"), ("namespaceIsolation", nil, "true or false"),
      ("globalNamespaces", "default", namespaces), ("globalNamespaces", true, namespaces),
      ("globalNamespaces", ["a": 1], namespaces), ("globalNamespaces", nil, namespaces),
      ("readinessIndicatorFile", "ready", path), ("readinessIndicatorFile", false, path),
      ("readinessIndicatorFile", "", path),
      (
        "namespaceisolation", true,
        "known: known are clusterNetwork, confDir, namespaceIsolation, globalNamespaces, readinessIndicatorFile"
      ),
      (
        "delegates", [],
        "known: known are clusterNetwork, confDir, namespaceIsolation, globalNamespaces, readinessIndicatorFile"
      ),
    ]
  }()

  @Test(arguments: configurations.indices) func configuration(_ index: Int) throws {
    let (field, value, expected) = Self.configurations[index]
    let error = try error(["multiplexer": .object([field: value])])
    #expect(
      error
        == CNIError(
          .invalidConfiguration, "invalid field \"multiplexer.\(field)\" in the network configuration",
          details: "\(value) is not \(expected)"))
  }

  @Test(arguments: ["", "A", "a/b", "a.b", "-a"]) func globalNamespace(_ name: String) throws {
    #expect(
      try error(["multiplexer": ["globalNamespaces": ["default", .string(name)]]])
        == CNIError(
          .invalidConfiguration, "invalid field \"multiplexer.globalNamespaces[1]\" in the network configuration",
          details: "\(JSONValue.string(name)) is not the name of a namespace"))
  }

  @Test(arguments: [JSONValue.bool(true), "on", 1, []]) func multiplexer(_ value: JSONValue) throws {
    #expect(
      try error(["multiplexer": value])
        == CNIError(
          .invalidConfiguration, "invalid field \"multiplexer\" in the network configuration",
          details: "\(value) is not an object"))
  }

  private func error(_ members: [String: JSONValue]) throws -> CNIError? {
    let base: [String: JSONValue] = ["cniVersion": "1.1.0", "name": "n", "type": "netloom"]
    let network = try NetworkConfiguration(json: .object(base.merging(members) { $1 }))
    return #expect(throws: CNIError.self) { try MultiplexerConfiguration(network) }
  }

  /// The text of a definition's spec.config, and the details of the error.
  static let definitions: [(text: String, details: String)] = [
    (
      "{",
      "spec.config of its definition is not JSON (malformed JSON at byte 1: the text ends within a value): correct the definition"
    ),
    ("7", "spec.config of its definition is of type integer: write a CNI configuration"),
    (#""x""#, "spec.config of its definition is of type string: write a CNI configuration"),
    ("null", "spec.config of its definition is of type null: write a CNI configuration"),
    (
      #"{"type":""}"#,
      #"invalid field "type" in the network configuration: "" is not the name of a plugin's executable, without a path"#
    ),
    (
      #"{"type":"/bin/sh"}"#,
      #"invalid field "type" in the network configuration: "/bin/sh" is not the name of a plugin's executable, without a path"#
    ),
    (
      #"{"type":"x","name":"a b"}"#,
      #"invalid field "name" in the network configuration: "a b" is not a name of letters, digits, "_", "." and "-" that begins with a letter or digit"#
    ),
    (
      #"{"type":"x","cniVersion":"9.9.9"}"#,
      #"incompatible CNI versions: the configuration has "9.9.9"; supported are 0.3.1, 0.4.0, 1.0.0, 1.1.0"#
    ),
    (#"{"type":"x","ipam":[]}"#, #"invalid field "ipam" in the network configuration: [] is not an object"#),
    (#"{"type":"x","args":1}"#, #"invalid field "args" in the network configuration: 1 is not an object"#),
    (#"{"plugins":{}}"#, #"invalid field "plugins" in the network configuration: {} is not a list"#),
    (
      #"{"plugins":[]}"#,
      #"invalid field "plugins" in the network configuration: [] is not a list of at least one plugin"#
    ),
    (
      #"{"plugins":[{"type":"x"},{}]}"#,
      #"invalid field "type" in the network configuration, plugins[1]: it is missing: give the name of a plugin's executable, without a path"#
    ),
    (
      #"{"plugins":[{"type":"x"}],"disableCheck":1}"#,
      #"invalid field "disableCheck" in the network configuration: 1 is not true or false"#
    ),
    (
      #"{"type":"netloom","multiplexer":{}}"#,
      "cannot attach the pod to test/a: its configuration is the multiplexer's own: name another network"
    ),
  ]

  @Test(arguments: definitions.indices) func definition(_ index: Int) {
    var world = PlanWorld(networks: "a")
    world.define("a", text: Self.definitions[index].text)
    let failure = world.failure() ?? ""
    #expect(failure.hasPrefix("cannot attach the pod to test/a: \(Self.definitions[index].details)"), "\(failure)")
  }
}
