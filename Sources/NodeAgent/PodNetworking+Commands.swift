import CNI
import JSON
import MultiNetwork

extension PodNetworking: CommandHandler {
  func perform(_ request: ShimRequest) async throws -> JSONValue? {
    switch request.command {
    case "ADD":
      let call = try request.nativeCall()
      return try await add([call])[0].json(version: call.network.version)
    case "CHECK":
      try await check(request.nativeCall())
    case "DEL":
      try await delete([request.nativeCall()])
    case "GC":
      let network = try request.network()
      try await collect(network: network.name, keeping: network.validAttachments())
    default:
      try await status(request.network())
    }
    return nil
  }
}

extension ShimRequest {
  /// The configuration, which must be of a version that has the command.
  func network() throws(CNIError) -> NetworkConfiguration {
    let network = try NetworkConfiguration(json: configuration)
    guard network.version >= CNIVersion(introducing: command) else { throw .tooOld(network.version, for: command) }
    return network
  }

  func nativeCall() throws(CNIError) -> NativeCall {
    NativeCall(attachment: try attachment(), network: try network())
  }
}
