/// A group and a kind: what names a sort of object whatever its version. The core group is the empty string.
public struct GroupKind: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The API group, for example `netloom.dev`; empty for the core group.
  public var group: String
  /// The kind, for example `Pod`.
  public var kind: String

  /// A group and a kind.
  public init(group: String, kind: String) {
    self.group = group
    self.kind = kind
  }

  /// `Pod`, or `Lease.coordination.k8s.io` outside the core group.
  public var description: String { group.isEmpty ? kind : "\(kind).\(group)" }

  /// By kind, then by group.
  public static func < (lhs: Self, rhs: Self) -> Bool { (lhs.kind, lhs.group) < (rhs.kind, rhs.group) }
}

/// A group, a version and a kind, as an object's `apiVersion` and `kind` say them.
public struct GroupVersionKind: Sendable, Hashable, CustomStringConvertible {
  /// The API group; empty for the core group.
  public var group: String
  /// The version, for example `v1`.
  public var version: String
  /// The kind, for example `Pod`.
  public var kind: String

  /// A group, a version and a kind.
  public init(group: String, version: String, kind: String) {
    self.group = group
    self.version = version
    self.kind = kind
  }

  /// Reads `apiVersion` (`v1` or `group/version`).
  public init(apiVersion: String, kind: String) {
    if let slash = apiVersion.firstIndex(of: "/") {
      self.init(
        group: String(apiVersion[..<slash]), version: String(apiVersion[apiVersion.index(after: slash)...]), kind: kind)
    } else {
      self.init(group: "", version: apiVersion, kind: kind)
    }
  }

  /// `v1`, or `group/version` outside the core group.
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// Without the version.
  public var groupKind: GroupKind { GroupKind(group: group, kind: kind) }

  /// `v1 Pod`, `netloom.dev/v1alpha1 L2Service`.
  public var description: String { "\(apiVersion) \(kind)" }
}

/// Where the API server serves a kind and by which names.
public struct ResourceDefinition: Sendable, Hashable {
  /// Whether objects live in a namespace.
  public enum Scope: String, Sendable, Hashable, Codable {
    /// Every object is in a namespace.
    case namespaced = "Namespaced"
    /// Objects are named across the whole cluster.
    case cluster = "Cluster"
  }

  /// The API group; empty for the core group.
  public var group: String
  /// The version, for example `v1alpha1`.
  public var version: String
  /// The kind, for example `L2Service`.
  public var kind: String
  /// The name in paths, for example `l2services`.
  public var plural: String
  /// The singular name that kubectl accepts.
  public var singular: String
  /// The kind of a list of these.
  public var listKind: String
  /// Abbreviations that kubectl accepts.
  public var shortNames: [String]
  /// Groups of kinds (`all`, `netloom`) that kubectl accepts.
  public var categories: [String]
  /// Namespaced or not.
  public var scope: Scope

  /// A definition; `singular` is the lower-cased kind and `listKind` the kind with `List` when they are not given.
  public init(
    group: String, version: String, kind: String, plural: String, singular: String? = nil, listKind: String? = nil,
    shortNames: [String] = [], categories: [String] = [], scope: Scope
  ) {
    self.group = group
    self.version = version
    self.kind = kind
    self.plural = plural
    self.singular = singular ?? kind.lowercased()
    self.listKind = listKind ?? kind + "List"
    self.shortNames = shortNames
    self.categories = categories
    self.scope = scope
  }

  /// `v1`, or `group/version` outside the core group.
  public var apiVersion: String { groupVersionKind.apiVersion }

  /// The group, the version and the kind.
  public var groupVersionKind: GroupVersionKind { GroupVersionKind(group: group, version: version, kind: kind) }

  /// The group and the kind.
  public var groupKind: GroupKind { GroupKind(group: group, kind: kind) }

  /// The path at the API server, for example `/apis/netloom.dev/v1alpha1/namespaces/test/l2services/vlan13/status`.
  ///
  /// Without a name it is that of the collection; without a namespace, of all namespaces. The namespace of a
  /// cluster-scoped kind is ignored. Segments are percent-encoded where RFC 3986 section 3.3 asks for it.
  public func path(namespace: String? = nil, name: String? = nil, subresource: String? = nil) -> String {
    var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    if scope == .namespaced, let namespace { path += "/namespaces/\(Self.encode(segment: namespace))" }
    path += "/\(plural)"
    if let name { path += "/\(Self.encode(segment: name))" }
    if let subresource { path += "/\(subresource)" }
    return path
  }

  private static func encode(segment: String) -> String {
    func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-._~:@!$&'()*+,;=".utf8.contains(byte)
      }
    }
    if segment.utf8.allSatisfy(isPlain) { return segment }
    return segment.utf8.reduce(into: "") { encoded, byte in
      if isPlain(byte) {
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
  }
}
