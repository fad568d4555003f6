import NetworkTypes

/// The addresses that were released and not handed out since, the longest released first.
struct RestingAddresses: Sendable {
  private struct Entry: Sendable {
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

  func contains(_ address: IPAddress) -> Bool { numbers[address] != nil }

  /// The addresses that must rest beyond `now`.
  func countResting(at now: Duration) -> Int { queue.count - firstIndex { $0.until > now } }

  /// Whether the longest resting address has rested enough.
  func hasRested(at now: Duration) -> Bool { head < queue.count && queue[head].until <= now }

  /// Adds an address that is not in here. A time before that of the last one counts as the same: a clock that was set back
  /// does not disturb the order.
  mutating func insert(_ address: IPAddress, until: Duration) {
    numbers[address] = nextNumber
    queue.append(Entry(address: address, until: max(until, queue.last?.until ?? until), number: nextNumber))
    nextNumber += 1
  }

  /// The longest resting address, rested enough or not.
  mutating func removeFirst() -> IPAddress? {
    guard head < queue.count else { return nil }
    let address = queue[head].address
    numbers[address] = nil
    head += 1
    if head > 64, head > queue.count / 2 {
      queue.removeFirst(head)
      head = 0
    }
    return address
  }

  /// Takes out one address, if it is here. The entries behind it move up: fast, but not O(log n).
  mutating func remove(_ address: IPAddress) {
    guard let number = numbers.removeValue(forKey: address) else { return }
    queue.remove(at: firstIndex { $0.number >= number })
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
