import Testing

@testable import Callbacks

@Suite struct CallbackQueueTests {
  private static func state(_ token: String) -> CallbackState {
    CallbackState(url: "http://127.0.0.1/", token: token, body: Array(token.utf8))
  }

  @Test func inOrderOneAtATime() {
    var queue = CallbackQueue(delivered: nil)
    #expect(queue.changed(Self.state("pending")) == .post(Self.state("pending")))
    #expect(queue.changed(Self.state("ready")) == .none)
    #expect(queue.succeeded() == .post(Self.state("ready")))
    #expect(!queue.isEmpty)
    #expect(queue.succeeded() == .none)
    #expect(queue.isEmpty)
    #expect(queue.changed(Self.state("ready")) == .none)
    #expect(queue.changed(Self.state("pending")) == .post(Self.state("pending")))
  }

  @Test func triesUntilItIsTaken() {
    var queue = CallbackQueue(delivered: nil)
    _ = queue.changed(Self.state("ready"))
    #expect(queue.failed(random: 0) == .wait(.milliseconds(500)))
    #expect(queue.retry() == .post(Self.state("ready")))
    #expect(queue.failed(random: 0) == .wait(.seconds(1)))
    for _ in 0..<20 { _ = queue.failed(random: 0) }
    #expect(queue.failed(random: 0) == .wait(.seconds(60)))
    #expect(queue.failed(random: 1) == .wait(.seconds(30)))
    #expect(queue.changed(Self.state("deleted")) == .none)
    #expect(queue.retry() == .post(Self.state("ready")))
    #expect(queue.succeeded() == .post(Self.state("deleted")))
  }

  @Test func whatWasDeliveredBeforeARestartIsNotDeliveredAgain() {
    var queue = CallbackQueue(delivered: "ready/2")
    #expect(queue.changed(Self.state("ready/2")) == .none)
    #expect(queue.changed(Self.state("ready/3")) == .post(Self.state("ready/3")))
  }

  @Test func aReceiverThatIsAwayDoesNotFillMemory() {
    var queue = CallbackQueue(delivered: nil)
    for index in 0..<100 { _ = queue.changed(Self.state("\(index)")) }
    var delivered = ["0"]
    while case .post(let state) = queue.succeeded() { delivered.append(state.token) }
    #expect(delivered.count == CallbackQueue.limit)
    #expect(delivered.last == "99")
    #expect(delivered.dropFirst() == (69...99).map(String.init)[...])
  }
}
