import Synchronization

/// What a committed write did to one object. One instance is shared by all watchers, and so are its serialised lines.
final class StoreEvent: Sendable {
  enum Kind: Int64, Sendable {
    case added = 0
    case modified = 1
    case deleted = 2

    var watchName: String {
      switch self {
      case .added: "ADDED"
      case .modified: "MODIFIED"
      case .deleted: "DELETED"
      }
    }
  }

  let kind: Kind
  /// The object after the write; for a deletion its last state, with the deletion's own revision as resourceVersion.
  let object: StoredObject
  /// The object before the write, nil when it did not exist.
  let previous: StoredObject?

  private let lines = Mutex<[String: [UInt8]]>([:])

  var revision: Revision { object.revision }

  init(kind: Kind, object: StoredObject, previous: StoredObject?) {
    self.kind = kind
    self.object = object
    self.previous = previous
  }

  /// The serialised form named `form` of this event, made by `make` the first time that it is asked for.
  func line(_ form: String, make: () throws -> [UInt8]) rethrows -> [UInt8] {
    if let line = lines.withLock({ $0[form] }) { return line }
    let line = try make()
    lines.withLock { $0[form] = line }
    return line
  }
}
