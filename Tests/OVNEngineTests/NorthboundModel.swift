import JSON
import OVNModel
import TestSupport

@testable import OVNEngine
@testable import OVSDB

/// As much of an OVSDB server as the northbound database needs: transactions, and what references keep in existence.
struct NorthboundModel {
  let schema: DatabaseSchema
  var tables: [String: [RowID: [String: Datum]]] = [
    "NB_Global": [RowID(rawValue: 1): ["nb_cfg": 0.datum, "sb_cfg": 0.datum]]
  ]
  private var lastID: UInt128 = 1

  init(_ schema: DatabaseSchema) { self.schema = schema }

  /// Somebody else counts; nil: nobody has yet, as in a new database.
  mutating func count(_ number: Int?) {
    tables["NB_Global"] = number.map { [RowID(rawValue: 1): ["nb_cfg": $0.datum, "sb_cfg": 0.datum]] } ?? [:]
  }

  /// What a client would have copied.
  var replica: Replica {
    get throws {
      var updates = try TableUpdates(json: [:], format: .difference)
      for (table, rows) in tables { updates.tables[table] = rows.mapValues { .insert($0) } }
      var replica = Replica(of: NorthboundTable.allMonitored, schema: schema)
      _ = try replica.apply(updates)
      return replica
    }
  }

  /// The rows that bear no mark of ours.
  var foreign: [String: [RowID: [String: Datum]]] {
    tables.mapValues { $0.filter { Row(id: $0.key, columns: $0.value).mark == nil } }
  }

  /// Performs a transaction; false: it was refused, and nothing has changed.
  mutating func perform(_ operations: [OVSDB.Operation]) -> Bool {
    let before = self
    var names: [String: RowID] = [:]
    for case .insert(_, _, let name?) in operations {
      lastID += 1
      names[name] = RowID(rawValue: lastID)
    }
    for operation in operations {
      switch operation {
      case .wait(let table, _, _, _, let rows, _):
        guard tables[table]?.values.map({ $0["nb_cfg"] }) == rows.map({ $0["nb_cfg"] }) else { return false }
      case .insert(let table, let row, let name):
        let id = name.flatMap { names[$0] } ?? RowID(rawValue: 0)
        let defaults = schema.tables[table]?.mapValues(\.defaultDatum) ?? [:]
        tables[table, default: [:]][id] = defaults.merging(row.mapValues { Self.resolve($0, names) }) { $1 }
      case .update(let table, let conditions, let row):
        for id in find(table, conditions) {
          tables[table]?[id]?.merge(row.mapValues { Self.resolve($0, names) }) { $1 }
        }
      case .mutate(let table, let conditions, let mutations):
        for id in find(table, conditions) {
          for mutation in mutations { mutate(table, id, mutation, names) }
        }
      case .delete(let table, let conditions):
        for id in find(table, conditions) { tables[table]?[id] = nil }
      default: return false
      }
    }
    collect()
    guard isSound else {
      self = before
      return false
    }
    return true
  }

  private func find(_ table: String, _ conditions: [Condition]) -> [RowID] {
    guard case .uuid(let id)? = conditions.first?.datum.atom else { return Array((tables[table] ?? [:]).keys) }
    return tables[table]?[id] == nil ? [] : [id]
  }

  private mutating func mutate(_ table: String, _ id: RowID, _ mutation: Mutation, _ names: [String: RowID]) {
    let column = mutation.column
    let old = tables[table]?[id]?[column] ?? .empty
    let change = Self.resolve(mutation.datum, names)
    if let map = old.map, schema.tables[table]?[column]?.isMap == true {
      let new =
        mutation.mutator == .insert
        ? map.merging(change.map ?? [:]) { first, _ in first } : map.filter { !change.contains($0.key) }
      tables[table]?[id]?[column] = Datum(map: new)
    } else {
      let atoms = Set(old.atoms ?? [])
      let new = mutation.mutator == .insert ? atoms.union(change.atoms ?? []) : atoms.subtracting(change.atoms ?? [])
      tables[table]?[id]?[column] = Datum(set: new)
    }
  }

  private static func resolve(_ datum: Datum, _ names: [String: RowID]) -> Datum {
    guard let atoms = datum.atoms else { return datum }
    return Datum(set: atoms.map { if case .namedUUID(let name) = $0, let id = names[name] { .uuid(id) } else { $0 } })
  }

  /// Removes what nothing holds, and weak references to what is gone.
  private mutating func collect() {
    for table in NorthboundTable.allCases where !table.holders.isEmpty {
      var held: Set<RowID> = []
      for (holder, column) in table.holders {
        for row in (tables[holder.rawValue] ?? [:]).values {
          for case .uuid(let id) in row[column]?.atoms ?? [] { held.insert(id) }
        }
      }
      tables[table.rawValue] = tables[table.rawValue]?.filter { held.contains($0.key) }
    }
    for (table, column, target) in Self.weak {
      for (id, row) in tables[table] ?? [:] {
        let kept = (row[column]?.atoms ?? []).filter { atom in
          if case .uuid(let id) = atom { tables[target]?[id] != nil } else { false }
        }
        tables[table]?[id]?[column] = Datum(set: kept)
      }
    }
  }

  private static let weak = [
    ("Port_Group", "ports", "Logical_Switch_Port"), ("Logical_Switch_Port", "dhcpv4_options", "DHCP_Options"),
    ("Logical_Switch", "dns_records", "DNS"),
  ]

  /// Whether no strong reference is to a row that is gone, and unique names are.
  private var isSound: Bool {
    for table in NorthboundTable.allCases {
      for (holder, column) in table.holders {
        for row in (tables[holder.rawValue] ?? [:]).values {
          for case .uuid(let id) in row[column]?.atoms ?? [] where tables[table.rawValue]?[id] == nil { return false }
        }
      }
      let names = (tables[table.rawValue] ?? [:]).values.map { $0["name"] ?? .empty }
      if table.hasUniqueNames, Set(names).count != names.count { return false }
    }
    return true
  }
}
