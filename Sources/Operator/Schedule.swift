/// Which work is done now, which waits, and when what failed is tried again. Pure.
///
/// Of each piece only one is done at a time; what is asked for meanwhile is done once afterwards. What waits is only a
/// name: what really has to be done is looked up when its turn comes, so that work which was overtaken is not done.
struct Schedule: Sendable {
  private let limit: Int
  private var running: Set<Work> = []
  private var again: Set<Work> = []
  private var waiting: Set<Work> = []
  private var urgent = Line()
  private var others = Line()
  private var failures: [Work: Int] = [:]

  /// - Parameter limit: how many pieces are done at once.
  init(limit: Int) { self.limit = limit }

  /// Whether nothing is being done and nothing waits.
  var isIdle: Bool { running.isEmpty && waiting.isEmpty }

  /// Whether something urgent is being done or waits.
  var isUrgent: Bool { !urgent.isEmpty || running.contains(where: \.isUrgent) }

  /// Work is to be done.
  mutating func submit(_ work: Work) {
    if running.contains(work) {
      again.insert(work)
    } else if waiting.insert(work).inserted {
      if work.isUrgent { urgent.append(work) } else { others.append(work) }
    }
  }

  /// The next piece, if one may begin now.
  ///
  /// - Parameters:
  ///   - onlyUrgent: whether everything else still waits.
  ///   - details: what there is to do about it by now; nil: nothing.
  mutating func begin<Details>(onlyUrgent: Bool = false, _ details: (Work) -> Details?) -> (Work, Details)? {
    while running.count < limit {
      guard let work = urgent.next() ?? (onlyUrgent ? nil : others.next()) else { return nil }
      waiting.remove(work)
      guard let details = details(work) else { continue }
      running.insert(work)
      return (work, details)
    }
    return nil
  }

  /// A piece was done.
  mutating func finished(_ work: Work) {
    running.remove(work)
    failures[work] = nil
    if again.remove(work) != nil { submit(work) }
  }

  /// A piece was not done.
  ///
  /// - Returns: after how long it is to be submitted again: 50 ms, 100 ms, ... up to 30 s, less up to a half.
  mutating func failed(_ work: Work, random: Double) -> Duration {
    running.remove(work)
    again.remove(work)
    let count = failures[work, default: 0]
    failures[work] = count + 1
    return .milliseconds(Int(Double(min(30_000, 50 << min(count, 10))) * (1 - random / 2)))
  }
}

/// First come, first served.
private struct Line: Sendable {
  private var works: [Work] = []
  private var head = 0

  var isEmpty: Bool { head == works.count }

  mutating func append(_ work: Work) { works.append(work) }

  mutating func next() -> Work? {
    guard head < works.count else { return nil }
    defer {
      head += 1
      if head > 64, head > works.count / 2 {
        works.removeFirst(head)
        head = 0
      }
    }
    return works[head]
  }
}
