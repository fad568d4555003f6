import OpenFlow
import TestSupport
import Testing

@testable import NodeAgent

/// What is told of flows' counters is what went through them, whatever OVN does with the flows.
struct PolicyLedgerTests {
  /// A switch that is used, and looked at now and then.
  private struct Switch {
    var now = 0
    /// By number of the flow: since when it is there, and what it has counted.
    var flows: [Int: (since: Int, packets: UInt64)] = [:]
    var ledger = PolicyLedger()
    var lastLook: Int?
    var told: [Int: UInt64] = [:]

    mutating func look() {
      let statistics = flows.map { number, flow in
        FlowStatistics(
          flow: .init(table: 46, priority: 2001, cookie: UInt64(number % 3), match: [UInt8(number)]),
          age: .seconds(now - flow.since), packets: flow.packets, bytes: flow.packets * 100)
      }
      // A flow comes twice when it is found by two questions.
      for (cookie, use) in ledger.look(
        at: statistics + statistics.prefix(2), after: lastLook.map { .seconds(now - $0) })
      {
        told[Int(cookie), default: 0] += use.packets
        #expect(use.bytes == use.packets * 100)
      }
      lastLook = now
    }
  }

  @Test func countsAreOfWhatWasSeenOfEveryFlow() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<200 {
      var table = Switch()
      for number in 0..<4 { table.flows[number] = (0, UInt64.random(in: 0...50, using: &random)) }
      table.now = 5
      table.look()
      #expect(table.told.values.allSatisfy { $0 == 0 }, "what was counted before is not told")
      var expected: [Int: UInt64] = [0: 0, 1: 0, 2: 0]
      for _ in 0..<60 {
        table.now += 1
        let number = Int.random(in: 0..<8, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
          // It goes and perhaps comes back at once; what it counted since the last look is lost, so there is one.
          table.look()
          table.flows[number] = nil
          if Bool.random(using: &random) {
            table.now += 1
            table.flows[number] = (table.now, 0)
          }
        case 1:
          if table.flows[number] == nil { table.flows[number] = (table.now, 0) }
        case 2:
          let packets = UInt64.random(in: 0...100, using: &random)
          if table.flows[number] != nil {
            table.flows[number]?.packets += packets
            expected[number % 3, default: 0] += packets
          }
        default: table.look()
        }
      }
      table.look()
      #expect(table.told.merging([0: 0, 1: 0, 2: 0]) { $0 + $1 } == expected)
    }
  }
}
