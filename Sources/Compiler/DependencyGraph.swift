/// Which computations read which facts, so that a changed fact names the computations to repeat and no others.
struct DependencyGraph<Computation: Hashable & Sendable, Fact: Hashable & Sendable>: Sendable {
  private var reads: [Computation: Set<Fact>] = [:]
  private var readers: [Fact: Set<Computation>] = [:]

  /// Notes what a computation read when it last ran; an empty set forgets the computation.
  mutating func record(_ computation: Computation, reads facts: Set<Fact>) {
    let before = reads[computation] ?? []
    guard before != facts else { return }
    for fact in before where !facts.contains(fact) {
      readers[fact]?.remove(computation)
      if readers[fact]?.isEmpty == true { readers[fact] = nil }
    }
    for fact in facts where !before.contains(fact) { readers[fact, default: []].insert(computation) }
    reads[computation] = facts.isEmpty ? nil : facts
  }

  /// The computations that read a fact when they last ran.
  func readers(of fact: Fact) -> Set<Computation> { readers[fact] ?? [] }

  /// The facts that a computation read when it last ran.
  func facts(readBy computation: Computation) -> Set<Fact> { reads[computation] ?? [] }
}
