import Testing

@testable import Lab

extension EndToEndTests.ClusterTests {
  /// Nothing that we did not make is ever changed.
  @Suite(.serialized) struct ForeignThingsTests {
    @Test("a whole life beside other people's things, killed at every step: theirs are what they were, byte for byte")
    func untouched() async throws {
      let cluster = try TestCluster.current()
      try await ForeignThings.with(cluster) { things in
        let before = try await things.snapshot()
        #expect(before.count >= 18, "\(before.keys.sorted())")
        _ = try await Life.live(killing: nil)
        _ = try await Life.live(killing: .agent(things.host))
        for part in [LabCluster.Part.node(things.host), .operator, .agent(things.host)] {
          try await cluster.crash(part)
        }
        let after = try await things.snapshot()
        #expect(Set(after.keys) == Set(before.keys))
        for (name, text) in before { #expect(after[name] == text, "\(name)") }
      }
    }
  }
}
