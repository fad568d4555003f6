/// Why the store could not do what was asked of it.
enum StoreError: Error, Sendable, CustomStringConvertible {
  /// A create found an object of that key.
  case exists(StoreKey)
  /// The object is absent.
  case absent(StoreKey)
  /// The object is no longer at the revision that the write was computed from.
  case changed(StoreKey, expected: Revision, found: Revision)
  /// The asked revision is older than what the history still holds.
  case compacted(asked: Revision, oldest: Revision)
  /// The store was closed while the write was waiting.
  case closed

  var description: String {
    switch self {
    case .exists(let key): "cannot create \(key): it exists already"
    case .absent(let key): "no \(key) in the store"
    case .changed(let key, let expected, let found):
      "cannot write \(key): it is at revision \(found), the write was computed from \(expected)"
    case .compacted(let asked, let oldest):
      "revision \(asked) is no longer in the history, which begins at \(oldest): list again"
    case .closed: "the store is closed"
    }
  }
}
