import NetloomAPI
import Testing

@testable import Compiler

@Suite struct SwitchTreeTests {
  @Test(arguments: 0..<50) func connectsWithoutALoop(seed: UInt64) {
    var random = Random(seed)
    let switches = (0..<Int.random(in: 1...8, using: &random)).map { "s\($0)" }
    let links = (0..<Int.random(in: 0...14, using: &random)).map { index in
      SwitchTree.Link(
        .init(switch: random.pick(switches), port: "p\(index)a"),
        .init(switch: random.pick(switches), port: "p\(index)b")
      )
    }
    let tree = SwitchTree(switches: switches, links: links)
    #expect(tree == SwitchTree(switches: switches.shuffled(using: &random), links: links.shuffled(using: &random)))

    let wanted = Set(switches.filter { _ in random.chance(50) })
    let (ports, islands) = tree.ports(connecting: wanted)
    let used = links.filter { ports.contains($0.a) && ports.contains($0.b) }
    #expect(used.count * 2 == ports.count)
    var group = Dictionary(uniqueKeysWithValues: switches.map { ($0, $0) })
    func root(_ name: String) -> String { group[name] == name ? name : root(group[name] ?? name) }
    for link in used {
      #expect(root(link.a.switch) != root(link.b.switch), "a loop")
      group[root(link.a.switch)] = root(link.b.switch)
    }
    #expect(Set(wanted.map(root)).count == islands.count)
    // Nothing is open that leads nowhere.
    for name in Set(ports.map(\.switch)).subtracting(wanted) {
      #expect(ports.count { $0.switch == name } > 1)
    }
  }

  @Test func takesTheLowestOfParallelLinks() {
    let tree = SwitchTree(
      switches: ["leaf1", "leaf2"],
      links: ["up2", "up1"].map { .init(.init(switch: "leaf2", port: $0), .init(switch: "leaf1", port: $0)) })
    #expect(
      tree.ports(connecting: ["leaf1", "leaf2"]).ports == [
        .init(switch: "leaf1", port: "up1"), .init(switch: "leaf2", port: "up1"),
      ])
    #expect(tree.ports(connecting: ["leaf1"]).ports == [])
  }
}
