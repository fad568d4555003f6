import JSON

/// A built-in kind as data: names, and the few rules that its type description does not say.
struct BuiltInKind: Sendable {
  var group = ""
  var kind: String
  var plural: String
  var shortNames: [String] = []
  var categories: [String] = []
  var namespaced = true
  var package = corePackage
  var subresources: Set<String> = []
  var hasGeneration = false
  var verbs = ResourceType.allVerbs
  /// Another kind's storage of which this is a view.
  var storageKey: String?
  var errorGroup: String?
  var nameErrors: @Sendable (String) -> [String] = Names.dns1123Subdomain
  /// Fields for field selectors beside name and namespace.
  var selectable: [SelectableField] = []
  var namesSelectableFields = false
  /// Defaults that depend on other fields; constant ones are in the type description.
  var setDefaults: @Sendable (inout JSONValue) -> Void = { _ in }
  var prepareForCreate: @Sendable (inout JSONValue) -> Void = { _ in }
  var prepareForUpdate: @Sendable (_ object: inout JSONValue, _ old: JSONValue, _ subresource: String?) -> Void = {
    object, old, subresource in keepOtherHalf(of: &object, old: old, subresource: subresource)
  }
  var validate: @Sendable (JSONValue) -> [FieldError] = { _ in [] }
  var validateUpdate: @Sendable (_ object: JSONValue, _ old: JSONValue, _ subresource: String?) -> [FieldError] = {
    _, _, _ in []
  }
  /// The form in which objects are stored, and back.
  var toStored: (@Sendable (JSONValue) -> JSONValue)?
  var fromStored: (@Sendable (JSONValue) -> JSONValue)?
  var columns: [TableColumn] = [.name, .age]

  /// The resource that is served.
  var resourceType: ResourceType {
    ResourceType(
      group: group, version: "v1", kind: kind, plural: plural, shortNames: shortNames, categories: categories,
      namespaced: namespaced, verbs: verbs, subresources: subresources, storageKey: storageKey,
      behavior: BuiltInBehavior(kind: self))
  }
}

/// A field that a field selector may name.
struct SelectableField: Sendable {
  var name: String
  var value: @Sendable (JSONValue) -> String

  init(_ name: String, _ value: @escaping @Sendable (JSONValue) -> String) {
    self.name = name
    self.value = value
  }

  /// The field at the path that the name says; `empty` is its text when it is not set.
  init(_ name: String, at path: String? = nil, empty: String = "") {
    let path = (path ?? name).split(separator: ".").map(String.init)
    self.init(name) { object in
      switch object[path: path] {
      case .string(let text): text
      case nil, .null: empty
      case let value?: value.description
      }
    }
  }
}

/// A write of the object keeps the old status, a write of the status keeps the old spec.
@Sendable func keepOtherHalf(of object: inout JSONValue, old: JSONValue, subresource: String?) {
  let kept = subresource == "status" ? "spec" : "status"
  object[kept] = old[kept]
}

/// The behaviour of built-in kinds, driven by their descriptions.
struct BuiltInBehavior: KindBehavior {
  let kind: BuiltInKind
  private let fields: [SelectableField]

  init(kind: BuiltInKind) {
    self.kind = kind
    fields =
      [SelectableField("metadata.name")] + (kind.namespaced ? [SelectableField("metadata.namespace")] : [])
      + kind.selectable
  }

  var typeName: String? { "\(kind.package).\(kind.kind)" }
  var errorGroup: String? { kind.errorGroup }
  var hasGeneration: Bool { kind.hasGeneration }
  var selectableFields: [String] { fields.map(\.name) }
  var namesSelectableFields: Bool { kind.namesSelectableFields }
  var columns: [TableColumn] { kind.columns }

  func selectableValue(_ field: String, of object: JSONValue) -> String? {
    fields.first { $0.name == field }?.value(object)
  }

  func read(_ body: JSONValue, as type: ResourceType) throws(DecodingFailure) -> (object: JSONValue, unknown: [String])
  {
    let description = TypeLibrary.builtIn[typeName!]
    var decoder = TypedDecoder()
    var object = try decoder.decode(body, as: description)
    TypeLibrary.builtIn.setDefaults(&object, description)
    kind.setDefaults(&object)
    return (object, decoder.unknownFields.sorted())
  }

  func nameErrors(_ name: String) -> [String] { kind.nameErrors(name) }
  func prepareForCreate(_ object: inout JSONValue) { kind.prepareForCreate(&object) }

  func prepareForUpdate(_ object: inout JSONValue, over old: JSONValue, subresource: String?) {
    kind.prepareForUpdate(&object, old, subresource)
  }

  func isNewGeneration(_ object: JSONValue, over old: JSONValue) -> Bool { object["spec"] != old["spec"] }

  func validate(_ object: JSONValue) -> [FieldError] {
    TypeLibrary.builtIn.enumerationErrors(object, TypeLibrary.builtIn[typeName!]) + kind.validate(object)
  }

  func validateUpdate(_ object: JSONValue, over old: JSONValue, subresource: String?) -> [FieldError] {
    let immutable = kind.validateUpdate(object, old, subresource)
    return immutable.isEmpty && subresource == nil ? validate(object) : immutable
  }

  func represent(_ stored: JSONValue, as type: ResourceType) -> JSONValue { kind.fromStored?(stored) ?? stored }
  func stored(_ object: JSONValue, of type: ResourceType) -> JSONValue { kind.toStored?(object) ?? object }
}
