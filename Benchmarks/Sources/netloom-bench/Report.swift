/// One line of a table: what was measured, and what stands beside it.
struct Figure: Sendable {
  var what: String
  var value: Double
  var unit: String
  /// What one run in ten and nine runs in ten did not exceed, when there were several.
  var spread: ClosedRange<Double>?
  /// The figure of the same section that this one is compared with.
  var peer: String?
  /// A remark, in words.
  var remark: String?

  init(_ what: String, _ value: Double, _ unit: String, peer: String? = nil, remark: String? = nil) {
    self.what = what
    self.value = value
    self.unit = unit
    self.peer = peer
    self.remark = remark
  }

  /// The median of several runs.
  init(_ what: String, _ measured: Measurements, _ unit: String, peer: String? = nil, remark: String? = nil) {
    self.init(what, measured.median, unit, peer: peer, remark: remark)
    spread = measured.quantile(0.1)...measured.quantile(0.9)
  }
}

extension Figure {
  fileprivate var range: String { spread.map { "\(short($0.lowerBound)) - \(short($0.upperBound))" } ?? "" }
}

/// What a figure has to be.
struct Bound: Sendable {
  /// Which way.
  enum Direction: String, Sendable {
    case atMost = "at most"
    case atLeast = "at least"
  }

  var claim: String
  var direction = Direction.atMost
  var limit: Double
  var found: Double
  var unit: String

  var isReached: Bool { direction == .atMost ? found <= limit : found >= limit }

  /// Whether it is reached, or what is missing.
  var verdict: String {
    if isReached {
      if limit == 0 { return "reached" }
      return direction == .atMost
        ? "reached, \(short((1 - found / limit) * 100)) % to spare" : "reached, \(short(found / limit)) times the bound"
    }
    return "**short by \(short(abs(found - limit))) \(unit)**"
      + (limit == 0 ? "" : " (\(short(found / limit)) times the bound)")
  }
}

/// What one benchmark found.
struct Section: Sendable {
  var title: String
  /// How it was measured.
  var method: String
  var figures: [Figure] = []
  var bounds: [Bound] = []

  subscript(what: String) -> Figure? { figures.first { $0.what == what } }

  /// What a figure is against its peer.
  func comparison(_ figure: Figure) -> String {
    let ratio = figure.peer.flatMap { name in
      self[name].map { "\(short(figure.value / $0.value)) x \(name)" }
    }
    return [ratio, figure.remark].compactMap(\.self).joined(separator: "; ")
  }
}

/// Everything that was found, for a terminal and for the documentation.
struct Report: Sendable {
  var machine: [String]
  var sections: [Section] = []

  func markdown(date: String) -> String {
    var lines = [
      "# Benchmarks", "",
      "Written by `make bench` on \(date). Medians; beside each the range in which eight runs in ten lie, and a peer or a",
      "floor that was measured in the same run, in turns. Absolute times depend on the machine and on what else runs on it:",
      "the ratios say more.", "",
    ]
    lines += machine.map { "- \($0)" }
    lines += ["", "## What has to be reached", "", "| claim | bound | found | |", "| --- | --- | --- | --- |"]
    for bound in sections.flatMap(\.bounds) {
      lines.append(
        "| \(bound.claim) | \(bound.direction.rawValue) \(short(bound.limit)) \(bound.unit) "
          + "| \(short(bound.found)) \(bound.unit) | \(bound.verdict) |"
      )
    }
    for section in sections {
      lines += ["", "## \(section.title)", "", section.method, ""]
      lines += ["| | median | 10 to 90 % | compared |", "| --- | ---: | ---: | --- |"]
      for figure in section.figures {
        lines.append(
          "| \(figure.what) | \(short(figure.value)) \(figure.unit) | \(figure.range) | \(section.comparison(figure)) |"
        )
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Section {
  /// The section as aligned text.
  var text: String {
    let rows = figures.map { figure in
      [
        figure.what, "\(short(figure.value)) \(figure.unit)", figure.range,
        comparison(figure),
      ]
    }
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      "  "
        + zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
    }
    let verdicts = bounds.map { "  \($0.isReached ? "+" : "-") \($0.claim): \($0.verdict.filter { $0 != "*" })" }
    return ([title] + lines + verdicts).joined(separator: "\n")
  }
}
