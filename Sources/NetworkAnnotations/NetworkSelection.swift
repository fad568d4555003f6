import JSON
import NetworkTypes

/// One network that a pod asks for: one element of its `k8s.v1.cni.cncf.io/networks` annotation (NPWG multi-network
/// standard v1.3, section 4).
public struct NetworkSelection: Hashable, Sendable {
  /// The NetworkAttachmentDefinition, in the pod's namespace when the annotation names none.
  public var network: NetworkReference
  /// The name of the interface in the pod; nil for the name that goes with the position in the list.
  public var interface: String?
  /// The addresses asked for; empty when it is left to the network.
  public var ips: [AddressWithOptionalPrefix] = []
  /// The MAC address asked for; nil when it is left to the network.
  public var mac: MACAddress?
  /// The gateways for the pod's default route, which moves to this network; nil when it stays where it is.
  public var defaultRoute: [IPAddress]?
  /// For the plugin's `args.cni`.
  public var cniArguments: [String: JSONValue] = [:]
  /// The ports of the node to forward; empty for none.
  public var portMappings: [PortMapping] = []
  /// The rates asked for; nil for no limit.
  public var bandwidth: Bandwidth?
  /// Eight bytes, as colon-separated pairs of lower case hexadecimal digits.
  public var infinibandGUID: String?
  /// The IPAMClaim, in the pod's namespace, that the addresses belong to.
  public var ipamClaimReference: String?
  /// The device to use (an extension of Multus).
  public var deviceID: String?
  /// The members with reverse-DNS names, which belong to other implementations.
  public var extensions: [String: JSONValue] = [:]

  /// A request for a network and nothing particular.
  public init(network: NetworkReference, interface: String? = nil) {
    self.network = network
    self.interface = interface
  }

  /// The namespace of the network.
  public var namespace: String { network.namespace }
  /// The name of the network within its namespace.
  public var name: String { network.name }
}

/// A port of the node that is forwarded to the pod.
public struct PortMapping: Hashable, Sendable {
  /// The protocols whose ports can be forwarded.
  public enum TransportProtocol: String, Hashable, Sendable, CaseIterable {
    case tcp, udp, sctp
  }

  /// The port of the node, 1-65535.
  public var hostPort: UInt16
  /// The port of the pod, 1-65535.
  public var containerPort: UInt16
  /// The port's protocol.
  public var transportProtocol: TransportProtocol
  /// The node's address to listen on (an extension of Multus); nil for all.
  public var hostIP: IPAddress?

  /// A mapping of these parts.
  public init(
    hostPort: UInt16, containerPort: UInt16, transportProtocol: TransportProtocol = .tcp, hostIP: IPAddress? = nil
  ) {
    self.hostPort = hostPort
    self.containerPort = containerPort
    self.transportProtocol = transportProtocol
    self.hostIP = hostIP
  }
}

/// Limits of an interface's rate, seen from the pod: ingress is what it receives. Rates are in bit/s, bursts in bit. At
/// least one rate is set; no burst is set without its rate.
public struct Bandwidth: Hashable, Sendable {
  /// What the pod may receive, in bit/s.
  public var ingressRate: Int?
  /// How far reception may exceed its rate at once, in bit.
  public var ingressBurst: Int?
  /// What the pod may send, in bit/s.
  public var egressRate: Int?
  /// How far sending may exceed its rate at once, in bit.
  public var egressBurst: Int?

  /// The limits, nil for none.
  public init(ingressRate: Int? = nil, ingressBurst: Int? = nil, egressRate: Int? = nil, egressBurst: Int? = nil) {
    self.ingressRate = ingressRate
    self.ingressBurst = ingressBurst
    self.egressRate = egressRate
    self.egressBurst = egressBurst
  }
}
