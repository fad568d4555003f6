public import KubernetesModel

/// The API group, version and the marks that Netloom puts on what it makes.
public enum Netloom {
  /// The API group of every kind here.
  public static let group = "netloom.dev"
  /// The served and stored version.
  public static let version = "v1alpha1"
  /// `group/version`, the `apiVersion` of every object.
  public static let apiVersion = "\(group)/\(version)"
  /// The category: `kubectl get netloom` lists every kind.
  public static let category = "netloom"

  /// Finalizer on every object whose effects must be undone before it may go.
  public static let finalizer = "netloom.dev/cleanup"
  /// Label with the uid of the object that something was made for.
  public static let ownerLabel = "netloom.dev/owner"
  /// Label that says who manages an object; its value is ``managedBy``.
  public static let managedByLabel = "app.kubernetes.io/managed-by"
  /// Value of ``managedByLabel`` on everything that Netloom makes in Kubernetes.
  public static let managedBy = "netloom"
  /// Annotation on a pod: the addresses that were assigned to its interfaces.
  public static let allocationsAnnotation = "netloom.dev/allocations"
}

/// What every kind of the group `netloom.dev` has in common.
public protocol NetloomResource: KubernetesResource, Hashable {
  /// What the user (or, for the kinds that Netloom makes, the compiler) wants.
  associatedtype Spec: Codable, Sendable, Hashable
  /// What Netloom reports.
  associatedtype Status: NetloomStatus

  /// What is wanted.
  var spec: Spec { get set }
  /// What was reached; absent until Netloom has looked at the object.
  var status: Status? { get set }
  /// Where every change of the state is POSTed, if anywhere.
  var callbackURL: String? { get }
}

extension NetloomResource {
  /// The kinds that only Netloom makes have no callback.
  public var callbackURL: String? { nil }
}

/// What the status of every kind says.
public protocol NetloomStatus: Codable, Sendable, Hashable {
  /// The state in one word, derived from ``conditions``.
  var phase: Phase? { get set }
  /// The `metadata.generation` that this status speaks about.
  var observedGeneration: Int64? { get set }
  /// The details, `Ready` always among them.
  var conditions: [Condition]? { get set }
  /// The names of the nodes by which it works now, where that can change by itself and matters to others. A callback is
  /// told of every change.
  var whereabouts: [String] { get }
  /// A status that says nothing yet.
  init()
}

extension NetloomStatus {
  /// Of most kinds: none.
  public var whereabouts: [String] { [] }
}

extension ResourceDefinition {
  /// The definition of a kind of this group; the singular is the kind in lower case.
  static func netloom(
    _ kind: String, plural: String, shortNames: [String] = [], scope: Scope = .namespaced
  ) -> ResourceDefinition {
    ResourceDefinition(
      group: Netloom.group, version: Netloom.version, kind: kind, plural: plural, singular: kind.lowercased(),
      listKind: kind + "List", shortNames: shortNames, categories: [Netloom.category], scope: scope)
  }
}
