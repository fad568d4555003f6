import CNI
import JSON
import MultiNetwork

/// The commands of the plugin when its configuration makes it the multiplexer.
struct MultiplexerHandler: CommandHandler {
  let multiplexer: Multiplexer

  func perform(_ request: ShimRequest) async throws -> JSONValue? {
    let network = try NetworkConfiguration(json: request.configuration)
    switch request.command {
    case "ADD": return try await multiplexer.add(request.sandbox(), network).json(version: network.version)
    case "DEL": try await multiplexer.delete(request.sandbox(), network)
    case "CHECK": try await multiplexer.check(request.sandbox(), network)
    case "GC": try await multiplexer.collect(network)
    default: try await multiplexer.status(network)
    }
    return nil
  }
}

extension ShimRequest {
  /// The attachment with what the runtime has for the default network.
  fileprivate func sandbox() throws(CNIError) -> CNIAttachment {
    var attachment = try attachment()
    attachment.capabilityArguments = configuration["runtimeConfig"]?.object ?? [:]
    return attachment
  }
}

/// The plugin of type `netloom` for the multiplexer: in order with the calls that come for the same container from
/// elsewhere, and with the errors that a container runtime would see.
struct NativePlugins: InProcessPlugins {
  let networking: PodNetworking

  func add(_ calls: [NativeCall]) async throws -> [CNIResult] {
    try await inOrder("ADD", calls) { try await networking.add(calls) }
  }

  func delete(_ calls: [NativeCall]) async throws {
    try await inOrder("DEL", calls) { try await networking.delete(calls) }
  }

  func check(_ call: NativeCall) async throws {
    try await inOrder("CHECK", [call]) { try await networking.check(call) }
  }

  func update(_ call: NativeCall, recorded: CNIResult?) async throws -> LiveUpdate {
    try await inOrder("update", [call]) { try await networking.update(call, recorded: recorded) }
  }

  func collect(network: String, keeping valid: Set<AttachmentKey>) async throws {
    do { try await networking.collect(network: network, keeping: valid) } catch {
      throw CNIError(attempting: "GC", error)
    }
  }

  func status(_ network: NetworkConfiguration) async throws {
    do { try await networking.status(network) } catch { throw CNIError(attempting: "STATUS", error) }
  }

  private func inOrder<Success: Sendable>(
    _ command: String, _ calls: [NativeCall], _ body: @Sendable () async throws -> Success
  ) async throws -> Success {
    let interfaces = calls.map(\.attachment.interface).joined(separator: ", ")
    do {
      return try await networking.sandboxes.withLock(calls.first?.attachment.containerID ?? "") { try await body() }
    } catch {
      throw CNIError(attempting: "\(command) of interface \(interfaces)", error)
    }
  }
}
