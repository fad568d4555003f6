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
  public var mac: MACAddress?
  /// The gateways for the pod's default route, which moves to this network; nil when it stays where it is.
  public var defaultRoute: [IPAddress]?
  /// For the plugin's `args.cni`.
  public var cniArguments: [String: JSONValue] = [:]
  public var portMappings: [PortMapping] = []
  public var bandwidth: Bandwidth?
  /// Eight bytes, as colon-separated pairs of lower case hexadecimal digits.
  public var infinibandGUID: String?
  /// The IPAMClaim, in the pod's namespace, that the addresses belong to.
  public var ipamClaimReference: String?
  /// The device to use (an extension of Multus).
  public var deviceID: String?
  /// The members with reverse-DNS names, which belong to other implementations.
  public var extensions: [String: JSONValue] = [:]

  public init(network: NetworkReference, interface: String? = nil) {
    self.network = network
    self.interface = interface
  }

  public var namespace: String { network.namespace }
  public var name: String { network.name }
}

/// A port of the node that is forwarded to the pod.
public struct PortMapping: Hashable, Sendable {
  public enum TransportProtocol: String, Hashable, Sendable, CaseIterable {
    case tcp, udp, sctp
  }

  public var hostPort: UInt16
  public var containerPort: UInt16
  public var transportProtocol: TransportProtocol
  /// The node's address to listen on (an extension of Multus); nil for all.
  public var hostIP: IPAddress?

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
  public var ingressRate: Int?
  public var ingressBurst: Int?
  public var egressRate: Int?
  public var egressBurst: Int?

  public init(ingressRate: Int? = nil, ingressBurst: Int? = nil, egressRate: Int? = nil, egressBurst: Int? = nil) {
    self.ingressRate = ingressRate
    self.ingressBurst = ingressBurst
    self.egressRate = egressRate
    self.egressBurst = egressBurst
  }
}
