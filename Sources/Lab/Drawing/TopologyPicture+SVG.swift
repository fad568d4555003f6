extension TopologyPicture {
  /// The picture as one SVG 1.1 document, readable on a light and on a dark background.
  public func svg() -> String {
    let layout = Layout(of: self)
    var body = ""
    for line in lines {
      guard let from = layout.places[line.from], let to = layout.places[line.to] else { continue }
      body += draw(line, from, to, layout.lane(of: line, among: lines))
    }
    for box in boxes {
      if let place = layout.places[box.name] { body += draw(box, place) }
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(layout.width) \(layout.height)" \
      width="\(layout.width)" height="\(layout.height)" font-family="ui-sans-serif, system-ui, sans-serif">
      <title>\(escaped(title))</title>
      <rect width="100%" height="100%" fill="#f8fafc"/>
      <text x="24" y="34" font-size="18" font-weight="600" fill="#0f172a">\(escaped(title))</text>
      \(body)</svg>

      """
  }

  private func draw(_ box: Box, _ place: Place) -> String {
    let (fill, stroke) = box.kind.colours
    var text = """
      <rect x="\(place.x)" y="\(place.y)" width="\(place.width)" height="\(place.height)" rx="8" fill="\(fill)" \
      stroke="\(stroke)" stroke-width="1.5"/>
      <text x="\(place.centre)" y="\(place.y + 20)" font-size="13" font-weight="600" text-anchor="middle" \
      fill="#0f172a">\(escaped(box.name))</text>

      """
    for (number, detail) in box.details.enumerated() {
      text += """
        <text x="\(place.centre)" y="\(place.y + 37 + 15 * number)" font-size="11" text-anchor="middle" \
        fill="#334155">\(escaped(detail))</text>

        """
    }
    return text
  }

  private func draw(_ line: Line, _ from: Place, _ to: Place, _ lane: (number: Int, count: Int)) -> String {
    let shift = (2 * lane.number - lane.count + 1) * 60
    let isLevel = from.y == to.y
    let (left, right) = from.x < to.x ? (from, to) : (to, from)
    let (x1, y1) =
      isLevel ? (left.x + left.width, left.middle) : (from.centre + shift / 2, from.y < to.y ? from.bottom : from.y)
    let (x2, y2) = isLevel ? (right.x, right.middle) : (to.centre + shift / 2, from.y < to.y ? to.y : to.bottom)
    let (labelX, labelY) = (
      (x1 + x2) / 2, (y1 + y2) / 2 - (isLevel ? 6 : 0) + (lane.count > 1 ? 14 * lane.number - 7 : 0)
    )
    let width = 7 * line.label.count + 8
    return """
      <line x1="\(x1)" y1="\(y1)" x2="\(x2)" y2="\(y2)" stroke="#64748b" stroke-width="1.5"/>
      <rect x="\(labelX - width / 2)" y="\(labelY - 10)" width="\(width)" height="14" rx="3" fill="#f8fafc"/>
      <text x="\(labelX)" y="\(labelY + 1)" font-size="11" font-family="ui-monospace, monospace" \
      text-anchor="middle" fill="#475569">\(escaped(line.label))</text>

      """
  }

  private func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
  }
}

extension TopologyPicture.Kind {
  fileprivate var colours: (fill: String, stroke: String) {
    switch self {
    case .gateway: ("#fef3c7", "#b45309")
    case .leaf: ("#dbeafe", "#1d4ed8")
    case .host: ("#dcfce7", "#15803d")
    case .pod: ("#ffffff", "#64748b")
    }
  }
}

/// A rectangle on the sheet.
private struct Place {
  var x: Int, y: Int, width: Int, height: Int
  var centre: Int { x + width / 2 }
  var middle: Int { y + height / 2 }
  var bottom: Int { y + height }
}

/// One row a kind, pods under their host, everything else spread evenly.
private struct Layout {
  private(set) var places: [String: Place] = [:]
  private(set) var width = 0
  private(set) var height = 0

  init(of picture: TopologyPicture) {
    let margin = 24
    let gap = 110
    let columnWidth = picture.boxes.map(Layout.width).max() ?? 120
    let pods = Dictionary(
      grouping: picture.lines.filter { line in
        picture.row(.pod).contains { $0.name == line.from }
      }, by: \.to)
    let podColumns = picture.row(.host).map { host in max(1, pods[host.name]?.count ?? 0) }
    let columns = max(podColumns.reduce(0, +), picture.row(.leaf).count, picture.row(.gateway).count, 2)
    width = 2 * margin + columns * (columnWidth + 24) - 24
    var y = 60
    for kind in [TopologyPicture.Kind.gateway, .leaf, .host] {
      let boxes = picture.row(kind)
      guard !boxes.isEmpty else { continue }
      for (number, box) in boxes.enumerated() {
        let centre = width * (2 * number + 1) / (2 * boxes.count)
        places[box.name] = Layout.place(box, centre: centre, y: y)
      }
      y += (boxes.map(Layout.height).max() ?? 0) + gap
    }
    for host in picture.row(.host) {
      guard let place = places[host.name], let lines = pods[host.name] else { continue }
      for (number, line) in lines.enumerated() {
        guard let box = picture.row(.pod).first(where: { $0.name == line.from }) else { continue }
        let centre = place.centre + (2 * number - lines.count + 1) * (columnWidth + 24) / 2
        places[box.name] = Layout.place(box, centre: centre, y: y)
      }
    }
    height = (places.values.map(\.bottom).max() ?? y) + margin
  }

  /// Several cables between the same two boxes run beside each other.
  func lane(
    of line: TopologyPicture.Line, among lines: [TopologyPicture.Line]
  ) -> (number: Int, count: Int) {
    let same = lines.filter { Set([$0.from, $0.to]) == Set([line.from, line.to]) }
    return (same.firstIndex(of: line) ?? 0, same.count)
  }

  private static func place(_ box: TopologyPicture.Box, centre: Int, y: Int) -> Place {
    Place(x: centre - width(box) / 2, y: y, width: width(box), height: height(box))
  }

  private static func width(_ box: TopologyPicture.Box) -> Int {
    24 + max(8 * box.name.count, 6 * (box.details.map(\.count).max() ?? 0), 84)
  }

  private static func height(_ box: TopologyPicture.Box) -> Int { 32 + 15 * box.details.count }
}
