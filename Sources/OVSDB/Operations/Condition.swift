import JSON

/// A test on one column of a row (RFC 7047 section 5.1, `<condition>`).
public struct Condition: Sendable, Hashable {
  /// How the column is compared.
  public enum Function: String, Sendable, Hashable {
    case lessThan = "<"
    case atMost = "<="
    case equal = "=="
    case notEqual = "!="
    case atLeast = ">="
    case greaterThan = ">"
    /// The column holds at least these elements or entries.
    case includes
    /// The column holds none of these elements or entries.
    case excludes
  }

  /// The column's name.
  public let column: String
  /// How it is compared.
  public let function: Function
  /// With what.
  public let datum: Datum

  /// Describes a test.
  public init(_ column: String, _ function: Function, _ value: some ColumnValue) {
    self.column = column
    self.function = function
    datum = value.datum
  }

  /// The one row of that id.
  public static func row(_ id: RowID) -> Condition { Condition("_uuid", .equal, id) }

  /// The wire form.
  public var json: JSONValue { [.string(column), .string(function.rawValue), datum.json] }
}
