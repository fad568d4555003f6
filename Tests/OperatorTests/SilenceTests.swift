import Testing

@testable import Operator

@Suite struct SilenceTests {
  /// When it ends, after these moments: milliseconds, and what the network waits for.
  private func end(_ moments: (Int, writing: Bool, programming: Bool)...) -> Int? {
    var silence = Silence()
    for (time, writing, programming) in moments {
      silence.update(isWriting: writing, isProgramming: programming, at: .milliseconds(time))
    }
    return silence.end.map { Int($0 / .milliseconds(1)) }
  }

  @Test func thereIsNoneWhileNothingIsUnderWay() {
    #expect(end((0, false, false)) == nil)
    #expect(end((0, true, false), (3, false, false)) == nil)
  }

  @Test func itLastsAsLongAsWhatIsUnderWayAndAMomentLongerAfterOVN() {
    #expect(end((0, true, false)) == 500)
    #expect(end((0, true, false), (30, true, true)) == 500)
    #expect(end((0, true, false), (30, true, true), (40, false, false)) == 60)
    #expect(end((0, true, true), (30, true, false)) == 500)
    #expect(end((0, false, true), (30, false, false)) == 50)
    #expect(end((0, false, true), (30, false, false), (50, false, false)) == nil)
  }

  /// Where there is always something under way, people are told all the same.
  @Test func itNeverLastsLongerThanThePatience() {
    #expect(end((0, false, true), (10, false, false), (15, false, true), (30, false, false)) == 50)
    #expect(end((0, false, true), (490, false, true), (495, false, false)) == 500)
    #expect(end((0, false, true), (600, false, true)) == 500)
    #expect(end((0, false, true), (600, false, false), (700, false, true)) == 1200)
  }
}
