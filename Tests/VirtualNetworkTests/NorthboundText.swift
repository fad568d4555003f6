import JSON
import OVNModel

/// Rows as the one transaction (RFC 7047 §4.1.3) that inserts them into an empty northbound database.
struct NorthboundText {
  private var names: [NorthboundKey: JSONValue] = [:]
  private(set) var transaction = JSONValue.null

  init(_ fragments: Set<RowFragment>) {
    for (index, key) in Set(fragments.map(\.key)).sorted().enumerated() { names[key] = .string("row\(index)") }
    var rows: [NorthboundKey: [String: JSONValue]] = [:]
    var children: [RowFragment.Parent: [JSONValue]] = [:]
    for fragment in fragments {
      for (column, value) in fragment.columns { rows[fragment.key, default: [:]][column] = json(value) }
      for parent in fragment.parents { children[parent, default: []].append(reference(fragment.key)) }
    }
    for (parent, references) in children { rows[parent.row]?[parent.column] = .array(["set", .array(references)]) }
    let inserts = rows.keys.sorted().map { key -> JSONValue in
      .object([
        "op": "insert", "table": .string(key.table.rawValue), "uuid-name": names[key] ?? .null,
        "row": .object(rows[key] ?? [:]),
      ])
    }
    transaction = .array(["OVN_Northbound"] + inserts)
  }

  private func reference(_ key: NorthboundKey) -> JSONValue { .array(["named-uuid", names[key] ?? .null]) }

  private func json(_ value: NorthboundValue) -> JSONValue {
    switch value {
    case .one(let atom): json(atom)
    case .set(let atoms): .array(["set", .array(atoms.sorted().map(json))])
    case .map(let map): .array(["map", .array(map.map { .array([.string($0.key), .string($0.value)]) })])
    case .numbers(let map): .array(["map", .array(map.map { .array([.string($0.key), .integer(Int64($0.value))]) })])
    case .references(let keys): .array(["set", .array(keys.sorted().map(reference))])
    }
  }

  private func json(_ atom: NorthboundAtom) -> JSONValue {
    switch atom {
    case .boolean(let value): .bool(value)
    case .integer(let value): .integer(Int64(value))
    case .string(let value): .string(value)
    }
  }
}
