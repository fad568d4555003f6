import CNI
import JSON
import Logging
import MultiNetwork

/// Carries out the commands of one plugin.
protocol CommandHandler: Sendable {
  /// Does what ADD, DEL, CHECK, GC or STATUS asks; what the plugin prints, nil for nothing. Calls for one container come one
  /// after the other; GC and STATUS concern no container and come at any time.
  func perform(_ request: ShimRequest) async throws -> JSONValue?
}

/// Answers the calls of `netloom-cni`: picks the handler and puts the calls for one container in order.
struct CommandDispatcher: Sendable {
  /// For configurations without anything special: the plugin of type `netloom`.
  let native: any CommandHandler
  /// For configurations with a `multiplexer`.
  var multiplexer: (any CommandHandler)?
  /// For the plugin of type `netloom-ipam`.
  let addresses: any CommandHandler
  /// By container; whoever changes a container's interfaces without being asked by a plugin takes it too.
  let sandboxes: KeyedLock<String>
  let logger: Logger

  /// Every call gets an answer.
  func answer(_ request: ShimRequest) async -> ShimAnswer {
    // The multiplexer's calls are put in order by itself: a plugin that it runs may call the agent in its turn.
    guard request.concernsContainer, !request.isForMultiplexer else { return await attempt(request) }
    return await sandboxes.withLock(request.containerID) { await attempt(request) }
  }

  private func attempt(_ request: ShimRequest) async -> ShimAnswer {
    do {
      return ShimAnswer(success: try await perform(request))
    } catch {
      let failure = CNIError(attempting: request.description, error)
      logger.error(
        "CNI call failed",
        metadata: [
          "plugin": "\(request.plugin)", "command": "\(request.command)", "container": "\(request.containerID)",
          "interface": "\(request.interface)", "error": "\(failure)",
        ])
      let version = (request.configuration["cniVersion"]?.string).flatMap { CNIVersion(rawValue: $0) } ?? .latest
      return ShimAnswer(failure: failure, version: version)
    }
  }

  private func perform(_ request: ShimRequest) async throws -> JSONValue? {
    switch request.command {
    case "VERSION":
      return [
        "cniVersion": request.configuration["cniVersion"] ?? .string(CNIVersion.latest.rawValue),
        "supportedVersions": .array(CNIVersion.allCases.map { .string($0.rawValue) }),
      ]
    case "ADD", "DEL", "CHECK", "GC", "STATUS":
      return try await handler(of: request).perform(request)
    default:
      throw CNIError.invalidVariable(
        "CNI_COMMAND", request.command, expected: "one of ADD, DEL, CHECK, GC, STATUS and VERSION")
    }
  }

  private func handler(of request: ShimRequest) throws(CNIError) -> any CommandHandler {
    if request.plugin == "netloom-ipam" { return addresses }
    guard request.isForMultiplexer else { return native }
    guard let multiplexer else {
      throw CNIError(
        .unsupportedField, "unsupported field \"multiplexer\" in the network configuration",
        details: "this agent runs without it: see the agent's flags")
    }
    return multiplexer
  }
}
