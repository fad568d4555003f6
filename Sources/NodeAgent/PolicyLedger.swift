import OpenFlow

/// What flows have counted, from one look at them to the next.
struct PolicyLedger {
  /// How much flows were used.
  struct Use: Hashable {
    var packets: UInt64 = 0
    var bytes: UInt64 = 0

    static func += (sum: inout Use, more: Use) {
      sum.packets += more.packets
      sum.bytes += more.bytes
    }
  }

  private var seen: [FlowStatistics.Identity: Use] = [:]

  /// Takes in what the flows have counted by now.
  ///
  /// What a flow counted after the last look at it and before it went is not known. A flow that OVN has made anew counts
  /// from zero: it is younger than the last look, or has counted less.
  ///
  /// - Parameter pause: how long the last look was ago, or less; nil: there was none, and what was counted before is none of
  ///   ours.
  /// - Returns: what has been added, by the cookies of the flows; also nothing.
  mutating func look(at flows: [FlowStatistics], after pause: Duration?) -> [UInt64: Use] {
    var added: [UInt64: Use] = [:]
    var current: [FlowStatistics.Identity: Use] = [:]
    for statistics in flows where current[statistics.flow] == nil {
      let use = Use(packets: statistics.packets, bytes: statistics.bytes)
      current[statistics.flow] = use
      var before = pause == nil ? use : seen[statistics.flow] ?? Use()
      let isNew = pause.map { statistics.age + Self.imprecision < $0 } ?? false
      if isNew || use.packets < before.packets || use.bytes < before.bytes { before = Use() }
      added[statistics.flow.cookie, default: Use()] +=
        Use(packets: use.packets - before.packets, bytes: use.bytes - before.bytes)
    }
    seen = current
    return added
  }

  /// ovs-vswitchd reads its clock once a turn.
  private static let imprecision = Duration.milliseconds(100)
}
