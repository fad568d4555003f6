import NetworkTypes
import Testing

@testable import OpenFlow

struct MessageTests {
  private let address = MACAddress("02:4e:0a:00:00:05")

  @Test func aFlowIsReadAsItWasWritten() throws {
    let mac = try #require(address)
    let match: Set<MatchField> = [
      .inPort(7), .ethernetSource(mac), .etherType(.ipv6), .ipProtocol(58), .icmpv6Type(135),
      .ndTarget(try IPv6Address(parsing: "fd00::5")), .ndSourceHardware(nil),
      .ipSource(.v6(try IPv6Address(parsing: "fe80::1"))),
    ]
    for treatment in [Flow.Treatment.drop, .normal(), .normal(meter: 5), .other([0, 1, 0, 8, 3, 0, 0, 0])] {
      let flow = Flow(table: 3, priority: 61_440, cookie: 0x4e65, match: match, treatment: treatment)
      var reader = ByteReader(statistics(flow)[...])
      #expect(Flow(&reader) == flow)
      #expect(reader.rest.isEmpty)
    }
  }

  @Test func cutShortItIsRefused() throws {
    let bytes = statistics(
      Flow(priority: 1, cookie: 1, match: [.inPort(1), .etherType(.arp)], treatment: .normal(meter: 9)))
    for length in 0..<bytes.count {
      var reader = ByteReader(bytes[..<length])
      #expect(Flow(&reader) == nil, "\(length) bytes")
      reader = ByteReader(bytes[..<length])
      #expect(FlowStatistics(&reader) == nil, "\(length) bytes")
    }
    var reader = ByteReader([0, 1, 0, 0][...])
    #expect(Meter(&reader) == nil)
  }

  @Test func aFlowModIsWhatTheSpecificationSays() {
    let flow = Flow(table: 1, priority: 2, cookie: 3, match: [.inPort(4)], treatment: .drop, announcesRemoval: false)
    let message = OpenFlowRequest.add(flow).message(9)
    var expected: [UInt8] = [4, 14, 0, 64, 0, 0, 0, 9]
    expected += [0, 0, 0, 0, 0, 0, 0, 3] + [0, 0, 0, 0, 0, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 2]
    expected += [UInt8](repeating: 0xff, count: 12) + [0, 0, 0, 0]
    expected += [0, 1, 0, 12, 0x80, 0, 0, 4, 0, 0, 0, 4] + [0, 0, 0, 0]
    #expect(message == expected)
  }

  /// An `ofp_flow_stats` of the flow (OpenFlow 1.3.5, section 7.3.5.2).
  private func statistics(_ flow: Flow) -> [UInt8] {
    var bytes: [UInt8] = [0, 0, flow.table, 0] + [UInt8](repeating: 1, count: 8)
    bytes.append(integer: flow.priority)
    bytes += [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    bytes.append(integer: flow.cookie)
    bytes += [UInt8](repeating: 2, count: 16)
    MatchField.encode(flow.match, into: &bytes)
    flow.treatment.encode(into: &bytes)
    bytes.set(length: bytes.count, at: 0)
    return bytes
  }
}

struct SessionTests {
  @Test func groupsAreAnsweredInOrderHoweverTheBytesCome() throws {
    var session = OpenFlowSession<Int>()
    let opening = session.open()
    #expect(opening.starts(with: [4, 0, 0, 16]))
    let first = try session.start(1, [.meters, .flows(cookie: 1, mask: 1)]).get()
    #expect(first[7] == 1 && first.suffix(8) == [4, 20, 0, 8, 0, 0, 0, 3])
    _ = try session.start(2, []).get()
    var meter: [UInt8] = [0, 10, 0, 0, 0, 0, 0, 0, 0, 24, 0, 5, 0, 0, 0, 7]
    meter += [0, 1, 0, 16, 0, 0, 0, 100, 0, 0, 0, 10, 0, 0, 0, 0]
    let stream =
      MessageType.hello.message(0) + MessageType.multipartReply.message(1, meter) + MessageType.barrierReply.message(3)
      + MessageType.echoRequest.message(77, [1, 2]) + MessageType.barrierReply.message(4)
    var outputs: [String] = []
    for byte in stream {
      for input in session.receive([byte]) {
        switch input {
        case .complete(let call, let result):
          outputs.append("\(call): \(try result.get().meters.map { "\($0.id) \($0.rate)/\($0.burst)" })")
        case .send(let bytes): outputs.append("\(bytes)")
        default: outputs.append("unexpected")
        }
      }
    }
    #expect(outputs == ["1: [\"7 100/10\"]", "[4, 3, 0, 10, 0, 0, 0, 77, 1, 2]", "2: []"])
  }

  @Test func whatWasAskedForDecidesWhatIsRead() throws {
    var session = OpenFlowSession<Int>()
    let requests: [OpenFlowRequest] = [.statistics(matching: [.register(0, has: 0x80)]), .flows(cookie: 0, mask: 0)]
    let asked = try session.start(1, requests).get()
    #expect(asked[48..<64].elementsEqual([0, 1, 0, 16, 0, 1, 1, 8, 0, 0, 0, 0x80, 0, 0, 0, 0x80]))
    var reply: [UInt8] = [0, 1, 0, 0, 0, 0, 0, 0]
    reply += [0, 64, 46, 0, 0, 0, 0, 7, 0, 0, 0, 5, 0x07, 0xd1] + [UInt8](repeating: 0, count: 10)
    for number: UInt64 in [3, 4, 500] { reply.append(integer: number) }
    reply += [0, 1, 0, 12, 0, 1, 0, 4, 1, 2, 3, 4, 0, 0, 0, 0]
    let answers = MessageType.multipartReply.message(1, reply) + MessageType.multipartReply.message(2, reply)
    let inputs = session.receive(answers + MessageType.barrierReply.message(3))
    guard case .complete(1, .success(let answer))? = inputs.first else { throw error("\(inputs)") }
    let identity = FlowStatistics.Identity(table: 46, priority: 2001, cookie: 3, match: [0, 1, 0, 4, 1, 2, 3, 4])
    let age = Duration.seconds(7) + .nanoseconds(5)
    #expect(answer.statistics == [FlowStatistics(flow: identity, age: age, packets: 4, bytes: 500)])
    #expect(answer.flows.map(\.cookie) == [3])
  }

  @Test func aRefusalNamesTheRequest() throws {
    var session = OpenFlowSession<Int>()
    _ = try session.start(1, [.removeMeter(3), .addMeter(Meter(id: 4, rate: 1, burst: 1))]).get()
    var refusal: [UInt8] = []
    refusal.append(integer: UInt16(12))
    refusal.append(integer: UInt16(2))
    let inputs = session.receive(MessageType.error.message(2, refusal) + MessageType.barrierReply.message(3))
    guard case .complete(1, .failure(let error))? = inputs.first else { throw error("\(inputs)") }
    #expect(error.code == .refused)
    #expect(
      error.description
        == "adding meter 4: the switch refused it: error type 12 code 2 (OpenFlow 1.3.5, 7.4.4)")
  }

  @Test func whatIsNotOpenFlowClosesTheConnection() throws {
    for bytes: [UInt8] in [
      Array("HTTP/1.1".utf8), [4, 0, 0, 3, 0, 0, 0, 0], [1, 2, 0, 8, 0, 0, 0, 0],
      MessageType.error.message(0, [0, 0, 0, 0]),
      MessageType.multipartReply.message(1, [0, 1, 0]), MessageType.barrierReply.message(9),
    ] {
      var session = OpenFlowSession<Int>()
      _ = try session.start(1, [.meters]).get()
      guard case .close(let error)? = session.receive(bytes).last else { throw self.error("\(bytes)") }
      #expect(error.code == .protocolViolation)
    }
  }

  @Test func anEndFailsWhatWaitsAndWhatComes() throws {
    var session = OpenFlowSession<Int>()
    _ = try session.start(1, [.meters]).get()
    let lost = OpenFlowError(.connectionLost, attempt: "a", reason: "b")
    #expect(session.end(lost) == [1])
    #expect(session.end(lost) == [])
    #expect(throws: lost) { try session.start(2, [.meters]).get() }
  }

  @Test func aRemovalIsNews() {
    var session = OpenFlowSession<Int>()
    let inputs = session.receive(
      MessageType.flowRemoved.message(0, [0, 0, 0, 0, 0, 0, 1, 0] + [UInt8](repeating: 0, count: 40)))
    guard case .flowRemoved(256)? = inputs.first else {
      Issue.record("\(inputs)")
      return
    }
  }

  private func error(_ text: String) -> OpenFlowError {
    OpenFlowError(.protocolViolation, attempt: "the test", reason: "unexpected \(text)")
  }
}
