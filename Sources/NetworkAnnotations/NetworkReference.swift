/// The name of a NetworkAttachmentDefinition.
public struct NetworkReference: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The namespace of the NetworkAttachmentDefinition.
  public var namespace: String
  /// Its name within the namespace.
  public var name: String

  /// The names are taken as they are; the parsers of the annotations check them.
  public init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }

  /// Reads "namespace/name"; nil when it is not of this form or Kubernetes would refuse one of the names.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    self.init(namespace: String(parts[0]), name: String(parts[1]))
    guard problem == nil else { return nil }
  }

  /// "namespace/name".
  public var description: String { "\(namespace)/\(name)" }

  public static func < (left: Self, right: Self) -> Bool {
    (left.namespace, left.name) < (right.namespace, right.name)
  }
}

/// Names of Kubernetes objects (RFC 1123, as the API server checks them).
enum ObjectName {
  /// What is wrong with the name of a namespace; nil when nothing is.
  static func problem(inLabel text: some StringProtocol) -> String? {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last else { return "is empty" }
    if bytes.count > 63 { return "is longer than 63 characters" }
    let allowed = bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    let edges = isAlphanumeric(first) && isAlphanumeric(last)
    return allowed && edges ? nil : "is not a DNS label"
  }

  /// What is wrong with the name of an object, one or more labels separated by dots; nil when nothing is.
  static func problem(inSubdomain text: some StringProtocol) -> String? {
    if text.isEmpty { return "is empty" }
    if text.utf8.count > 253 { return "is longer than 253 characters" }
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return labels.allSatisfy { problem(inLabel: $0) == nil } ? nil : "is not a DNS name"
  }

  /// What would be right.
  static let remedy = "use lower case letters, digits and \"-\", beginning and ending with a letter or digit"

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
