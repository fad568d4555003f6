import Testing

@testable import ControllerRuntime

@Suite struct WorkQueueStateMachineTests {
  private func machine(_ policy: RetryPolicy = RetryPolicy()) -> WorkQueueStateMachine<String> {
    WorkQueueStateMachine(policy: policy)
  }

  @Test func `a key stands once in the line, and first come is first served`() {
    var queue = machine()
    queue.add("a", now: .zero)
    queue.add("b", now: .zero)
    queue.add("a", now: .seconds(1))
    #expect(queue.depth == 2)
    #expect(queue.take(now: .seconds(3)) == .init(key: "a", waited: .seconds(3)))
    #expect(queue.take(now: .seconds(3))?.key == "b")
    #expect(queue.take(now: .seconds(3)) == nil)
  }

  @Test func `a key that is added while a worker has it comes again, once`() {
    var queue = machine()
    queue.add("a", now: .zero)
    #expect(queue.take(now: .zero)?.key == "a")
    queue.add("a", now: .zero)
    queue.add("a", now: .zero)
    #expect(queue.take(now: .zero) == nil)
    queue.done("a", now: .zero)
    #expect(queue.take(now: .zero)?.key == "a")
    queue.done("a", now: .zero)
    #expect(queue.take(now: .zero) == nil)
  }

  @Test func `the earliest deadline wins`() {
    var queue = machine()
    queue.add("a", at: .seconds(10), now: .zero)
    queue.add("a", at: .seconds(5), now: .zero)
    queue.add("a", at: .seconds(20), now: .zero)
    #expect(queue.nextDeadline() == .seconds(5))
    #expect(queue.take(now: .seconds(4)) == nil)
    #expect(queue.take(now: .seconds(5))?.key == "a")
    queue.done("a", now: .seconds(5))
    #expect(queue.nextDeadline() == nil)
    #expect(queue.take(now: .seconds(30)) == nil)
  }

  @Test func `now is earlier than any deadline`() {
    var queue = machine()
    queue.add("a", at: .seconds(10), now: .zero)
    queue.add("a", now: .zero)
    #expect(queue.nextDeadline() == nil)
    #expect(queue.take(now: .zero)?.key == "a")
  }

  @Test func `waits double and are forgotten`() {
    var queue = machine(RetryPolicy(base: .milliseconds(10), limit: .milliseconds(50), rate: 1000, burst: 1000))
    #expect((0..<5).map { _ in queue.retry("a", now: .zero) } == [10, 20, 40, 50, 50].map { .milliseconds($0) })
    queue.forget("a")
    #expect(queue.retry("a", now: .zero) == .milliseconds(10))
  }

  @Test func `all keys together are limited`() {
    var queue = machine(RetryPolicy(base: .milliseconds(1), limit: .seconds(1), rate: 10, burst: 2))
    let waits = (0..<4).map { queue.retry("\($0)", now: .zero) }
    #expect(waits == [1, 1, 100, 200].map { .milliseconds($0) })
  }

  /// Random operations against what must always hold.
  @Test(arguments: 0..<20) func `never two workers at once, nothing lost, earliest wins`(seed: UInt64) {
    var random = SplitMix(state: seed)
    var queue = WorkQueueStateMachine<Int>(policy: RetryPolicy(rate: 1000, burst: 1000))
    var now = Duration.zero
    var held: Set<Int> = []
    /// By when each key must be given to a free worker.
    var owed: [Int: Duration] = [:]
    func owe(_ key: Int, _ moment: Duration) { owed[key] = min(owed[key] ?? moment, moment) }
    for _ in 0..<3000 {
      let key = Int.random(in: 0..<12, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0:
        queue.add(key, now: now)
        owe(key, now)
      case 1:
        let moment = now + .milliseconds(Int.random(in: 1...50, using: &random))
        queue.add(key, at: moment, now: now)
        owe(key, moment)
      case 2:
        if let taken = queue.take(now: now) {
          #expect(held.insert(taken.key).inserted == true, "two workers have \(taken.key)")
          #expect(owed[taken.key].map { $0 <= now } == true, "\(taken.key) came without cause or too early")
          owed[taken.key] = nil
        } else {
          let late = owed.filter { $0.value <= now && !held.contains($0.key) }
          #expect(late.isEmpty, "lost: \(late)")
        }
      case 3:
        guard let key = held.randomElement(using: &random) else { continue }
        if Bool.random(using: &random) { owe(key, now + queue.retry(key, now: now)) } else { queue.forget(key) }
        held.remove(key)
        queue.done(key, now: now)
      case 4: now += .milliseconds(Int.random(in: 0...20, using: &random))
      default: queue.forget(key)
      }
      if let next = queue.nextDeadline() {
        #expect(owed.values.contains { $0 == next }, "a deadline that nobody asked for")
      }
    }
    for key in held { queue.done(key, now: now) }
    now += .seconds(3600)
    while let taken = queue.take(now: now) {
      #expect(owed.removeValue(forKey: taken.key) != nil)
      queue.done(taken.key, now: now)
    }
    #expect(owed.isEmpty)
  }

  @Test func `after the end only what workers have counts`() {
    var queue = machine()
    queue.add("a", now: .zero)
    _ = queue.take(now: .zero)
    queue.add("a", now: .zero)
    queue.add("b", now: .zero)
    queue.add("c", at: .seconds(1), now: .zero)
    queue.shutDown()
    queue.add("d", now: .zero)
    queue.done("a", now: .zero)
    #expect(queue.take(now: .seconds(9)) == nil)
    #expect(queue.nextDeadline() == nil)
  }
}

/// A small generator, so that failures can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
