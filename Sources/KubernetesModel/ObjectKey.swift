/// A namespace and a name; the namespace is absent for cluster-scoped objects.
public struct NamespacedName: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The namespace, or nil for a cluster-scoped object.
  public var namespace: String?
  /// The name.
  public var name: String

  /// A namespace and a name.
  public init(namespace: String?, name: String) {
    self.namespace = namespace
    self.name = name
  }

  /// `test/vlan13`, or `worker1` without a namespace.
  public var description: String { namespace.map { "\($0)/\(name)" } ?? name }

  /// By namespace (none first), then by name.
  public static func < (lhs: Self, rhs: Self) -> Bool {
    (lhs.namespace ?? "", lhs.name) < (rhs.namespace ?? "", rhs.name)
  }
}

/// Names one object of any kind within a cluster (but for its version).
public struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The group and the kind.
  public var kind: GroupKind
  /// The namespace, or nil for a cluster-scoped object.
  public var namespace: String?
  /// The name.
  public var name: String

  /// A key of the parts.
  public init(kind: GroupKind, namespace: String?, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// A key of a kind and a name.
  public init(kind: GroupKind, _ name: NamespacedName) {
    self.init(kind: kind, namespace: name.namespace, name: name.name)
  }

  /// The namespace and the name.
  public var namespacedName: NamespacedName { NamespacedName(namespace: namespace, name: name) }

  /// `L2Service test/vlan13`, `Node worker1`.
  public var description: String { "\(kind.kind) \(namespacedName)" }

  /// By kind, namespace, name.
  public static func < (lhs: Self, rhs: Self) -> Bool {
    lhs.kind == rhs.kind ? lhs.namespacedName < rhs.namespacedName : lhs.kind < rhs.kind
  }
}
