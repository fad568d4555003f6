import JSON

/// A table as the API server renders it (meta.k8s.io/v1 Table), as text lines.
struct Table {
  private let columns: [(name: String, isWide: Bool)]
  private let rows: [(namespace: String, cells: [String])]

  init(_ table: JSONValue) {
    columns = (table["columnDefinitions"]?.array ?? []).map { column in
      (column["name"]?.string?.uppercased() ?? "", (column["priority"]?.integer ?? 0) > 0)
    }
    rows = (table["rows"]?.array ?? []).map { row in
      let cells = (row["cells"]?.array ?? []).map { cell in
        cell.string ?? (cell.isNull ? "<none>" : cell.description)
      }
      return (row[path: "object", "metadata", "namespace"]?.string ?? "", cells)
    }
  }

  /// A heading and a line a row, columns aligned.
  func lines(isWide: Bool, showsNamespace: Bool, prefix: String) -> [String] {
    let shown = columns.indices.filter { isWide || !columns[$0].isWide }
    var table = [(showsNamespace ? ["NAMESPACE"] : []) + shown.map { columns[$0].name }]
    for row in rows {
      var cells = shown.map { $0 < row.cells.count ? row.cells[$0] : "" }
      if !cells.isEmpty { cells[0] = prefix + cells[0] }
      table.append((showsNamespace ? [row.namespace] : []) + cells)
    }
    let widths = (table.first ?? []).indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    return table.map { cells in
      let padded = zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      return String(padded.joined(separator: "   ").reversed().drop { $0 == " " }.reversed())
    }
  }
}
