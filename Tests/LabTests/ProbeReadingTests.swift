import NetworkTypes
import Testing

@testable import Lab

/// What the programs say that the stories measure with.
@Suite struct ProbeReadingTests {
  @Test func theLongestGapIsTheOutage() throws {
    let text = """
      PING 203.0.113.1 (203.0.113.1) 56(84) bytes of data.
      [1732171887.100000] 64 bytes from 203.0.113.1: icmp_seq=1 ttl=62 time=0.5 ms
      [1732171887.110000] 64 bytes from 203.0.113.1: icmp_seq=2 ttl=62 time=0.5 ms
      [1732171888.360000] 64 bytes from 203.0.113.1: icmp_seq=127 ttl=62 time=0.5 ms
      [1732171888.370000] 64 bytes from 203.0.113.1: icmp_seq=128 ttl=62 time=0.5 ms

      --- 203.0.113.1 ping statistics ---
      128 packets transmitted, 4 received, 96.875% packet loss, time 1270ms
      rtt min/avg/max/mdev = 0.5/0.5/0.5/0.000 ms
      """
    let record = try #require(PingRecord(parsing: text))
    #expect(record.sent == 128 && record.received == 4 && record.lost == 124)
    #expect((1239...1240).contains(record.outage))
  }

  @Test func aPingWithoutSummaryIsNone() {
    #expect(PingRecord(parsing: "ping: connect: Network is unreachable\n") == nil)
  }

  @Test func hopsWithoutAnswerAreKnownAsSuch() throws {
    let text = """
      traceroute to 10.1.2.11 (10.1.2.11), 12 hops max, 60 byte packets
       1  10.1.1.1  1.203 ms
       2  *
       3  10.1.2.11  2.5 ms !X
      """
    #expect(TraceRoute(parsing: text).hops == [IPAddress("10.1.1.1"), nil, IPAddress("10.1.2.11")])
  }
}
