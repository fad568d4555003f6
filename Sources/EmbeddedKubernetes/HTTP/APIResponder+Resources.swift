import APIMachinery
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import YAML

extension APIResponder {
  /// A request for an object or a collection.
  func resource(_ path: ResourcePath, _ call: Call) async throws -> Response {
    guard let served = registry.catalog.find(group: path.group, version: path.version, plural: path.plural) else {
      let isOurs = registry.catalog.isBuiltIn(group: path.group)
      if isOurs { throw StatusError.unknownPath() }
      return Self.pageNotFound()
    }
    let target = Target(served: served, namespace: path.namespace, name: path.name, subresource: path.subresource)
    try authorize(call, target)
    guard let representation = call.representation else {
      throw served.type.isCustom ? StatusError.notAcceptableCustomResource : StatusError.notAcceptable
    }
    if served.type.namespaced ? target.namespace == nil && target.name != nil : target.namespace != nil {
      throw StatusError.unknownPath()
    }
    if let subresource = path.subresource {
      return try await self.subresource(subresource, target, call, representation)
    }
    switch (call.request.method, path.name) {
    case (.get, nil): return try await list(target, call, representation)
    case (.get, .some):
      if call.query.flag("watch") { return try await list(target, call, representation) }
      try Self.checkRevision(call.query["resourceVersion"])
      return try encode(try await registry.get(target), target, call, representation)
    case (.post, nil):
      if served.type.namespaced && target.namespace == nil { throw StatusError.methodNotAllowed() }
      let (body, options) = try await body(call, target)
      return try encode(
        try await registry.create(target, body: body, options: options), target, call, representation)
    case (.put, .some), (.patch, .some):
      return try await change(target, call, representation)
    case (.delete, .some):
      return try encode(
        try await registry.delete(target, options: deleteOptions(call)), target, call, representation)
    case (.delete, nil):
      let options = try ListOptions.parse(call.query.values)
      let answer = try await registry.deleteCollection(target, list: options, delete: deleteOptions(call))
      return try encode(answer, target, call, representation)
    case (.put, nil) where served.type.isCustom, (.patch, nil) where served.type.isCustom:
      throw StatusError.nameRequired
    default: throw StatusError.methodNotAllowed()
    }
  }

  private func subresource(
    _ name: String, _ target: Target, _ call: Call, _ representation: Representation
  ) async throws -> Response {
    if !target.type.subresources.contains(name) && !Self.ownSubresources.contains("\(target.type.plural)/\(name)") {
      if Self.unsupportedSubresources.contains(name) && target.type.storageKey == "pods" {
        throw StatusError.notImplemented("\(target.type.plural)/\(name) is not served by the embedded Kubernetes")
      }
      if target.type.isCustom { return Self.pageNotFound() }
      throw StatusError.unknownPath()
    }
    switch (call.request.method, name) {
    case (.post, "binding"):
      let (body, options) = try await body(call, target)
      let answer = try await registry.bind(target, binding: body, dryRun: options.dryRun)
      return try encode(answer, target, call, representation)
    case (.post, "eviction"):
      let (body, options) = try await body(call, target)
      var delete = try DeleteOptions.parse(body: body["deleteOptions"], query: [:])
      delete.dryRun = delete.dryRun || options.dryRun
      _ = try await registry.delete(target, options: delete)
      return Self.json(
        (["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201] as JSONValue)
          .serialized(), status: 201)
    case (.post, "token"):
      let (body, _) = try await body(call, target)
      let account = try await registry.require(target)
      let token = try authenticator.requestToken(for: account, request: body)
      return Self.json(token.serialized(), status: 201)
    case (.get, "status"): return try encode(try await registry.get(target), target, call, representation)
    case (.put, "status"), (.patch, "status"), (.put, "finalize"):
      return try await change(target, call, representation)
    default: throw StatusError.methodNotAllowed()
    }
  }

  /// Subresources that are served whatever the kind's description says.
  private static let ownSubresources: Set<String> = ["pods/binding", "pods/eviction", "serviceaccounts/token"]

  private static let unsupportedSubresources: Set<String> = [
    "log", "exec", "attach", "portforward", "proxy", "ephemeralcontainers", "resize",
  ]

  private func change(_ target: Target, _ call: Call, _ representation: Representation) async throws -> Response {
    let (body, options) = try await body(call, target)
    let change: Change
    if call.request.method == .put {
      change = .replace(body)
    } else {
      switch MediaType(call.request.headers[.contentType] ?? "").name {
      case "application/json-patch+json": change = .jsonPatch(body)
      case "application/merge-patch+json": change = .mergePatch(body)
      case "application/strategic-merge-patch+json" where !target.type.isCustom: change = .strategicPatch(body)
      default: throw StatusError.unsupportedMediaType(accepted: target.type.patchMediaTypes)
      }
    }
    return try encode(
      try await registry.update(target, change: change, options: options), target, call, representation)
  }

  private static func checkRevision(_ text: String?) throws {
    guard let text, !text.isEmpty, UInt64(text) == nil else { return }
    throw StatusError.notANumber(text)
  }

  // MARK: Bodies

  /// The request's body and how the write is to be done.
  func body(_ call: Call, _ target: Target) async throws -> (JSONValue, WriteOptions) {
    try await body(call, kind: target.type.kind)
  }

  func body(_ call: Call, kind: String) async throws -> (JSONValue, WriteOptions) {
    let bytes = try await bytes(call)
    var options = WriteOptions()
    let operation = ["POST": "CreateOptions", "PUT": "UpdateOptions"][
      call.request.method.rawValue, default: "PatchOptions"]
    options.dryRun = try DeleteOptions.parseDryRun(call.query.values["dryRun"] ?? [], options: operation)
    options.fieldValidation = try FieldValidation.parse(call.query["fieldValidation"], options: operation)
    let type = MediaType(call.request.headers[.contentType] ?? "").name
    switch type {
    case "application/yaml":
      do { return (try YAML.document(String(decoding: bytes, as: UTF8.self)), options) } catch {
        throw StatusError.badRequest("yaml: \(error)")
      }
    case Self.protobuf: return (try Self.decodeProtobuf(bytes), options)
    case "application/apply-patch+yaml": throw StatusError.applyIsUnsupported
    case "", "application/json", "application/json-patch+json", "application/merge-patch+json",
      "application/strategic-merge-patch+json":
      do {
        let value = try JSONValue(parsing: bytes)
        if options.fieldValidation != .ignore { options.duplicates = DuplicateFields.find(in: bytes) }
        return (value, options)
      } catch {
        throw StatusError.badRequest(
          "the object provided is unrecognized (must be of type \(kind)): \(error)")
      }
    default:
      throw StatusError.unsupportedMediaType(
        accepted: ["application/json", "application/yaml"])
    }
  }

  private static let protobuf = "application/vnd.kubernetes.protobuf"

  private static func decodeProtobuf(_ bytes: [UInt8]) throws -> JSONValue {
    do {
      return try ProtobufDecoder.shared.decode(bytes)
    } catch {
      throw StatusError(
        code: 415, reason: "UnsupportedMediaType", message: "cannot read the protobuf body: \(error)", details: .init())
    }
  }

  private func deleteOptions(_ call: Call) async throws -> DeleteOptions {
    let bytes = try await bytes(call)
    var body: JSONValue?
    if MediaType(call.request.headers[.contentType] ?? "").name == Self.protobuf, !bytes.isEmpty {
      body = try Self.decodeProtobuf(bytes)
    } else if !bytes.isEmpty {
      do {
        body = try JSONValue(parsing: bytes)
      } catch {
        throw StatusError.badRequest("couldn't get version/kind; json parse error: \(error)")
      }
    }
    return try DeleteOptions.parse(body: body, query: call.query.values)
  }

  private func bytes(_ call: Call) async throws -> [UInt8] {
    do {
      return Array(buffer: try await call.request.body.collect(upTo: Self.bodyLimit))
    } catch is NIOTooManyBytesError {
      throw StatusError.requestTooLarge(limit: Self.bodyLimit)
    }
  }

  // MARK: Encoding

  func encode(_ answer: Answer, _ target: Target, _ call: Call, _ representation: Representation) throws -> Response {
    var encoder = AnswerEncoder(served: target.served, representation: representation)
    encoder.includeObject = try Table.RowObject.parse(call.query["includeObject"])
    return Self.json(
      try encoder.encode(answer.content), status: answer.status, contentType: representation.contentType,
      warnings: target.type.warnings + answer.warnings)
  }

  private func authorize(_ call: Call, _ target: Target) throws {
    if call.identity.isAdministrator { return }
    var verb = ["GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"][
      call.request.method.rawValue, default: "get"]
    if target.name == nil && verb == "get" { verb = call.query.flag("watch") ? "watch" : "list" }
    if target.name == nil && verb == "delete" { verb = "deletecollection" }
    let resource = target.type.plural + (target.subresource.map { "/" + $0 } ?? "")
    let place = target.namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
    let subject = target.type.resourceName.description + (target.name.map { " \"\($0)\"" } ?? "")
    throw StatusError(
      code: 403, reason: "Forbidden",
      message: "\(subject) is forbidden: User \"\(call.identity.user)\" cannot \(verb) resource \"\(resource)\" "
        + "in API group \"\(target.type.group)\" \(place)",
      details: .init(name: target.name ?? "", group: target.type.group, kind: target.type.plural))
  }
}

extension StatusError {
  /// Server-side apply is not there; clients fall back to what they are told.
  static let applyIsUnsupported = StatusError(
    code: 415, reason: "UnsupportedMediaType",
    message:
      "server-side apply (application/apply-patch+yaml) is not supported by the embedded Kubernetes; use kubectl apply without --server-side, or a merge patch",
    details: .init())
}
