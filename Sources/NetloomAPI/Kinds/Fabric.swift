public import KubernetesModel

/// One managed fabric: its switches, and what is plugged in where. Made once by the platform admin.
public struct Fabric: NetloomResource {
  public static let definition = ResourceDefinition.netloom("Fabric", plural: "fabrics", scope: .cluster)

  public var metadata: ObjectMeta
  public var spec: Spec
  public var status: Status?

  /// A Fabric as written by its author, without status unless one is given.
  public init(metadata: ObjectMeta, spec: Spec, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  public var callbackURL: String? { spec.callbackURL }

  /// The fabric as the platform admin built it.
  public struct Spec: Codable, Sendable, Hashable {
    /// A note for people.
    public var description: String?
    /// Who programs the switches: `ovs`, or the name of a driver that lives elsewhere.
    public var driver: String
    /// The switches.
    public var switches: [Switch]
    /// Node side: which interface of which node is plugged into which port.
    public var links: [Link]?
    /// Between the switches: these ports carry every VLAN that both sides need.
    public var interSwitchLinks: [InterSwitchLink]?
    /// DC gateway side.
    public var uplinks: [Uplink]?
    /// Where every change of the state is POSTed.
    public var callbackURL: String?

    /// A fabric of the given switches; everything else is optional.
    public init(
      driver: String = "ovs", switches: [Switch], links: [Link]? = nil, interSwitchLinks: [InterSwitchLink]? = nil,
      uplinks: [Uplink]? = nil, description: String? = nil, callbackURL: String? = nil
    ) {
      self.driver = driver
      self.switches = switches
      self.links = links
      self.interSwitchLinks = interSwitchLinks
      self.uplinks = uplinks
      self.description = description
      self.callbackURL = callbackURL
    }
  }

  /// One switch and how to reach it.
  public struct Switch: Codable, Sendable, Hashable {
    /// Its name in this fabric.
    public var name: String
    /// `tcp:HOST:PORT`, `ssl:HOST:PORT` or `unix:/PATH`.
    public var endpoint: String
    /// How to authenticate; absent: nothing to show.
    public var credentials: Credentials?

    /// A switch under the given name.
    public init(name: String, endpoint: String, credentials: Credentials? = nil) {
      self.name = name
      self.endpoint = endpoint
      self.credentials = credentials
    }
  }

  /// The Secret with `tls.crt`, `tls.key` and `ca.crt`.
  public struct Credentials: Codable, Sendable, Hashable {
    /// Name of the Secret.
    public var secretName: String
    /// Namespace of the Secret.
    public var secretNamespace: String

    /// A reference to a Secret.
    public init(secretName: String, secretNamespace: String) {
      self.secretName = secretName
      self.secretNamespace = secretNamespace
    }
  }

  /// A cable between a node and a switch.
  public struct Link: Codable, Sendable, Hashable {
    /// Name of the Node object.
    public var node: String
    /// The node's interface: what a ConnectionPoint calls its `uplink`.
    public var interface: String
    /// Name of the switch in ``Spec/switches``.
    public var `switch`: String
    /// Name of the port on the switch.
    public var port: String

    /// A cable from a node's interface to a switch's port.
    public init(node: String, interface: String, switch: String, port: String) {
      self.node = node
      self.interface = interface
      self.`switch` = `switch`
      self.port = port
    }
  }

  /// One port of one switch.
  public struct PortReference: Codable, Sendable, Hashable, Comparable {
    /// Name of the switch.
    public var `switch`: String
    /// Name of the port on the switch.
    public var port: String

    /// A port of a switch.
    public init(switch: String, port: String) {
      self.`switch` = `switch`
      self.port = port
    }

    /// By switch, then by port.
    public static func < (left: PortReference, right: PortReference) -> Bool {
      (left.switch, left.port) < (right.switch, right.port)
    }
  }

  /// A cable between two switches.
  public struct InterSwitchLink: Codable, Sendable, Hashable {
    /// One end.
    public var a: PortReference
    /// The other end.
    public var b: PortReference

    /// A cable with two ends.
    public init(a: PortReference, b: PortReference) {
      self.a = a
      self.b = b
    }
  }

  /// A cable between a DC gateway and a switch.
  public struct Uplink: Codable, Sendable, Hashable {
    /// Name of the gateway.
    public var gateway: String
    /// The physical network that L2Services name to meet the gateway here.
    public var physicalNetwork: String
    /// Name of the switch in ``Spec/switches``.
    public var `switch`: String
    /// Name of the port on the switch.
    public var port: String

    /// A cable from a gateway to a switch's port.
    public init(gateway: String, physicalNetwork: String, switch: String, port: String) {
      self.gateway = gateway
      self.physicalNetwork = physicalNetwork
      self.`switch` = `switch`
      self.port = port
    }
  }

  /// What is known of the fabric.
  public struct Status: NetloomStatus {
    public var phase: Phase?
    public var observedGeneration: Int64?
    public var conditions: [Condition]?
    /// How many switches the fabric has.
    public var switchCount: Int?
    /// How many of them answer.
    public var switchesConnected: Int?
    /// The switches one by one.
    public var switches: [SwitchStatus]?
    /// How many VLANs are carried here.
    public var vlanCount: Int?

    public init() {}
  }

  /// What is known of one switch.
  public struct SwitchStatus: Codable, Sendable, Hashable {
    /// Name of the switch.
    public var name: String
    /// Whether its management endpoint answers.
    public var connected: Bool
    /// Why not, or what is wrong with it.
    public var message: String?

    /// The state of the switch of that name.
    public init(name: String, connected: Bool, message: String? = nil) {
      self.name = name
      self.connected = connected
      self.message = message
    }
  }
}
