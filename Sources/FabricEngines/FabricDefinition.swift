import NetworkTypes

/// One managed fabric, as a driver has to know it: its switches, and the ports that are ours to program.
public struct FabricDefinition: Sendable, Hashable {
  /// The fabric's name, used in messages and in the mark on what is programmed.
  public var name: String
  /// The switches by name.
  public var switches: [String: FabricSwitch]
  /// The ports named in links, uplinks and inter-switch links: these are programmed, and no others.
  public var ports: Set<SwitchPort>

  /// Describes a fabric.
  public init(name: String, switches: [String: FabricSwitch] = [:], ports: Set<SwitchPort> = []) {
    self.name = name
    self.switches = switches
    self.ports = ports
  }
}

/// How to reach a switch.
public struct FabricSwitch: Sendable, Hashable {
  /// In the driver's notation; for driver `ovs`: "tcp:127.0.0.1:6641", "ssl:leaf1:6640", "unix:/path".
  public var endpoint: String
  /// What to show and trust; nil where the endpoint needs none.
  public var credentials: FabricCredentials?

  /// Describes a switch.
  public init(endpoint: String, credentials: FabricCredentials? = nil) {
    self.endpoint = endpoint
    self.credentials = credentials
  }
}

/// What a driver shows to a switch and trusts, in PEM.
public struct FabricCredentials: Sendable, Hashable {
  /// The driver's certificate, followed by intermediate ones.
  public var certificateChain: String
  /// Its private key.
  public var privateKey: String
  /// The authorities that the switch's certificate must come from.
  public var trustRoots: String

  /// Puts credentials together.
  public init(certificateChain: String, privateKey: String, trustRoots: String) {
    self.certificateChain = certificateChain
    self.privateKey = privateKey
    self.trustRoots = trustRoots
  }
}

/// A port, by the names of the switch and of the port on it; both are matched exactly.
public struct SwitchPort: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The switch.
  public let `switch`: String
  /// The port on it.
  public let port: String

  /// Names a port.
  public init(switch: String, port: String) {
    self.switch = `switch`
    self.port = port
  }

  /// "leaf1/swp1".
  public var description: String { "\(`switch`)/\(port)" }

  public static func < (left: Self, right: Self) -> Bool { (left.switch, left.port) < (right.switch, right.port) }
}

/// The VLANs wanted, by switch and port.
public typealias FabricVLANs = [String: [String: Set<VLANID>]]
