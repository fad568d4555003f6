/// An address prefix, "10.0.0.0/24" (RFC 4632, RFC 4291 section 2.3). Its network address never has host bits set.
public struct CIDR: TextualValue, Comparable {
  /// The lowest address of the prefix.
  public let network: IPAddress
  /// 0...32 for IPv4, 0...128 for IPv6.
  public let prefixLength: Int

  /// The prefix with this network address; an error when the length does not fit the family or host bits are set.
  public init(network: IPAddress, prefixLength: Int) throws(NetworkTypeError) {
    let containing = try CIDR(containing: network, prefixLength: prefixLength)
    guard containing.network == network else {
      throw NetworkTypeError(
        kind: "a CIDR", text: "\(network)/\(prefixLength)", reason: "it has host bits set",
        remedy: "write \(containing)")
    }
    self = containing
  }

  /// The prefix of this length that the address lies in; an error when the length does not fit the family.
  public init(containing address: IPAddress, prefixLength: Int) throws(NetworkTypeError) {
    let family = address.family
    guard (0...family.bits).contains(prefixLength) else {
      throw NetworkTypeError(
        kind: "a CIDR", text: "\(address)/\(prefixLength)",
        reason: "the prefix length of an \(family) address cannot be \(prefixLength)", remedy: "use 0-\(family.bits)")
    }
    self.init(uncheckedContaining: address, prefixLength: prefixLength)
  }

  /// Every address of a family: 0.0.0.0/0 or ::/0.
  public static func all(_ family: IPFamily) -> CIDR {
    CIDR(uncheckedContaining: IPAddress(unchecked: family, 0), prefixLength: 0)
  }

  init(uncheckedContaining address: IPAddress, prefixLength: Int) {
    let hostBits = address.family.bits - prefixLength
    // UInt128's smart shift gives 0 for a shift by 128, as is needed for ::/0.
    self.network = IPAddress(unchecked: address.family, (address.value >> hostBits) << hostBits)
    self.prefixLength = prefixLength
  }

  /// Reads "address/length"; refuses host bits, naming the prefix that was probably meant.
  public init(parsing text: String) throws(NetworkTypeError) {
    let (address, length) = try AddressAndLength.parse(
      text, kind: "a CIDR", remedy: "write a network and its prefix length, such as 10.0.0.0/24 or 2001:db8::/64")
    try self.init(network: address, prefixLength: length)
  }

  /// The family of all its addresses.
  public var family: IPFamily { network.family }

  /// The number of bits that tell the prefix's addresses apart.
  public var hostBits: Int { family.bits - prefixLength }

  /// The lowest address: the network address.
  public var first: IPAddress { network }

  /// The highest address: for IPv4 normally the broadcast address.
  public var last: IPAddress {
    IPAddress(unchecked: family, network.value | (hostBits == 128 ? .max : (UInt128(1) << hostBits) - 1))
  }

  /// All addresses of the prefix.
  public var range: AddressRange { AddressRange(unchecked: first, last) }

  /// The addresses that a host may have: without network and broadcast address (IPv4 up to /30, RFC 1122), without the
  /// subnet-router anycast address (IPv6 up to /126, RFC 4291 section 2.6.1). On point-to-point prefixes (/31 RFC 3021,
  /// /127 RFC 6164) and on a single address it is everything.
  public var hostRange: AddressRange {
    guard hostBits > 1 else { return range }
    let lowest = IPAddress(unchecked: family, first.value + 1)
    return AddressRange(unchecked: lowest, family == .v4 ? IPAddress(unchecked: family, last.value - 1) : last)
  }

  /// The number of addresses; UInt128.max for ::/0, which has one more.
  public var count: UInt128 { range.count }

  /// Whether the address lies in the prefix; never for another family.
  public func contains(_ address: IPAddress) -> Bool { range.contains(address) }

  /// Whether every address of the other prefix is in this one.
  public func contains(_ other: CIDR) -> Bool { prefixLength <= other.prefixLength && contains(other.network) }

  /// Whether any address is in both; then one prefix contains the other.
  public func overlaps(_ other: CIDR) -> Bool { contains(other) || other.contains(self) }

  /// The canonical text: "10.0.0.0/24".
  public var description: String { "\(network)/\(prefixLength)" }

  /// By network address, then the larger network first.
  public static func < (left: Self, right: Self) -> Bool {
    (left.network, left.prefixLength) < (right.network, right.prefixLength)
  }
}

/// The common syntax of a CIDR and an interface address.
enum AddressAndLength {
  static func parse(
    _ text: String, kind: String, remedy: String
  ) throws(NetworkTypeError) -> (address: IPAddress, length: Int) {
    let parsed = ParsedText(kind: kind, text: text, remedy: remedy)
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw parsed.error(parts.count == 1 ? "it has no prefix length" : "it has more than one \"/\"")
    }
    let address: IPAddress
    do {
      address = try IPAddress(parsing: String(parts[0]))
    } catch {
      throw parsed.error("in its address, \(error.reason)", error.remedy)
    }
    return (address, try parsed.decimal(parts[1], "its prefix length", upTo: address.family.bits))
  }
}
