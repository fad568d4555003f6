/// What happened to one row: it appeared, changed or went.
public struct RowChange: Sendable, Hashable {
  /// The table.
  public let table: String
  /// The row's id.
  public let id: RowID
  /// The row before; nil when it appeared.
  public let old: Row?
  /// The row after; nil when it went.
  public let new: Row?
}

extension RowChange {
  /// The typed row before and after; nil when the change is about another table.
  public func typed<Value: TableRow>(_ type: Value.Type) throws(OVSDBError) -> (
    old: Stored<Value>?, new: Stored<Value>?
  )? {
    guard table == Value.tableName else { return nil }
    var typed: (old: Stored<Value>?, new: Stored<Value>?) = (nil, nil)
    if let old { typed.old = try Stored(old) }
    if let new { typed.new = try Stored(new) }
    return typed
  }
}
