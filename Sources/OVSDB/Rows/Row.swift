import JSON

/// A row as the server tells it: its id and the columns that were asked for.
public struct Row: Sendable, Hashable {
  /// The row's `_uuid`.
  public let id: RowID
  /// The columns by name.
  public var columns: [String: Datum]

  /// Puts a row together.
  public init(id: RowID, columns: [String: Datum]) {
    self.id = id
    self.columns = columns
  }

  /// The contents of a column; nil when it was not asked for or does not exist.
  public subscript(column: String) -> Datum? { columns[column] }

  /// Reads a row of a `select`, which names its id among the columns (when it was asked for).
  init?(selected json: JSONValue) {
    guard var columns = Row.columns(json: json) else { return nil }
    let id = columns.removeValue(forKey: "_uuid")?.atom
    if case .uuid(let value)? = id {
      self.init(id: value, columns: columns)
    } else {
      self.init(id: .zero, columns: columns)
    }
  }

  /// Reads the members of a `<row>` (RFC 7047 section 5.1).
  static func columns(json: JSONValue) -> [String: Datum]? {
    guard case .object(let object) = json else { return nil }
    var columns: [String: Datum] = [:]
    columns.reserveCapacity(object.count)
    for (name, value) in object {
      guard let datum = Datum(json: value) else { return nil }
      columns[name] = datum
    }
    return columns
  }
}
