import IPAM
import KubernetesModel
import NetworkTypes
import OVNModel

/// The rows of a Router.
///
/// A distributed router has a port on every network. A gateway is a router of its own, joined to it by a switch that
/// only the two have: so what is done on one node (translation, the outside's neighbours) is apart from what every node
/// does by itself, and there is no difference but the node between one gateway and one on every node.
struct RouterPlan {
  let input: RouterInput
  let gateways: [RouterGateway]

  init(_ input: RouterInput) {
    self.input = input
    gateways = input.gateways
  }

  /// All rows, for an input without findings.
  var fragments: Set<RowFragment> {
    let rows: [[any NorthboundRow]] = [
      [LogicalRouter(name: input.router)], input.networks.flatMap(rows), joinRows, gateways.flatMap(rows), insideRoutes,
      defaultRoutes, policies,
    ]
    return Set(rows.joined().map(\.fragment))
  }
}

// MARK: Networks

extension RouterPlan {
  private func rows(of network: RouterInput.Network) -> [any NorthboundRow] {
    let name = input.port(to: network.service)
    var rows: [any NorthboundRow] = []
    var port = LogicalRouterPort(
      name: name, on: input.router, mac: Self.mac(name), networks: Set(network.routerAddresses.map(\.description)))
    if network.mtu < largestPacket { port.options["gateway_mtu"] = "\(network.mtu)" }
    if network.subnets.contains(where: { $0.cidr.family == .v6 }) {
      // Hosts learn the router by advertisements and their addresses by DHCPv6, as port security lets them use no others.
      // Those that are there already when the router comes learn of it within a minute; OVN sends no first ones sooner.
      port.ipv6RouterAdvertisements = [
        "address_mode": "dhcpv6_stateful", "send_periodic": "true", "max_interval": "60", "mtu": "\(network.mtu)",
      ]
    }
    if let nodes = network.nodes {
      // Every node sending with the router's MAC address would have the physical switches learn it everywhere.
      port.haChassisGroup = HAChassisGroup.key(name)
      rows += group(name, nodes)
    }
    return rows + [port, Self.link(network.service, input.switchPort(of: network.service), to: name)]
  }

  /// In bytes, from any network.
  private var largestPacket: Int { (input.networks.map(\.mtu) + [input.gateway?.mtu ?? 0]).max() ?? 0 }

  private var joinRows: [any NorthboundRow] {
    guard !gateways.isEmpty else { return [] }
    return [
      LogicalSwitch(name: input.joinSwitch),
      LogicalRouterPort(
        name: input.joinPort, on: input.router, mac: Self.mac(input.joinPort),
        networks: Set(input.joinAddresses(0).map(\.description))),
      Self.link(input.joinSwitch, "\(input.joinSwitch)/router", to: input.joinPort),
    ]
  }

  /// The nodes that a port can be on.
  func group(_ port: String, _ nodes: [RouterInput.Node]) -> [any NorthboundRow] {
    [HAChassisGroup(name: port)]
      + input.candidates(nodes, for: port).enumerated().map { index, node in
        HAChassis(group: port, chassis: node.chassis, priority: 100 - index)
      }
  }

  /// A switch's port to a router's.
  static func link(_ logicalSwitch: some CustomStringConvertible, _ name: String, to port: String) -> LogicalSwitchPort
  {
    var link = LogicalSwitchPort(name: name, on: logicalSwitch.description)
    link.type = "router"
    link.addresses = ["router"]
    link.options = ["router-port": port]
    return link
  }

  /// The MAC address of a router's port or of a floating address: always the same for a name.
  static func mac(_ name: String) -> String { MACAddress(hashing: name, prefix: .routers).description }
}

// MARK: Routes of the distributed router

extension RouterPlan {
  private var insideRoutes: [any NorthboundRow] {
    input.routesInside.flatMap { route in
      route.nextHops.map { Self.route(input.router, to: route.destination, by: $0) }
    }
  }

  /// Everything goes to the gateway. Where everything goes to a neighbour inside, only what the gateway's routes name.
  func destinationsOut(_ family: IPFamily) -> [CIDR] {
    guard input.routesInside.contains(where: { $0.destination == .all(family) }) else { return [.all(family)] }
    let named = input.routesOutside.map(\.destination) + (input.gateway?.subnets.map(\.cidr) ?? [])
    return Set(named).filter { $0.family == family }.sorted()
  }

  private var defaultRoutes: [any NorthboundRow] {
    gateways.flatMap(\.join).flatMap { nextHop in
      destinationsOut(nextHop.family).map { Self.route(input.router, to: $0, by: nextHop.address) }
    }
  }

  /// A route with one next hop.
  static func route(_ router: String, to destination: CIDR, by nextHop: IPAddress) -> StaticRoute {
    StaticRoute(
      id: "\(router) \(destination) by \(nextHop)", on: router, prefix: destination.description,
      nextHop: nextHop.description)
  }
}

// MARK: A gateway on every node

extension RouterPlan {
  /// What the policies of a Router use up to; those of others that are to come first are higher.
  static let highestPriority = 20

  /// The addresses of the pods that leave by a node's gateway.
  static func localAddresses(_ router: NamespacedName, node: String, _ family: IPFamily) -> String {
    "netloom_router_v\(family.rawValue)." + "\(router)/\(node)".escapedForOVN
  }

  /// What comes from a pod leaves by the gateway of the pod's node. Policies come after routes, so what stays inside is
  /// let through first.
  private var policies: [any NorthboundRow] {
    guard input.gateway?.isPerNode == true else { return [] }
    let inside = input.familiesOut.flatMap { family in
      let destinations = Set(input.subnets.map(\.cidr) + input.routesInside.map(\.destination)).filter {
        $0.family == family && $0 != .all(family)
      }
      return destinations.map { policy(Self.highestPriority, "\(family.field).dst == \($0)", .allow) }
    }
    let outside = gateways.flatMap { gateway in
      gateway.join.flatMap { nextHop -> [any NorthboundRow] in
        guard let node = gateway.node else { return [] }
        let family = nextHop.family
        var set = AddressSetRow(name: Self.localAddresses(input.name, node: node.name, family))
        set.addresses = Set(floating(at: gateway).map(\.internal).filter { $0.family == family }.map(\.description))
        let source = "\(family.field).src == $\(set.name)"
        return [set]
          + destinationsOut(family).map { destination in
            let match = destination == .all(family) ? source : "\(source) && \(family.field).dst == \(destination)"
            var policy = policy(10, match, .reroute)
            policy.nextHops = [nextHop.address.description]
            return policy
          }
      }
    }
    return inside + outside
  }

  private func policy(_ priority: Int, _ match: String, _ action: RouterPolicy.Action) -> RouterPolicy {
    RouterPolicy(
      id: "\(input.router) \(priority) \(match)", on: input.router, priority: priority, match: match, action: action)
  }
}

extension IPFamily {
  /// How OVN names the header.
  var field: String { self == .v4 ? "ip4" : "ip6" }
}

extension String {
  /// As the names of sets and groups may be (ovn-nb(5)): what is no letter, digit or dot stands as `_` and two
  /// hexadecimal digits, so that different names stay different.
  fileprivate var escapedForOVN: String {
    utf8.reduce(into: "") { text, byte in
      let scalar = Unicode.Scalar(byte)
      let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "."
      text += isPlain ? String(scalar) : "_" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
}
