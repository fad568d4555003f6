import CNI
import JSON
import NetworkAnnotations

/// What the member `multiplexer` of our CNI configuration says.
public struct MultiplexerConfiguration: Sendable, Hashable {
  /// Which network every pod has first.
  public enum ClusterNetwork: Sendable, Hashable {
    /// The first configuration in the folder, by file name, that is not the multiplexer's own.
    case next
    /// The configuration in a file.
    case file(String)
    /// The configuration in the folder that has this name.
    case named(String)
    /// A NetworkAttachmentDefinition.
    case definition(NetworkReference)
  }

  /// `clusterNetwork`: a path that begins with `/`, `namespace/name`, or the name of a configuration.
  public var clusterNetwork: ClusterNetwork
  /// `confDir`: the folder of CNI configurations; nil: the agent's.
  public var folder: String?
  /// `namespaceIsolation`: whether pods may only join networks of their own namespace and of ``globalNamespaces``.
  public var isolatesNamespaces: Bool
  /// `globalNamespaces`: the namespaces whose networks every pod may join.
  public var globalNamespaces: Set<String>
  /// `readinessIndicatorFile`: the file that is there when the cluster's network is ready.
  public var readinessIndicator: String?

  /// What holds where the configuration says nothing.
  public init(
    clusterNetwork: ClusterNetwork = .next, folder: String? = nil, isolatesNamespaces: Bool = false,
    globalNamespaces: Set<String> = ["default"], readinessIndicator: String? = nil
  ) {
    self.clusterNetwork = clusterNetwork
    self.folder = folder
    self.isolatesNamespaces = isolatesNamespaces
    self.globalNamespaces = globalNamespaces
    self.readinessIndicator = readinessIndicator
  }

  /// Reads the plugin's configuration. Fails with ``CNIError/Code/invalidConfiguration`` and the field's name.
  public init(_ configuration: NetworkConfiguration) throws(CNIError) {
    guard let json = configuration.json["multiplexer"], json.object != nil else {
      throw .invalidField("multiplexer", configuration.json["multiplexer"], expected: "an object")
    }
    let known = ["clusterNetwork", "confDir", "namespaceIsolation", "globalNamespaces", "readinessIndicatorFile"]
    if let (key, value) = json.object?.filter({ !known.contains($0.key) }).min(by: { $0.key < $1.key }) {
      throw .invalidField("multiplexer.\(key)", value, expected: "known: known are \(known.joined(separator: ", "))")
    }
    self.init(
      clusterNetwork: try json["clusterNetwork"].map(Self.clusterNetwork) ?? .next,
      folder: try Self.path("confDir", in: json),
      isolatesNamespaces: try json["namespaceIsolation"].map { value throws(CNIError) in
        guard let bool = value.bool else {
          throw .invalidField("multiplexer.namespaceIsolation", value, expected: "true or false")
        }
        return bool
      } ?? false,
      globalNamespaces: try json["globalNamespaces"].map(Self.namespaces) ?? ["default"],
      readinessIndicator: try Self.path("readinessIndicatorFile", in: json))
  }

  private static func path(_ key: String, in json: JSONValue) throws(CNIError) -> String? {
    guard let value = json[key] else { return nil }
    guard let path = value.string, path.hasPrefix("/") else {
      throw .invalidField("multiplexer.\(key)", value, expected: "a path that begins with \"/\"")
    }
    return path
  }

  private static func clusterNetwork(_ value: JSONValue) throws(CNIError) -> ClusterNetwork {
    let error = CNIError.invalidField(
      "multiplexer.clusterNetwork", value,
      expected: "the path of a file, the namespace/name of a NetworkAttachmentDefinition or a configuration's name")
    guard let text = value.string, !text.isEmpty else { throw error }
    if text.hasPrefix("/") { return .file(text) }
    guard text.contains("/") else { return .named(text) }
    guard let reference = NetworkReference(text) else { throw error }
    return .definition(reference)
  }

  private static func namespaces(_ value: JSONValue) throws(CNIError) -> Set<String> {
    guard let elements = value.array else {
      throw .invalidField("multiplexer.globalNamespaces", value, expected: "a list of namespaces")
    }
    var namespaces: Set<String> = []
    for (position, element) in elements.enumerated() {
      guard let name = element.string, NetworkReference("\(name)/x") != nil else {
        throw .invalidField("multiplexer.globalNamespaces[\(position)]", element, expected: "the name of a namespace")
      }
      namespaces.insert(name)
    }
    return namespaces
  }
}
