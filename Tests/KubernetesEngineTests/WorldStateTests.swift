import Compiler
import KubernetesModel
import Testing

@testable import KubernetesEngine

@Suite struct WorldStateTests {
  private static func node(_ name: String, _ label: String = "") -> WorldObject {
    .node(name: name, labels: ["l": label])
  }

  private static func texts(_ changes: [Compiler.Change]) -> [String] {
    changes.map { change in
      switch change {
      case .put(.node(let name, let labels, _, _)): "put \(name) \(labels["l"] ?? "")"
      case .put(let object): "put \(object.id)"
      case .remove(let id): "remove \(id.name)"
      case .northbound(let id, _): "northbound \(id)"
      case .bound(let port, _): "bound \(port)"
      case .southbound: "southbound"
      }
    }
  }

  @Test func neverGoesBackInTime() {
    var state = WorldState(kinds: [.node])
    #expect(!state.isComplete)
    let list = state.changes(from: .replace(.node, [(Self.node("a", "1"), "10")]))
    #expect(Self.texts(list) == ["put a 1"])
    #expect(state.isComplete)
    #expect(
      Self.texts(state.changes(fromAnswer: Self.node("a", "2"), version: "12", isNew: false)) == ["put a 2"])
    #expect(state.changes(from: .put(Self.node("a", "x"), version: "11")).isEmpty)
    #expect(state.changes(from: .put(Self.node("a", "2"), version: "12")).isEmpty)
    #expect(Self.texts(state.changes(from: .put(Self.node("a", "3"), version: "13"))) == ["put a 3"])
    #expect(state.changes(from: .remove(WorldID(.node, "a"), version: "9")).isEmpty)
    #expect(Self.texts(state.changes(from: .remove(WorldID(.node, "a"), version: "14"))) == ["remove a"])
    #expect(state.changes(fromAnswer: Self.node("a", "late"), version: "13", isNew: false).isEmpty)
    #expect(Self.texts(state.changes(fromAnswer: Self.node("a", "new"), version: "15", isNew: true)) == ["put a new"])
  }

  @Test func aNewListRemovesWhatIsGoneButNotWhatCannotBeRead() {
    var state = WorldState(kinds: [.node])
    _ = state.changes(from: .replace(.node, [(Self.node("a"), "1"), (Self.node("b"), "2"), (Self.node("c"), "3")]))
    _ = state.changes(from: .undecodable(WorldID(.node, "b")))
    #expect(Self.texts(state.changes(from: .replace(.node, [(Self.node("c"), "3")]))) == ["remove a"])
  }
}
