import APIMachinery
import Hummingbird
import JSON

/// Questions that are asked by a POST and answered at once; nothing is stored.
enum Reviews {
  private static let kinds = [
    "authorization.k8s.io/v1/selfsubjectaccessreviews": "SelfSubjectAccessReview",
    "authentication.k8s.io/v1/selfsubjectreviews": "SelfSubjectReview",
    "authentication.k8s.io/v1/tokenreviews": "TokenReview",
  ]

  /// The kind of review that a path is for, nil when it is for something else.
  static func kind(of path: ResourcePath) -> String? { kinds["\(path.group)/\(path.version)/\(path.plural)"] }
}

extension APIResponder {
  func review(_ kind: String, _ call: Call) async throws -> Response {
    guard call.request.method == .post, call.parts.count == 4 else { throw StatusError.methodNotAllowed() }
    var (body, _) = try await body(call, kind: kind)
    switch kind {
    case "SelfSubjectAccessReview":
      body["status"] =
        call.identity.isAdministrator
        ? ["allowed": true, "reason": "the group system:masters may do anything"] : ["allowed": false]
    case "SelfSubjectReview": body["status"] = ["userInfo": call.identity.json]
    default:
      let token = body[path: "spec", "token"]?.string ?? ""
      if let identity = try await authenticator.identity(ofToken: token, store: registry.store) {
        body["status"] = ["authenticated": true, "user": identity.json]
      } else {
        body["status"] = ["user": [:], "error": "[invalid bearer token, Token has been invalidated]"]
      }
    }
    body["apiVersion"] = .string("\(call.parts[1])/\(call.parts[2])")
    body["kind"] = .string(kind)
    if body["metadata"] == nil { body["metadata"] = [:] }
    return Self.json(body.serialized(), status: 201)
  }
}

extension Identity {
  var json: JSONValue {
    ["username": .string(user), "uid": .string(uid), "groups": .array(groups.map { .string($0) })]
  }
}
