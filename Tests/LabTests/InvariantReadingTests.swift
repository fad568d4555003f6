import Testing

@testable import Lab

@Suite("What a cluster finds wrong with itself")
struct InvariantReadingTests {
  @Test("a series that is not 0, a deviation and a part that tells of nothing are violations")
  func violations() {
    var reading = InvariantReading()
    reading.add(
      "operator",
      metrics: """
        # TYPE netloom_invariant_violations gauge
        netloom_invariant_violations{check="books",role="operator"} 0
        netloom_invariant_violations{check="leaks",role="operator"} 10
        other 1
        """)
    reading.add("agent-a", metrics: "# TYPE other gauge\nother 0\n")
    reading.add("agent-a", deviations: "")
    reading.add("agent-b", deviations: "missing_port 3 interface net1 of pod a/b\n")
    #expect(reading.checks == 2)
    #expect(
      reading.violations == [
        #"operator: netloom_invariant_violations{check="leaks",role="operator"} 10"#,
        "agent-a: no series of netloom_invariant_violations",
        "agent-b: missing_port 3 interface net1 of pod a/b",
      ])
  }
}
