import JSON

/// Finds plugins and runs them.
struct PluginRunner: Sendable {
  let folders: [String]
  let environment: [String: String]
  let run: CNIRuntime.Run

  /// What the plugin printed. Its own error comes through, with the plugin and the command in the message.
  func run(
    _ command: String, _ type: String, _ attachment: CNIAttachment?, input: JSONValue
  ) async throws(CNIError) -> [UInt8] {
    var environment = environment
    environment["CNI_COMMAND"] = command
    environment["CNI_PATH"] = folders.joined(separator: ":")
    if let attachment {
      environment["CNI_CONTAINERID"] = attachment.containerID
      environment["CNI_NETNS"] = attachment.namespacePath
      environment["CNI_IFNAME"] = attachment.interface
      if !attachment.arguments.isEmpty {
        environment["CNI_ARGS"] = attachment.arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
          .joined(separator: ";")
      }
    }
    let path = try path(ofPlugin: type)
    let outcome: PluginOutcome
    do {
      outcome = try await run(
        PluginInvocation(path: path, environment: environment, standardInput: input.serialized()))
    } catch {
      throw CNIError(.ioFailure, "cannot run CNI plugin \(path)", details: "\(error)")
    }
    guard outcome.isSuccess else { throw outcome.failure(of: type, at: command) }
    return outcome.standardOutput
  }

  /// Fails when there is none.
  func path(ofPlugin type: String) throws(CNIError) -> String {
    guard let path = folders.lazy.map({ "\($0)/\(type)" }).first(where: isExecutableFile) else {
      throw CNIError(
        .ioFailure, "no CNI plugin \"\(type)\"",
        details: "looked in \(folders.joined(separator: ", ")): install it there")
    }
    return path
  }

  func supportedVersions(ofPlugin type: String) async throws(CNIError) -> [String] {
    let input: JSONValue = ["cniVersion": .string(CNIVersion.latest.rawValue)]
    let output = try await run("VERSION", type, nil, input: input)
    return try parseJSON(output, "what \(type) printed")["supportedVersions"]?.array?.compactMap(\.string) ?? []
  }
}

extension PluginOutcome {
  fileprivate func failure(of type: String, at command: String) -> CNIError {
    guard let json = try? JSONValue(parsing: standardOutput), let error = CNIError(json: json) else {
      return CNIError(
        .internalFailure, "CNI plugin \(type) failed at \(command)",
        details: String(decoding: standardOutput + standardError, as: UTF8.self))
    }
    return CNIError(error.code, "CNI plugin \(type) failed at \(command): \(error.message)", details: error.details)
  }
}
