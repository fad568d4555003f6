import Files
import JSON
import YAML

/// The manifests that the demo applies: the project's own examples, with what only this run knows filled in (the
/// switches' endpoints, the receiver of callbacks), written where the reader can look at them and apply them again.
struct DemoManifests: Sendable {
  /// Files that are applied together.
  struct Part: Sendable {
    let name: String
    let files: [DemoScenario.File]
  }

  /// Where each part has a folder of its name.
  let folder: String
  let parts: [Part]

  /// Those of the story about VLANs.
  /// - Throws: ``LabError`` when the examples are not there or are not YAML.
  static func fabric(
    examples: String, writingTo folder: String, directory: LabDirectory, callbackURL: String
  ) throws -> DemoManifests {
    let declared = try read("\(examples)/tenant") + read("\(examples)/dual-stack")
    let pods = try read("\(examples)/pods") + declared.filter { $0.isAll("Pod") }
    return try DemoManifests(
      [
        Part(name: "platform", files: read("\(examples)/platform").map { setting(endpoints: directory, in: $0) }),
        Part(
          name: "tenant", files: declared.filter { !$0.isAll("Pod") }.map { setting(callbackURL: callbackURL, in: $0) }),
        Part(name: "pods", files: pods),
      ], writingTo: folder)
  }

  /// Those of the story about virtual networks.
  /// - Throws: ``LabError`` when the examples are not there or are not YAML.
  static func virtual(
    examples: String, writingTo folder: String, directory: LabDirectory
  ) throws -> DemoManifests {
    let parts = try ["platform", "networks", "pods", "router", "functions", "chain", "live"].map { name in
      Part(name: name, files: try read("\(examples)/virtual/\(name)").map { setting(endpoints: directory, in: $0) })
    }
    return try DemoManifests(parts, writingTo: folder)
  }

  /// Writes the parts. Namespaces become a part of their own: who deletes a namespace deletes everything in it at once.
  private init(_ parts: [Part], writingTo folder: String) throws {
    self.folder = folder
    let namespaces = parts.flatMap(\.files).filter { $0.isAll("Namespace") }
    self.parts =
      [Part(name: "namespaces", files: namespaces)]
      + parts.map { Part(name: $0.name, files: $0.files.filter { !$0.isAll("Namespace") }) }
    for part in self.parts {
      try Files.makeFolder("\(folder)/\(part.name)")
      for file in part.files {
        let text = try file.documents.map { try YAML.text($0) }.joined(separator: "---\n")
        try Files.write(Array(text.utf8), to: "\(folder)/\(part.name)/\(file.name)")
      }
    }
  }

  /// The files of a part.
  subscript(part: String) -> [DemoScenario.File] { parts.first { $0.name == part }?.files ?? [] }

  /// Every file.
  var all: [DemoScenario.File] { parts.flatMap(\.files) }

  /// The folder of the examples: given, or beside the sources of this program, or here.
  static func find(_ given: String?, executable: String) throws -> String {
    let above = sequence(first: executable) { path in
      path.lastIndex(of: "/").map { String(path[..<$0]) }
    }.dropFirst().map { "\($0)/examples" }
    for path in given.map({ [$0] }) ?? (["examples"] + above) where !Files.entries(of: "\(path)/platform").isEmpty {
      return path
    }
    throw LabError(
      "find the example manifests", reason: "there is no folder \(given ?? "examples") with platform/*.yaml",
      remedy: "run this in a clone of the project, or name the folder with --examples")
  }

  private static func read(_ folder: String) throws -> [DemoScenario.File] {
    try Files.entries(of: folder).filter { $0.hasSuffix(".yaml") }.map { name in
      let text = String(decoding: try Files.read("\(folder)/\(name)") ?? [], as: UTF8.self)
      do {
        return DemoScenario.File(name: name, documents: try YAML.documents(text))
      } catch {
        throw LabError("read \(folder)/\(name)", reason: "\(error)")
      }
    }
  }

  private static func setting(endpoints directory: LabDirectory, in file: DemoScenario.File) -> DemoScenario.File {
    edited(file, kind: "Fabric") { fabric in
      let switches = (fabric[path: "spec", "switches"]?.array ?? []).map { leaf -> JSONValue in
        var leaf = leaf
        leaf["endpoint"] = .string(directory.databaseEndpoint(of: leaf["name"]?.string ?? ""))
        return leaf
      }
      fabric[path: "spec", "switches"] = .array(switches)
    }
  }

  private static func setting(callbackURL: String, in file: DemoScenario.File) -> DemoScenario.File {
    let services = edited(file, kind: "L2Service") { $0[path: "spec", "callbackURL"] = .string(callbackURL) }
    return edited(services, kind: "L2ServiceAttachment") { $0[path: "spec", "callbackURL"] = .string(callbackURL) }
  }

  private static func edited(
    _ file: DemoScenario.File, kind: JSONValue, _ edit: (inout JSONValue) -> Void
  ) -> DemoScenario.File {
    var file = file
    for index in file.documents.indices where file.documents[index]["kind"] == kind { edit(&file.documents[index]) }
    return file
  }
}
