import KubernetesModel
import NetworkTypes
import OVNModel

@testable import Compiler

/// Routers for tests: two networks inside, `web` behind the gateway's address and `db` seen as it is.
enum RouterSamples {
  static let nodes = ["n1", "n2", "n3"].map { RouterInput.Node(name: $0, chassis: "c-\($0)") }

  static func name(_ name: String) -> NamespacedName { NamespacedName(namespace: "shop", name: name) }

  static func subnet(_ cidr: String, gateway: String?) -> RouterInput.Subnet {
    RouterInput.Subnet(name: name("subnet"), cidr: CIDR(cidr)!, gateway: gateway.flatMap { IPAddress($0) })
  }

  static func addresses(_ texts: String...) -> [IPAddress] { texts.compactMap { IPAddress($0) } }

  static func route(_ destination: String, _ nextHops: String..., bfd: Bool = false) -> RouterInput.Route {
    RouterInput.Route(
      destination: CIDR(destination)!, nextHops: nextHops.compactMap { IPAddress($0) }, hasBFD: bfd)
  }

  /// The two networks and no way out.
  static var inner: RouterInput {
    RouterInput(
      name: name("edge"),
      networks: [
        .init(
          service: name("web"),
          subnets: [
            subnet("10.1.0.0/24", gateway: "10.1.0.1"), subnet("fd01::/64", gateway: "fd01::1"),
          ], mtu: 1442, hasSNAT: true),
        .init(
          service: name("db"),
          subnets: [
            subnet("10.2.0.0/24", gateway: "10.2.0.1"), subnet("fd02::/64", gateway: "fd02::1"),
          ], mtu: 1442),
      ])
  }

  /// With a gateway on one of three nodes at a time, and everything that a gateway can do.
  static var standby: RouterInput {
    var input = inner
    input.gateway = .init(
      service: name("outside"),
      subnets: [subnet("10.50.0.0/24", gateway: "10.50.0.1"), subnet("fd50::/64", gateway: "fd50::1")], mtu: 1500,
      addresses: addresses("10.50.0.2", "fd50::2"), nodes: nodes)
    input.routes = [
      route("0.0.0.0/0", "10.50.0.1"), route("::/0", "fd50::1"), route("10.90.0.0/16", "10.2.0.90"),
    ]
    input.floatingAddresses = [
      .init(
        external: IPAddress("10.50.0.10")!, internal: IPAddress("10.1.0.10")!,
        holder: .init(port: "shop/a/net1", node: "n3")),
      .init(external: IPAddress("10.50.0.11")!, internal: IPAddress("10.2.0.10")!),
    ]
    return input
  }

  /// With a gateway on each of three nodes.
  static var perNode: RouterInput {
    var input = standby
    input.gateway?.isPerNode = true
    input.gateway?.addresses = addresses(
      "10.50.0.2", "10.50.0.3", "10.50.0.4", "fd50::2", "fd50::3", "fd50::4")
    return input
  }
}

extension RowFragment {
  /// `Table name in Table name.column: column=value ...`, without what is empty.
  var line: String {
    let parents = parents.map { "\($0.row).\($0.column)" }.sorted().joined(separator: ", ")
    let columns = columns.compactMap { name, value in value.text.map { "\(name)=\($0)" } }.sorted()
    return (["\(key)"] + (parents.isEmpty ? [] : ["in \(parents)"]) + columns).joined(separator: " | ")
  }
}

extension NorthboundValue {
  fileprivate var text: String? {
    let texts: [String]
    switch self {
    case .one(let atom): return atom.text
    case .set(let atoms): texts = atoms.sorted().map(\.text)
    case .map(let map): texts = map.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
    case .numbers(let map): texts = map.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
    case .references(let keys): texts = keys.sorted().map(\.description)
    }
    return texts.isEmpty ? nil : "{\(texts.joined(separator: ", "))}"
  }
}

extension NorthboundAtom {
  fileprivate var text: String {
    switch self {
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .string(let value): value
    }
  }
}
