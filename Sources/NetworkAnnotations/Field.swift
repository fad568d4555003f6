import JSON
import NetworkTypes

/// A JSON value and its place in an annotation, so that each mistake is reported with both.
struct Field {
  let annotation: String
  let path: String
  let value: JSONValue

  /// The top of the annotation.
  init(annotation: String, parsing text: String) throws(NetworkAnnotationError) {
    self.annotation = annotation
    path = ""
    do {
      value = try JSONValue(parsing: text)
    } catch {
      throw NetworkAnnotationError(
        annotation: annotation, field: "", value: text, reason: "\(error)", remedy: "write a JSON list of objects")
    }
  }

  private init(annotation: String, path: String, value: JSONValue) {
    self.annotation = annotation
    self.path = path
    self.value = value
  }

  func error(_ reason: String, _ remedy: String) -> NetworkAnnotationError {
    NetworkAnnotationError(
      annotation: annotation, field: path, value: value.string ?? value.description, reason: reason, remedy: remedy)
  }

  private func mismatch(_ wanted: String) -> NetworkAnnotationError {
    error("it is of type \(value.typeName)", "write \(wanted)")
  }

  // MARK: - Members and elements

  /// The member of this object; nil when it is absent or null.
  subscript(_ key: String) -> Field? {
    guard let member = value[key], !member.isNull else { return nil }
    return Field(annotation: annotation, path: path.isEmpty ? key : "\(path).\(key)", value: member)
  }

  func required(_ key: String) throws(NetworkAnnotationError) -> Field {
    guard let member = self[key] else { throw error("\"\(key)\" is missing", "add \"\(key)\"") }
    return member
  }

  func elements() throws(NetworkAnnotationError) -> [Field] {
    guard let elements = value.array else { throw mismatch("a list") }
    return elements.enumerated().map { Field(annotation: annotation, path: "\(path)[\($0)]", value: $1) }
  }

  func nonEmptyElements() throws(NetworkAnnotationError) -> [Field] {
    let elements = try elements()
    guard !elements.isEmpty else { throw error("it is empty", "list at least one element or leave it out") }
    return elements
  }

  func object() throws(NetworkAnnotationError) -> [String: JSONValue] {
    guard let members = value.object else { throw mismatch("an object") }
    return members
  }

  // MARK: - Scalars

  func string() throws(NetworkAnnotationError) -> String {
    guard let string = value.string else { throw mismatch("a string") }
    return string
  }

  func nonEmptyString() throws(NetworkAnnotationError) -> String {
    let string = try string()
    guard !string.isEmpty else { throw error("it is empty", "write a name or leave it out") }
    return string
  }

  func bool() throws(NetworkAnnotationError) -> Bool {
    guard let bool = value.bool else { throw mismatch("true or false") }
    return bool
  }

  func integer(in range: ClosedRange<Int64>) throws(NetworkAnnotationError) -> Int {
    let remedy = range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    guard let integer = value.integer else { throw mismatch("an integer, \(remedy)") }
    guard range.contains(integer) else { throw error("it is out of range", "use \(remedy)") }
    return Int(integer)
  }

  func parsed<T: TextualValue>(_: T.Type = T.self) throws(NetworkAnnotationError) -> T {
    let text = try string()
    do { return try T(parsing: text) } catch { throw self.error(error.reason, error.remedy) }
  }

  /// The elements of a list, each read in the same way.
  func map<T>(
    _ read: (Field) throws(NetworkAnnotationError) -> T
  ) throws(NetworkAnnotationError) -> [T] {
    var values: [T] = []
    for element in try elements() { values.append(try read(element)) }
    return values
  }
}
