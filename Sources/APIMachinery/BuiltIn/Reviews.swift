import JSON

extension ResourceType {
  /// The reviews: resources whose objects are answered and never kept. For discovery documents only: what answers them
  /// is the server's own.
  public static let reviews: [ResourceType] = [
    review("authentication.k8s.io", "SelfSubjectReview"), review("authentication.k8s.io", "TokenReview"),
    review("authorization.k8s.io", "SelfSubjectAccessReview"),
  ]

  private static func review(_ group: String, _ kind: String) -> ResourceType {
    ResourceType(
      group: group, version: "v1", kind: kind, plural: "\(kind.lowercased())s", namespaced: false, verbs: ["create"],
      behavior: ReviewBehavior())
  }
}

/// Reviews have no rules of their own here.
private struct ReviewBehavior: KindBehavior {
  var typeName: String? { nil }
  var errorGroup: String? { nil }
  var hasGeneration: Bool { false }
  var selectableFields: [String] { [] }
  var namesSelectableFields: Bool { false }
  var columns: [TableColumn] { [.name] }

  func selectableValue(_ field: String, of object: JSONValue) -> String? { nil }
  func read(_ body: JSONValue, as type: ResourceType) -> (object: JSONValue, unknown: [String]) { (body, []) }
  func nameErrors(_ name: String) -> [String] { [] }
  func prepareForCreate(_ object: inout JSONValue) {}
  func prepareForUpdate(_ object: inout JSONValue, over old: JSONValue, subresource: String?) {}
  func isNewGeneration(_ object: JSONValue, over old: JSONValue) -> Bool { false }
  func validate(_ object: JSONValue) -> [FieldError] { [] }
  func validateUpdate(_ object: JSONValue, over old: JSONValue, subresource: String?) -> [FieldError] { [] }
  func represent(_ stored: JSONValue, as type: ResourceType) -> JSONValue { stored }
  func stored(_ object: JSONValue, of type: ResourceType) -> JSONValue { object }
}
