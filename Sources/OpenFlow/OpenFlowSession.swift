/// One OpenFlow 1.3 connection to a switch, without the I/O.
///
/// Requests go in by groups, each followed by a barrier; a group comes out once, when the switch has dealt with all of it.
/// `Call` is what the shell needs to complete a group: a closure in the program, a number in tests.
struct OpenFlowSession<Call: Sendable>: Sendable {
  /// What came in.
  enum Input: Sendable {
    /// The answer to a group of requests.
    case complete(Call, Result<OpenFlowAnswer, OpenFlowError>)
    /// Bytes to send.
    case send([UInt8])
    /// A flow that was put in with `announcesRemoval` is gone.
    case flowRemoved(cookie: UInt64)
    /// The connection has to be closed.
    case close(OpenFlowError)
  }

  private struct Group: Sendable {
    var call: Call
    var first: UInt32
    var requests: [OpenFlowRequest]
    var answer = OpenFlowAnswer()
    var error: OpenFlowError?

    var barrier: UInt32 { first &+ UInt32(requests.count) }

    /// Whether a request asks how much flows are used.
    func asksForStatistics(_ xid: UInt32) -> Bool {
      guard let position = position(of: xid), position < requests.count else { return false }
      if case .statistics = requests[position] { return true }
      return false
    }

    func position(of xid: UInt32) -> Int? {
      let position = Int(xid &- first)
      return position <= requests.count ? position : nil
    }
  }

  private var buffer: [UInt8] = []
  private var groups: [Group] = []
  private var nextXID: UInt32 = 1
  private var ended: OpenFlowError?

  init() {}

  /// What is sent first: we speak version 1.3 alone, and want to hear of flows that are removed and of nothing else.
  /// (To Open vSwitch a connection that asks for no packets, by a length of 0, asks for no other news either.)
  mutating func open() -> [UInt8] {
    var config: [UInt8] = []
    config.append(integer: UInt16(0))
    config.append(integer: UInt16(1))
    var interests: [UInt8] = []
    for mask: UInt32 in [0, 0, 0, 0, 0b11111, 0b11111] { interests.append(integer: mask) }
    let versions: [UInt8] = [0, 1, 0, 8, 0, 0, 0, 1 << 4]
    return MessageType.hello.message(0, versions) + MessageType.setConfig.message(0, config)
      + MessageType.setAsync.message(0, interests)
  }

  /// Makes requests.
  ///
  /// - Returns: what to send; or why not, when the connection has ended.
  mutating func start(_ call: Call, _ requests: [OpenFlowRequest]) -> Result<[UInt8], OpenFlowError> {
    if let ended { return .failure(ended) }
    let group = Group(call: call, first: nextXID, requests: requests)
    nextXID = group.barrier &+ 1
    groups.append(group)
    var bytes: [UInt8] = []
    for (offset, request) in requests.enumerated() { bytes += request.message(group.first &+ UInt32(offset)) }
    return .success(bytes + MessageType.barrierRequest.message(group.barrier))
  }

  /// Takes bytes from the switch.
  mutating func receive(_ bytes: some Sequence<UInt8>) -> [Input] {
    buffer += bytes
    var inputs: [Input] = []
    var rest = buffer[...]
    while rest.count >= 8 {
      var reader = ByteReader(rest)
      guard let version: UInt8 = reader.integer(), let type: UInt8 = reader.integer(),
        let length: UInt16 = reader.integer(), let xid: UInt32 = reader.integer()
      else { break }
      guard version == 4 || type == MessageType.hello.rawValue, length >= 8 else {
        return inputs + [.close(Self.violation("a message of version \(version) and \(length) bytes"))]
      }
      guard let body = reader.take(Int(length) - 8) else { break }
      inputs += received(MessageType(rawValue: type), xid, body)
      rest = reader.rest
    }
    buffer = Array(rest)
    return inputs
  }

  /// The connection ended.
  ///
  /// - Returns: the calls that have no answer.
  mutating func end(_ error: OpenFlowError) -> [Call] {
    if ended == nil { ended = error }
    defer { groups = [] }
    return groups.map(\.call)
  }

  private mutating func received(_ type: MessageType, _ xid: UInt32, _ body: ArraySlice<UInt8>) -> [Input] {
    var reader = ByteReader(body)
    switch type {
    case .echoRequest: return [.send(MessageType.echoReply.message(xid, Array(body)))]
    case .error:
      guard let kind: UInt16 = reader.integer(), let code: UInt16 = reader.integer() else { break }
      return refused(xid, kind, code)
    case .flowRemoved:
      guard let cookie: UInt64 = reader.integer() else { break }
      return [.flowRemoved(cookie: cookie)]
    case .multipartReply:
      guard let kind: UInt16 = reader.integer(), reader.take(6) != nil, collect(kind, &reader, xid) else { break }
      return []
    case .barrierReply:
      guard let group = groups.first, group.barrier == xid else { break }
      groups.removeFirst()
      return [.complete(group.call, group.error.map { .failure($0) } ?? .success(group.answer))]
    default: return []
    }
    return [.close(Self.violation("a message of type \(type.rawValue) that cannot be read"))]
  }

  /// Adds a part of an answer to what there is; false when it cannot be read.
  private mutating func collect(_ kind: UInt16, _ reader: inout ByteReader, _ xid: UInt32) -> Bool {
    guard let index = groups.firstIndex(where: { $0.position(of: xid) != nil }) else { return true }
    let asksForStatistics = groups[index].asksForStatistics(xid)
    while !reader.rest.isEmpty {
      switch kind {
      case Multipart.flow where asksForStatistics:
        guard let statistics = FlowStatistics(&reader) else { return false }
        groups[index].answer.statistics.append(statistics)
      case Multipart.flow:
        guard let flow = Flow(&reader) else { return false }
        groups[index].answer.flows.append(flow)
      case Multipart.meterConfig:
        guard let meter = Meter(&reader) else { return false }
        groups[index].answer.meters.append(meter)
      default: return true
      }
    }
    return true
  }

  private mutating func refused(_ xid: UInt32, _ kind: UInt16, _ code: UInt16) -> [Input] {
    guard let index = groups.firstIndex(where: { $0.position(of: xid) != nil }),
      let position = groups[index].position(of: xid)
    else {
      return [.close(Self.violation("error type \(kind) code \(code); the bridge has to allow OpenFlow13"))]
    }
    let requests = groups[index].requests
    let attempt = position < requests.count ? requests[position].summary : "a barrier"
    groups[index].error =
      groups[index].error
      ?? OpenFlowError(
        .refused, attempt: attempt,
        reason: "the switch refused it: error type \(kind) code \(code) (OpenFlow 1.3.5, 7.4.4)")
    return []
  }

  private static func violation(_ what: String) -> OpenFlowError {
    OpenFlowError(.protocolViolation, attempt: "speaking OpenFlow 1.3", reason: "the switch sent \(what)")
  }
}
