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

  /// What a column of references gains and loses.
  struct Difference: Hashable {
    var gained: Set<Atom> = []
    var lost: Set<Atom> = []
  }

  private var inserts: [String: (table: String, row: [String: Datum])] = [:]
  private var order: [String] = []
  private var added: [String: [String: [Atom]]] = [:]
  private var updates: [Place: [String: Datum]] = [:]
  private var marks: [Place: [String: String]] = [:]
  private var references: [Place: [String: Difference]] = [:]
  private var deletions: Set<Place> = []

  /// Whether nothing happens.
  var isEmpty: Bool {
    order.isEmpty && updates.isEmpty && marks.isEmpty && references.isEmpty && deletions.isEmpty
  }

  /// How many rows are touched.
  var rowCount: Int {
    order.count + Set(updates.keys).union(marks.keys).union(references.keys).union(deletions).count
  }

  mutating func insert(_ name: String, into table: String, _ row: [String: Datum]) {
    order.append(name)
    inserts[name] = (table, row)
  }

  mutating func update(_ place: Place, _ columns: [String: Datum]) {
    updates[place, default: [:]].merge(columns) { $1 }
  }

  mutating func mark(_ place: Place, _ entries: [String: String]) { marks[place] = entries }

  mutating func delete(_ place: Place) { deletions.insert(place) }

  /// Adds a reference to a column of a row that exists, or is made above.
  mutating func add(_ reference: Atom, to column: String, of row: Atom, in table: String) {
    switch row {
    case .namedUUID(let name):
      added[name, default: [:]][column, default: []].append(reference)
    case .uuid(let id):
      references[Place(table: table, id: id), default: [:]][column, default: .init()].gained.insert(reference)
    default: break
    }
  }

  /// Takes a reference out of a column.
  mutating func remove(_ reference: RowID, from column: String, of place: Place) {
    references[place, default: [:]][column, default: .init()].lost.insert(.uuid(reference))
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
    for place in Set(references.keys).union(marks.keys).subtracting(deletions).sorted() {
      var mutations = marks[place].map { Mutation.set($0, in: "external_ids") } ?? []
      for (column, difference) in (references[place] ?? [:]).sorted(by: { $0.key < $1.key }) {
        if !difference.lost.isEmpty { mutations.append(Mutation(column, .delete, Datum(set: difference.lost))) }
        if !difference.gained.isEmpty { mutations.append(Mutation(column, .insert, Datum(set: difference.gained))) }
      }
      operations.append(.mutate(table: place.table, where: [.row(place.id)], mutations: mutations))
    }
    return operations
  }
}
