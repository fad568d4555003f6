import JSON
import Testing

@testable import OVSDB

struct ConnectionStateMachineTests {
  typealias Machine = ConnectionStateMachine<String>

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// What came out, in words.
  private func words(_ inputs: [Machine.Input]) -> [String] {
    inputs.map {
      switch $0 {
      case .complete(let call, .success(let result)): "\(call)=\(result)"
      case .complete(let call, .failure(let error)): "\(call)!\(error.code)"
      case .send(let bytes): "send \(text(bytes))"
      case .notify(let method, let params): "notify \(method) \(JSONValue.array(params))"
      case .close(let error): "close \(error.code)"
      }
    }
  }

  private func start(_ machine: inout Machine, _ call: String) -> (id: Int64, word: String) {
    let id = machine.makeID()
    switch machine.start(call, id: id, method: "m", params: Array("[]".utf8)) {
    case .send(let bytes): return (id, "send \(text(bytes))")
    case .wait: return (id, "wait")
    case .fail(let call, let error): return (id, "\(call)!\(error.code)")
    }
  }

  private let lost = OVSDBError(.connectionLost, attempt: "talking", reason: "gone")

  @Test func answersFindTheirCallsInAnyOrder() {
    var machine = Machine(maximumInFlight: 10)
    #expect(start(&machine, "a").word == #"send {"id":1,"method":"m","params":[]}"#)
    #expect(start(&machine, "b").id == 2)
    #expect(words(machine.receive(["id": 2, "result": "two", "error": nil])) == [#"b="two""#])
    #expect(words(machine.receive(["id": 1, "result": nil, "error": "unknown method"])) == ["a!invalidRequest"])
    #expect(words(machine.receive(["id": 1, "result": "again", "error": nil])) == ["close protocolViolation"])
  }

  @Test func beyondTheCapCallsWaitTheirTurn() {
    var machine = Machine(maximumInFlight: 2)
    let words = ["a", "b", "c", "d", "e"].map { start(&machine, $0).word.prefix(4) }
    #expect(words == ["send", "send", "wait", "wait", "wait"])
    #expect(machine.withdraw(id: 4)?.call == "d")
    #expect(machine.withdraw(id: 4) == nil)
    #expect(
      self.words(machine.receive(["id": 1, "result": 0, "error": nil])) == [
        "a=0", #"send {"id":3,"method":"m","params":[]}"#,
      ])
    #expect(
      self.words(machine.receive(["id": 2, "result": 0, "error": nil])) == [
        "b=0", #"send {"id":5,"method":"m","params":[]}"#,
      ])
    #expect(self.words(machine.receive(["id": 3, "result": 0, "error": nil])) == ["c=0"])
  }

  @Test func aWithdrawnCallIsCancelledAndMakesRoomWhetherTheServerAnswersOrNot() {
    var machine = Machine(maximumInFlight: 1)
    _ = start(&machine, "a")
    _ = start(&machine, "b")
    let withdrawn = machine.withdraw(id: 1)
    #expect(withdrawn?.call == "a")
    #expect(
      withdrawn?.messages.map(text) == [
        #"{"id":null,"method":"cancel","params":[1]}"#, #"{"id":2,"method":"m","params":[]}"#,
      ])
    #expect(words(machine.receive(["id": 1, "result": nil, "error": "canceled"])) == [])
    #expect(words(machine.receive(["id": 2, "result": 0, "error": nil])) == ["b=0"])
  }

  @Test func echoesBothWays() {
    var machine = Machine(maximumInFlight: 1)
    #expect(
      words(machine.receive(["id": "echo", "method": "echo", "params": [1]])) == [
        #"send {"error":null,"id":"echo","result":[1]}"#
      ])
    #expect(machine.tick() == .nothing)
    guard case .send(let probe) = machine.tick() else {
      Issue.record("a silent server is asked for an echo")
      return
    }
    #expect(text(probe) == #"{"id":1,"method":"echo","params":[]}"#)
    #expect(words(machine.receive(["id": 1, "result": [], "error": nil])) == [])
    #expect(machine.tick() == .nothing)
    guard case .send = machine.tick(), case .close(let error) = machine.tick() else {
      Issue.record("a server that stays silent is given up")
      return
    }
    #expect(error.code == .connectionLost)
  }

  @Test func theEndFailsEveryCallOnce() {
    var machine = Machine(maximumInFlight: 2)
    for call in ["a", "b", "c"] { _ = start(&machine, call) }
    let ended = machine.end(lost)
    #expect(ended?.map { "\($0.call)!\($0.error.code)" } == ["a!connectionLost", "b!connectionLost", "c!notConnected"])
    #expect(machine.end(lost) == nil)
    #expect(start(&machine, "d").word == "d!notConnected")
    #expect(words(machine.receive(["id": 1, "result": 0, "error": nil])) == [])
    #expect(machine.tick() == .nothing)
  }

  @Test(arguments: [JSONValue.array([]), ["result": 1], ["id": "x", "result": 1], ["id": 77, "result": 1]])
  func whatIsNoMessageClosesTheConnection(_ message: JSONValue) {
    var machine = Machine(maximumInFlight: 1)
    #expect(words(machine.receive(message)) == ["close protocolViolation"])
  }

  @Test func notificationsAndUnknownRequests() {
    var machine = Machine(maximumInFlight: 1)
    #expect(
      words(machine.receive(["id": nil, "method": "update", "params": ["x", [:]]])) == [#"notify update ["x",{}]"#])
    #expect(
      words(machine.receive(["id": 3, "method": "dance", "params": []])) == [
        #"send {"error":"unknown method","id":3,"result":null}"#
      ])
  }

  /// Whatever happens in whatever order, every call comes out exactly once and the cap holds.
  @Test(arguments: 0..<50) func everyCallComesOutOnce(_ seed: Int) {
    var random = SystemRandomNumberGenerator()
    var machine = Machine(maximumInFlight: 4)
    var (sent, done): (Set<Int64>, [String: Int]) = ([], [:])
    func note(_ inputs: [Machine.Input]) {
      for input in inputs {
        switch input {
        case .complete(let call, _): done[call, default: 0] += 1
        case .send(let bytes):
          if let id = (try? JSONValue(parsing: bytes))?["id"]?.integer { sent.insert(id) }
        default: Issue.record("unexpected \(input)")
        }
      }
    }
    for number in 0..<200 {
      switch Int.random(in: 0..<4, using: &random) {
      case 0...1:
        let started = start(&machine, "call\(number)")
        done["call\(number)"] = 0
        if started.word.hasPrefix("send") { sent.insert(started.id) }
      case 2:
        guard let id = sent.randomElement() else { continue }
        sent.remove(id)
        note(machine.receive(["id": .integer(id), "result": 0, "error": nil]))
      default:
        let id = Int64.random(in: 1...200)
        guard let withdrawn = machine.withdraw(id: id) else { continue }
        done[withdrawn.call, default: 0] += 1
        sent.remove(id)
        note(withdrawn.messages.filter { !text($0).contains("cancel") }.map { .send($0) })
      }
      #expect(sent.count <= 4)
    }
    for (call, _) in machine.end(lost) ?? [] { done[call, default: 0] += 1 }
    #expect(done.values.allSatisfy { $0 == 1 })
  }
}
