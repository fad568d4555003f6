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
