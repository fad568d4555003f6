import JSON

/// Plugins to be run one after the other for one attachment (CNI 1.1.0, section 1 "Network configuration format").
public struct NetworkConfigurationList: Sendable, Hashable {
  /// The versions that the configuration may be used with and that are known here, ascending; never empty.
  public let versions: [CNIVersion]
  public let name: String
  /// In the version ``version``.
  public let plugins: [NetworkConfiguration]
  /// CHECK is not to be done for this network.
  public let disableCheck: Bool
  /// GC is not to be done for this network: other runtimes use it as well.
  public let disableGC: Bool
  /// Only the plugins inside the list count, not those of the folder of the network's name beside the file.
  public let loadOnlyInlinedPlugins: Bool

  /// The newest of ``versions``.
  public var version: CNIVersion { versions[versions.count - 1] }

  /// Reads a list, or a single plugin's configuration (the form before 1.0.0) as a list of one. Errors as
  /// ``NetworkConfiguration/init(json:)``.
  ///
  /// - Parameter further: configurations of plugins that come after those inside the list, unless it says
  ///   `loadOnlyInlinedPlugins`.
  public init(json: JSONValue, further: [JSONValue] = []) throws(CNIError) {
    if json["plugins"] == nil && further.isEmpty {
      let plugin = try NetworkConfiguration(json: json)
      (versions, name, plugins) = ([plugin.version], plugin.name, [plugin])
      (disableCheck, disableGC, loadOnlyInlinedPlugins) = (false, false, true)
      return
    }
    versions = try Self.versions(json)
    disableCheck = try Self.flag("disableCheck", json)
    disableGC = try Self.flag("disableGC", json)
    loadOnlyInlinedPlugins = try Self.flag("loadOnlyInlinedPlugins", json)
    let inlined = json["plugins"].map { $0.array ?? [] } ?? []
    if let value = json["plugins"], value.array == nil { throw .invalidField("plugins", value, expected: "a list") }
    let elements = loadOnlyInlinedPlugins ? inlined : inlined + further
    guard !elements.isEmpty else {
      throw .invalidField("plugins", json["plugins"], expected: "a list of at least one plugin")
    }
    let version = JSONValue.string(versions[versions.count - 1].rawValue)
    var parsed: [NetworkConfiguration] = []
    for (position, element) in elements.enumerated() {
      do {
        parsed.append(try NetworkConfiguration(json: element, version: version, name: json["name"]))
      } catch {
        throw CNIError(error.code, "\(error.message), plugins[\(position)]", details: error.details)
      }
    }
    name = parsed[0].name
    plugins = parsed
  }

  /// Fails with ``CNIError/Code/decodingFailure`` when the text is not JSON.
  public init(parsing text: [UInt8]) throws(CNIError) {
    try self.init(json: parseJSON(text))
  }

  /// The list as a configuration of its own, with all of its plugins inside.
  public var json: JSONValue {
    var json: JSONValue = [
      "cniVersion": .string(version.rawValue), "name": .string(name), "plugins": .array(plugins.map(\.json)),
      "loadOnlyInlinedPlugins": true,
    ]
    if versions.count > 1 { json["cniVersions"] = .array(versions.map { .string($0.rawValue) }) }
    if disableCheck { json["disableCheck"] = true }
    if disableGC { json["disableGC"] = true }
    return json
  }

  /// The list as one for `version` alone, which must be one of ``versions``.
  public func with(_ version: CNIVersion) -> NetworkConfigurationList {
    NetworkConfigurationList(self, version)
  }

  private init(_ list: NetworkConfigurationList, _ version: CNIVersion) {
    versions = [version]
    name = list.name
    plugins = list.plugins.map { NetworkConfiguration($0, version) }
    (disableCheck, disableGC) = (list.disableCheck, list.disableGC)
    loadOnlyInlinedPlugins = list.loadOnlyInlinedPlugins
  }

  /// `cniVersion` and `cniVersions`; unknown ones count for nothing as long as one is known.
  private static func versions(_ json: JSONValue) throws(CNIError) -> [CNIVersion] {
    guard let value = json["cniVersions"], !value.isNull else { return [try parseVersion(json["cniVersion"])] }
    guard let texts = value.array?.compactMap(\.string), texts.count == value.array?.count else {
      throw .invalidField("cniVersions", value, expected: "a list of versions like \"1.0.0\"")
    }
    let all = (json["cniVersion"]?.string.map { [$0] } ?? []) + texts
    let known = Set(all.compactMap { CNIVersion(rawValue: $0) })
    guard !known.isEmpty else { throw .incompatibleVersions(all) }
    return known.sorted()
  }

  private static func flag(_ name: String, _ json: JSONValue) throws(CNIError) -> Bool {
    switch json[name] {
    case nil, .bool(false), .string("false"): false
    case .bool(true), .string("true"): true
    case let value: throw .invalidField(name, value, expected: "true or false")
    }
  }
}
