import JSON
import KubernetesModel
import NetloomAPI

/// What the compiler writes on the objects that it makes, beside the marks of ``Netloom``.
public enum Marks {
  /// Annotation of a BridgeDomain: the L2Services whose VLAN it is, comma-separated.
  public static let services = "netloom.dev/services"
  /// Annotation of a NetworkAttachmentDefinition: what must stay programmed for as long as it exists.
  public static let requires = "netloom.dev/requires"

  /// The labels of everything that Netloom makes in Kubernetes.
  static func labels(owner uid: String?) -> [String: String] {
    var labels = [Netloom.managedByLabel: Netloom.managedBy]
    labels[Netloom.ownerLabel] = uid
    return labels
  }
}

extension ObjectMeta {
  /// Whether Netloom made the object.
  public var isManagedByNetloom: Bool { labels?[Netloom.managedByLabel] == Netloom.managedBy }

  /// Whether the object has our finalizer.
  var hasFinalizer: Bool { finalizers?.contains(Netloom.finalizer) == true }
}

/// What a NetworkAttachmentDefinition needs of the nodes and the fabric, written on the object itself, so that also an
/// operator that was just started knows what must outlive it.
struct DefinitionRequirements: Hashable, Sendable {
  var connectionPoint: String
  /// The bridge on the nodes; nil when pods get a device behind the uplinks.
  var bridge: String?
  var uplinks: [String]
  var vlans: [Int]

  /// The annotation's text.
  var text: String {
    var json: JSONValue = [
      "connectionPoint": .string(connectionPoint),
      "uplinks": .array(uplinks.map(JSONValue.string)),
      "vlans": .array(vlans.map { .integer(Int64($0)) }),
    ]
    if let bridge { json["bridge"] = .string(bridge) }
    return json.description
  }

  init(connectionPoint: String, bridge: String?, uplinks: [String], vlans: [Int]) {
    self.connectionPoint = connectionPoint
    self.bridge = bridge
    self.uplinks = uplinks
    self.vlans = vlans
  }

  /// Nil when the text is not ours: then it holds nothing.
  init?(text: String) {
    guard let json = Self.json(text), let connectionPoint = json["connectionPoint"]?.string else { return nil }
    self.init(
      connectionPoint: connectionPoint, bridge: json["bridge"]?.string,
      uplinks: (json["uplinks"]?.array ?? []).compactMap(\.string),
      vlans: (json["vlans"]?.array ?? []).compactMap { $0.integer.map(Int.init) })
  }

  private static func json(_ text: String) -> JSONValue? {
    do { return try JSONValue(parsing: text) } catch { return nil }
  }
}

extension NetworkAttachmentDefinition {
  /// What must outlive the definition; nil for one that Netloom did not make.
  var requirements: DefinitionRequirements? {
    guard metadata.isManagedByNetloom else { return nil }
    return metadata.annotations?[Marks.requires].flatMap(DefinitionRequirements.init(text:))
  }
}
