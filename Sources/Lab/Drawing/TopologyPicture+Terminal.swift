extension TopologyPicture {
  /// The picture as a tree for a terminal: gateways first, then every switch with what is plugged into it, then the
  /// pods of each host.
  public func terminalLines() -> [String] {
    var output = [title]
    for gateway in row(.gateway) {
      output.append("  \(gateway.name)  \(gateway.details.joined(separator: ", "))")
    }
    for leaf in row(.leaf) {
      output.append("  \(leaf.name)")
      let plugged = lines.filter { $0.to == leaf.name || ($0.from == leaf.name && kind(of: $0.to) == .leaf) }
      output += tree(
        plugged.map { line in
          let other = line.to == leaf.name ? line.from : line.to
          return "\(line.label.padded(to: 22)) -- \(other)"
        }, indent: "    ")
    }
    for host in row(.host) {
      let pods = lines.filter { $0.to == host.name && kind(of: $0.from) == .pod }
      guard !pods.isEmpty else { continue }
      output.append("  \(host.name)")
      output += tree(
        pods.map { line in
          let details = boxes.first { $0.name == line.from && $0.kind == .pod }?.details ?? []
          return ([line.from.padded(to: 22), line.label] + details).joined(separator: "  ")
        }, indent: "    ")
    }
    return output
  }

  private func kind(of name: String) -> Kind? { boxes.first { $0.name == name }?.kind }

  private func tree(_ items: [String], indent: String) -> [String] {
    items.enumerated().map { number, item in
      "\(indent)\(number == items.count - 1 ? "└─" : "├─") \(item)".trimmingTrailingSpaces()
    }
  }
}
