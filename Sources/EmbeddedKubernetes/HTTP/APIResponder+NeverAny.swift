import APIMachinery
import Hummingbird
import JSON

/// Kinds of which there are never any here. kubectl describe asks for them and takes an empty list as it is; making one is
/// refused, since it would not be enforced.
enum NeverAny {
  private static let listKinds = ["resourcequotas": "ResourceQuotaList", "limitranges": "LimitRangeList"]

  static func covers(_ path: ResourcePath) -> Bool {
    path.group.isEmpty && path.version == "v1" && listKinds[path.plural] != nil
  }

  static func listKind(_ plural: String) -> String { listKinds[plural] ?? "List" }
}

extension APIResponder {
  func never(_ path: ResourcePath, _ call: Call) throws -> Response {
    guard call.identity.isAdministrator else {
      throw StatusError.forbidden(
        ResourceName(group: "", name: path.plural), name: path.name ?? "",
        "User \"\(call.identity.user)\" is not of the group system:masters")
    }
    guard call.request.method == .get, !call.query.flag("watch") else { throw StatusError.methodNotAllowed() }
    if let name = path.name { throw StatusError.notFound(ResourceName(group: "", name: path.plural), name: name) }
    let list: JSONValue = [
      "apiVersion": "v1", "kind": .string(NeverAny.listKind(path.plural)),
      "metadata": ["resourceVersion": .string(String(registry.store.revision))], "items": [],
    ]
    return Self.json(list.serialized())
  }
}
