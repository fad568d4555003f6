import NetworkTypes

/// An address as the multi-network standard writes it in `ips`: with or without the prefix length of its network.
public struct AddressWithOptionalPrefix: TextualValue {
  /// The address itself.
  public var address: IPAddress
  /// Nil when none was given.
  public var prefixLength: Int?

  /// An address without prefix length.
  public init(_ address: IPAddress) {
    self.address = address
  }

  /// An address with its prefix length.
  public init(_ address: InterfaceAddress) {
    self.address = address.address
    prefixLength = address.prefixLength
  }

  /// Reads "10.0.0.5/24" or "10.0.0.5", of either family.
  public init(parsing text: String) throws(NetworkTypeError) {
    if text.contains("/") {
      self.init(try InterfaceAddress(parsing: text))
    } else {
      self.init(try IPAddress(parsing: text))
    }
  }

  /// "10.0.0.5/24" or "10.0.0.5".
  public var description: String { prefixLength.map { "\(address)/\($0)" } ?? "\(address)" }
}
