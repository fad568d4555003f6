import NetworkTypes

/// The first two octets of the MAC addresses that are made for pods.
public struct MACPrefix: Hashable, Sendable, CustomStringConvertible {
  /// 02:4e: locally administered.
  public static let standard = MACPrefix(unchecked: 0x024e)
  /// 02:4f, for the ports of routers: no pod has one of those unless an author asks for it.
  public static let routers = MACPrefix(unchecked: 0x024f)

  /// Both octets, the first in the high byte.
  public let rawValue: UInt16

  /// An error unless the prefix is that of locally administered unicast addresses (the first octet ends in binary 10).
  public init(_ first: UInt8, _ second: UInt8) throws(NetworkTypeError) {
    self.init(unchecked: UInt16(first) << 8 | UInt16(second))
    guard first & 0b11 == 0b10 else {
      throw NetworkTypeError(
        kind: "a MAC address prefix for pods", text: description,
        reason: first & 1 == 1 ? "it is that of group addresses" : "it belongs to a manufacturer",
        remedy: "use a locally administered one, such as \(MACPrefix.standard)")
    }
  }

  /// Reads "02:4e"; an error says what is wrong with it.
  public init(parsing text: String) throws(NetworkTypeError) {
    let octets = text.split(separator: ":", omittingEmptySubsequences: false).compactMap { part in
      part.utf8.count == 2 && part.allSatisfy(\.isHexDigit) ? UInt8(part, radix: 16) : nil
    }
    guard octets.count == 2, text.utf8.count == 5 else {
      throw NetworkTypeError(
        kind: "a MAC address prefix for pods", text: text, reason: "it is not two octets in hexadecimal digits",
        remedy: "write one such as \(MACPrefix.standard)")
    }
    try self.init(octets[0], octets[1])
  }

  private init(unchecked rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// "02:4e".
  public var description: String {
    String(MACAddress(rawValue: UInt64(rawValue) << 32)?.description.prefix(5) ?? "")
  }
}

extension MACAddress {
  /// The MAC address that goes with an IP address: always the same, so that neighbours' caches stay right when the
  /// address moves to another pod. Different for all IPv4 addresses, and for all IPv6 addresses of one /96.
  public init(for address: IPAddress, prefix: MACPrefix = .standard) {
    let low: UInt32 =
      switch address {
      case .v4(let address): address.rawValue
      case .v6(let v6): UInt32(truncatingIfNeeded: v6.rawValue) ^ Self.hash(address.bytes.prefix(12))
      }
    self.init(prefix, low)
  }

  /// The MAC address of an owner without an IP address: a hash of 32 bits of its name.
  public init(hashing name: String, prefix: MACPrefix = .standard) {
    self.init(prefix, Self.hash(name.utf8))
  }

  private init(_ prefix: MACPrefix, _ low: UInt32) {
    let octets =
      [UInt8(prefix.rawValue >> 8), UInt8(prefix.rawValue & 0xff)]
      + stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: low >> $0) }
    self.init(bytes: octets)!
  }

  /// FNV-1a of 64 bits, then the finalizer of MurmurHash3, as FNV alone spreads similar names badly. Stable across
  /// processes and machines, which Swift's own hashing is not.
  private static func hash(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var hash = bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
    hash = (hash ^ hash >> 33) &* 0xc4ce_b9fe_1a85_ec53
    return UInt32(truncatingIfNeeded: hash ^ hash >> 33)
  }
}
