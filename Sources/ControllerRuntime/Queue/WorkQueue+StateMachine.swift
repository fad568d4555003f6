import DequeModule
import HeapModule

/// Which keys are to be worked on, and when. No threads, no clock: the moment comes in.
///
/// A key is in at most one of these states at a time, so no two workers ever have the same key:
/// - ready: in the line, once.
/// - waiting: has a deadline; the earliest one that was asked for.
/// - processing: a worker has it. If it is added meanwhile it is ready again when the worker is done; a deadline that is
///   set meanwhile begins to count at once.
struct WorkQueueStateMachine<Key: Hashable & Sendable>: Sendable {
  /// A key for a worker, and how long it stood in the line.
  struct Taken: Sendable, Equatable {
    let key: Key
    let waited: Duration
  }

  private struct Entry: Sendable {
    var readySince: Duration?
    var deadline: Duration?
    var isProcessing = false
    var addedAgain = false
    var failures = 0

    var isIdle: Bool { readySince == nil && deadline == nil && !isProcessing && failures == 0 }
  }

  private struct Deadline: Comparable, Sendable {
    let moment: Duration
    let key: Key
    static func < (lhs: Self, rhs: Self) -> Bool { lhs.moment < rhs.moment }
    static func == (lhs: Self, rhs: Self) -> Bool { lhs.moment == rhs.moment }
  }

  private var entries: [Key: Entry] = [:]
  private var line: Deque<Key> = []
  /// May hold deadlines that no longer count; an entry's own `deadline` decides.
  private var deadlines = Heap<Deadline>()
  private var waiting = 0
  private var bucket: TokenBucket
  private let policy: RetryPolicy
  private(set) var isShutDown = false

  init(policy: RetryPolicy) {
    self.policy = policy
    bucket = TokenBucket(rate: policy.rate, burst: policy.burst)
  }

  /// How many keys are in the line.
  var depth: Int { line.count }

  /// Puts a key in the line. False when that changed nothing.
  @discardableResult
  mutating func add(_ key: Key, now: Duration) -> Bool {
    guard !isShutDown else { return false }
    var entry = entries[key] ?? Entry()
    defer { entries[key] = entry }
    clearDeadline(&entry)
    if entry.isProcessing {
      defer { entry.addedAgain = true }
      return !entry.addedAgain
    }
    guard entry.readySince == nil else { return false }
    entry.readySince = now
    line.append(key)
    return true
  }

  /// Puts a key in the line at a moment, unless it is there earlier.
  mutating func add(_ key: Key, at moment: Duration, now: Duration) {
    guard moment > now else {
      add(key, now: now)
      return
    }
    guard !isShutDown else { return }
    var entry = entries[key] ?? Entry()
    defer { entries[key] = entry }
    guard entry.readySince == nil, !entry.addedAgain, entry.deadline.map({ moment < $0 }) ?? true else { return }
    if entry.deadline == nil { waiting += 1 }
    entry.deadline = moment
    deadlines.insert(Deadline(moment: moment, key: key))
    if deadlines.count > 2 * waiting + 64 { dropPastDeadlines(keeping: key, moment) }
  }

  /// Puts a key that failed in the line after a wait that grows with its failures. Gives the wait.
  mutating func retry(_ key: Key, now: Duration) -> Duration {
    guard !isShutDown else { return .zero }
    let failures = (entries[key]?.failures ?? 0) + 1
    entries[key, default: Entry()].failures = failures
    let wait = max(policy.wait(failures: failures), bucket.reserve(now: now))
    add(key, at: now + wait, now: now)
    return wait
  }

  /// Forgets the failures of a key.
  mutating func forget(_ key: Key) {
    entries[key]?.failures = 0
    dropIfIdle(key)
  }

  /// Gives a worker the first key in the line.
  mutating func take(now: Duration) -> Taken? {
    moveDueKeys(now)
    guard let key = line.popFirst(), var entry = entries[key], let since = entry.readySince else { return nil }
    entry.readySince = nil
    entry.isProcessing = true
    entries[key] = entry
    return Taken(key: key, waited: now - since)
  }

  /// Takes a key back from its worker.
  mutating func done(_ key: Key, now: Duration) {
    guard var entry = entries[key], entry.isProcessing else { return }
    entry.isProcessing = false
    let again = entry.addedAgain
    entry.addedAgain = false
    entries[key] = entry
    if again { add(key, now: now) }
    dropIfIdle(key)
  }

  /// The moment of the next key that waits.
  mutating func nextDeadline() -> Duration? {
    while let first = deadlines.min {
      if entries[first.key]?.deadline == first.moment { return first.moment }
      deadlines.removeMin()
    }
    return nil
  }

  /// Drops every key that no worker has, and takes no more.
  mutating func shutDown() {
    isShutDown = true
    line = []
    deadlines = Heap()
    waiting = 0
    entries = entries.filter(\.value.isProcessing)
    for key in entries.keys { entries[key]!.addedAgain = false }
  }

  private mutating func moveDueKeys(_ now: Duration) {
    while let moment = nextDeadline(), moment <= now {
      add(deadlines.removeMin().key, now: now)
    }
  }

  private mutating func clearDeadline(_ entry: inout Entry) {
    guard entry.deadline != nil else { return }
    entry.deadline = nil
    waiting -= 1
  }

  private mutating func dropPastDeadlines(keeping key: Key, _ moment: Duration) {
    deadlines = Heap(
      deadlines.unordered.filter { $0.key == key ? $0.moment == moment : entries[$0.key]?.deadline == $0.moment })
  }

  private mutating func dropIfIdle(_ key: Key) {
    if entries[key]?.isIdle == true { entries[key] = nil }
  }
}
