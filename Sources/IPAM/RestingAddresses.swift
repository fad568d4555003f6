import NetworkTypes

/// Addresses in the order in which they were put in, each until a time.
struct RestingAddresses: Sendable {
  /// An address and its place in the order.
  struct Entry: Sendable {
    let address: IPAddress
    let until: Duration
    let number: Int
  }

  /// By number; times never decrease. What lies before `head` is spent.
  private var queue: [Entry] = []
  private var head = 0
  private var numbers: [IPAddress: Int] = [:]
  private var nextNumber = 0

  var count: Int { numbers.count }

  /// All of them, the first put in first.
  var addresses: some Sequence<IPAddress> { queue[head...].lazy.map(\.address) }

  func contains(_ address: IPAddress) -> Bool { numbers[address] != nil }

  /// The addresses that must rest beyond `now`.
  func countResting(at now: Duration) -> Int { queue.count - firstIndex { $0.until > now } }

  /// Whether the longest resting address has rested enough.
  func hasRested(at now: Duration) -> Bool { head < queue.count && queue[head].until <= now }

  /// Whether an address, if it is here, has rested enough.
  func hasRested(_ address: IPAddress, at now: Duration) -> Bool {
    guard let number = numbers[address] else { return true }
    return queue[firstIndex { $0.number >= number }].until <= now
  }

  /// When the next address will have rested enough; nil when all have.
  func nextRested(after now: Duration) -> Duration? {
    let index = firstIndex { $0.until > now }
    return index < queue.count ? queue[index].until : nil
  }

  /// Adds an address that is not in here. A time before that of the last one counts as the same: a clock that was set back
  /// does not disturb the order.
  mutating func insert(_ address: IPAddress, until: Duration) {
    numbers[address] = nextNumber
    queue.append(Entry(address: address, until: max(until, queue.last?.until ?? until), number: nextNumber))
    nextNumber += 1
  }

  /// Puts an entry back where it was.
  mutating func reinsert(_ entry: Entry) {
    numbers[entry.address] = entry.number
    queue.insert(entry, at: firstIndex { $0.number > entry.number })
  }

  /// Takes out the longest resting address, rested enough or not.
  mutating func removeFirst() -> Entry? {
    guard head < queue.count else { return nil }
    let entry = queue[head]
    numbers[entry.address] = nil
    head += 1
    if head > 64, head > queue.count / 2 {
      queue.removeFirst(head)
      head = 0
    }
    return entry
  }

  /// Takes out one address, if it is here. The entries behind it move up: fast, but not O(log n).
  @discardableResult
  mutating func remove(_ address: IPAddress) -> Entry? {
    numbers.removeValue(forKey: address).map { number in queue.remove(at: firstIndex { $0.number >= number }) }
  }

  /// Takes out all but these addresses.
  mutating func formIntersection(_ set: AddressSet) {
    queue = queue[head...].filter { set.contains($0.address) }
    head = 0
    numbers = numbers.filter { set.contains($0.key) }
  }

  private func firstIndex(where reached: (Entry) -> Bool) -> Int {
    var low = head
    var high = queue.count
    while low < high {
      let middle = (low + high) / 2
      if reached(queue[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
