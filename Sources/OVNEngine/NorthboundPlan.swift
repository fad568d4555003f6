import OVNModel
import OVSDB

/// What brings rows from how they are to how they are wanted: one transaction. Pure.
///
/// Only rows with our mark are written. In columns of references only references to rows of ours are taken out; in
/// `external_ids` only our keys are set. A reference to a row that does not exist yet is left out until it does.
struct NorthboundPlan {
  /// The rows that were looked at.
  private(set) var keys: [NorthboundKey]
  /// What was found of each row that is not as it is wanted, for people.
  private(set) var findings: [NorthboundKey: String] = [:]
  /// The rows that a row waits for before it can be all that is wanted.
  private(set) var waiting: [NorthboundKey: Set<NorthboundKey>] = [:]
  /// Rows that the database cannot hold, and why.
  private(set) var blocked: [NorthboundKey: String] = [:]
  /// Rows that stay as they are, and for which owner.
  private(set) var spared: [NorthboundKey: String] = [:]
  private var draft = NorthboundDraft()
  private var names: [NorthboundKey: String] = [:]
  private var wanted: WantedRows
  private var observed: ObservedRows
  /// The `nb_cfg` that was observed; nil: there was none yet.
  let requested: Int?

  /// Compares rows.
  init(_ keys: some Collection<NorthboundKey>, wanted: WantedRows, observed: ObservedRows) {
    // Holders first: a port can only be made together with, or after, its switch.
    self.keys = keys.sorted { ($0.table.holders.isEmpty ? 0 : 1, $0) < ($1.table.holders.isEmpty ? 0 : 1, $1) }
    self.wanted = wanted
    self.observed = observed
    requested = observed.requested
    for key in self.keys { spared[key] = observed.spares(key) }
    let rows = self.keys.filter { spared[$0] == nil }.map {
      (key: $0, wanted: wanted[$0], found: observed.rows($0))
    }
    for (key, wanted, found) in rows {
      guard let wanted else { continue }
      blocked[key] = problem(of: key, wanted, isNew: found.isEmpty)
      if blocked[key] == nil, found.isEmpty { name(key, wanted) }
    }
    for (key, wanted, found) in rows where blocked[key] == nil {
      for row in found.dropFirst(wanted == nil ? 0 : 1) { remove(row, key) }
      if let wanted { compare(key, wanted, found.first) }
    }
    // A copy of all rows that lives as long as the transaction is under way would be copied in earnest by the next change.
    self.wanted = WantedRows()
    self.observed = ObservedRows(replica: Replica(), schema: observed.schema)
  }

  /// Whether everything is as it is wanted, or has to wait.
  var isEmpty: Bool { draft.isEmpty }

  /// How many rows are written.
  var rowCount: Int { draft.rowCount }

  /// The `nb_cfg` that the transaction sets.
  var revision: Int { (requested ?? 0) + 1 }

  /// The transaction. It takes place only if nobody else has counted `nb_cfg` up since the rows were observed: of two
  /// writers that look at the same database one has to look again, so that no row is made twice.
  var operations: [Operation] {
    let known = requested.map { [["nb_cfg": $0.datum]] } ?? []
    let count: Operation =
      requested == nil
      ? .insert(table: "NB_Global", row: ["nb_cfg": revision.datum])
      : .update(table: "NB_Global", where: [], row: ["nb_cfg": revision.datum])
    return [.wait(table: "NB_Global", where: [], columns: ["nb_cfg"], until: .equal, rows: known, timeout: 0)]
      + draft.operations + [count]
  }
}

// MARK: Rows

extension NorthboundPlan {
  /// Gives a row that is to be made its name in the transaction, when it can be made.
  private mutating func name(_ key: NorthboundKey, _ row: WantedRows.Row) {
    guard !key.table.holders.isEmpty else {
      names[key] = "r\(names.count)"
      return
    }
    if row.parents.contains(where: { reference($0.row) != nil }) {
      names[key] = "r\(names.count)"
    } else {
      waiting[key] = Set(row.parents.map(\.row))
    }
  }

  /// A row as others refer to it; nil: it does not exist, or is to go.
  private func reference(_ key: NorthboundKey) -> Atom? {
    if let name = names[key] { return .namedUUID(name) }
    guard stays(key) else { return nil }
    return observed.rows(key).first.map { .uuid($0.id) }
  }

  /// Whether a row that exists is not to go.
  private func stays(_ key: NorthboundKey) -> Bool { wanted.contains(key) || observed.spares(key) != nil }

  private mutating func compare(_ key: NorthboundKey, _ row: WantedRows.Row, _ found: Row?) {
    guard found != nil || names[key] != nil, let types = observed.schema.tables[key.table.rawValue] else { return }
    var columns: [String: Datum] = [:]
    var changes: [String] = []
    for (column, value) in row.columns where column != "external_ids" {
      guard let type = types[column] else { continue }
      if case .references(let keys) = value, type.isComposite {
        let targets = resolve(keys, for: key)
        guard let found else {
          columns[column] = Datum(set: targets)
          continue
        }
        let gained = targets.subtracting(found[column]?.atoms ?? [])
        let lost = ours(found[column], type).subtracting(targets)
        for target in gained { draft.add(target, to: column, of: .uuid(found.id), in: key.table.rawValue) }
        for case .uuid(let target) in lost { draft.remove(target, from: column, of: place(key, found)) }
        if !gained.isEmpty || !lost.isEmpty { changes.append("\(column) was \(found[column] ?? .empty)") }
      } else {
        let datum = datum(value, for: key)
        let old = found.map { $0[column] ?? .empty } ?? type.defaultDatum
        guard datum != old else { continue }
        if let found, type.isComposite {
          draft.change(column, of: place(key, found), from: old, to: datum)
        } else {
          columns[column] = datum
        }
        if found != nil { changes.append("\(column) was \(old)") }
      }
    }
    write(key, row, columns, found, changes)
  }

  private mutating func write(
    _ key: NorthboundKey, _ row: WantedRows.Row, _ columns: [String: Datum], _ found: Row?, _ changes: [String]
  ) {
    var entries: [String: String] = [:]
    if case .map(let more)? = row.columns["external_ids"] { entries = more }
    entries[NorthboundMark.owner] = row.owner.description
    entries[NorthboundMark.key] = key.name
    var changes = changes
    if let found {
      if !columns.isEmpty { draft.update(place(key, found), columns) }
      let marks = found["external_ids"] ?? .emptyMap
      let marked = Datum(map: (marks.map ?? [:]).merging(entries.datum.map ?? [:]) { $1 })
      if marks != marked {
        draft.change("external_ids", of: place(key, found), from: marks, to: marked)
        changes.append("external_ids was \(marks)")
      }
      changes += hold(key, row, .uuid(found.id))
    } else if let name = names[key] {
      draft.insert(name, into: key.table.rawValue, columns.merging(["external_ids": entries.datum]) { $1 })
      _ = hold(key, row, .namedUUID(name))
      changes = ["it was gone"]
    }
    if !changes.isEmpty { findings[key] = changes.sorted().joined(separator: ", ") }
  }

  /// Puts a row into the columns that are to hold it, and takes it out of all others: it has one place.
  private mutating func hold(_ key: NorthboundKey, _ row: WantedRows.Row, _ reference: Atom) -> [String] {
    var changes: [String] = []
    var present: Set<NorthboundDraft.Place> = []
    if case .uuid(let id) = reference {
      for (holder, column) in holders(of: key, id) {
        let parent = observed.key(of: holder.id, in: holder.table)
        if let parent, row.parents.contains(.init(parent, column)) {
          present.insert(holder)
        } else if parent.map({ wanted.contains($0) }) ?? true {
          draft.remove(id, from: column, of: holder)
          changes.append("it was in \(column) of \(holder.table) \(parent?.name ?? holder.id.description)")
        }
      }
    }
    for parent in row.parents {
      guard let target = self.reference(parent.row) else {
        waiting[key, default: []].insert(parent.row)
        continue
      }
      if case .uuid(let id) = target, present.contains(.init(table: parent.row.table.rawValue, id: id)) { continue }
      draft.add(reference, to: parent.column, of: target, in: parent.row.table.rawValue)
      changes.append("it was not in \(parent.column) of \(parent.row)")
    }
    return changes
  }

  /// Takes a row away that nobody wants: what nothing holds any more goes by itself.
  private mutating func remove(_ row: Row, _ key: NorthboundKey) {
    findings[key] = "nobody wants it"
    guard !key.table.holders.isEmpty else { return draft.delete(place(key, row)) }
    // ovsdb-server counts the references of a row that goes by itself until it has gone, and would refuse to delete what
    // it refers to.
    let types = observed.schema.tables[key.table.rawValue] ?? [:]
    let references = types.filter { column, type in
      key.table.columns.contains(column) && type.referenced != nil && row[column]?.atoms?.isEmpty == false
    }
    if !references.isEmpty { draft.update(place(key, row), references.mapValues { _ in Datum.empty }) }
    for (holder, column) in holders(of: key, row.id) {
      // A holder that is to go takes it along.
      if let parent = observed.key(of: holder.id, in: holder.table), !stays(parent) { continue }
      draft.remove(row.id, from: column, of: holder)
    }
  }

  private func holders(of key: NorthboundKey, _ id: RowID) -> [(NorthboundDraft.Place, String)] {
    key.table.holders.flatMap { holder in
      observed.replica.rows(holder.table.rawValue, .column(holder.column), .uuid(id)).map {
        (NorthboundDraft.Place(table: holder.table.rawValue, id: $0.id), holder.column)
      }
    }
  }

  private func place(_ key: NorthboundKey, _ row: Row) -> NorthboundDraft.Place {
    .init(table: key.table.rawValue, id: row.id)
  }

}

// MARK: Columns

extension NorthboundPlan {
  /// Why the database cannot hold a row.
  private func problem(of key: NorthboundKey, _ row: WantedRows.Row, isNew: Bool) -> String? {
    let table = key.table.rawValue
    guard let types = observed.schema.tables[table] else {
      return "this version of OVN (northbound schema \(observed.schema.version)) has no table \(table)"
    }
    if isNew, case .one(.string(let name))? = row.columns["name"], observed.isTaken(key, name: name) {
      return "somebody else has a \(table) \"\(name)\"; remove or rename it"
    }
    for (column, value) in row.columns {
      guard key.table.columns.contains(column) else { return "column \(column) of \(table) is not followed" }
      if let words = types[column]?.words, !words.isEmpty, case .one(.string(let word)) = value, !words.contains(word) {
        let known = words.sorted().joined(separator: ", ")
        return "\(column) of \(table) cannot be \"\(word)\" on this version of OVN, which knows \(known)"
      }
    }
    return nil
  }

  private mutating func datum(_ value: NorthboundValue, for key: NorthboundKey) -> Datum {
    switch value {
    case .one(let atom): Datum(atom.atom)
    case .set(let atoms): Datum(set: atoms.map(\.atom))
    case .map(let entries): entries.datum
    case .numbers(let entries):
      Datum(map: Dictionary(uniqueKeysWithValues: entries.map { (.string($0), .integer(Int64($1))) }))
    case .references(let keys): Datum(set: resolve(keys, for: key).sorted().prefix(1))
    }
  }

  /// The references to rows that exist, or are made; the row waits for the others.
  private mutating func resolve(_ keys: Set<NorthboundKey>, for key: NorthboundKey) -> Set<Atom> {
    var atoms: Set<Atom> = []
    for target in keys {
      if let atom = reference(target) { atoms.insert(atom) } else { waiting[key, default: []].insert(target) }
    }
    return atoms
  }

  /// The references of a column that are to rows of ours, but for those to rows that stay as they are.
  private func ours(_ datum: Datum?, _ type: ColumnType) -> Set<Atom> {
    guard let table = type.referenced else { return [] }
    return Set(
      (datum?.atoms ?? []).filter { atom in
        guard case .uuid(let id) = atom else { return false }
        return observed.key(of: id, in: table).map { observed.spares($0) == nil } ?? false
      })
  }
}
