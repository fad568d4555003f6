import JSON

/// The paths of one resource in an OpenAPI v3 document.
struct OpenAPIPaths {
  private let type: ResourceType

  init(_ type: ResourceType) { self.type = type }

  /// Each path with its operations.
  var all: [String: JSONValue] {
    let root = type.group.isEmpty ? "/api/\(type.version)" : "/apis/\(type.group)/\(type.version)"
    let collection = "\(root)\(type.namespaced ? "/namespaces/{namespace}" : "")/\(type.plural)"
    var paths = [collection: collectionOperations, "\(collection)/{name}": objectOperations]
    if type.namespaced { paths["\(root)/\(type.plural)"] = pathItem([("get", "list")], [], isList: true) }
    for subresource in type.subresources where subresource == "status" {
      paths["\(collection)/{name}/\(subresource)"] = pathItem(
        [("get", "get"), ("put", "put"), ("patch", "patch")], objectParameters)
    }
    return paths
  }

  private var collectionOperations: JSONValue {
    var operations = pathItem([("get", "list"), ("delete", "deletecollection")], namespaceParameters, isList: true)
    operations["post"] = operation("post", method: "post")
    if !type.verbs.contains("deletecollection") { operations["delete"] = nil }
    return operations
  }

  private var objectOperations: JSONValue {
    pathItem([("get", "get"), ("put", "put"), ("patch", "patch"), ("delete", "delete")], objectParameters)
  }

  private var namespaceParameters: [JSONValue] {
    type.namespaced
      ? [Self.pathParameter("namespace", "object name and auth scope, such as for teams and projects")] : []
  }

  private var objectParameters: [JSONValue] {
    [Self.pathParameter("name", "name of the \(type.kind)")] + namespaceParameters
  }

  private func pathItem(_ actions: [(method: String, action: String)], _ parameters: [JSONValue], isList: Bool = false)
    -> JSONValue
  {
    var item: JSONValue = .object([:])
    for (method, action) in actions { item[method] = operation(action, method: method, isList: isList) }
    if !parameters.isEmpty { item["parameters"] = .array(parameters) }
    return item
  }

  private func operation(_ action: String, method: String, isList: Bool = false) -> JSONValue {
    let answer = OpenAPI.reference(OpenAPI.schemaName(type, isList ? type.listKind : nil))
    var operation: JSONValue = [
      "x-kubernetes-action": .string(action), "x-kubernetes-group-version-kind": OpenAPI.groupVersionKind(type),
      "parameters": .array(parameters(of: action)),
      "responses": ["200": ["description": "OK", "content": ["application/json": ["schema": answer]]]],
    ]
    switch action {
    case "post", "put":
      operation["requestBody"] = ["required": true, "content": ["*/*": ["schema": answer]]]
    case "patch":
      let patch: JSONValue = ["schema": ["type": "object"]]
      let content = Dictionary(uniqueKeysWithValues: type.patchMediaTypes.map { ($0, patch) })
      operation["requestBody"] = ["required": true, "content": .object(content)]
    default: break
    }
    return operation
  }

  private func parameters(of action: String) -> [JSONValue] {
    switch action {
    case "post", "put":
      [Self.dryRun, Self.fieldManager, Self.fieldValidation]
    case "patch":
      [Self.dryRun, Self.fieldManager, Self.fieldValidation, Self.query("force", "boolean", "Only for apply patches.")]
    case "delete", "deletecollection":
      [
        Self.dryRun,
        Self.query("gracePeriodSeconds", "integer", "The duration in seconds before the object should be deleted."),
        Self.query("propagationPolicy", "string", "Whether and how garbage collection will be performed."),
      ]
    case "list":
      [
        Self.query("continue", "string", "The token of the next page of a list."),
        Self.query("fieldSelector", "string", "A selector to restrict the list of returned objects by their fields."),
        Self.query("labelSelector", "string", "A selector to restrict the list of returned objects by their labels."),
        Self.query("limit", "integer", "A maximum number of responses to return for a list call."),
        Self.query(
          "resourceVersion", "string", "Sets a constraint on what resource versions a request may be served from."),
        Self.query("timeoutSeconds", "integer", "Timeout for the list or watch call."),
        Self.query("watch", "boolean", "Watch for changes to the described resources."),
      ]
    default: []
    }
  }

  private static let dryRun = query(
    "dryRun", "string", "When present, indicates that modifications should not be persisted.")
  private static let fieldManager = query(
    "fieldManager", "string", "A name associated with the actor that makes the changes.")
  private static let fieldValidation = query(
    "fieldValidation", "string", "What the server does with unknown or duplicate fields: Ignore, Warn or Strict.")

  private static func query(_ name: String, _ type: String, _ description: String) -> JSONValue {
    [
      "name": .string(name), "in": "query", "description": .string(description),
      "schema": ["type": .string(type), "uniqueItems": true],
    ]
  }

  private static func pathParameter(_ name: String, _ description: String) -> JSONValue {
    [
      "name": .string(name), "in": "path", "description": .string(description), "required": true,
      "schema": ["type": "string", "uniqueItems": true],
    ]
  }
}
