/// Which computations read which facts, so that a changed fact names the computations to repeat and no others.
///
/// There are several edges for every object of the world: they are kept as lists of small numbers.
struct DependencyGraph<Computation: Hashable & Sendable, Fact: Hashable & Sendable>: Sendable {
  private var computations = Numbering<Computation>()
  private var facts = Numbering<Fact>()
  /// The numbers of the facts by that of the computation that read them, sorted.
  private var reads: [[UInt32]] = []
  /// The numbers of the computations by that of the fact that they read, sorted.
  private var readers: [[UInt32]] = []

  /// Notes what a computation read when it last ran; an empty set forgets the computation.
  mutating func record(_ computation: Computation, reads new: Set<Fact>) {
    if new.isEmpty, computations.number(of: computation) == nil { return }
    let reader = computations.assign(computation)
    if reader == reads.count { reads.append([]) }
    let before = reads[Int(reader)]
    var after: [UInt32] = []
    after.reserveCapacity(new.count)
    for fact in new {
      let number = facts.assign(fact)
      if number == readers.count { readers.append([]) }
      readers[Int(number)].insertSorted(reader)
      after.append(number)
    }
    after.sort()
    for number in before where !after.containsSorted(number) {
      readers[Int(number)].removeSorted(reader)
      if readers[Int(number)].isEmpty { facts.release(number) }
    }
    reads[Int(reader)] = after
    if after.isEmpty { computations.release(reader) }
  }

  /// The computations that read a fact when they last ran.
  func readers(of fact: Fact) -> [Computation] {
    guard let number = facts.number(of: fact) else { return [] }
    return readers[Int(number)].compactMap { computations[$0] }
  }
}

/// Small numbers for values; those of values that were released are given again.
private struct Numbering<Value: Hashable & Sendable>: Sendable {
  private var numbers: [Value: UInt32] = [:]
  private var values: [Value?] = []
  private var free: [UInt32] = []

  func number(of value: Value) -> UInt32? { numbers[value] }

  subscript(number: UInt32) -> Value? { values[Int(number)] }

  /// The number of a value; the next one after all others when none is free.
  mutating func assign(_ value: Value) -> UInt32 {
    if let number = numbers[value] { return number }
    let number = free.popLast() ?? UInt32(values.count)
    if number == values.count { values.append(value) } else { values[Int(number)] = value }
    numbers[value] = number
    return number
  }

  mutating func release(_ number: UInt32) {
    guard let value = values[Int(number)] else { return }
    numbers[value] = nil
    values[Int(number)] = nil
    free.append(number)
  }
}

extension [UInt32] {
  /// Where a number stands in a sorted list, or belongs.
  private func position(of number: UInt32) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  fileprivate func containsSorted(_ number: UInt32) -> Bool {
    let position = position(of: number)
    return position < count && self[position] == number
  }

  fileprivate mutating func insertSorted(_ number: UInt32) {
    let position = position(of: number)
    if position == count || self[position] != number { insert(number, at: position) }
  }

  fileprivate mutating func removeSorted(_ number: UInt32) {
    let position = position(of: number)
    if position < count, self[position] == number { remove(at: position) }
  }
}
