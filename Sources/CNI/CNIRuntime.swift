import JSON

/// A plugin to be run, and what came of it.
public struct PluginInvocation: Sendable {
  /// The executable's path.
  public var path: String
  public var environment: [String: String]
  public var standardInput: [UInt8]
}

/// See ``PluginInvocation``.
public struct PluginOutcome: Sendable {
  public var isSuccess: Bool
  public var standardOutput: [UInt8]
  public var standardError: [UInt8]

  public init(isSuccess: Bool, standardOutput: [UInt8], standardError: [UInt8]) {
    self.isSuccess = isSuccess
    self.standardOutput = standardOutput
    self.standardError = standardError
  }
}

/// Runs plugins as a container runtime does (CNI 1.1.0, section 3): every plugin of a list in order, each told the result of
/// the one before; the last result is kept on disk for CHECK, DEL and GC. How processes are started is the caller's.
///
/// A list that may be used with several versions (`cniVersions`) is used with the newest that all of its plugins support.
public struct CNIRuntime: Sendable {
  public typealias Run = @Sendable (PluginInvocation) async throws -> PluginOutcome

  private let plugins: PluginRunner
  private let cache: ResultCache

  /// - Parameters:
  ///   - pluginFolders: where executables are looked for, in order (`CNI_PATH`).
  ///   - cacheFolder: where results are kept, one file an attachment; it is made when missing.
  ///   - environment: what plugins get beside the `CNI_...` variables.
  ///   - run: starts a process and waits for it.
  public init(
    pluginFolders: [String], cacheFolder: String,
    environment: [String: String] = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], run: @escaping Run
  ) {
    plugins = PluginRunner(folders: pluginFolders, environment: environment, run: run)
    cache = ResultCache(folder: cacheFolder)
  }

  /// Attaches. When it fails, what earlier plugins of the list did stays: call ``delete(_:_:)``, as the specification asks.
  ///
  /// - Parameter previous: what the first plugin gets as `prevResult`.
  @discardableResult
  public func add(
    _ list: NetworkConfigurationList, _ attachment: CNIAttachment, previous: CNIResult? = nil
  ) async throws(CNIError) -> CNIResult {
    try attachment.validate()
    let list = try await negotiated(list)
    var result = previous
    for plugin in list.plugins {
      let input = Self.input(plugin, attachment, previous: result?.json(version: list.version))
      // Plugins may answer in another version than asked; the next ones read the list's.
      result = try CNIResult(
        json: parseJSON(
          try await plugins.run("ADD", plugin.type, attachment, input: input), "what \(plugin.type) printed"))
    }
    guard let result else { throw .invalidField("plugins", [], expected: "a list of at least one plugin") }
    try cache.store(result.json(version: list.version), network: list.name, attachment: attachment)
    return result
  }

  /// Checks that the attachment is still as ADD left it; the error says what is not. Nothing happens where the list has
  /// `disableCheck`. Needs version 0.4.0 or newer.
  public func check(_ list: NetworkConfigurationList, _ attachment: CNIAttachment) async throws(CNIError) {
    try attachment.validate()
    let list = try await negotiated(list)
    guard list.version >= CNIVersion(introducing: "CHECK") else { throw .tooOld(list.version, for: "CHECK") }
    guard !list.disableCheck else { return }
    guard let result = try cachedResult(list, attachment) else {
      throw CNIError(
        .unknownContainer, "no result of an ADD is kept for this attachment",
        details: "network \(list.name), container \(attachment.containerID), interface \(attachment.interface)")
    }
    let previous = result.json(version: list.version)
    for plugin in list.plugins {
      _ = try await plugins.run(
        "CHECK", plugin.type, attachment, input: Self.input(plugin, attachment, previous: previous))
    }
  }

  /// Detaches: the plugins in reverse order. May be repeated.
  public func delete(_ list: NetworkConfigurationList, _ attachment: CNIAttachment) async throws(CNIError) {
    try attachment.validate(allowsEmptyNamespace: true)
    let list = try await negotiated(list)
    let result = list.version >= .v040 ? try cachedResult(list, attachment) : nil
    let previous = result?.json(version: list.version)
    for plugin in list.plugins.reversed() {
      _ = try await plugins.run(
        "DEL", plugin.type, attachment, input: Self.input(plugin, attachment, previous: previous))
    }
    try cache.remove(network: list.name, attachment: attachment)
  }

  /// Removes what is left of attachments to the network that are not in the list: a DEL for each that a result is kept of,
  /// then, from version 1.1.0 on, GC for each plugin. Nothing happens where the list has `disableGC`. Goes on after errors
  /// and throws the first, with all of them in its details.
  public func collect(
    _ list: NetworkConfigurationList, keeping valid: Set<AttachmentKey>
  ) async throws(CNIError) {
    guard !list.disableGC else { return }
    let list = try await negotiated(list)
    var failures: [CNIError] = []
    for attachment in try cache.attachments(network: list.name) where !valid.contains(attachment.key) {
      do { try await delete(list, attachment) } catch { failures.append(error) }
    }
    for plugin in list.version >= CNIVersion(introducing: "GC") ? list.plugins : [] {
      do {
        _ = try await plugins.run("GC", plugin.type, nil, input: Self.collectionInput(plugin, keeping: valid))
      } catch {
        failures.append(error)
      }
    }
    if let failure = CNIError(combining: failures) { throw failure }
  }

  /// Whether the network could be attached to: asks each plugin, from version 1.1.0 on; before, that the plugins are there.
  /// The error of the first that is not ready has code 50, or 51 when containers that are attached may be cut off as well.
  public func status(_ list: NetworkConfigurationList) async throws(CNIError) {
    let list = try await negotiated(list)
    for plugin in list.plugins {
      if list.version >= CNIVersion(introducing: "STATUS") {
        _ = try await plugins.run("STATUS", plugin.type, nil, input: Self.input(plugin))
      } else {
        do { _ = try plugins.path(ofPlugin: plugin.type) } catch {
          throw CNIError(.notAvailable, error.message, details: error.details)
        }
      }
    }
  }

  /// The kept result of the ADD; nil when there is none.
  public func cachedResult(
    _ list: NetworkConfigurationList, _ attachment: CNIAttachment
  ) throws(CNIError) -> CNIResult? {
    guard let json = try cache.load(network: list.name, attachment: attachment) else { return nil }
    return try CNIResult(json: json)
  }

  /// Takes the place of the kept result of the ADD: the caller has changed the attachment since, and CHECK is to expect that.
  public func keep(
    _ result: CNIResult, of list: NetworkConfigurationList, _ attachment: CNIAttachment
  ) throws(CNIError) {
    try cache.store(result.json(version: list.version), network: list.name, attachment: attachment)
  }

  /// The versions that a plugin says it supports, as it writes them.
  public func supportedVersions(ofPlugin type: String) async throws(CNIError) -> [String] {
    try await plugins.supportedVersions(ofPlugin: type)
  }

  /// The list in the newest of its versions that all of its plugins support.
  private func negotiated(_ list: NetworkConfigurationList) async throws(CNIError) -> NetworkConfigurationList {
    guard list.versions.count > 1 else { return list }
    var common = list.versions
    for type in Set(list.plugins.map(\.type)).sorted() {
      let supported = try await plugins.supportedVersions(ofPlugin: type)
      common.removeAll { !supported.contains($0.rawValue) }
      guard !common.isEmpty else {
        throw CNIError(
          .incompatibleVersion, "incompatible CNI versions",
          details: "network \(list.name) has \(list.versions), plugin \(type) supports \(supported) "
            + "and no version is left that all of the network's plugins support")
      }
    }
    return list.with(common[common.count - 1])
  }

  /// What the plugin reads: its configuration with what the list and the runtime add (CNI 1.1.0, section 3 "Deriving
  /// request configuration from plugin configuration").
  public static func input(
    _ plugin: NetworkConfiguration, _ attachment: CNIAttachment? = nil, previous: JSONValue? = nil
  ) -> JSONValue {
    var json = JSONValue.object((plugin.json.object ?? [:]).filter { !$0.key.hasPrefix("cni.dev/") })
    json["cniVersion"] = .string(plugin.version.rawValue)
    json["name"] = .string(plugin.name)
    json["capabilities"] = nil
    json["prevResult"] = previous
    let runtimeConfig = attachment?.capabilityArguments.filter { plugin.capabilities.contains($0.key) } ?? [:]
    json["runtimeConfig"] = runtimeConfig.isEmpty ? nil : .some(.object(runtimeConfig))
    if let arguments = attachment?.configurationArguments, !arguments.isEmpty {
      var all = json["args"]?.object ?? [:]
      all["cni"] = .object((all["cni"]?.object ?? [:]).merging(arguments) { $1 })
      json["args"] = .object(all)
    }
    return json
  }

  /// Both names of the list: the older one is what the first runtimes of CNI 1.1 sent.
  private static func collectionInput(_ plugin: NetworkConfiguration, keeping valid: Set<AttachmentKey>) -> JSONValue {
    var json = input(plugin)
    let list = JSONValue.array(
      valid.map { ["containerID": .string($0.containerID), "ifname": .string($0.interface)] }
        .sorted { "\($0)" < "\($1)" })
    json["cni.dev/valid-attachments"] = list
    json["cni.dev/attachments"] = list
    return json
  }
}
