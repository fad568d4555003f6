/// A mistake in an annotation: where it is, what stands there, why it is refused and what would be right.
public struct NetworkAnnotationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The annotation's key.
  public let annotation: String
  /// The place in it, counted from 0: "[1].ips[0]"; empty for the annotation as a whole.
  public let field: String
  /// What stands there, shortened when it is longer than 80 characters.
  public let value: String
  /// What is wrong with it.
  public let reason: String
  /// What would be right: "use 1-65535".
  public let remedy: String

  init(annotation: String, field: String, value: String, reason: String, remedy: String) {
    self.annotation = annotation
    self.field = field
    self.value = value.utf8.count > 80 ? value.prefix(80) + "…" : value
    self.reason = reason
    self.remedy = remedy
  }

  /// One sentence: `annotation k8s.v1.cni.cncf.io/networks, [1].mac "02:00": it has 2 parts …; write …`.
  public var description: String {
    let place = field.isEmpty ? "" : ", \(field)"
    return "annotation \(annotation)\(place) \"\(value)\": \(reason); \(remedy)"
  }
}
