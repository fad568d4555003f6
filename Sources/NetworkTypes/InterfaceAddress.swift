/// An address as an interface carries it: with the prefix length of its network, "10.0.0.5/24".
public struct InterfaceAddress: TextualValue, Comparable {
  /// The interface's own address.
  public let address: IPAddress
  /// 0...32 for IPv4, 0...128 for IPv6.
  public let prefixLength: Int

  /// An error when the length does not fit the address' family.
  public init(address: IPAddress, prefixLength: Int) throws(NetworkTypeError) {
    _ = try CIDR(containing: address, prefixLength: prefixLength)
    self.address = address
    self.prefixLength = prefixLength
  }

  /// Reads "address/length"; the length is required.
  public init(parsing text: String) throws(NetworkTypeError) {
    (address, prefixLength) = try AddressAndLength.parse(
      text, kind: "an interface address",
      remedy: "write an address and its prefix length, such as 10.0.0.5/24 or 2001:db8::5/64")
  }

  /// The family of the address.
  public var family: IPFamily { address.family }

  /// The network that the address is in.
  public var cidr: CIDR { CIDR(uncheckedContaining: address, prefixLength: prefixLength) }

  /// "10.0.0.5/24".
  public var description: String { "\(address)/\(prefixLength)" }

  public static func < (left: Self, right: Self) -> Bool {
    (left.address, left.prefixLength) < (right.address, right.prefixLength)
  }
}
