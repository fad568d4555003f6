import NetworkTypes

/// A port for one interface of a pod: the host's end of its veth pair, on a bridge.
public struct PodPort: Sendable, Hashable {
  /// The name of the device, which is also the port's. The device has to exist.
  public var name: String
  /// The bridge, which has to exist.
  public var bridge: String
  /// The VLANs that the pod gets.
  public var vlans: PortVLANs
  /// The MTU that Open vSwitch is asked to set; nil leaves the device's alone.
  public var mtu: Int?
  /// How much may pass; nil: as much as there is room for.
  public var rate: PortRate?
  /// Who the pod may say it is; nil: anybody.
  public var security: PortSecurity?
  /// The port of a logical switch that it is, on OVN's integration bridge; nil on any other bridge.
  public var logicalPort: LogicalPort?
  /// Marks of the caller: whose port it is.
  public var externalIDs: [String: String]

  /// Describes a port.
  public init(
    name: String, bridge: String, vlans: PortVLANs, mtu: Int? = nil, rate: PortRate? = nil,
    security: PortSecurity? = nil, logicalPort: LogicalPort? = nil, externalIDs: [String: String] = [:]
  ) {
    self.name = name
    self.bridge = bridge
    self.vlans = vlans
    self.mtu = mtu
    self.rate = rate
    self.security = security
    self.logicalPort = logicalPort
    self.externalIDs = externalIDs
  }

  var desired: DesiredPort {
    var port = DesiredPort(.system, vlans: vlans, mtu: mtu, externalIDs: externalIDs)
    port.limit = rate?.ingress
    return port
  }

  var policy: PortPolicy { PortPolicy(rate: rate, security: security) }
}
