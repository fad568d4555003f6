/// A row of a flow table: which packets, and what becomes of them (OpenFlow 1.3.5, section 5.2).
public struct Flow: Sendable, Hashable {
  /// The table, 0 to 254; packets begin in table 0.
  public var table: UInt8
  /// The highest one that matches wins.
  public var priority: UInt16
  /// A mark of whose flow it is; the switch makes nothing of it.
  public var cookie: UInt64
  /// The conditions, all of which have to hold; none: every packet.
  public var match: Set<MatchField>
  /// What becomes of the packets.
  public var treatment: Treatment
  /// Whether whoever put it in is told when it is removed.
  public var announcesRemoval: Bool

  /// Describes a flow.
  public init(
    table: UInt8 = 0, priority: UInt16, cookie: UInt64, match: Set<MatchField>, treatment: Treatment,
    announcesRemoval: Bool = true
  ) {
    self.table = table
    self.priority = priority
    self.cookie = cookie
    self.match = match
    self.treatment = treatment
    self.announcesRemoval = announcesRemoval
  }

  /// What becomes of packets.
  public enum Treatment: Sendable, Hashable {
    /// They are dropped.
    case drop
    /// They go on as in a switch without flows (`OFPP_NORMAL`), past the meter if one is named.
    case normal(meter: UInt32? = nil)
    /// Something that this library does not put in; the instructions as they are on the wire.
    case other([UInt8])
  }
}

/// A meter that drops what is above a rate (OpenFlow 1.3.5, section 5.7). Numbers of meters are of the whole bridge.
public struct Meter: Sendable, Hashable {
  /// The number, from 1.
  public var id: UInt32
  /// In kilobits a second.
  public var rate: UInt32
  /// How much may pass at once after a pause, in kilobits.
  public var burst: UInt32

  /// Describes a meter.
  public init(id: UInt32, rate: UInt32, burst: UInt32) {
    self.id = id
    self.rate = rate
    self.burst = burst
  }
}

extension Flow.Treatment {
  private static let normalPort: UInt32 = 0xffff_fffa

  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .drop: break
    case .normal(let meter):
      if let meter {
        bytes.append(integer: UInt16(6))
        bytes.append(integer: UInt16(8))
        bytes.append(integer: meter)
      }
      // Instruction "apply actions" with one action, "output".
      bytes.append(integer: UInt16(4))
      bytes.append(integer: UInt16(24))
      bytes.append(zeros: 4)
      bytes.append(integer: UInt16(0))
      bytes.append(integer: UInt16(16))
      bytes.append(integer: Self.normalPort)
      bytes.append(zeros: 8)
    case .other(let raw): bytes += raw
    }
  }

  /// Reads instructions to the end of the slice.
  init(_ instructions: ArraySlice<UInt8>) {
    func encoded(_ treatment: Self) -> [UInt8] {
      var bytes: [UInt8] = []
      treatment.encode(into: &bytes)
      return bytes
    }
    let raw = Array(instructions)
    let meter: UInt32? =
      if raw.count == 32, raw.starts(with: [0, 6, 0, 8]) { raw[4..<8].reduce(0) { $0 << 8 | UInt32($1) } } else { nil }
    let candidates: [Self] = [.drop, .normal(meter: meter)]
    self = candidates.first { encoded($0) == raw } ?? .other(raw)
  }
}

extension Flow {
  private static let sendsFlowRemoved: UInt16 = 1

  enum Command: UInt8 {
    case add = 0
    case deleteStrict = 4
  }

  /// The body of an `ofp_flow_mod`. Deleting takes nothing but the flow with this very cookie.
  func encode(_ command: Command, into bytes: inout [UInt8]) {
    bytes.append(integer: cookie)
    bytes.append(integer: command == .add ? UInt64(0) : UInt64.max)
    bytes.append(table)
    bytes.append(command.rawValue)
    bytes.append(integer: UInt32(0))  // no time-outs
    bytes.append(integer: priority)
    bytes.append(integer: UInt32.max)  // OFP_NO_BUFFER
    bytes.append(integer: UInt64.max)  // OFPP_ANY, OFPG_ANY
    bytes.append(integer: announcesRemoval ? Self.sendsFlowRemoved : 0)
    bytes.append(zeros: 2)
    MatchField.encode(match, into: &bytes)
    if command == .add { treatment.encode(into: &bytes) }
  }

  /// Reads one `ofp_flow_stats`.
  init?(_ reader: inout ByteReader) {
    guard let length: UInt16 = reader.integer(), let payload = reader.take(Int(length) - 2) else { return nil }
    var body = ByteReader(payload)
    guard let table: UInt8 = body.integer(), body.take(9) != nil, let priority: UInt16 = body.integer(),
      body.take(4) != nil, let flags: UInt16 = body.integer(), body.take(4) != nil,
      let cookie: UInt64 = body.integer(), body.take(16) != nil, let match = MatchField.decode(&body)
    else { return nil }
    self.init(
      table: table, priority: priority, cookie: cookie, match: match, treatment: Treatment(body.rest),
      announcesRemoval: flags & Self.sendsFlowRemoved != 0)
  }
}

extension Meter {
  private static let kilobitsAndBurst: UInt16 = 1 | 4

  enum Command: UInt16 {
    case add, modify, delete
  }

  /// The body of an `ofp_meter_mod`.
  func encode(_ command: Command, into bytes: inout [UInt8]) {
    bytes.append(integer: command.rawValue)
    bytes.append(integer: Self.kilobitsAndBurst)
    bytes.append(integer: id)
    guard command != .delete else { return }
    bytes.append(integer: UInt16(1))  // OFPMBT_DROP
    bytes.append(integer: UInt16(16))
    bytes.append(integer: rate)
    bytes.append(integer: burst)
    bytes.append(zeros: 4)
  }

  /// Reads one `ofp_meter_config`. One that this library does not make has rate 0.
  init?(_ reader: inout ByteReader) {
    guard let length: UInt16 = reader.integer(), let payload = reader.take(Int(length) - 2) else { return nil }
    var body = ByteReader(payload)
    guard let flags: UInt16 = body.integer(), let id: UInt32 = body.integer() else { return nil }
    self.init(id: id, rate: 0, burst: 0)
    if flags == Self.kilobitsAndBurst, body.rest.count == 16, body.integer(UInt32.self) == 0x0001_0010,
      let rate: UInt32 = body.integer(), let burst: UInt32 = body.integer()
    {
      (self.rate, self.burst) = (rate, burst)
    }
  }
}
