import FoundationEssentials
import JSON
import KubernetesModel
import Testing

@testable import NetloomAPI

/// The committed manifests, and whether schema and Swift types say the same.
@Suite struct CRDTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let folder = root.appending(path: "config/crds")

  /// Compares a committed file with what the types say; with NETLOOM_WRITE_GENERATED=1 it is written first.
  private func check(_ file: URL, is text: String) throws {
    if ProcessInfo.processInfo.environment["NETLOOM_WRITE_GENERATED"] == "1" {
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let committed = try String(contentsOf: file, encoding: .utf8)
    #expect(
      committed == text,
      "\(file.lastPathComponent) is not what the types say; run NETLOOM_WRITE_GENERATED=1 swift test --filter CRDTests")
  }

  @Test func committedManifestsAreCurrent() throws {
    let files = CRDGenerator.files()
    for file in files { try check(Self.folder.appending(path: file.name), is: file.text) }
    let present = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path()).sorted()
    #expect(present == files.map(\.name).sorted(), "config/crds holds other files than the generator makes")
  }

  @Test func committedReferenceIsCurrent() throws {
    try check(Self.root.appending(path: "docs/api-reference.md"), is: CRDGenerator.markdown())
  }

  @Test func everyNodeOfASchemaIsStructuralAndDescribed() {
    for kind in CRDGenerator.kinds {
      check(CRDGenerator.schema(of: kind).json, at: kind.definition.kind)
    }
  }

  private func check(_ schema: JSONValue, at path: String) {
    let hasType = schema["type"]?.string != nil || schema["x-kubernetes-int-or-string"] == true
    #expect(hasType, "\(path) has no type")
    if !path.hasSuffix("/metadata") {
      #expect(schema["description"]?.string?.isEmpty == false, "\(path) has no description")
    }
    #expect(schema["x-kubernetes-validations"] == nil)
    for (name, property) in schema["properties"]?.object ?? [:] { check(property, at: "\(path)/\(name)") }
    guard let items = schema["items"] else { return }
    #expect(schema["maxItems"]?.integer != nil, "\(path) has no maxItems")
    check(items, at: path + "/items")
    for key in schema["x-kubernetes-list-map-keys"]?.array ?? [] {
      #expect(items["required"]?.array?.contains(key) == true, "\(path): the key \(key) has to be required")
    }
  }

  /// A value with every optional field set encodes to exactly the fields of the schema.
  @Test(arguments: Samples.complete) func schemaAndTypeHaveTheSameFields(_ sample: Sample) throws {
    var json = try sample.resource.json()
    json["metadata"] = [:]
    compare(json, CRDGenerator.schema(of: sample.kind).json, at: sample.kind.definition.kind)
  }

  private func compare(_ value: JSONValue, _ schema: JSONValue, at path: String) {
    if let properties = schema["properties"]?.object {
      let members = value.object ?? [:]
      #expect(Set(members.keys) == Set(properties.keys), "\(path)")
      for (name, member) in members { compare(member, properties[name] ?? .null, at: "\(path)/\(name)") }
    } else if let items = schema["items"] {
      #expect(value.array?.isEmpty == false, "\(path) needs an item in the sample")
      for item in value.array ?? [] { compare(item, items, at: path + "/items") }
    } else {
      let matches =
        switch schema["type"]?.string {
        case "string": value.string != nil
        case "integer": value.integer != nil
        case "boolean": value.bool != nil
        default: value.object != nil
        }
      #expect(matches, "\(path): \(value) is not of type \(schema["type"] ?? .null)")
      if let cases = schema["enum"]?.array { #expect(cases.contains(value), "\(path)") }
    }
  }

  /// What passes the schema can be decoded: a field that the Swift type cannot do without is a required one.
  @Test(arguments: Samples.complete) func everythingThatDecodingNeedsIsRequired(_ sample: Sample) throws {
    let json = try sample.resource.json()
    let schema = CRDGenerator.schema(of: sample.kind).json
    for path in fieldPaths(schema) where path.first == "spec" || path.first == "status" {
      var reduced = json
      remove(path[...], from: &reduced)
      let decodes = (try? sample.kind.init(json: reduced)) != nil
      #expect(decodes || isRequired(path, in: schema), "\(sample.kind.definition.kind) \(path.joined(separator: "."))")
    }
  }

  /// Every field under the schema; "[]" steps into the items of a list.
  private func fieldPaths(_ schema: JSONValue) -> [[String]] {
    if let items = schema["items"] { return fieldPaths(items).map { ["[]"] + $0 } }
    return (schema["properties"]?.object ?? [:]).flatMap { name, property in
      [[name]] + fieldPaths(property).map { [name] + $0 }
    }
  }

  private func isRequired(_ path: [String], in schema: JSONValue) -> Bool {
    var node = schema
    for step in path.dropLast() { node = (step == "[]" ? node["items"] : node["properties"]?[step]) ?? .null }
    return node["required"]?.array?.contains(.string(path.last ?? "")) ?? false
  }

  private func remove(_ path: ArraySlice<String>, from value: inout JSONValue) {
    guard let step = path.first else { return }
    if step == "[]" {
      value = .array(
        (value.array ?? []).map {
          var item = $0
          remove(path.dropFirst(), from: &item)
          return item
        })
    } else if path.count == 1 {
      value[step] = nil
    } else if var member = value[step] {
      remove(path.dropFirst(), from: &member)
      value[step] = member
    }
  }

  @Test func columnsAreThoseThatPeopleExpect() {
    let columns = L2Service.declaration.columns
    #expect(columns.filter { !$0.isWide }.map(\.name) == ["VLAN", "Subnets", "Pods", "Phase", "Ready", "Age"])
    #expect(columns.filter(\.isWide).map(\.name) == ["PhysicalNetworks", "Attachments", "Message"])
  }

  @Test func namesAreThoseThatPeopleType() {
    let names = CRDGenerator.kinds.map { kind in
      [kind.definition.plural] + kind.definition.shortNames
    }
    #expect(
      names == [
        ["connectionpoints", "cp"], ["fabrics"], ["l2services", "l2s"], ["subnets"], ["l2serviceattachments", "l2a"],
        ["routers", "rt"], ["networkports", "np"], ["servicechains", "sc"], ["trafficmirrors", "tm"],
        ["bridgedomains", "bd"], ["nodenetworks", "nn"], ["network-attachment-definitions", "net-attach-def"],
        ["ipamclaims"], ["multi-networkpolicies", "multi-policy"],
      ])
  }
}
