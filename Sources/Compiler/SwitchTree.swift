import NetloomAPI

/// One loop-free way through a fabric: the same for the same links, whatever their order.
///
/// A breadth-first spanning tree of the switches from the one with the lowest name; of parallel links the one with
/// the lowest ports is taken. Every VLAN uses a part of this one tree, so redundant links never close a loop.
struct SwitchTree: Hashable, Sendable {
  /// A cable between two switches.
  struct Link: Hashable, Sendable, Comparable {
    var a: Fabric.PortReference
    var b: Fabric.PortReference

    /// The ends in order, so that a link is the same from both sides.
    init(_ one: Fabric.PortReference, _ other: Fabric.PortReference) {
      (a, b) = one < other ? (one, other) : (other, one)
    }

    static func < (lhs: Self, rhs: Self) -> Bool { (lhs.a, lhs.b) < (rhs.a, rhs.b) }
  }

  private struct Branch: Hashable, Sendable {
    var link: Link
    var parent: String
    var depth: Int
  }

  private var branches: [String: Branch] = [:]
  private var roots: [String: String] = [:]

  /// The tree (one a connected part) of the switches and links; links between other switches are ignored.
  init(switches: some Sequence<String>, links: some Sequence<Link>) {
    let switches = Set(switches)
    var neighbours: [String: [(link: Link, peer: String)]] = [:]
    for link in links.sorted() where link.a.switch != link.b.switch {
      guard switches.contains(link.a.switch), switches.contains(link.b.switch) else { continue }
      neighbours[link.a.switch, default: []].append((link, link.b.switch))
      neighbours[link.b.switch, default: []].append((link, link.a.switch))
    }
    for root in switches.sorted() where roots[root] == nil {
      roots[root] = root
      var queue = [root]
      var next = 0
      while next < queue.count {
        let parent = queue[next]
        next += 1
        for (link, peer) in neighbours[parent] ?? [] where roots[peer] == nil {
          roots[peer] = root
          branches[peer] = Branch(link: link, parent: parent, depth: (branches[parent]?.depth ?? 0) + 1)
          queue.append(peer)
        }
      }
    }
  }

  /// The ports that connect the switches: those of the smallest part of the tree that holds them all.
  ///
  /// - Returns: `ports`, none for fewer than two switches; and `islands`, one switch of every part that cannot be
  ///   reached from the others: more than one means that the fabric lacks a link.
  func ports(connecting switches: some Sequence<String>) -> (ports: Set<Fabric.PortReference>, islands: [String]) {
    var ports: Set<Fabric.PortReference> = []
    var islands: [String] = []
    for members in Dictionary(grouping: Set(switches), by: { roots[$0] ?? $0 }).values {
      guard let first = members.min() else { continue }
      islands.append(first)
      for member in members where member != first {
        for link in path(from: first, to: member) { ports.formUnion([link.a, link.b]) }
      }
    }
    return (ports, islands.sorted())
  }

  /// The links between two switches of one part.
  private func path(from one: String, to other: String) -> [Link] {
    var (one, other) = (one, other)
    var links: [Link] = []
    while one != other {
      if depth(one) < depth(other) { swap(&one, &other) }
      guard let branch = branches[one] else { return links }
      links.append(branch.link)
      one = branch.parent
    }
    return links
  }

  private func depth(_ name: String) -> Int { branches[name]?.depth ?? 0 }
}
