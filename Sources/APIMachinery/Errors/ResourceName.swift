/// A plural resource name (or a kind) with its API group; printed `networks.example.com`, or `pods` in the core group.
public struct ResourceName: Sendable, Hashable, CustomStringConvertible {
  /// API group; empty for the core group.
  public var group: String
  /// Plural name (`pods`), or a kind (`Pod`) where Kubernetes names the kind.
  public var name: String

  /// A resource (or kind) of a group.
  public init(group: String, name: String) {
    self.group = group
    self.name = name
  }

  public var description: String { group.isEmpty ? name : "\(name).\(group)" }
}
