import Files
import JSON
import YAML

/// The manifests that the demo applies: the project's own examples, with what only this run knows filled in (the
/// switches' endpoints, the receiver of callbacks), written where the reader can look at them and apply them again.
struct DemoManifests: Sendable {
  /// Folder of the files.
  let folder: String
  /// The namespaces, apart from what is in them: who deletes a namespace deletes everything in it at once.
  private(set) var namespaces: [DemoScenario.File] = []
  private(set) var platform: [DemoScenario.File] = []
  private(set) var tenant: [DemoScenario.File] = []
  private(set) var pods: [DemoScenario.File] = []

  /// Reads the examples and writes the filled-in copies.
  /// - Throws: ``LabError`` when the examples are not there or are not YAML.
  init(examples: String, writingTo folder: String, directory: LabDirectory, callbackURL: String) throws {
    self.folder = folder
    platform = try Self.read("\(examples)/platform").map { Self.setting(endpoints: directory, in: $0) }
    let dualStack = try Self.read("\(examples)/dual-stack")
    let declared = try Self.read("\(examples)/tenant")
    namespaces = declared.filter { $0.isAll("Namespace") }
    tenant = (declared.filter { !$0.isAll("Namespace") } + dualStack.filter { !$0.isAll("Pod") })
      .map { Self.setting(callbackURL: callbackURL, in: $0) }
    pods = try Self.read("\(examples)/pods") + dualStack.filter { $0.isAll("Pod") }
    for (part, files) in [("namespaces", namespaces), ("platform", platform), ("tenant", tenant), ("pods", pods)] {
      try Files.makeFolder("\(folder)/\(part)")
      for file in files {
        let text = try file.documents.map { try YAML.text($0) }.joined(separator: "---\n")
        try Files.write(Array(text.utf8), to: "\(folder)/\(part)/\(file.name)")
      }
    }
  }

  /// Every file.
  var all: [DemoScenario.File] { platform + tenant + pods }

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
