import ArgumentParser
import Files
import Glibc
import JSON
import KubernetesClient
import KubernetesModel
import Lab
import Logging
import YAML

/// Makes what a cluster needs for the commands below, and shuts it down.
private func withCluster(
  _ options: ClusterOptions, _ body: (KubernetesClient, KindCatalog) async throws -> Void
) async throws {
  var logger = Logger(label: "netloom")
  logger.logLevel = .error
  try await KubernetesClient.withClient(configuration: options.resolve(), logger: logger) { client in
    try await body(client, try await KindCatalog(client))
  }
}

/// The YAML documents of a file, of every file of a folder in the order of their names, or of standard input.
private func manifests(_ path: String) throws -> [JSONValue] {
  let endings = [".yaml", ".yml", ".json"]
  let names = Files.entries(of: path).filter { name in endings.contains { name.hasSuffix($0) } }
  let paths = Files.isFolder(path) ? names.map { "\(path)/\($0)" } : [path]
  return try paths.flatMap { path in
    guard let bytes = try Files.read(path) else { throw LabError("read \(path)", reason: "there is no such file") }
    return try YAML.documents(String(decoding: bytes, as: UTF8.self)).flatMap {
      $0["kind"] == "List" ? $0["items"]?.array ?? [] : [$0]
    }
  }
}

struct NamespaceOptions: ParsableArguments {
  @Option(name: [.customShort("n"), .long], help: "The namespace.")
  var namespace = FromEnvironment.text("NAMESPACE") ?? "default"
}

struct ApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Create or change objects as manifests say, for machines without kubectl.",
    discussion: """
      An object that does not exist is created; one that does gets the fields of the manifest (JSON merge patch).
      Example:
        netloom apply -f examples/tenant
      """)

  @Option(name: .customShort("f"), help: "A file, a folder, or - for standard input.") var file: String
  @OptionGroup var namespace: NamespaceOptions
  @OptionGroup var cluster: ClusterOptions

  func run() async throws {
    let documents = try manifests(file)
    try await withCluster(cluster) { client, catalog in
      var failures = 0
      for document in documents {
        do {
          let definition = try await catalog.definition(of: document)
          let name = target(document, definition)
          print("\(definition.resourceText)/\(name.name) \(try await apply(document, definition, name, client))")
        } catch {
          failures += 1
          Netloom.complain("Error: \(error)")
        }
      }
      guard failures == 0 else { throw ExitCode(1) }
    }
  }

  private func target(_ document: JSONValue, _ definition: ResourceDefinition) -> NamespacedName {
    let own = document[path: "metadata", "namespace"]?.string ?? namespace.namespace
    return NamespacedName(
      namespace: definition.scope == .namespaced ? own : nil, name: document[path: "metadata", "name"]?.string ?? "")
  }

  private func apply(
    _ document: JSONValue, _ definition: ResourceDefinition, _ name: NamespacedName, _ client: KubernetesClient
  ) async throws -> String {
    let resource = client.resource(definition)
    guard let existing = try await resource.find(name) else {
      var document = document
      document[path: "metadata", "namespace"] = name.namespace.map { .string($0) }
      try await resource.create(document)
      return "created"
    }
    let patched = try await resource.patch(name, .merge(document))
    let isSame = existing[path: "metadata", "resourceVersion"] == patched[path: "metadata", "resourceVersion"]
    return isSame ? "unchanged" : "configured"
  }
}

struct GetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "Show objects, for machines without kubectl.",
    discussion: """
      Examples:
        netloom get l2services -n test
        netloom get l2s,l2a -A -o wide
        netloom get pod web -n test -o yaml
      """)

  @Argument(help: "Kinds, with commas between them: names, short names or categories.") var kinds: String
  @Argument(help: "Name of one object.") var name: String?
  @Option(name: .shortAndLong, help: "wide, yaml, json or name; absent: a table.") var output: String?
  @Flag(name: [.customShort("A"), .long], help: "All namespaces.") var allNamespaces = false
  @OptionGroup var namespace: NamespaceOptions
  @OptionGroup var cluster: ClusterOptions

  func validate() throws {
    if let output, !["wide", "yaml", "json", "name"].contains(output) {
      throw ValidationError("-o \(output): one of wide, yaml, json, name")
    }
  }

  func run() async throws {
    try await withCluster(cluster) { client, catalog in
      let definitions = try kinds.split(separator: ",").flatMap { try catalog.definitions(named: String($0)) }
      var isFirst = true
      for definition in definitions {
        let place = definition.scope == .cluster || allNamespaces ? nil : namespace.namespace
        let path = definition.path(namespace: place, name: name)
        switch output {
        case nil, "wide":
          let accept = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json"
          let table = try await client.send(APIRequest(path: path, accept: accept))
          let lines = Table(table).lines(
            isWide: output == "wide", showsNamespace: definition.scope == .namespaced && allNamespaces,
            prefix: definitions.count > 1 ? "\(definition.resourceText)/" : "")
          guard lines.count > 1 else { continue }
          if !isFirst { print("") }
          isFirst = false
          lines.forEach { print($0) }
        default:
          print(try text(try await client.send(APIRequest(path: path)), definition), terminator: "")
        }
      }
      if isFirst, output == nil || output == "wide" { Netloom.complain("No resources found") }
    }
  }

  private func text(_ object: JSONValue, _ definition: ResourceDefinition) throws -> String {
    switch output {
    case "json": return String(decoding: object.serialized(.pretty), as: UTF8.self) + "\n"
    case "yaml": return try YAML.text(object)
    default:
      let objects = object["items"]?.array ?? [object]
      return objects.map { "\(definition.resourceText)/\($0[path: "metadata", "name"]?.string ?? "")\n" }.joined()
    }
  }
}

struct DeleteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete", abstract: "Delete objects, for machines without kubectl.",
    discussion: """
      Returns at once: an object in use is terminating until its last user has gone.
      Examples:
        netloom delete -f examples/tenant
        netloom delete l2service vlan13 -n test
      """)

  @Argument(help: "The kind.") var kind: String?
  @Argument(help: "The name.") var name: String?
  @Option(name: .customShort("f"), help: "Delete what a file or folder of manifests names.") var file: String?
  @Option(help: ArgumentHelp("Taken for kubectl's sake: this command never waits.", visibility: .hidden))
  var wait = false
  @Flag(help: "An object that is not there is no error.") var ignoreNotFound = false
  @OptionGroup var namespace: NamespaceOptions
  @OptionGroup var cluster: ClusterOptions

  func validate() throws {
    guard (file != nil) != (kind != nil && name != nil) else {
      throw ValidationError("give either -f FILE, or a kind and a name")
    }
  }

  func run() async throws {
    let documents = try file.map { try manifests($0) }
    try await withCluster(cluster) { client, catalog in
      var targets: [(ResourceDefinition, NamespacedName)] = []
      func target(_ definition: ResourceDefinition, _ place: String?, _ name: String) {
        let place = definition.scope == .namespaced ? place ?? namespace.namespace : nil
        targets.append((definition, NamespacedName(namespace: place, name: name)))
      }
      for document in documents ?? [] {
        target(
          try await catalog.definition(of: document), document[path: "metadata", "namespace"]?.string,
          document[path: "metadata", "name"]?.string ?? "")
      }
      if let kind, let name { for definition in try catalog.definitions(named: kind) { target(definition, nil, name) } }
      for (definition, name) in targets {
        do {
          try await client.resource(definition).delete(name)
          print("\(definition.resourceText) \"\(name.name)\" deleted")
        } catch let error as KubernetesAPIError where error.isNotFound && ignoreNotFound {
          continue
        }
      }
    }
  }
}
