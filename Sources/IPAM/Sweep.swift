import NetworkTypes

/// One pass over the addresses of a set in ascending order, beginning anywhere and ending where it began.
struct Sweep: Sendable {
  private let set: AddressSet
  private let start: IPAddress?
  private var next: IPAddress?
  private var isSecondHalf = false

  /// Begins behind `address`, or at the lowest address.
  init(over set: AddressSet, after address: IPAddress?) {
    self.set = set
    start = address?.successor ?? set.first
    next = start
  }

  /// The next address; nil when the pass is over.
  mutating func advance() -> IPAddress? {
    if let next, let address = set.first(atOrAfter: next), !isSecondHalf || address < (start ?? next) {
      self.next = address.successor
      return address
    }
    guard !isSecondHalf, let first = set.first else { return nil }
    isSecondHalf = true
    next = first
    return advance()
  }
}
