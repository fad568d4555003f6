import FoundationEssentials
import JSON

@testable import APIMachinery

/// Plays recorded HTTP cases of a real API server against APIMachinery and a dictionary: what is left of a server when
/// HTTP, storage, watches and controllers are taken away.
struct ContractPlayer {
  static let folder = String(#filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" }) + "/Contract"

  let namespace = "contract"
  let id = "abcde"
  var variables: [String: String] = [:]
  var types: [ResourceType] = ResourceType.builtIn
  var definitions: [JSONValue] = []
  var objects: [String: JSONValue] = [:]
  var revision: Int64 = 100
  var uids: Int64 = 0
  let now = "2026-01-02T03:04:05Z"

  struct Answer {
    var code: Int
    var body: JSONValue
    var warnings: [String] = []
  }

  struct Failure: Error { var message: String }

  static func load(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: [UInt8](Data(contentsOf: URL(filePath: "\(folder)/\(path)"))))
  }

  init() throws {
    for definition in try Self.load("fixtures/crds.json").array ?? [] { try define(definition) }
    objects["serviceaccounts/contract/default"] = [
      "kind": "ServiceAccount", "apiVersion": "v1", "metadata": ["name": "default", "namespace": "contract"],
    ]
  }

  mutating func define(_ definition: JSONValue) throws {
    let established = CustomResourceDefinitions.conditions(for: definition, others: definitions, now: now)
    definitions.removeAll { $0[path: "metadata", "name"] == definition[path: "metadata", "name"] }
    definitions.append(established)
    types = ResourceType.builtIn + (try definitions.flatMap { try ResourceType.custom(crd: $0) })
    objects["customresourcedefinitions.apiextensions.k8s.io//\(definition[path: "metadata", "name"]?.string ?? "")"] =
      established
  }

  mutating func answer(_ method: String, _ target: String, _ step: JSONValue) throws -> Answer {
    do {
      return try perform(method, target, step)
    } catch let error as StatusError {
      return Answer(code: error.code, body: error.status, warnings: error.warnings)
    }
  }

  private mutating func perform(_ method: String, _ target: String, _ step: JSONValue) throws -> Answer {
    let halves = target.split(separator: "?", maxSplits: 1)
    var query: [String: [String]] = [:]
    for pair in halves.dropFirst().first?.split(separator: "&") ?? [] {
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      query[parts[0], default: []].append(parts.count > 1 ? parts[1] : "")
    }
    var path = halves[0].split(separator: "/").map(String.init)
    let group = path[0] == "api" ? "" : path[1]
    let version = path[0] == "api" ? path[1] : path[2]
    path.removeFirst(path[0] == "api" ? 2 : 3)
    var space: String?
    if path.count > 2, path[0] == "namespaces", !["status", "finalize"].contains(path[2]) {
      space = path[1]
      path.removeFirst(2)
    }
    guard let type = types.first(where: { $0.group == group && $0.version == version && $0.plural == path[0] }) else {
      throw StatusError.unknownPath()
    }
    let context = RequestContext(
      namespace: space, name: path.count > 1 ? path[1] : nil, now: now, uid: uid(), nameSuffix: "xxxxx",
      isPatch: method == "PATCH")
    guard path.count > 1 else { return try collection(method, type, query, step, context) }
    return try single(method, type, path, query, step, context)
  }

  private mutating func uid() -> String {
    uids += 1
    return "uid-\(uids)"
  }

  private func key(_ type: ResourceType, _ space: String?, _ name: String) -> String {
    "\(type.storageKey)/\(space ?? "")/\(name)"
  }

  private func validation(_ query: [String: [String]], _ options: String) throws -> FieldValidation {
    try FieldValidation.parse(query["fieldValidation"]?.first, options: options)
  }

  private mutating func keep(_ object: JSONValue, _ type: ResourceType, _ space: String?, isDryRun: Bool) throws
    -> JSONValue
  {
    guard !isDryRun else { return object }
    var object = object
    revision += 1
    object[path: "metadata", "resourceVersion"] = .string("\(revision)")
    objects[key(type, space, object[path: "metadata", "name"]?.string ?? "")] = type.stored(object)
    if type.kind == "CustomResourceDefinition" { try define(object) }
    return object
  }

  private mutating func collection(
    _ method: String, _ type: ResourceType, _ query: [String: [String]], _ step: JSONValue, _ context: RequestContext
  ) throws -> Answer {
    if method == "GET" {
      let options = try ListOptions.parse(query)
      let labels = try LabelSelector.parse(options.labelSelector)
      let fields = try FieldSelector.parse(options.fieldSelector, for: type)
      let prefix = "\(type.storageKey)/" + (context.namespace.map { "\($0)/" } ?? "")
      let items = objects.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }.map {
        type.represent($0.value)
      }
      .filter { labels.matches($0[path: "metadata", "labels"]?.stringMap ?? [:]) && fields.matches($0, of: type) }
      if step["accept"]?.string?.contains("as=Table") == true {
        return Answer(code: 200, body: Table.render(type: type, items: items, now: now))
      }
      return Answer(code: 200, body: ["kind": .string(type.listKind), "items": .array(items)])
    }
    guard method == "POST" else { throw StatusError.methodNotAllowed() }
    let (body, duplicates) = try body(step)
    let decoded = try type.decode(
      body, duplicates: duplicates, fieldValidation: try validation(query, "CreateOptions"), isPatch: false)
    var object = decoded.object
    if type.kind == "Service", object[path: "spec", "clusterIP"] == nil {
      object[path: "spec", "clusterIP"] = "10.0.0.1"
    }
    object = try type.prepareForCreate(object, context: context)
    let name = object[path: "metadata", "name"]?.string ?? ""
    guard objects[key(type, context.namespace, name)] == nil else {
      throw StatusError.alreadyExists(type.resourceName, name: name)
    }
    let kept = try keep(object, type, context.namespace, isDryRun: query["dryRun"] != nil)
    return Answer(code: 201, body: kept, warnings: decoded.warnings)
  }

  private mutating func single(
    _ method: String, _ type: ResourceType, _ path: [String], _ query: [String: [String]], _ step: JSONValue,
    _ context: RequestContext
  ) throws -> Answer {
    let place = key(type, context.namespace, path[1])
    let subresource = path.count > 2 ? path[2] : nil
    guard let stored = objects[place] else { throw StatusError.notFound(type.resourceName, name: path[1]) }
    let old = type.represent(stored)
    switch method {
    case "GET":
      let isTable = step["accept"]?.string?.contains("as=Table") == true
      return Answer(
        code: 200, body: isTable ? Table.render(type: type, items: [old], now: now) : old, warnings: type.warnings)
    case "PUT", "PATCH":
      var (input, duplicates) = try body(step)
      if method == "PATCH" {
        switch step["contentType"]?.string {
        case "application/json-patch+json": input = try Patch.json(input, to: old)
        case "application/merge-patch+json": input = Patch.merge(input, to: old)
        default: input = try Patch.strategic(input, to: old, for: type)
        }
        duplicates = []
      }
      let options = method == "PUT" ? "UpdateOptions" : "PatchOptions"
      let decoded = try type.decode(
        input, duplicates: duplicates, fieldValidation: try validation(query, options), isPatch: method == "PATCH")
      let given = decoded.object[path: "metadata", "resourceVersion"]?.string ?? ""
      if given.isEmpty, type.requiresResourceVersion {
        throw StatusError.resourceVersionRequired(type.resourceName, name: path[1])
      }
      let actual = old[path: "metadata", "resourceVersion"]?.string
      if !given.isEmpty, given != actual { throw StatusError.modified(type.resourceName, name: path[1]) }
      var object = try type.prepareForUpdate(decoded.object, over: old, subresource: subresource, context: context)
      object[path: "metadata", "resourceVersion"] = old[path: "metadata", "resourceVersion"]
      if object != old { object = try keep(object, type, context.namespace, isDryRun: query["dryRun"] != nil) }
      return Answer(code: 200, body: object, warnings: decoded.warnings)
    default: throw Failure(message: "not played: \(method)")
    }
  }

  private func body(_ step: JSONValue) throws -> (JSONValue, [String]) {
    guard let text = step["body"]?.string else { return (step["body"] ?? .null, []) }
    do {
      return (try JSONValue(parsing: text), DuplicateFields.find(in: Array(text.utf8)))
    } catch {
      throw StatusError.badRequest("\(error)")
    }
  }
}

extension ContractPlayer {
  /// `${name}` replaced everywhere.
  func filled(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string(let text): .string(filled(text))
    case .array(let elements): .array(elements.map(filled))
    case .object(let members):
      .object(Dictionary(uniqueKeysWithValues: members.map { (filled($0.key), filled($0.value)) }))
    default: value
    }
  }

  func filled(_ text: String) -> String {
    variables.merging(["ns": namespace, "id": id]) { $1 }.reduce(text) {
      $0.replacing("${\($1.key)}", with: $1.value)
    }
  }

  /// Where two answers differ; placeholders of the recording fit everything.
  static func differences(_ actual: JSONValue?, _ expected: JSONValue, _ path: String = "") -> [String] {
    switch (actual, expected) {
    case (_, .string(let text)) where text.hasPrefix("<") && text.hasSuffix(">") && text != "<nil>" && text != "<none>":
      return []
    case (.object(let actual)?, .object(let expected)):
      return Set(actual.keys).union(expected.keys).sorted().flatMap { key -> [String] in
        guard let expectation = expected[key] else { return ["\(path).\(key): not expected: \(actual[key]!)"] }
        return differences(actual[key], expectation, "\(path).\(key)")
      }
    case (.array(let actual)?, .array(let expected)) where actual.count == expected.count:
      let isUnordered = path.hasSuffix("causes") || path.hasSuffix("conditions")
      func ordered(_ list: [JSONValue]) -> [JSONValue] {
        isUnordered ? list.sorted { $0.description < $1.description } : list
      }
      return zip(ordered(actual), ordered(expected)).enumerated().flatMap { differences($1.0, $1.1, "\(path)[\($0)]") }
    case (let actual?, _) where actual.isEqualJSON(expected): return []
    default: return ["\(path): \(actual?.description ?? "absent"), expected \(expected)"]
    }
  }
}
