import JSON

/// A change of one column in place (RFC 7047 section 5.1, `<mutation>`): it commutes with what others do to the same
/// row at the same time, where `update` would overwrite it.
public struct Mutation: Sendable, Hashable {
  /// What is done to the column.
  public enum Mutator: String, Sendable, Hashable {
    case add = "+="
    case subtract = "-="
    case multiply = "*="
    case divide = "/="
    case remainder = "%="
    /// Adds elements to a set, or entries to a map; keys that are there already keep their value.
    case insert
    /// Removes elements from a set; from a map, the entries (given a map) or the keys (given a set).
    case delete
  }

  /// The column's name.
  public let column: String
  /// What is done to it.
  public let mutator: Mutator
  /// With what.
  public let datum: Datum

  /// Describes a change.
  public init(_ column: String, _ mutator: Mutator, _ datum: Datum) {
    self.column = column
    self.mutator = mutator
    self.datum = datum
  }

  /// Describes a change by a Swift value.
  public init(_ column: String, _ mutator: Mutator, _ value: some ColumnValue) {
    self.init(column, mutator, value.datum)
  }

  /// Sets entries of a map whatever they were: the keys are removed, then the entries are added.
  public static func set(_ entries: [String: String], in column: String) -> [Mutation] {
    guard !entries.isEmpty else { return [] }
    return [Mutation(column, .delete, Set(entries.keys)), Mutation(column, .insert, entries)]
  }

  /// The wire form.
  public var json: JSONValue { [.string(column), .string(mutator.rawValue), datum.json] }
}
