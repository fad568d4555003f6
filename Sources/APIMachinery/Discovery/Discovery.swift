import JSON

/// The documents in which a server says what it serves.
public enum Discovery {
  /// `GET /api`.
  public static func apiVersions(serverAddress: String) -> JSONValue {
    [
      "kind": "APIVersions", "versions": ["v1"],
      "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(serverAddress)]],
    ]
  }

  /// `GET /apis`.
  public static func groupList(_ types: [ResourceType]) -> JSONValue {
    let groups = groupNames(types).compactMap { group($0, types)?.object }.map { group in
      JSONValue.object(group.filter { $0.key != "kind" && $0.key != "apiVersion" })
    }
    return ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups)]
  }

  /// `GET /apis/GROUP`; nil when there is no such group.
  public static func group(_ name: String, _ types: [ResourceType]) -> JSONValue? {
    let versions = versions(of: name, types).map { version -> JSONValue in
      ["groupVersion": "\(name)/\(version)", "version": .string(version)]
    }
    guard !name.isEmpty, let preferred = versions.first else { return nil }
    return [
      "kind": "APIGroup", "apiVersion": "v1", "name": .string(name), "versions": .array(versions),
      "preferredVersion": preferred,
    ]
  }

  /// `GET /api/v1`, `GET /apis/GROUP/VERSION`; nil when there is no such version.
  public static func resourceList(group: String, version: String, _ types: [ResourceType]) -> JSONValue? {
    let served = types.filter { $0.group == group && $0.version == version }
    guard !served.isEmpty else { return nil }
    let resources = served.sorted { $0.plural < $1.plural }.flatMap { type -> [JSONValue] in
      [resource(type)] + type.subresources.sorted().map { subresource(type, $0) }
    }
    return [
      "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(served[0].apiVersion),
      "resources": .array(resources),
    ]
  }

  /// `GET /api` and `GET /apis` as an APIGroupDiscoveryList of `apidiscovery.k8s.io/v2`.
  public static func aggregated(core: Bool, _ types: [ResourceType]) -> JSONValue {
    let names = core ? (types.contains { $0.group.isEmpty } ? [""] : []) : groupNames(types)
    let groups = names.map { name -> JSONValue in
      let versions = versions(of: name, types).map { version -> JSONValue in
        let resources = types.filter { $0.group == name && $0.version == version }.sorted { $0.plural < $1.plural }
        return [
          "version": .string(version), "resources": .array(resources.map(aggregatedResource)), "freshness": "Current",
        ]
      }
      return [
        "metadata": name.isEmpty ? .object([:]) : ["name": .string(name)], "versions": .array(versions),
      ]
    }
    return [
      "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": .object([:]),
      "items": .array(groups),
    ]
  }

  /// The groups that are served, the core group aside: Kubernetes' own first, as its clients expect.
  static func groupNames(_ types: [ResourceType]) -> [String] {
    let own = Set(types.filter { !$0.isCustom }.map(\.group)).subtracting([""]).sorted()
    let custom = Set(types.filter(\.isCustom).map(\.group)).subtracting(own).sorted()
    return own + custom
  }

  /// The versions of a group, the most stable and newest first.
  static func versions(of group: String, _ types: [ResourceType]) -> [String] {
    Set(types.filter { $0.group == group }.map(\.version)).sorted { VersionPriority($0) > VersionPriority($1) }
  }

  private static func resource(_ type: ResourceType) -> JSONValue {
    var json: JSONValue = [
      "name": .string(type.plural), "singularName": .string(type.singular), "namespaced": .bool(type.namespaced),
      "kind": .string(type.kind), "verbs": strings(type.verbs),
    ]
    if !type.shortNames.isEmpty { json["shortNames"] = strings(type.shortNames) }
    if !type.categories.isEmpty { json["categories"] = strings(type.categories) }
    if type.isStorageVersion, type.verbs.contains("get") {
      json["storageVersionHash"] = .string(fingerprint("\(type.group)/\(type.version)/\(type.kind)"))
    }
    return json
  }

  private static func subresource(_ type: ResourceType, _ name: String) -> JSONValue {
    let subresource = Subresource(name, of: type)
    var json: JSONValue = [
      "name": "\(type.plural)/\(name)", "singularName": "", "namespaced": .bool(type.namespaced),
      "kind": .string(subresource.kind), "verbs": strings(subresource.verbs),
    ]
    if subresource.group != type.group || subresource.version != type.version {
      json["group"] = .string(subresource.group)
      json["version"] = .string(subresource.version)
    }
    return json
  }

  private static func aggregatedResource(_ type: ResourceType) -> JSONValue {
    var json: JSONValue = [
      "resource": .string(type.plural), "responseKind": responseKind(type.group, type.version, type.kind),
      "scope": type.namespaced ? "Namespaced" : "Cluster", "singularResource": .string(type.singular),
      "verbs": strings(type.verbs),
    ]
    if !type.shortNames.isEmpty { json["shortNames"] = strings(type.shortNames) }
    if !type.categories.isEmpty { json["categories"] = strings(type.categories) }
    if !type.subresources.isEmpty {
      json["subresources"] = .array(
        type.subresources.sorted().map { name in
          let subresource = Subresource(name, of: type)
          return [
            "subresource": .string(name),
            "responseKind": responseKind(subresource.group, subresource.version, subresource.kind),
            "verbs": strings(subresource.verbs),
          ]
        })
    }
    return json
  }

  private static func responseKind(_ group: String, _ version: String, _ kind: String) -> JSONValue {
    ["group": .string(group), "version": .string(version), "kind": .string(kind)]
  }

  /// What a subresource takes and answers.
  private struct Subresource {
    var group: String
    var version: String
    var kind: String
    var verbs: [String]

    init(_ name: String, of type: ResourceType) {
      (group, version, kind) = (type.group, type.version, type.kind)
      verbs = ["get", "patch", "update"]
      switch name {
      case "binding": (kind, verbs) = ("Binding", ["create"])
      case "eviction": (group, kind, verbs) = ("policy", "Eviction", ["create"])
      case "token": (group, kind, verbs) = ("authentication.k8s.io", "TokenRequest", ["create"])
      case "finalize": verbs = ["update"]
      default: break
      }
    }
  }

  private static func strings(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
}

/// The rank of an API version (`v2` before `v1` before `v2beta1` before `v1alpha1` before others).
struct VersionPriority: Comparable {
  private let stability: Int
  private let numbers: [Int]
  private let text: String

  init(_ version: String) {
    text = version
    var rest = version.dropFirst()
    let major = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(major.count)
    let word = rest.prefix { $0.isLetter }
    let minor = rest.dropFirst(word.count)
    let ranks: [Substring: Int] = ["": 3, "beta": 2, "alpha": 1]
    guard version.hasPrefix("v"), let number = Int(major), let rank = ranks[word],
      word.isEmpty ? minor.isEmpty : Int(minor) != nil
    else {
      stability = 0
      numbers = []
      return
    }
    stability = rank
    numbers = [number, Int(minor) ?? 0]
  }

  static func < (left: Self, right: Self) -> Bool {
    if left.stability != right.stability { return left.stability < right.stability }
    if left.stability == 0 { return left.text > right.text }
    return left.numbers.lexicographicallyPrecedes(right.numbers)
  }
}
