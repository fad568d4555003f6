import APIMachinery
import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore

/// Answers HTTP requests: finds out who asks, what for, and hands the rest to the registry.
struct APIResponder: HTTPResponder {
  static let bodyLimit = 3 * 1024 * 1024

  let registry: Registry
  let authenticator: Authenticator
  let documents: Documents
  let logger: Logger

  func respond(to request: Request, context: APIContext) async throws -> Response {
    do {
      return try await answer(request, context)
    } catch let error as StatusError {
      return Self.failure(error)
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      logger.error(
        "A request failed inside the server", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
      return Self.failure(.internalError("\(error)"))
    }
  }

  private func answer(_ request: Request, _ context: APIContext) async throws -> Response {
    let parts = request.uri.path.split(separator: "/").map { Query.decoded($0, plusIsSpace: false) }
    if parts.count == 1 && ["healthz", "livez", "readyz"].contains(parts[0]) {
      return Self.text("ok", status: .ok)
    }
    if parts == ["version"] { return Self.json(documents.version) }
    let call = Call(
      request: request, parts: parts, query: Query(request.uri.query ?? ""),
      identity: try await identify(request, context))
    if let path = ResourcePath(parts) {
      if let kind = Reviews.kind(of: path) { return try await review(kind, call) }
      if NeverAny.covers(path) { return try never(path, call) }
      return try await resource(path, call)
    }
    try authorize(call)
    return try document(call)
  }

  /// One authenticated request.
  struct Call: Sendable {
    let request: Request
    let parts: [String]
    let query: Query
    let identity: Identity

    var representation: Representation? { Representation.negotiate(request.headers[.accept]) }
  }

  // MARK: Who asks

  private func identify(_ request: Request, _ context: APIContext) async throws -> Identity {
    var identity: Identity?
    if let header = request.headers[.authorization], header.lowercased().hasPrefix("bearer ") {
      identity = try await authenticator.identity(ofToken: String(header.dropFirst(7)), store: registry.store)
      if identity == nil { throw StatusError.unauthorized() }
    } else if let certificate = try await context.clientCertificate() {
      identity = try authenticator.identity(of: certificate)
    }
    guard let identity else { throw StatusError.unauthorized() }
    if let user = request.headers[.impersonateUser] {
      guard identity.isAdministrator else {
        throw StatusError.forbidden(
          ResourceName(group: "", name: "users"), name: user, "impersonation needs system:masters")
      }
      return Identity(
        user: user, uid: "", groups: request.headers[values: .impersonateGroup] + ["system:authenticated"])
    }
    return identity
  }

  /// Only the group system:masters may do anything; there is no RBAC here.
  private func authorize(_ call: Call) throws {
    if call.identity.isAdministrator || call.parts.first == "api" || call.parts.first == "apis"
      || call.parts.first == "openapi"
    {
      return
    }
    let verb = call.request.method.rawValue.lowercased()
    throw StatusError(
      code: 403, reason: "Forbidden",
      message: "forbidden: User \"\(call.identity.user)\" cannot \(verb) path \"\(call.request.uri.path)\"",
      details: .init())
  }

  // MARK: Answers

  static func json(
    _ body: [UInt8], status: Int = 200, contentType: String = "application/json", warnings: [String] = []
  ) -> Response {
    var headers: HTTPFields = [.contentType: contentType, .cacheControl: "no-cache, private"]
    for warning in warnings {
      let escaped = warning.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      headers.append(HTTPField(name: .warning, value: "299 - \"\(escaped)\""))
    }
    return Response(status: .init(code: status), headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
  }

  static func text(_ text: String, status: HTTPResponse.Status) -> Response {
    Response(
      status: status, headers: [.contentType: "text/plain; charset=utf-8"],
      body: .init(byteBuffer: ByteBuffer(string: text)))
  }

  static func pageNotFound() -> Response { text("404 page not found\n", status: .notFound) }

  static func failure(_ error: StatusError) -> Response {
    var response = json(error.status.serialized(), status: error.code, warnings: error.warnings)
    if let seconds = error.details?.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
    return response
  }
}

extension Identity {
  var isAdministrator: Bool { groups.contains("system:masters") }
}

extension HTTPField.Name {
  static let impersonateUser = HTTPField.Name("Impersonate-User")!
  static let impersonateGroup = HTTPField.Name("Impersonate-Group")!
  static let warning = HTTPField.Name("Warning")!
}
