import JSON

/// One of a schema's `x-kubernetes-validations`, compiled.
struct ValidationRule: Sendable {
  init(_ json: JSONValue, schema: JSONValue, path: String) throws(Schema.CompilationError) {}
}

extension Schema {
  /// The errors of the rules (`x-kubernetes-validations`) of this schema and of those within.
  func ruleErrors(_ value: JSONValue, old: JSONValue?) -> [FieldError] { [] }
}
