import NetworkTypes

/// An address as the multi-network standard writes it in `ips`: with or without the prefix length of its network.
public struct AddressWithOptionalPrefix: TextualValue {
  public var address: IPAddress
  /// Nil when none was given.
  public var prefixLength: Int?

  public init(_ address: IPAddress) {
    self.address = address
  }

  public init(_ address: InterfaceAddress) {
    self.address = address.address
    prefixLength = address.prefixLength
  }

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
