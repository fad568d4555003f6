import KubernetesModel
import NetloomAPI
import NetworkTypes

/// All that the rows of a Router follow from, as plain values: names are resolved, texts are parsed, defaults are set.
struct RouterInput: Hashable, Sendable {
  /// The Router.
  var name: NamespacedName
  /// The networks that it joins, in the manifest's order.
  var networks: [Network] = []
  /// The way out.
  var gateway: Gateway?
  /// The networks between router and gateway, at most one of a family; the others have their default.
  var joinSubnets: [CIDR] = []
  /// The routes beside the networks themselves.
  var routes: [Route] = []
  /// The addresses outside that lead to one address inside.
  var floatingAddresses: [Floating] = []

  /// A node that OVN knows.
  struct Node: Hashable, Sendable {
    /// Its name in Kubernetes.
    var name: String
    /// Its name in OVN.
    var chassis: String
  }

  /// A network inside.
  struct Network: Hashable, Sendable {
    /// The L2Service; its switch has its name.
    var service: NamespacedName
    var subnets: [Subnet]
    /// The largest packet in bytes.
    var mtu: Int
    /// Whether its IPv4 traffic leaves with the gateway's address.
    var hasSNAT = false
    /// Whether the pods of the other networks are told of it.
    var isAnnounced = true
    /// The nodes that reach its physical network by a bridge of their own; nil: it is an overlay, and every node does.
    var nodes: [Node]?
  }

  /// A subnet.
  struct Subnet: Hashable, Sendable {
    var name: NamespacedName
    var cidr: CIDR
    /// The address that pods know their router by.
    var gateway: IPAddress?
  }

  /// The way out.
  struct Gateway: Hashable, Sendable {
    /// The L2Service outside.
    var service: NamespacedName
    var subnets: [Subnet]
    var mtu: Int
    /// The addresses there, in the manifest's order.
    var addresses: [IPAddress]
    /// Whether there is a gateway on every node, instead of one on one of the nodes.
    var isPerNode = false
    /// The nodes that it can be on.
    var nodes: [Node]
    /// The addresses that nodes have already, by the node's name; they keep them.
    var present: [String: [IPAddress]] = [:]
  }

  /// A route.
  struct Route: Hashable, Sendable {
    var destination: CIDR
    /// Several share the flows.
    var nextHops: [IPAddress]
    /// Whether next hops that do not answer are left out.
    var hasBFD = false
  }

  /// An address outside that leads to one inside.
  struct Floating: Hashable, Sendable {
    var external: IPAddress
    var `internal`: IPAddress
    /// The port that has the address inside, and the node that it is on; nil: that is not known.
    var holder: Holder?

    struct Holder: Hashable, Sendable {
      var port: String
      var node: String
    }
  }
}

// MARK: What it is called in OVN

extension RouterInput {
  /// The distributed router.
  var router: String { name.description }
  /// The network between it and its gateways.
  var joinSwitch: String { "\(router)/join" }
  /// The router's port on the join network.
  var joinPort: String { "\(router)/to/join" }

  /// The router's port to a network.
  func port(to service: NamespacedName) -> String { "\(router)/to/\(service)" }
  /// The port of the network's switch that leads to the router.
  func switchPort(of service: NamespacedName) -> String { "\(service)/router/\(router)" }
}

// MARK: What follows

extension RouterInput.Network {
  /// The addresses by which the router is in the network.
  var routerAddresses: [InterfaceAddress] { subnets.compactMap { $0.gateway.flatMap($0.interface) } }
}

extension RouterInput.Subnet {
  /// An address with the subnet's prefix length; nil: it is not in the subnet.
  func interface(_ address: IPAddress) -> InterfaceAddress? {
    guard cidr.contains(address) else { return nil }
    return InterfaceAddress("\(address)/\(cidr.prefixLength)")
  }
}

extension RouterInput {
  /// The subnets inside.
  var subnets: [Subnet] { networks.flatMap(\.subnets) }

  /// The families in which there is a way out: those that networks and gateway have.
  var familiesOut: [IPFamily] {
    let inside = Set(subnets.map(\.cidr.family))
    return IPFamily.allCases.filter { family in
      inside.contains(family) && gateway?.addresses.contains { $0.family == family } == true
    }
  }

  /// The network between router and gateway of a family.
  func joinSubnet(_ family: IPFamily) -> CIDR {
    (joinSubnets + ParsedRouter.defaultJoinSubnets).first { $0.family == family }!
  }

  /// Whether an address is in one of the networks inside.
  func isInside(_ address: IPAddress) -> Bool { subnets.contains { $0.cidr.contains(address) } }

  /// Whether an address is in the gateway's network.
  func isOutside(_ address: IPAddress) -> Bool { gateway?.subnets.contains { $0.cidr.contains(address) } == true }

  /// The routes by a neighbour inside.
  var routesInside: [Route] { routes.filter { $0.nextHops.allSatisfy(isInside) } }
  /// The routes by a neighbour of the gateway.
  var routesOutside: [Route] { routes.filter { !$0.nextHops.allSatisfy(isInside) } }
}
