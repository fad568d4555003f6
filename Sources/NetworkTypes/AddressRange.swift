/// The addresses from `first` to `last`, both included, of one family. Never empty.
public struct AddressRange: TextualValue, Comparable {
  /// The lowest address.
  public let first: IPAddress
  /// The highest address, part of the range.
  public let last: IPAddress

  /// An error when the families differ or `last` lies before `first`.
  public init(first: IPAddress, last: IPAddress) throws(NetworkTypeError) {
    let parsed = ParsedText(kind: "an address range", text: "\(first)-\(last)", remedy: "")
    guard first.family == last.family else {
      throw parsed.error("it begins with \(first.family) and ends with \(last.family)", "use one family")
    }
    guard first <= last else { throw parsed.error("its end lies before its start", "write \(last)-\(first)") }
    self.init(unchecked: first, last)
  }

  /// The range of one address.
  public init(_ address: IPAddress) {
    self.init(unchecked: address, address)
  }

  init(unchecked first: IPAddress, _ last: IPAddress) {
    self.first = first
    self.last = last
  }

  /// Reads "first-last", or a single address.
  public init(parsing text: String) throws(NetworkTypeError) {
    let parsed = ParsedText(
      kind: "an address range", text: text, remedy: "write its first and last address, such as 10.0.0.10-10.0.0.20")
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { throw parsed.error("it has more than one \"-\"") }
    func address(_ part: Substring) throws(NetworkTypeError) -> IPAddress {
      do { return try IPAddress(parsing: String(part)) } catch {
        throw parsed.error("in \"\(part)\", \(error.reason)", error.remedy)
      }
    }
    try self.init(first: address(parts[0]), last: address(parts[parts.count - 1]))
  }

  /// The family of all its addresses.
  public var family: IPFamily { first.family }

  /// The number of addresses; UInt128.max for the whole IPv6 space, which has one more.
  public var count: UInt128 {
    let (count, overflow) = (last.value - first.value).addingReportingOverflow(1)
    return overflow ? .max : count
  }

  /// Whether the address lies in the range; never for another family.
  public func contains(_ address: IPAddress) -> Bool { first <= address && address <= last }

  /// Whether any address is in both.
  public func overlaps(_ other: AddressRange) -> Bool { first <= other.last && other.first <= last }

  /// The addresses in both; nil when there is none.
  public func intersection(_ other: AddressRange) -> AddressRange? {
    guard overlaps(other) else { return nil }
    return AddressRange(unchecked: max(first, other.first), min(last, other.last))
  }

  /// Every address, ascending.
  public var addresses: some Sequence<IPAddress> {
    sequence(first: first) { [last] in $0 == last ? nil : $0.successor }
  }

  /// "10.0.0.10-10.0.0.20"; a single address as itself.
  public var description: String { first == last ? "\(first)" : "\(first)-\(last)" }

  public static func < (left: Self, right: Self) -> Bool { (left.first, left.last) < (right.first, right.last) }
}

extension AddressRange {
  /// The fewest prefixes that hold exactly these addresses, ascending.
  public var prefixes: [CIDR] {
    var prefixes: [CIDR] = []
    var next: IPAddress? = first
    while let start = next, start <= last {
      let hostBits = (0...family.bits).last { bits in
        let prefix = CIDR(uncheckedContaining: start, prefixLength: family.bits - bits)
        return prefix.first == start && prefix.last <= last
      }
      let prefix = CIDR(uncheckedContaining: start, prefixLength: family.bits - (hostBits ?? 0))
      prefixes.append(prefix)
      next = prefix.last.successor
    }
    return prefixes
  }
}
