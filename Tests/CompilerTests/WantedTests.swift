import Testing

@testable import Compiler

/// The algebra of the union.
@Suite struct WantedTests {
  typealias Union = Wanted<Int, Int, Int>

  @Test(arguments: 0..<20) func isTheUnionOfTheLastContributions(seed: UInt64) {
    var random = Random(seed)
    var union = Union()
    var model: [Int: Set<Union.Want>] = [:]
    for _ in 0..<200 {
      let contributor = Int.random(in: 0..<6, using: &random)
      let wants = Set((0..<Int.random(in: 0..<5, using: &random)).map { _ in Self.want(&random) })
      let before = Self.targets(model)
      model[contributor] = wants
      let after = Self.targets(model)
      let changed = union.replace(contributor, with: wants)
      let different = Set((0..<4).filter { before[$0] != after[$0] })
      #expect(changed.contributors == different)
      #expect(
        changed.things == Set((0..<4).filter { Set((before[$0] ?? [:]).keys) != Set((after[$0] ?? [:]).keys) }))
      for target in 0..<4 {
        let things = Set(after[target]?.keys ?? [:].keys)
        #expect(Set(union.things(of: target)) == things)
        for thing in things {
          #expect(union.contributors(to: thing, of: target) == after[target]?[thing])
          #expect(union.wants(thing, of: target))
        }
      }
      #expect(Set(union.targets) == Set(after.keys))
    }
    for contributor in model.keys { _ = union.replace(contributor, with: []) }
    #expect(union.targets.isEmpty)
  }

  @Test func repeatingChangesNothing() {
    var union = Union()
    #expect(union.replace(1, with: [.init(7, 1)]).things == [7])
    #expect(union.replace(1, with: [.init(7, 1)]).contributors == [])
    #expect(union.replace(2, with: [.init(7, 1)]).things == [])
    #expect(union.replace(1, with: []).things == [])
    #expect(union.wants(1, of: 7))
    #expect(union.replace(2, with: []).things == [7])
    #expect(!union.wants(1, of: 7))
  }

  private static func want(_ random: inout Random) -> Union.Want {
    .init(Int.random(in: 0..<4, using: &random), Int.random(in: 0..<3, using: &random))
  }

  private static func targets(_ model: [Int: Set<Union.Want>]) -> [Int: [Int: Set<Int>]] {
    var targets: [Int: [Int: Set<Int>]] = [:]
    for (contributor, wants) in model {
      for want in wants { targets[want.target, default: [:]][want.thing, default: []].insert(contributor) }
    }
    return targets
  }
}

/// SplitMix64: the same numbers for the same seed.
struct Random: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

  mutating func pick<T>(_ elements: [T]) -> T { elements[Int.random(in: 0..<elements.count, using: &self)] }
}
