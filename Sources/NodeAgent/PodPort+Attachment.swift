import CNI
import NetworkTypes
import OpenVSwitchEngine

extension PodPort {
  /// The port for an interface: what its configuration says, and who the pod is, as far as that was decided before.
  ///
  /// In VLANs that the pod tags itself it numbers itself too: there its Ethernet address alone is held to.
  init(
    name: String, _ configuration: AttachmentConfiguration, _ interface: PodInterface, logicalPort: LogicalPort? = nil,
    externalIDs: [String: String]
  ) {
    var security: PortSecurity?
    if configuration.portSecurity, let address = interface.macAddress {
      let isAccess = if case .access = configuration.vlans { true } else { false }
      security = PortSecurity(
        macAddress: address, addresses: isAccess ? Set(interface.addresses.map(\.address)) : [])
    }
    self.init(
      name: name, bridge: configuration.bridge, vlans: configuration.vlans, rate: configuration.rate,
      security: security, logicalPort: logicalPort, externalIDs: externalIDs)
  }
}
