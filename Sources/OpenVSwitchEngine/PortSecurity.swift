import NetworkTypes

/// Who a pod may say it is: packets from any other Ethernet source, with another sender in ARP or neighbour discovery,
/// or from another IP address are dropped where they enter the switch.
public struct PortSecurity: Sendable, Hashable {
  /// The pod's Ethernet address, the only one that it may send from.
  public var macAddress: MACAddress
  /// The pod's IP addresses, beside the link-local one of `macAddress`. Empty: any address, as for a trunk whose VLANs
  /// the pod numbers by itself; then the Ethernet address alone counts.
  public var addresses: Set<IPAddress>

  /// Describes who a pod is.
  public init(macAddress: MACAddress, addresses: Set<IPAddress> = []) {
    self.macAddress = macAddress
    self.addresses = addresses
  }
}

extension PortSecurity: LosslessStringConvertible {
  /// Reads a `description`.
  public init?(_ description: String) {
    let parts = description.split(separator: " ", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let macAddress = MACAddress(String(parts[0])) else { return nil }
    let texts = parts.count == 1 ? [] : parts[1].split(separator: ",", omittingEmptySubsequences: false)
    let addresses = texts.compactMap { IPAddress(String($0)) }
    guard addresses.count == texts.count else { return nil }
    self.init(macAddress: macAddress, addresses: Set(addresses))
  }

  /// "02:4e:00:00:00:01 10.0.0.5,fd00::5", or the first part alone.
  public var description: String {
    addresses.isEmpty
      ? "\(macAddress)" : "\(macAddress) " + addresses.sorted().map(\.description).joined(separator: ",")
  }
}
