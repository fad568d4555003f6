import NetworkTypes

/// What one Open vSwitch is wanted to hold: bridges with their ports, by name.
public struct DesiredSwitch: Sendable, Hashable {
  /// The bridges by name. A bridge that exists already and is somebody else's is used as it is: ports are added to it,
  /// nothing else of it is changed.
  public var bridges: [String: DesiredBridge]

  /// What makes the switch a chassis of OVN; nil: nothing about that is changed.
  public var chassis: DesiredChassis?
  /// What is copied on OVN's bridge, by name.
  public var mirrors: [String: DesiredMirror] = [:]

  /// Describes a switch.
  public init(bridges: [String: DesiredBridge] = [:], chassis: DesiredChassis? = nil) {
    self.bridges = bridges
    self.chassis = chassis
  }
}

/// What a bridge is wanted to hold.
public struct DesiredBridge: Sendable, Hashable {
  /// The datapath, when the bridge has to be made.
  public var datapath: Datapath
  /// What the bridge does without a controller; nil is Open vSwitch's default, an ordinary learning switch.
  public var failMode: FailMode?
  /// The node's interface that connects the bridge to the network, and the VLANs that may pass there.
  public var uplink: Uplink?
  /// The largest packet, in bytes, that has to pass the uplink; nil leaves its MTU alone.
  public var mtu: Int?
  /// Further ports by name. Ports of pods are not among them (see `OpenVSwitchEngine.addPodPort`).
  public var ports: [String: DesiredPort]

  /// Describes a bridge.
  public init(
    datapath: Datapath = .automatic, failMode: FailMode? = nil, uplink: Uplink? = nil,
    mtu: Int? = nil, ports: [String: DesiredPort] = [:]
  ) {
    self.datapath = datapath
    self.failMode = failMode
    self.uplink = uplink
    self.mtu = mtu
    self.ports = ports
  }

  /// Who forwards the bridge's packets.
  public enum Datapath: Sendable, Hashable {
    /// As the bridges that are there already; otherwise the kernel's where it has one, userspace where not.
    case automatic
    /// The kernel module openvswitch.
    case system
    /// ovs-vswitchd itself, in userspace.
    case netdev
  }

  /// What a bridge does without a controller.
  public enum FailMode: String, Sendable, Hashable {
    case standalone, secure
  }

  /// A bridge's way out of the node.
  public struct Uplink: Sendable, Hashable {
    /// The interface's name, "eth1". It becomes a port of the bridge; when it is a port of another bridge already, the
    /// two are joined by a pair of patch ports.
    public var interface: String
    /// The VLANs that pass, tagged; no others do.
    public var vlans: Set<VLANID>
    /// Whether frames without a tag pass.
    public var untagged: Bool

    /// Describes an uplink.
    public init(interface: String, vlans: Set<VLANID>, untagged: Bool = false) {
      self.interface = interface
      self.vlans = vlans
      self.untagged = untagged
    }
  }
}

/// What a port is wanted to be.
public struct DesiredPort: Sendable, Hashable {
  /// What is behind the port.
  public var interface: Interface
  /// The VLANs it carries.
  public var vlans: PortVLANs
  /// The MTU that Open vSwitch is asked to set; nil leaves the interface's alone.
  public var mtu: Int?
  /// Marks of the caller, written beside the engine's own.
  public var externalIDs: [String: String]
  /// How much may leave the switch there; nil: no limit of ours.
  var limit: PortRate.Limit?

  /// Describes a port.
  public init(
    _ interface: Interface = .system, vlans: PortVLANs, mtu: Int? = nil, externalIDs: [String: String] = [:]
  ) {
    self.interface = interface
    self.vlans = vlans
    self.mtu = mtu
    self.externalIDs = externalIDs
  }

  /// What is behind a port.
  public enum Interface: Sendable, Hashable {
    /// A network device of the node that has the port's name.
    case system
    /// A device that Open vSwitch makes.
    case `internal`
    /// The other half of a pair, by the peer's port name.
    case patch(peer: String)
    /// A tunnel of a type of Open vSwitch, "geneve", with its options.
    case tunnel(type: String, options: [String: String])

    var type: String {
      switch self {
      case .system: ""
      case .internal: "internal"
      case .patch: "patch"
      case .tunnel(let type, _): type
      }
    }

    var options: [String: String] {
      switch self {
      case .system, .internal: [:]
      case .patch(let peer): ["peer": peer]
      case .tunnel(_, let options): options
      }
    }
  }
}
