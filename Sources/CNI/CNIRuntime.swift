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

/// Runs plugins as a container runtime does (CNI 1.0.0, section 4): every plugin of a list in order, each told the result of
/// the one before; the last result is kept on disk for CHECK and DEL. How processes are started is the caller's.
public struct CNIRuntime: Sendable {
  public typealias Run = @Sendable (PluginInvocation) async throws -> PluginOutcome

  private let pluginFolders: [String]
  private let cache: ResultCache
  private let environment: [String: String]
  private let run: Run

  /// - Parameters:
  ///   - pluginFolders: where executables are looked for, in order (`CNI_PATH`).
  ///   - cacheFolder: where results are kept, one file an attachment; it is made when missing.
  ///   - environment: what plugins get beside the `CNI_...` variables.
  ///   - run: starts a process and waits for it.
  public init(
    pluginFolders: [String], cacheFolder: String,
    environment: [String: String] = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], run: @escaping Run
  ) {
    self.pluginFolders = pluginFolders
    self.cache = ResultCache(folder: cacheFolder)
    self.environment = environment
    self.run = run
  }

  /// Attaches. When it fails, what earlier plugins of the list did stays: call ``delete(_:_:)``, as the specification asks.
  @discardableResult
  public func add(_ list: NetworkConfigurationList, _ attachment: CNIAttachment) async throws(CNIError) -> CNIResult {
    try attachment.validate()
    var previous: JSONValue?
    for plugin in list.plugins {
      let output = try await execute("ADD", plugin, attachment, previous: previous)
      let json = try parseJSON(output)
      _ = try CNIResult(json: json)
      previous = json
    }
    guard let last = previous else { throw .invalidField("plugins", [], expected: "a list of at least one plugin") }
    let result = try CNIResult(json: last)
    // Plugins may answer in another version than asked; the next ones read the list's.
    try cache.store(result.json(version: list.version), network: list.name, attachment: attachment)
    return result
  }

  /// Checks that the attachment is still as ADD left it; the error says what is not. Nothing happens where the list has
  /// `disableCheck`. Needs version 0.4.0 or newer.
  public func check(_ list: NetworkConfigurationList, _ attachment: CNIAttachment) async throws(CNIError) {
    try attachment.validate()
    guard list.version >= .v040 else {
      throw CNIError(
        .incompatibleVersion, "CHECK needs CNI 0.4.0 or newer", details: "network \(list.name) has \(list.version)")
    }
    guard !list.disableCheck else { return }
    guard let result = try cache.load(network: list.name, attachment: attachment) else {
      throw CNIError(
        .unknownContainer, "no result of an ADD is kept for this attachment",
        details: "network \(list.name), container \(attachment.containerID), interface \(attachment.interface)")
    }
    for plugin in list.plugins { _ = try await execute("CHECK", plugin, attachment, previous: result) }
  }

  /// Detaches: the plugins in reverse order. May be repeated.
  public func delete(_ list: NetworkConfigurationList, _ attachment: CNIAttachment) async throws(CNIError) {
    try attachment.validate(allowsEmptyNamespace: true)
    let result = try cache.load(network: list.name, attachment: attachment)
    let previous = list.version >= .v040 ? result : nil
    for plugin in list.plugins.reversed() { _ = try await execute("DEL", plugin, attachment, previous: previous) }
    try cache.remove(network: list.name, attachment: attachment)
  }

  /// The kept result of the ADD; nil when there is none.
  public func cachedResult(
    _ list: NetworkConfigurationList, _ attachment: CNIAttachment
  ) throws(CNIError) -> CNIResult? {
    guard let json = try cache.load(network: list.name, attachment: attachment) else { return nil }
    return try CNIResult(json: json)
  }

  /// The versions that a plugin says it supports, as it writes them.
  public func supportedVersions(ofPlugin type: String) async throws(CNIError) -> [String] {
    let input: JSONValue = ["cniVersion": .string(CNIVersion.latest.rawValue)]
    let output = try await execute(type, variables: ["CNI_COMMAND": "VERSION"], input: input)
    return try parseJSON(output)["supportedVersions"]?.array?.compactMap(\.string) ?? []
  }

  private func execute(
    _ command: String, _ plugin: NetworkConfiguration, _ attachment: CNIAttachment, previous: JSONValue?
  ) async throws(CNIError) -> [UInt8] {
    let input = Self.input(plugin, attachment, previous: previous)
    var variables = [
      "CNI_COMMAND": command, "CNI_CONTAINERID": attachment.containerID, "CNI_NETNS": attachment.namespacePath,
      "CNI_IFNAME": attachment.interface,
    ]
    if !attachment.arguments.isEmpty {
      variables["CNI_ARGS"] = attachment.arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        .joined(separator: ";")
    }
    return try await execute(plugin.type, variables: variables, input: input)
  }

  private func execute(
    _ type: String, variables: [String: String], input: JSONValue
  ) async throws(CNIError) -> [UInt8] {
    guard let path = pluginFolders.lazy.map({ "\($0)/\(type)" }).first(where: isExecutableFile) else {
      throw CNIError(
        .ioFailure, "no CNI plugin \"\(type)\"",
        details: "looked in \(pluginFolders.joined(separator: ", ")): install it there")
    }
    var environment = environment.merging(variables) { $1 }
    environment["CNI_PATH"] = pluginFolders.joined(separator: ":")
    let invocation = PluginInvocation(path: path, environment: environment, standardInput: input.serialized())
    let outcome: PluginOutcome
    do {
      outcome = try await run(invocation)
    } catch {
      throw CNIError(.ioFailure, "cannot run CNI plugin \(path)", details: "\(error)")
    }
    guard !outcome.isSuccess else { return outcome.standardOutput }
    let command = variables["CNI_COMMAND"] ?? ""
    let printed = try? JSONValue(parsing: outcome.standardOutput)
    guard let error = printed.flatMap({ CNIError(json: $0) }) else {
      let text = String(decoding: outcome.standardOutput + outcome.standardError, as: UTF8.self)
      throw CNIError(.internalFailure, "CNI plugin \(type) failed at \(command)", details: text)
    }
    throw CNIError(error.code, "CNI plugin \(type) failed at \(command): \(error.message)", details: error.details)
  }

  /// What the plugin reads: its configuration with what the list and the runtime add.
  static func input(_ plugin: NetworkConfiguration, _ attachment: CNIAttachment, previous: JSONValue?) -> JSONValue {
    var json = plugin.json
    json["cniVersion"] = .string(plugin.version.rawValue)
    json["name"] = .string(plugin.name)
    json["prevResult"] = previous
    let runtimeConfig = attachment.capabilityArguments.filter { plugin.capabilities.contains($0.key) }
    json["runtimeConfig"] = runtimeConfig.isEmpty ? nil : .object(runtimeConfig)
    return json
  }
}
