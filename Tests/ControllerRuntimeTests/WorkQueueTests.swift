import ControllerRuntime
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct WorkQueueTests {
  @Test func `sleeps until the earliest deadline and not longer`() async {
    let time = ManualTime()
    let queue = WorkQueue<String>(name: "test", time: time.source)
    queue.add("late", after: .seconds(60))
    async let first = queue.next()
    await time.waitForSleepers()
    #expect(time.deadlines == [.seconds(60)])
    queue.add("early", after: .seconds(5))
    while time.deadlines != [.seconds(5)] { await Task.yield() }
    time.advance(by: .seconds(5))
    #expect(await first == "early")
    queue.done("early")
    queue.shutDown()
    #expect(await queue.next() == nil)
    while !time.deadlines.isEmpty { await Task.yield() }
  }

  @Test func `many workers, many producers: each key with one worker, the last change is seen`() async {
    let queue = WorkQueue<Int>(name: "test")
    let work = Work()
    await withTaskGroup { group in
      for _ in 0..<4 {
        group.addTask {
          while let key = await queue.next() {
            let isAlone = work.begin(key)
            #expect(isAlone)
            await Task.yield()
            if work.end(key) { queue.shutDown() }
            queue.done(key)
          }
        }
      }
      for key in 0..<Work.keys {
        group.addTask {
          for value in 1...Work.changes {
            work.change(key, to: value)
            queue.add(key)
            if value % 7 == 0 { await Task.yield() }
          }
        }
      }
    }
    #expect(work.isFinished)
  }

  @Test func `a cancelled worker leaves the others their keys`() async {
    let queue = WorkQueue<Int>(name: "test")
    let cancelled = Task { await queue.next() }
    let other = Task { await queue.next() }
    cancelled.cancel()
    #expect(await cancelled.value == nil)
    queue.add(1)
    #expect(await other.value == 1)
  }
}

/// Keys that change, and what workers saw of them.
private final class Work: Sendable {
  static let keys = 16
  static let changes = 200

  private struct State {
    var wanted = [Int](repeating: 0, count: keys)
    var begun: [Int: Int] = [:]
    var seen = [Int](repeating: 0, count: keys)
    var isFinished: Bool { seen.allSatisfy { $0 == changes } }
  }

  private let state = Mutex(State())

  var isFinished: Bool { state.withLock { $0.isFinished } }

  func change(_ key: Int, to value: Int) { state.withLock { $0.wanted[key] = value } }

  /// False when another worker has the key.
  func begin(_ key: Int) -> Bool {
    state.withLock { state in
      defer { state.begun[key] = state.wanted[key] }
      return state.begun[key] == nil
    }
  }

  /// True when every last change was seen.
  func end(_ key: Int) -> Bool {
    state.withLock { state in
      state.seen[key] = state.begun.removeValue(forKey: key) ?? 0
      return state.isFinished
    }
  }
}
