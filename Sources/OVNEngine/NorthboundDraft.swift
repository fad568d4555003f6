import OVNModel
import OVSDB

/// A transaction in the making: what happens to a row is gathered, so that there is one operation for each.
struct NorthboundDraft {
  /// A row that exists.
  struct Place: Hashable, Comparable {
    var table: String
    var id: RowID

    static func < (lhs: Self, rhs: Self) -> Bool { (lhs.table, lhs.id) < (rhs.table, rhs.id) }
  }

  /// What a set gains and loses; of a map, the keys that it loses and the entries that come, perhaps in their place.
  private struct Difference {
    var gained: Set<Atom> = []
    var lost: Set<Atom> = []
    var entries: [Atom: Atom] = [:]

    /// The changes of a column. A set may have to have a member at any time; of a map an old entry has to go first.
    func mutations(of column: String) -> [Mutation] {
      [
        gained.isEmpty ? nil : Mutation(column, .insert, Datum(set: gained)),
        lost.isEmpty ? nil : Mutation(column, .delete, Datum(set: lost)),
        entries.isEmpty ? nil : Mutation(column, .insert, Datum(map: entries)),
      ].compactMap(\.self)
    }
  }

  private var inserts: [String: (table: String, row: [String: Datum])] = [:]
  private var order: [String] = []
  private var added: [String: [String: [Atom]]] = [:]
  private var updates: [Place: [String: Datum]] = [:]
  private var differences: [Place: [String: Difference]] = [:]
  private var deletions: Set<Place> = []

  /// Whether nothing happens.
  var isEmpty: Bool {
    order.isEmpty && updates.isEmpty && differences.isEmpty && deletions.isEmpty
  }

  /// How many rows are touched.
  var rowCount: Int {
    order.count + Set(updates.keys).union(differences.keys).union(deletions).count
  }

  mutating func insert(_ name: String, into table: String, _ row: [String: Datum]) {
    order.append(name)
    inserts[name] = (table, row)
  }

  mutating func update(_ place: Place, _ columns: [String: Datum]) {
    updates[place, default: [:]].merge(columns) { $1 }
  }

  /// Brings a column from what it holds to what it is to hold.
  mutating func change(_ column: String, of place: Place, from old: Datum, to new: Datum) {
    var difference = Difference()
    if let before = old.map, let after = new.map {
      difference.lost = Set(before.filter { after[$0] != $1 }.keys)
      difference.entries = after.filter { before[$0] != $1 }
    } else {
      let (before, after) = (Set(old.atoms ?? []), Set(new.atoms ?? []))
      difference.gained = after.subtracting(before)
      difference.lost = before.subtracting(after)
    }
    differences[place, default: [:]][column] = difference
  }

  mutating func delete(_ place: Place) { deletions.insert(place) }

  /// Adds a reference to a column of a row that exists, or is made above.
  mutating func add(_ reference: Atom, to column: String, of row: Atom, in table: String) {
    switch row {
    case .namedUUID(let name):
      added[name, default: [:]][column, default: []].append(reference)
    case .uuid(let id):
      differences[Place(table: table, id: id), default: [:]][column, default: .init()].gained.insert(reference)
    default: break
    }
  }

  /// Takes a reference out of a column.
  mutating func remove(_ reference: RowID, from column: String, of place: Place) {
    differences[place, default: [:]][column, default: .init()].lost.insert(.uuid(reference))
  }

  /// The operations, in an order that is the same for the same draft.
  var operations: [Operation] {
    var operations: [Operation] = deletions.sorted().map { .delete(table: $0.table, where: [.row($0.id)]) }
    for name in order {
      guard let (table, row) = inserts[name] else { continue }
      let references = (added[name] ?? [:]).mapValues { Datum(set: $0) }
      let joined = row.merging(references) { Datum(set: ($0.atoms ?? []) + ($1.atoms ?? [])) }
      operations.append(.insert(table: table, row: joined, name: name))
    }
    for (place, row) in updates.sorted(by: { $0.key < $1.key }) {
      operations.append(.update(table: place.table, where: [.row(place.id)], row: row))
    }
    for (place, columns) in differences.sorted(by: { $0.key < $1.key }) where !deletions.contains(place) {
      let mutations = columns.sorted { $0.key < $1.key }.flatMap { $1.mutations(of: $0) }
      operations.append(.mutate(table: place.table, where: [.row(place.id)], mutations: mutations))
    }
    return operations
  }
}
