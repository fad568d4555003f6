import IPAM
import KubernetesModel
import NetworkTypes

/// A gateway router: the only one, wherever it is active, or that of a node.
struct RouterGateway: Hashable, Sendable {
  /// Its name in OVN.
  var name: String
  /// The node that it is on; nil: on one of several.
  var node: RouterInput.Node?
  /// Its addresses outside.
  var outside: [InterfaceAddress]
  /// Its addresses on the join network.
  var join: [InterfaceAddress]

  /// Its port to the outside.
  var port: String { Self.port(name) }

  /// The name of the only gateway of a Router, or of that on a node.
  static func name(of router: NamespacedName, on node: String? = nil) -> String {
    "\(router)/gateway" + (node.map { "/\($0)" } ?? "")
  }

  /// The port to the outside of a gateway of that name.
  static func port(_ name: String) -> String { "\(name)/to/outside" }

  /// The port by which OVN tells where a router's port is that is on one of several chassis (ovn-architecture(7)).
  static func binding(_ port: String) -> String { "cr-\(port)" }
  /// Its port to the join network.
  var joinPort: String { "\(name)/to/join" }
}

extension RouterInput {
  /// How many nodes a gateway can fail over to. Each of them watches each by BFD.
  static let candidateLimit = 5

  /// The gateway routers, in the order of their nodes.
  var gateways: [RouterGateway] {
    guard let gateway else { return [] }
    guard gateway.isPerNode else {
      return [
        RouterGateway(
          name: RouterGateway.name(of: name), outside: gateway.addresses.compactMap(gateway.interface),
          join: joinAddresses(1))
      ]
    }
    return gateway.seats.map { node, seat in
      RouterGateway(
        name: RouterGateway.name(of: name, on: node.name), node: node,
        outside: gateway.addresses(ofSeat: seat).compactMap(gateway.interface), join: joinAddresses(1 + seat))
    }
  }

  /// The addresses of a place on the join network: 0 is the router's.
  func joinAddresses(_ place: Int) -> [InterfaceAddress] {
    familiesOut.compactMap { family in
      let subnet = joinSubnet(family)
      guard let address = subnet.hostRange.first.advanced(by: place), subnet.hostRange.contains(address) else {
        return nil
      }
      return InterfaceAddress("\(address)/\(subnet.prefixLength)")
    }
  }

  /// The nodes that a gateway which is on one node at a time can be on, the best first. Routers prefer different nodes,
  /// and a node that comes or goes does not change the order of the others.
  func candidates(_ nodes: [Node], for port: String) -> [Node] {
    let ranked = nodes.map { (rank: MACAddress(hashing: "\(port) \($0.name)").rawValue, node: $0) }
      .sorted { ($0.rank, $0.node.name) > ($1.rank, $1.node.name) }
    return ranked.prefix(Self.candidateLimit).map(\.node)
  }
}

extension RouterInput.Gateway {
  /// An address with the prefix length of its subnet.
  func interface(_ address: IPAddress) -> InterfaceAddress? { subnets.lazy.compactMap { $0.interface(address) }.first }

  /// The addresses of a family, in the manifest's order.
  func addresses(_ family: IPFamily) -> [IPAddress] { addresses.filter { $0.family == family } }

  /// How many nodes the addresses are enough for.
  var seatCount: Int {
    IPFamily.allCases.map { addresses($0).count }.filter { $0 > 0 }.min() ?? 0
  }

  /// The addresses of the n-th node: the n-th of each family.
  func addresses(ofSeat seat: Int) -> [IPAddress] {
    IPFamily.allCases.compactMap { family in addresses(family).dropFirst(seat).first }
  }

  /// Which addresses a node has: those that it had, else the first that are free. Nodes that come and go take nothing
  /// from the others, as connections hang on it.
  var seats: [(node: RouterInput.Node, seat: Int)] {
    var taken: [String: Int] = [:]
    for node in nodes {
      guard let present = present[node.name], !present.isEmpty else { continue }
      let seat = (0..<seatCount).first { Set(addresses(ofSeat: $0)).isSuperset(of: present) }
      if let seat, !taken.values.contains(seat) { taken[node.name] = seat }
    }
    var free = (0..<seatCount).filter { !taken.values.contains($0) }[...]
    for node in nodes where taken[node.name] == nil { taken[node.name] = free.popFirst() }
    return nodes.compactMap { node in taken[node.name].map { (node, $0) } }
  }
}
