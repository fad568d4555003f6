public import JSON
import KubernetesModel

/// Makes the CustomResourceDefinition manifests out of what stands beside the Swift types.
public enum CRDGenerator {
  /// Every kind that is declared: those that users write, those that only Netloom makes, and the standard's own
  /// NetworkAttachmentDefinition, IPAMClaim and MultiNetworkPolicy for clusters that lack them.
  public static let kinds: [any DeclaredResource.Type] = [
    ConnectionPoint.self, Fabric.self, L2Service.self, Subnet.self, L2ServiceAttachment.self, Router.self,
    NetworkPort.self, ServiceChain.self, TrafficMirror.self, BridgeDomain.self, NodeNetwork.self,
    NetworkAttachmentDefinition.self, IPAMClaim.self, MultiNetworkPolicy.self,
  ]

  /// The manifests of ``kinds``, in that order.
  public static func manifests() -> [JSONValue] { kinds.map(manifest(for:)) }

  /// All manifests as one YAML stream, ready for `kubectl apply -f -`.
  public static func yaml() -> String { manifests().map { "---\n" + YAMLEmitter.text($0) }.joined() }

  /// The committed files: `GROUP_PLURAL.yaml` and its text, in the order of ``kinds``.
  public static func files() -> [(name: String, text: String)] {
    kinds.map { kind in
      let header = "# Generated from the Swift types by `netloom crds`; do not edit.\n"
      return ("\(kind.definition.group)_\(kind.definition.plural).yaml", header + YAMLEmitter.text(manifest(for: kind)))
    }
  }

  /// The CustomResourceDefinition (apiextensions.k8s.io/v1) of one kind.
  public static func manifest(for kind: any DeclaredResource.Type) -> JSONValue {
    let definition = kind.definition
    var names: JSONValue = [
      "kind": .string(definition.kind), "listKind": .string(definition.listKind),
      "plural": .string(definition.plural), "singular": .string(definition.singular),
    ]
    if !definition.shortNames.isEmpty { names["shortNames"] = .array(definition.shortNames.map(JSONValue.string)) }
    if !definition.categories.isEmpty { names["categories"] = .array(definition.categories.map(JSONValue.string)) }
    return [
      "apiVersion": "apiextensions.k8s.io/v1",
      "kind": "CustomResourceDefinition",
      "metadata": ["name": .string("\(definition.plural).\(definition.group)")],
      "spec": [
        "group": .string(definition.group), "names": names, "scope": .string(definition.scope.rawValue),
        "versions": .array(versions(of: kind)),
      ],
    ]
  }

  /// The stored version, then the others that are served.
  private static func versions(of kind: any DeclaredResource.Type) -> [JSONValue] {
    let stored = kind.definition.version
    return ([stored] + kind.declaration.furtherVersions).map {
      version($0, of: kind, schema(of: kind, version: $0), isStored: $0 == stored)
    }
  }

  private static func version(
    _ name: String, of kind: any DeclaredResource.Type, _ schema: Schema, isStored: Bool
  ) -> JSONValue {
    let declaration = kind.declaration
    var version: JSONValue = [
      "name": .string(name), "served": true, "storage": .bool(isStored), "schema": ["openAPIV3Schema": schema.json],
    ]
    if !declaration.columns.isEmpty {
      version["additionalPrinterColumns"] = .array(declaration.columns.map(json(column:)))
    }
    if declaration.status != nil { version["subresources"] = ["status": [:]] }
    return version
  }

  /// The schema of a whole object of the kind, in its stored version.
  public static func schema(of kind: any DeclaredResource.Type) -> Schema {
    schema(of: kind, version: kind.definition.version)
  }

  private static func schema(of kind: any DeclaredResource.Type, version: String) -> Schema {
    let declaration = kind.declaration
    let spec = declaration.spec
    let apiVersion = "\(kind.definition.group)/\(version)"
    let reference = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md"
    let fields: [Schema.Field] = [
      .optional("apiVersion", .string("The version of this kind: \(apiVersion). See \(reference).")),
      .optional("kind", .string("The name of this kind: \(kind.definition.kind). See \(reference).")),
      .optional("metadata", .metadata),
      declaration.requiresSpec ? .required("spec", spec) : .optional("spec", spec),
    ]
    return .object(declaration.description, fields + (declaration.status.map { [.optional("status", $0)] } ?? []))
  }

  private static func json(column: Declaration.Column) -> JSONValue {
    var json: JSONValue = [
      "name": .string(column.name), "type": .string(column.type), "jsonPath": .string(column.path),
      "description": .string(column.description),
    ]
    if column.isWide { json["priority"] = 1 }
    return json
  }
}
