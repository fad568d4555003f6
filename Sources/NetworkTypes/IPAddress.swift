/// The two versions of the Internet Protocol.
public enum IPFamily: Int, Hashable, Sendable, Comparable, CaseIterable, CustomStringConvertible {
  case v4 = 4
  case v6 = 6

  /// The length of an address in bits: 32 or 128.
  public var bits: Int { self == .v4 ? 32 : 128 }

  /// The highest address as a number.
  public var highest: UInt128 { self == .v4 ? UInt128(UInt32.max) : .max }

  /// "IPv4" or "IPv6".
  public var description: String { "IPv\(rawValue)" }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// An IPv4 or IPv6 address. All IPv4 addresses order before all IPv6 addresses.
public enum IPAddress: TextualValue, Comparable {
  case v4(IPv4Address)
  case v6(IPv6Address)

  /// The address with this number; nil when the number is beyond the family's last address.
  public init?(family: IPFamily, value: UInt128) {
    guard value <= family.highest else { return nil }
    self.init(unchecked: family, value)
  }

  /// The address of these 4 or 16 bytes in network order; nil for any other number of bytes.
  public init?(bytes: some Collection<UInt8>) {
    let value = bytes.prefix(16).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    switch bytes.count {
    case 4: self.init(unchecked: .v4, value)
    case 16: self.init(unchecked: .v6, value)
    default: return nil
    }
  }

  init(unchecked family: IPFamily, _ value: UInt128) {
    switch family {
    case .v4: self = .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: value)))
    case .v6: self = .v6(IPv6Address(rawValue: value))
    }
  }

  /// Reads an address of either family, as `IPv4Address` and `IPv6Address` do.
  public init(parsing text: String) throws(NetworkTypeError) {
    if text.contains(":") {
      self = .v6(try IPv6Address(parsing: text))
    } else if text.contains(".") {
      self = .v4(try IPv4Address(parsing: text))
    } else {
      throw NetworkTypeError(
        kind: "an IP address", text: text, reason: text.isEmpty ? "it is empty" : "it has neither dots nor colons",
        remedy: "write an address such as 10.0.0.1 or 2001:db8::1")
    }
  }

  /// The version of the protocol.
  public var family: IPFamily {
    switch self {
    case .v4: .v4
    case .v6: .v6
    }
  }

  /// The address as a number; with `family` it says everything about the address.
  public var value: UInt128 {
    switch self {
    case .v4(let address): UInt128(address.rawValue)
    case .v6(let address): address.rawValue
    }
  }

  /// The 4 or 16 bytes in network order.
  public var bytes: [UInt8] {
    stride(from: family.bits - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// The canonical text (RFC 5952 for IPv6).
  public var description: String {
    switch self {
    case .v4(let address): address.description
    case .v6(let address): address.description
    }
  }

  /// The address `distance` further (or back); nil when that is outside the family's space.
  public func advanced(by distance: Int) -> IPAddress? {
    let (sum, overflow) =
      distance >= 0
      ? value.addingReportingOverflow(UInt128(distance))
      : value.subtractingReportingOverflow(UInt128(distance.magnitude))
    return overflow ? nil : IPAddress(family: family, value: sum)
  }

  /// The next address; nil at the end of the family's space.
  public var successor: IPAddress? { advanced(by: 1) }

  /// The previous address; nil at the start of the family's space.
  public var predecessor: IPAddress? { advanced(by: -1) }
}
