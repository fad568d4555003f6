import FoundationEssentials
import JSON
import KubernetesModel
import Testing

@testable import NetloomAPI

/// The manifests that users copy are right: no unknown field, no mistake, every reference resolved.
@Suite struct ExamplesTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "examples")

  private static let fabric = ["platform", "tenant", "dual-stack", "virtio"]
  private static let virtual = ["platform", "networks", "pods", "router", "functions", "chain", "live"].map {
    "virtual/\($0)"
  }

  private static func documents(_ folders: [String]) throws -> [JSONValue] {
    try folders.flatMap { name in
      let folder = folder.appending(path: name)
      return try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted().flatMap { file in
        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        return try yamlDocuments(in: text)
      }
    }
  }

  private static func all<Resource: NetloomResource & DeclaredResource>(
    _ type: Resource.Type = Resource.self, in folders: [String] = fabric
  ) throws -> [Resource] {
    try documents(folders).filter { $0["kind"]?.string == Resource.definition.kind }.map { document in
      let resource = try Resource(json: document)
      #expect(try Server.refusals(of: document, as: Resource.self) == [])
      #expect(try resource.json()["spec"] == document["spec"], "\(resource.key) has a field that nobody reads")
      return resource
    }
  }

  @Test func everyExampleIsRight() throws {
    let world = World(
      points: try Self.all(), fabrics: try Self.all(), services: try Self.all(), subnets: try Self.all(),
      attachments: try Self.all(), namespaces: ["test": [:]])
    #expect(world.services.count == 11 && world.subnets.count == 12 && world.attachments.count == 5)
    let alone: [any ValidatedResource] =
      world.points + world.fabrics + world.services + world.subnets + world.attachments
    let mistakes =
      alone.flatMap { $0.validate() } + world.services.flatMap { $0.validate(in: world) }
      + world.attachments.flatMap { $0.validate(in: world) }
    #expect(mistakes.map(\.description) == [])
  }

  /// Those of networks that OVN shares with the fabric.
  @Test func everyProviderExampleIsRight() throws {
    let folders = ["virtual/platform", "provider"]
    let world = World(
      points: try Self.all(in: folders), fabrics: try Self.all(in: folders), services: try Self.all(in: folders),
      subnets: try Self.all(in: folders), attachments: try Self.all(in: folders), ports: try Self.all(in: folders),
      namespaces: ["provider": [:]])
    #expect(world.services.count == 4 && world.attachments.count == 3 && world.ports.count == 1)
    let referring: [any ReferringResource] = world.services + world.attachments + world.ports
    let alone: [any ValidatedResource] = world.points + world.subnets
    #expect((alone + referring).flatMap { $0.validate() }.map(\.description) == [])
    #expect(referring.flatMap { $0.validate(in: world) }.map(\.description) == [])
  }

  /// Those of the virtual networks, applied folder by folder: what is declared again later is changed by that.
  @Test func everyVirtualExampleIsRight() throws {
    func all<Resource: NetloomResource & DeclaredResource>(_ type: Resource.Type = Resource.self) throws -> [Resource] {
      try Self.all(in: Self.virtual)
    }
    for routers in try all(Router.self).map({ [$0] }) {
      let world = World(
        points: try all(), fabrics: try all(), services: try all(), subnets: try all(), attachments: try all(),
        routers: routers, namespaces: ["shop": [:], "rival": [:]])
      let alone: [any ValidatedResource] =
        world.points + world.fabrics + world.services + world.subnets + world.attachments + routers
      let chains = try all(ServiceChain.self)
      let mistakes =
        (alone + chains).flatMap { $0.validate() } + world.services.flatMap { $0.validate(in: world) }
        + world.attachments.flatMap { $0.validate(in: world) } + routers.flatMap { $0.validate(in: world) }
        + chains.flatMap { $0.validate(in: world) }
      #expect(chains.count == 1)
      #expect(mistakes.map(\.description) == [])
    }
  }
}
