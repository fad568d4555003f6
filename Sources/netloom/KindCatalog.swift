import JSON
import KubernetesClient
import KubernetesModel
import Lab

/// The kinds that a server serves, by every name that people use for them (Kubernetes API discovery).
struct KindCatalog {
  private let client: KubernetesClient
  private var definitions: [ResourceDefinition] = []

  init(_ client: KubernetesClient) async throws {
    self.client = client
    definitions = try await Self.discover(client)
  }

  /// The kinds that a name, singular, short name or category means.
  func definitions(named word: String) throws -> [ResourceDefinition] {
    let word = word.lowercased()
    let found = definitions.filter { definition in
      ([
        definition.plural, definition.singular, definition.kind.lowercased(),
        "\(definition.plural).\(definition.group)",
      ]
        + definition.shortNames + definition.categories).contains(word)
    }
    guard !found.isEmpty else {
      throw LabError(
        "find the kind \(word)", reason: "the server has none of that name", remedy: "see kubectl api-resources")
    }
    return found
  }

  /// The kind of a manifest. A kind that a manifest before it has just brought is asked for again.
  func definition(of document: JSONValue) async throws -> ResourceDefinition {
    guard let version = document["apiVersion"]?.string, let kind = document["kind"]?.string else {
      throw LabError("read a manifest", reason: "it has no apiVersion or no kind")
    }
    func find(_ definitions: [ResourceDefinition]) -> ResourceDefinition? {
      definitions.first { $0.apiVersion == version && $0.kind == kind }
    }
    if let known = find(definitions) { return known }
    guard let fresh = find(try await Self.discover(client)) else {
      throw LabError(
        "find the kind \(kind) of \(version)", reason: "the server does not serve it",
        remedy: "install its CustomResourceDefinition first")
    }
    return fresh
  }

  private static func discover(_ client: KubernetesClient) async throws -> [ResourceDefinition] {
    var documents = [try await client.send(APIRequest(path: "/api/v1"))]
    let groups = try await client.send(APIRequest(path: "/apis"))["groups"]?.array ?? []
    for version in groups.compactMap({ $0[path: "preferredVersion", "groupVersion"]?.string }) {
      documents.append(try await client.send(APIRequest(path: "/apis/\(version)")))
    }
    return documents.flatMap(definitions(in:))
  }

  private static func definitions(in list: JSONValue) -> [ResourceDefinition] {
    let name = list["groupVersion"]?.string ?? "v1"
    return (list["resources"]?.array ?? []).compactMap { resource in
      guard let plural = resource["name"]?.string, !plural.contains("/"), let kind = resource["kind"]?.string else {
        return nil
      }
      let type = GroupVersionKind(apiVersion: name, kind: kind)
      return ResourceDefinition(
        group: type.group, version: type.version, kind: kind, plural: plural,
        singular: resource["singularName"]?.string ?? kind.lowercased(),
        shortNames: (resource["shortNames"]?.array ?? []).compactMap(\.string),
        categories: (resource["categories"]?.array ?? []).compactMap(\.string),
        scope: resource["namespaced"] == true ? .namespaced : .cluster)
    }
  }
}

extension ResourceDefinition {
  /// As kubectl names it: `l2service.netloom.dev`.
  var resourceText: String { group.isEmpty ? singular : "\(singular).\(group)" }
}
