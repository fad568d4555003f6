import JSON

/// The labels of an object; a value that is no text counts as absent.
func labels(of object: JSONValue) -> [String: String] {
  (object[path: "metadata", "labels"]?.object ?? [:]).compactMapValues(\.string)
}

extension [JSONValue] {
  /// The list as a field's value: an empty one is left out.
  var unlessEmpty: JSONValue? { isEmpty ? JSONValue?.none : JSONValue.array(self) }
}
