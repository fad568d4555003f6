import JSON

/// One resource of one API version as a server serves it: its names, and what the server must do with its objects.
///
/// The methods are steps of a request, in this order: represent (of the stored object), patch, ``decode``,
/// ``prepareForCreate`` or ``prepareForUpdate``, ``stored``.
public final class ResourceType: Sendable {
  /// API group; empty for the core group.
  public let group: String
  /// API version, `v1`.
  public let version: String
  /// Kind, `ConfigMap`.
  public let kind: String
  /// Resource name in paths, `configmaps`.
  public let plural: String
  /// Singular name, `configmap`.
  public let singular: String
  /// Kind of lists, `ConfigMapList`.
  public let listKind: String
  /// Short names for kubectl.
  public let shortNames: [String]
  /// Categories for kubectl (`all`).
  public let categories: [String]
  /// Whether objects live in namespaces.
  public let namespaced: Bool
  /// What may be done with it (`get`, `list`, ...).
  public let verbs: [String]
  /// Subresources (`status`, `binding`, `finalize`, ...).
  public let subresources: Set<String>
  /// Whether a CustomResourceDefinition made it.
  public let isCustom: Bool
  /// The version in which objects are stored.
  public let storageVersionName: String
  /// Under which name its objects are stored: two views of the same objects have one key.
  public let storageKey: String
  /// Warnings to send with every answer (deprecated versions).
  public let warnings: [String]

  let behavior: any KindBehavior

  init(
    group: String, version: String, kind: String, plural: String, singular: String? = nil, listKind: String? = nil,
    shortNames: [String] = [], categories: [String] = [], namespaced: Bool, verbs: [String] = ResourceType.allVerbs,
    subresources: Set<String> = [], isCustom: Bool = false, storageVersionName: String? = nil,
    storageKey: String? = nil, warnings: [String] = [], behavior: any KindBehavior
  ) {
    self.group = group
    self.version = version
    self.kind = kind
    self.plural = plural
    self.singular = singular ?? kind.lowercased()
    self.listKind = listKind ?? kind + "List"
    self.shortNames = shortNames
    self.categories = categories
    self.namespaced = namespaced
    self.verbs = verbs
    self.subresources = subresources
    self.isCustom = isCustom
    self.storageVersionName = storageVersionName ?? version
    self.storageKey = storageKey ?? (group.isEmpty ? plural : "\(plural).\(group)")
    self.warnings = warnings
    self.behavior = behavior
  }

  /// Verbs of a custom resource, in the order in which Kubernetes lists them.
  static let customVerbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]
  static let allVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]

  /// `v1`, or `coordination.k8s.io/v1`.
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
  /// The resource as messages name it.
  public var resourceName: ResourceName { ResourceName(group: group, name: plural) }
  /// The kind as messages about invalid objects name it.
  public var qualifiedKind: ResourceName { ResourceName(group: behavior.errorGroup ?? group, name: kind) }
  /// Whether objects are stored in this version.
  public var isStorageVersion: Bool { version == storageVersionName }
  /// Whether a replace must name the resourceVersion that it is based on.
  public var requiresResourceVersion: Bool { isCustom }
  /// Fields that a field selector may name.
  public var selectableFields: [String] { behavior.selectableFields }
  /// Media types of PATCH that the resource takes.
  public var patchMediaTypes: [String] {
    let common = ["application/json-patch+json", "application/merge-patch+json"]
    return isCustom ? common : common + ["application/strategic-merge-patch+json"]
  }

  /// The description of the type of a built-in kind.
  var typeDescription: TypeDescription? { behavior.typeName.map { TypeLibrary.builtIn[$0] } }

  /// The text of a selectable field, empty when it is not set; nil when the field cannot be selected by.
  public func selectableValue(_ field: String, of object: JSONValue) -> String? {
    behavior.selectableValue(field, of: object)
  }

  /// The 400 text of a field selector over another field.
  func unsupportedFieldMessage(_ field: String) -> String {
    guard behavior.namesSelectableFields else { return "field label not supported: \(field)" }
    let known = behavior.selectableFields.map(goQuoted).joined(separator: ", ")
    return "\(goQuoted(field)) is not a known field selector: only \(known)"
  }

  /// A stored object as clients of this version see it.
  public func represent(_ stored: JSONValue) -> JSONValue { behavior.represent(stored, as: self) }

  /// An object of this version as it is stored: the inverse of ``represent(_:)``.
  public func stored(_ object: JSONValue) -> JSONValue { behavior.stored(object, of: self) }
}

/// What differs between kinds. All methods are pure.
protocol KindBehavior: Sendable {
  /// Name of the type of a built-in kind in the type library.
  var typeName: String? { get }
  /// The group that messages about invalid objects name, where it is not the resource's.
  var errorGroup: String? { get }
  /// Whether metadata.generation counts the changes of an object.
  var hasGeneration: Bool { get }
  var selectableFields: [String] { get }
  /// Whether the message about an unsupported field selector lists the supported ones.
  var namesSelectableFields: Bool { get }

  func selectableValue(_ field: String, of object: JSONValue) -> String?
  /// Reads a body: drops and names unknown fields, fills in defaults.
  func read(_ body: JSONValue, as type: ResourceType) throws(DecodingFailure) -> (object: JSONValue, unknown: [String])
  /// The errors of a name.
  func nameErrors(_ name: String) -> [String]
  /// What a create sets or drops beside metadata.
  func prepareForCreate(_ object: inout JSONValue)
  /// What an update keeps of the old object beside metadata.
  func prepareForUpdate(_ object: inout JSONValue, over old: JSONValue, subresource: String?)
  /// Whether an update moves the generation.
  func isNewGeneration(_ object: JSONValue, over old: JSONValue) -> Bool
  func validate(_ object: JSONValue) -> [FieldError]
  func validateUpdate(_ object: JSONValue, over old: JSONValue, subresource: String?) -> [FieldError]
  func represent(_ stored: JSONValue, as type: ResourceType) -> JSONValue
  func stored(_ object: JSONValue, of type: ResourceType) -> JSONValue
  /// Columns of tables.
  var columns: [TableColumn] { get }
}
