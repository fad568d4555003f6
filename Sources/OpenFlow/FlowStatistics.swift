/// How much a flow has been used (OpenFlow 1.3.5, section 7.3.5.2).
public struct FlowStatistics: Sendable, Hashable {
  /// Which flow of a bridge it is: there is one of a table, priority and match at a time.
  public struct Identity: Sendable, Hashable {
    /// The table.
    public var table: UInt8
    /// The priority.
    public var priority: UInt16
    /// The mark of whose flow it is.
    public var cookie: UInt64
    /// The conditions, as they are on the wire.
    public var match: [UInt8]

    /// A flow of the parts.
    public init(table: UInt8, priority: UInt16, cookie: UInt64, match: [UInt8]) {
      self.table = table
      self.priority = priority
      self.cookie = cookie
      self.match = match
    }
  }

  /// Which flow it is.
  public var flow: Identity
  /// For how long it has been there.
  public var age: Duration
  /// How many packets matched.
  public var packets: UInt64
  /// How many bytes they had, from the Ethernet header on.
  public var bytes: UInt64

  /// A flow that has been used so much.
  public init(flow: Identity, age: Duration, packets: UInt64, bytes: UInt64) {
    self.flow = flow
    self.age = age
    self.packets = packets
    self.bytes = bytes
  }
}

extension FlowStatistics {
  /// Reads one `ofp_flow_stats`.
  init?(_ reader: inout ByteReader) {
    guard let length: UInt16 = reader.integer(), let payload = reader.take(Int(length) - 2) else { return nil }
    var body = ByteReader(payload)
    guard let table: UInt8 = body.integer(), body.take(1) != nil, let seconds: UInt32 = body.integer(),
      let nanoseconds: UInt32 = body.integer(), let priority: UInt16 = body.integer(), body.take(10) != nil,
      let cookie: UInt64 = body.integer(), let packets: UInt64 = body.integer(), let bytes: UInt64 = body.integer(),
      body.take(2) != nil, let matchLength: UInt16 = body.integer(), let match = body.take(Int(matchLength) - 4)
    else { return nil }
    self.init(
      flow: Identity(table: table, priority: priority, cookie: cookie, match: Array(match)),
      age: .seconds(Int64(seconds)) + .nanoseconds(Int64(nanoseconds)), packets: packets, bytes: bytes)
  }
}
