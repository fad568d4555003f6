import APIMachinery
import HTTPTypes
import Hummingbird
import JSON

/// The documents that say what this server is.
struct Documents: Sendable {
  /// The body of /version.
  let version: [UInt8]
  /// `ADDRESS:PORT` as /api names it.
  let serverAddress: String

  init(serverAddress: String) {
    self.serverAddress = serverAddress
    let value: JSONValue = [
      "major": "1", "minor": "36", "gitVersion": "v1.36.0+netloom", "gitCommit": "", "gitTreeState": "clean",
      "buildDate": "1970-01-01T00:00:00Z", "goVersion": "none", "compiler": "swift", "platform": "linux/amd64",
    ]
    version = value.serialized(.pretty)
  }
}

extension APIResponder {
  /// Discovery and OpenAPI.
  func document(_ call: Call) throws -> Response {
    let parts = call.parts
    guard call.request.method == .get else { throw StatusError.methodNotAllowed() }
    if parts == ["openapi", "v2"] { return openAPI2(call) }
    guard let representation = call.representation else { throw StatusError.notAcceptable }
    var isAggregated = false
    if case .discovery = representation.shape { isAggregated = true }
    switch (parts.first, parts.count) {
    case ("api", 1):
      if isAggregated {
        return try discover("aggregated core", representation) { Discovery.aggregated(core: true, $0) }
      }
      return Self.json(Discovery.apiVersions(serverAddress: documents.serverAddress).serialized())
    case ("api", 2):
      return try discover("list /\(parts[1])") { Discovery.resourceList(group: "", version: parts[1], $0) }
    case ("apis", 1):
      if isAggregated { return try discover("aggregated", representation) { Discovery.aggregated(core: false, $0) } }
      return try discover("groups") { Discovery.groupList($0) }
    case ("apis", 2): return try discover("group \(parts[1])") { Discovery.group(parts[1], $0) }
    case ("apis", 3):
      return try discover("list \(parts[1])/\(parts[2])") {
        Discovery.resourceList(group: parts[1], version: parts[2], $0)
      }
    case ("openapi", 2) where parts[1] == "v3":
      return try send("openapi", contentType: "text/plain; charset=utf-8") { OpenAPI.v3Index($0) }
    case ("openapi", 4) where parts[1] == "v3" && parts[2] == "api":
      return try send("openapi /\(parts[3])") { OpenAPI.v3(group: "", version: parts[3], $0) }
    case ("openapi", 5) where parts[1] == "v3" && parts[2] == "apis":
      return try send("openapi \(parts[3])/\(parts[4])") { OpenAPI.v3(group: parts[3], version: parts[4], $0) }
    default: return Self.pageNotFound()
    }
  }

  /// Discovery names the reviews too, which are answered without being kept.
  private func discover(
    _ name: String, _ representation: Representation = .init(), make: ([ResourceType]) -> JSONValue?
  ) throws -> Response {
    try send(name, representation) { make($0 + ResourceType.reviews) }
  }

  private func send(
    _ name: String, _ representation: Representation = .init(), contentType: String? = nil,
    make: ([ResourceType]) throws -> JSONValue?
  ) throws -> Response {
    guard let bytes = try registry.catalog.document(name, make: make) else { return Self.pageNotFound() }
    return Self.json(bytes, contentType: contentType ?? representation.contentType)
  }

  /// OpenAPI v2 has nothing to say: everything is in v3. kubectl looks here for kinds that it did not find there, in
  /// protobuf, and takes the absence as an answer but not a refusal.
  private func openAPI2(_ call: Call) -> Response {
    let accept = MediaType.list(call.request.headers[.accept] ?? "")
    if accept.contains(where: { $0.name.hasPrefix("application/com.github.proto-openapi.spec.v2") }) {
      // The message's first field, `swagger`, is all that is set.
      return Self.json(
        [0x0A, 3] + [UInt8]("2.0".utf8), contentType: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")
    }
    let document: JSONValue = [
      "swagger": "2.0", "info": ["title": "Kubernetes", "version": "v1.36.0"], "paths": [:], "definitions": [:],
    ]
    return Self.json(document.serialized())
  }
}
