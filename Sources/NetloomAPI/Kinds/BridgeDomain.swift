public import KubernetesModel

/// One VLAN in one fabric and the ports that it must be open on. Made by Netloom only; the fabric's driver, here or
/// elsewhere, brings the switches to it and reports in the status.
public struct BridgeDomain: NetloomResource {
  public static let definition = ResourceDefinition.netloom(
    "BridgeDomain", plural: "bridgedomains", shortNames: ["bd"], scope: .cluster)

  public var metadata: ObjectMeta
  public var spec: Spec
  public var status: Status?

  /// A BridgeDomain, without status unless one is given.
  public init(metadata: ObjectMeta, spec: Spec, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  /// The VLAN and its ports.
  public struct Spec: Codable, Sendable, Hashable {
    /// Name of the Fabric.
    public var fabric: String
    /// The VLAN, 1 to 4094.
    public var vlan: Int
    /// Every port that carries the VLAN, tagged. Empty: the VLAN is open nowhere.
    public var ports: [Fabric.PortReference]

    /// The VLAN on the given ports of the fabric.
    public init(fabric: String, vlan: Int, ports: [Fabric.PortReference]) {
      self.fabric = fabric
      self.vlan = vlan
      self.ports = ports
    }
  }

  /// What the driver has programmed.
  public struct Status: NetloomStatus {
    public var phase: Phase?
    public var observedGeneration: Int64?
    public var conditions: [Condition]?
    /// How many ports should carry the VLAN.
    public var portCount: Int?
    /// How many of them do.
    public var portsProgrammed: Int?
    /// The ports one by one.
    public var ports: [PortStatus]?

    public init() {}
  }

  /// What is known of one port.
  public struct PortStatus: Codable, Sendable, Hashable {
    /// Name of the switch.
    public var `switch`: String
    /// Name of the port on the switch.
    public var port: String
    /// Whether the port is as wanted.
    public var state: ProgrammingState
    /// What is missing or went wrong.
    public var message: String?

    /// The state of one port.
    public init(switch: String, port: String, state: ProgrammingState, message: String? = nil) {
      self.`switch` = `switch`
      self.port = port
      self.state = state
      self.message = message
    }
  }
}

/// How far something wanted has come on its target.
public enum ProgrammingState: String, Codable, Sendable, Hashable, CaseIterable {
  /// The target holds it.
  case programmed
  /// Not yet.
  case pending
  /// The target refused it, or lacks what it needs.
  case error
}
