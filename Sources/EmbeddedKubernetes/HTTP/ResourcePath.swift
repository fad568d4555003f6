/// What a path under /api/v1 or /apis/GROUP/VERSION names.
struct ResourcePath: Sendable, Hashable {
  var group: String
  var version: String
  var namespace: String?
  var plural: String
  var name: String?
  var subresource: String?

  /// The parts of a path of a resource; nil when the path is that of something else.
  init?(_ parts: [String]) {
    var rest = parts[...]
    switch rest.popFirst() {
    case "api":
      guard let version = rest.popFirst() else { return nil }
      (group, self.version) = ("", version)
    case "apis":
      guard let group = rest.popFirst(), let version = rest.popFirst() else { return nil }
      (self.group, self.version) = (group, version)
    default: return nil
    }
    // /api/v1/namespaces/NAME/status is of the Namespace itself.
    let isNamespaceItself =
      group.isEmpty && (rest.count < 3 || ["status", "finalize"].contains(rest.dropFirst(2).first))
    if rest.first == "namespaces" && rest.count > 2 && !isNamespaceItself {
      namespace = rest.dropFirst().first
      rest = rest.dropFirst(2)
    }
    guard let plural = rest.popFirst() else { return nil }
    self.plural = plural
    name = rest.popFirst()
    subresource = rest.isEmpty ? nil : rest.joined(separator: "/")
  }
}
