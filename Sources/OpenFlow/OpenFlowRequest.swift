/// Something asked of a switch.
public enum OpenFlowRequest: Sendable, Hashable {
  /// The flows whose cookie is `cookie` in the bits of `mask`.
  case flows(cookie: UInt64, mask: UInt64)
  /// How much the flows have been used whose match has at least these conditions, in all tables.
  case statistics(matching: Set<MatchField>)
  /// All meters of the bridge.
  case meters
  /// Puts a flow in, in the place of one with the same table, priority and match.
  case add(Flow)
  /// Removes the flow with this table, priority, match and cookie, if it is there.
  case remove(Flow)
  /// Makes a meter of a number that is free.
  case addMeter(Meter)
  /// Changes a meter.
  case changeMeter(Meter)
  /// Removes a meter, if it is there, and the flows that use it.
  case removeMeter(UInt32)
}

/// What a switch answered to a number of requests.
public struct OpenFlowAnswer: Sendable, Hashable {
  /// The flows that were asked for.
  public var flows: [Flow] = []
  /// How much flows have been used that were asked for.
  public var statistics: [FlowStatistics] = []
  /// The meters that were asked for.
  public var meters: [Meter] = []
}

/// The header of a message (OpenFlow 1.3.5, section 7.1).
struct MessageType: RawRepresentable, Hashable {
  let rawValue: UInt8

  static let hello = Self(rawValue: 0)
  static let error = Self(rawValue: 1)
  static let echoRequest = Self(rawValue: 2)
  static let echoReply = Self(rawValue: 3)
  static let setConfig = Self(rawValue: 9)
  static let flowRemoved = Self(rawValue: 11)
  static let flowMod = Self(rawValue: 14)
  static let multipartRequest = Self(rawValue: 18)
  static let multipartReply = Self(rawValue: 19)
  static let barrierRequest = Self(rawValue: 20)
  static let barrierReply = Self(rawValue: 21)
  static let setAsync = Self(rawValue: 28)
  static let meterMod = Self(rawValue: 29)

  /// A message of this type.
  func message(_ xid: UInt32, _ body: [UInt8] = []) -> [UInt8] {
    var bytes: [UInt8] = [4, rawValue]
    bytes.append(integer: UInt16(8 + body.count))
    bytes.append(integer: xid)
    return bytes + body
  }
}

/// The kinds of multipart messages that are used (section 7.3.5).
enum Multipart {
  static let flow: UInt16 = 1
  static let meterConfig: UInt16 = 10
}

extension OpenFlowRequest {
  func message(_ xid: UInt32) -> [UInt8] {
    var body: [UInt8] = []
    switch self {
    case .flows(let cookie, let mask): return Self.flowStatistics(xid, cookie: cookie, mask: mask, [])
    case .statistics(let match): return Self.flowStatistics(xid, cookie: 0, mask: 0, match)
    case .meters:
      body.append(integer: Multipart.meterConfig)
      body.append(zeros: 6)
      body.append(integer: UInt32.max)  // OFPM_ALL
      body.append(zeros: 4)
      return MessageType.multipartRequest.message(xid, body)
    case .add(let flow): flow.encode(.add, into: &body)
    case .remove(let flow): flow.encode(.deleteStrict, into: &body)
    case .addMeter(let meter): meter.encode(.add, into: &body)
    case .changeMeter(let meter): meter.encode(.modify, into: &body)
    case .removeMeter(let id): Meter(id: id, rate: 0, burst: 0).encode(.delete, into: &body)
    }
    switch self {
    case .add, .remove: return MessageType.flowMod.message(xid, body)
    default: return MessageType.meterMod.message(xid, body)
    }
  }

  private static func flowStatistics(
    _ xid: UInt32, cookie: UInt64, mask: UInt64, _ match: Set<MatchField>
  ) -> [UInt8] {
    var body: [UInt8] = []
    body.append(integer: Multipart.flow)
    body.append(zeros: 6)
    body += [0xff, 0, 0, 0]  // every table
    body.append(integer: UInt64.max)  // OFPP_ANY, OFPG_ANY
    body.append(zeros: 4)
    body.append(integer: cookie)
    body.append(integer: mask)
    MatchField.encode(match, into: &body)
    return MessageType.multipartRequest.message(xid, body)
  }

  /// What it does, for messages.
  var summary: String {
    switch self {
    case .flows, .statistics: "reading flows"
    case .meters: "reading meters"
    case .add(let flow): "adding a flow of priority \(flow.priority) to table \(flow.table)"
    case .remove(let flow): "removing a flow of priority \(flow.priority) from table \(flow.table)"
    case .addMeter(let meter): "adding meter \(meter.id)"
    case .changeMeter(let meter): "changing meter \(meter.id)"
    case .removeMeter(let id): "removing meter \(id)"
    }
  }
}
