import JSON

/// The labels of an object; a value that is no text counts as absent.
func labels(of object: JSONValue) -> [String: String] {
  (object[path: "metadata", "labels"]?.object ?? [:]).compactMapValues(\.string)
}
