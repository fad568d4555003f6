import KubernetesModel
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:30:15Z", 951_827_415), ("2026-11-20T23:54:13Z", 1_795_218_853),
    ("1969-12-31T23:59:59Z", -1), ("1999-12-31T23:00:00-01:00", 946_684_800),
  ])
  func `reads seconds since the epoch`(text: String, seconds: Int64) throws {
    #expect(try #require(Timestamp(text)).microseconds == seconds * 1_000_000)
  }

  @Test func `writes both forms`() {
    let moment = Timestamp(microseconds: 1_795_218_853_000_042)
    #expect(moment.seconds == "2026-11-20T23:54:13Z")
    #expect(moment.micro == "2026-11-20T23:54:13.000042Z")
  }

  @Test func `prints what it reads, over centuries`() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let moment = Timestamp(
        microseconds: .random(in: -62_000_000_000_000_000...200_000_000_000_000_000, using: &generator))
      #expect(Timestamp(moment.micro) == moment)
    }
  }

  @Test(arguments: [
    "", "2026-11-20", "2026-13-20T00:00:00Z", "2026-11-20T00:00:00", "2026-11-20T00:00:00.Z", "2026-11-20T00:00:00Zx",
  ])
  func `refuses what is malformed`(text: String) { #expect(Timestamp(text) == nil) }

  @Test func `keeps microseconds of longer fractions`() {
    #expect(Timestamp("2026-11-20T23:54:13.123456789Z")?.micro == "2026-11-20T23:54:13.123456Z")
    #expect(Timestamp("2026-11-20T23:54:13.5Z")?.micro == "2026-11-20T23:54:13.500000Z")
  }
}
