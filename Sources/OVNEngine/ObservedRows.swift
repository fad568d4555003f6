import OVNModel
import OVSDB

/// The northbound database as it was at one moment.
struct ObservedRows {
  /// The copy.
  let replica: Replica
  /// What the server can hold.
  let schema: DatabaseSchema
  /// Rows that were seen with our mark once; they stay ours when somebody takes the mark away.
  var known: [RowID: NorthboundKey] = [:]
  /// `known` by key.
  var knownIDs: [NorthboundKey: RowID] = [:]
  /// The owners whose rows stay as they are: see ``NorthboundWish/fragments``.
  var untold: Set<String> = []
  /// The rows that were seen with such an owner; they stay when somebody takes the mark away.
  var spared: [NorthboundKey: String] = [:]

  /// What the column `NB_Global.nb_cfg` holds; nil when there is no such row yet.
  var requested: Int? { number("nb_cfg") }
  /// Which `nb_cfg` ovn-northd has carried into the southbound database (ovn-nb(5)).
  var carried: Int { number("sb_cfg") ?? 0 }

  private func number(_ column: String) -> Int? {
    guard case .integer(let number)? = replica.rows("NB_Global").values.first?[column]?.atom else { return nil }
    return Int(number)
  }

  /// The rows with a key's mark, least first: one, unless somebody copied it.
  func rows(_ key: NorthboundKey) -> [Row] {
    let marked = replica.rows(key.table.rawValue, NorthboundTable.mark, .string(key.name)).sorted { $0.id < $1.id }
    guard let id = knownIDs[key], !marked.contains(where: { $0.id == id }),
      let row = replica.row(key.table.rawValue, id)
    else { return marked }
    return [row] + marked
  }

  /// The owner because of which a row stays as it is; nil: it does not.
  func spares(_ key: NorthboundKey) -> String? {
    guard !untold.isEmpty else { return nil }
    let rows = rows(key)
    return rows.isEmpty ? nil : spared[key] ?? rows.lazy.compactMap(\.owner).first(where: untold.contains)
  }

  /// Of which of our rows that is the id; nil: of none.
  func key(of id: RowID, in table: String) -> NorthboundKey? {
    if let key = known[id] { return key }
    return replica.row(table, id)?.mark.flatMap { name in NorthboundTable(rawValue: table).map { .init($0, name) } }
  }

  /// Whether somebody else has a row of that unique name.
  func isTaken(_ key: NorthboundKey, name: String) -> Bool {
    key.table.hasUniqueNames
      && replica.rows(key.table.rawValue, .column("name"), .string(name)).contains {
        self.key(of: $0.id, in: key.table.rawValue) == nil
      }
  }
}

extension Row {
  /// The name by which Netloom knows the row; nil: it is somebody else's.
  var mark: String? { entry(NorthboundMark.key) }

  /// The owner that it is marked with.
  var owner: String? { entry(NorthboundMark.owner) }

  /// Whether a chassis has bound the port (`up`, ovn-nb(5)).
  var isUp: Bool { self["up"] == Datum(.boolean(true)) }

  private func entry(_ key: String) -> String? {
    guard case .string(let text)? = self["external_ids"]?.map?[.string(key)] else { return nil }
    return text
  }
}

extension NorthboundAtom {
  var atom: Atom {
    switch self {
    case .boolean(let value): .boolean(value)
    case .integer(let value): .integer(Int64(value))
    case .string(let value): .string(value)
    }
  }
}
