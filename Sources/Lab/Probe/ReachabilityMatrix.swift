/// Who reaches whom: what was expected and what was found with real packets, cell by cell.
public struct ReachabilityMatrix: Sendable, Hashable {
  /// One cell.
  public struct Cell: Sendable, Hashable {
    /// What should be seen, in the words that the table prints: "yes", "-", "10,11".
    public var expected: String
    /// What was seen.
    public var found: String

    public init(expected: String, found: String) {
      self.expected = expected
      self.found = found
    }

    /// Whether the network does what was declared.
    public var isRight: Bool { expected == found }
  }

  public let title: String
  public let rows: [String]
  public let columns: [String]
  private var cells: [[Cell]]

  /// An empty table: nothing expected, nothing found.
  public init(title: String, rows: [String], columns: [String]) {
    self.title = title
    self.rows = rows
    self.columns = columns
    cells = Array(repeating: Array(repeating: Cell(expected: "", found: ""), count: columns.count), count: rows.count)
  }

  public subscript(row: Int, column: Int) -> Cell {
    get { cells[row][column] }
    set { cells[row][column] = newValue }
  }

  /// How many cells there are.
  public var count: Int { rows.count * columns.count }

  /// The cells that are not as expected, each as a sentence.
  public var mistakes: [String] {
    rows.indices.flatMap { row in
      columns.indices.compactMap { column in
        let cell = cells[row][column]
        return cell.isRight
          ? nil : "\(rows[row]) to \(columns[column]): expected \(cell.expected), found \(cell.found)"
      }
    }
  }

  /// The table as text lines. A cell shows what was found; one that is wrong shows `found!expected`.
  public func lines() -> [String] {
    let text = cells.map { row in row.map { $0.isRight ? $0.found : "\($0.found)!\($0.expected)" } }
    let first = max(title.count, rows.map(\.count).max() ?? 0)
    let widths = columns.indices.map { column in
      max(columns[column].count, text.map { $0[column].count }.max() ?? 0)
    }
    func line(_ head: String, _ fields: [String]) -> String {
      let padded = zip(fields, widths).map { $0.padded(to: $1) }
      return ([head.padded(to: first)] + padded).joined(separator: "  ").trimmingTrailingSpaces()
    }
    return [line(title, columns)] + rows.indices.map { line(rows[$0], text[$0]) }
  }
}

extension String {
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - count))
  }

  func trimmingTrailingSpaces() -> String {
    String(reversed().drop { $0 == " " }.reversed())
  }
}
