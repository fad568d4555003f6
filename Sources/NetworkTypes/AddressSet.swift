/// A set of addresses, kept as the fewest ranges in ascending order (no two touch). Its cost depends on the number of
/// ranges, never on the number of addresses. Both families may be in one set; no range spans them.
public struct AddressSet: Hashable, Sendable {
  /// Disjoint, not adjacent, ascending.
  public private(set) var ranges: [AddressRange]

  /// The empty set.
  public init() {
    ranges = []
  }

  /// The union of the ranges, which may overlap and come in any order.
  public init(_ ranges: some Sequence<AddressRange>) {
    var merged: [AddressRange] = []
    for range in ranges.sorted() {
      if let previous = merged.last, Self.joins(previous, range) {
        merged[merged.count - 1] = AddressRange(unchecked: previous.first, max(previous.last, range.last))
      } else {
        merged.append(range)
      }
    }
    self.ranges = merged
  }

  /// The addresses of one range.
  public init(_ range: AddressRange) {
    ranges = [range]
  }

  /// The union of the prefixes.
  public init(_ prefixes: some Sequence<CIDR>) {
    self.init(prefixes.map(\.range))
  }

  /// These addresses.
  public init(_ addresses: some Sequence<IPAddress>) {
    self.init(addresses.map(AddressRange.init(_:)))
  }

  private init(normalised ranges: [AddressRange]) {
    self.ranges = ranges
  }

  /// Whether `range`, which does not begin before `previous`, overlaps or continues it.
  private static func joins(_ previous: AddressRange, _ range: AddressRange) -> Bool {
    guard let next = previous.last.successor else { return previous.family == range.family }
    return range.first <= next && previous.family == range.family
  }

  /// Every address, ascending.
  public var addresses: some Sequence<IPAddress> { ranges.lazy.flatMap(\.addresses) }

  /// Whether there is no address.
  public var isEmpty: Bool { ranges.isEmpty }

  /// The number of addresses; UInt128.max when there are as many or more (only the whole IPv6 space has).
  public var count: UInt128 {
    ranges.reduce(0) { sum, range in
      let (total, overflow) = sum.addingReportingOverflow(range.count)
      return overflow ? .max : total
    }
  }

  /// The lowest address; nil when the set is empty.
  public var first: IPAddress? { ranges.first?.first }

  /// The highest address; nil when the set is empty.
  public var last: IPAddress? { ranges.last?.last }

  /// O(log ranges).
  public func contains(_ address: IPAddress) -> Bool {
    let index = indexOfRange(endingAtOrAfter: address)
    return index < ranges.count && ranges[index].first <= address
  }

  /// The lowest address that is not below the given one; nil when there is none. O(log ranges).
  public func first(atOrAfter address: IPAddress) -> IPAddress? {
    let index = indexOfRange(endingAtOrAfter: address)
    return index < ranges.count ? max(ranges[index].first, address) : nil
  }

  private func indexOfRange(endingAtOrAfter address: IPAddress) -> Int {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].last < address { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

// MARK: - Algebra

extension AddressSet {
  /// The addresses of either set.
  public func union(_ other: AddressSet) -> AddressSet {
    AddressSet(ranges + other.ranges)
  }

  /// The addresses of both sets.
  public func intersection(_ other: AddressSet) -> AddressSet {
    var common: [AddressRange] = []
    var left = ranges[...]
    var right = other.ranges[...]
    while let a = left.first, let b = right.first {
      if let shared = a.intersection(b) { common.append(shared) }
      if a.last <= b.last { left.removeFirst() } else { right.removeFirst() }
    }
    return AddressSet(normalised: common)
  }

  /// The addresses of this set that are not in the other.
  public func subtracting(_ other: AddressSet) -> AddressSet {
    var rest: [AddressRange] = []
    var holes = other.ranges[...]
    for range in ranges {
      // The part of the range that no hole has been compared with yet; nil once nothing is left of it.
      var start: IPAddress? = range.first
      while let from = start, let hole = holes.first, hole.first <= range.last {
        if hole.last < from {
          holes.removeFirst()
          continue
        }
        if from < hole.first, let end = hole.first.predecessor { rest.append(AddressRange(unchecked: from, end)) }
        start = hole.last < range.last ? hole.last.successor : nil
      }
      if let start { rest.append(AddressRange(unchecked: start, range.last)) }
    }
    return AddressSet(normalised: rest)
  }

  /// The lowest address of this set that is not in the other; nil when there is none.
  public func first(notIn other: AddressSet) -> IPAddress? {
    subtracting(other).first
  }
}

extension AddressSet: CustomStringConvertible {
  /// The ranges, separated by commas: "10.0.0.10-10.0.0.20,10.0.0.30".
  public var description: String {
    ranges.map(\.description).joined(separator: ",")
  }
}
