import IPAM
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import OVNModel

extension Reader {
  /// What DHCP tells in a subnet (RFC 2132, RFC 3442, RFC 8415), and what of it cannot be told. Addresses are told by the
  /// ports.
  ///
  /// The server answers at the gateway's address, and where there is none at one of link-local scope (RFC 3927): clients
  /// then renew by broadcast. Over DHCPv6 no routes are told: they come in router advertisements, of a Router. Nor are
  /// domains: OVN writes one of several labels as if it were one (RFC 1035 section 3.1), and clients refuse that.
  func dhcpOptions(
    of subnet: NetworkView.Member, on network: NetworkView
  ) -> (options: DHCPOptions, findings: [Finding]) {
    let parsed = subnet.parsed
    let id = "\(network.name)/dhcp/\(subnet.name)"
    let server = MACAddress(hashing: id).description
    var options: [String: String] = [:]
    options["dns_server"] = network.nameservers(for: parsed)
    guard parsed.cidr.family == .v4 else {
      options["server_id"] = server
      return (DHCPOptions(id: id, cidr: parsed.cidr.description, options: options), [])
    }
    options["server_id"] = parsed.gateway?.description ?? "169.254.0.1"
    options["server_mac"] = server
    options["lease_time"] = "3600"
    options["mtu"] = "\(network.mtu)"
    options["router"] = parsed.gateway?.description
    options["domain_name"] = parsed.domain.map { "\"\($0)\"" }
    // As RFC 3397 has them, not counting what is written once for several.
    var room = OptionRoom()
    let domains = parsed.search.filter { room.takes($0.utf8.count + 2) }
    options["domain_search_list"] = domains.isEmpty ? nil : "\"\(domains.joined(separator: ","))\""
    let routes = ClasslessRoutes(parsed, announced: announcedRoutes(to: network.name).routes)
    options["classless_static_route"] = routes.text
    let findings = [
      routes.leftOut.noRoom("routes", of: subnet.name, "use larger destinations"),
      parsed.search.filter { !domains.contains($0) }.noRoom("domains", of: subnet.name, "use fewer"),
    ]
    return (DHCPOptions(id: id, cidr: parsed.cidr.description, options: options), findings.compactMap(\.self))
  }
}

/// What an option of DHCP can hold: its length is a byte (RFC 2132 section 2). OVN writes one option of a kind and does not
/// look whether all fits; with more no client understands the answer, or none is sent.
private struct OptionRoom {
  private var bytes = 255

  /// Whether there is room, which then is taken.
  @discardableResult mutating func takes(_ size: Int) -> Bool {
    guard size <= bytes else { return false }
    bytes -= size
    return true
  }
}

extension [String] {
  /// What is told of things that an option has no room for; nil: there are none.
  fileprivate func noRoom(_ what: String, of subnet: NamespacedName, _ advice: String) -> Finding? {
    guard let first else { return nil }
    return Finding(
      reason: ConditionReason.notSupported,
      message:
        "DHCP has no room for \(count) \(what) of Subnet \(subnet) (\(first) is the first): they take 255 bytes at "
        + "most; \(advice), or dhcp: false")
  }
}

extension NetworkView {
  /// The name servers of a subnet's family as OVN writes them: the subnet's own, then those that its neighbours name.
  fileprivate func nameservers(for subnet: ParsedSubnet) -> String? {
    var servers: [IPAddress] = []
    for server in subnet.nameservers + subnets.flatMap(\.parsed.nameservers)
    where server.family == subnet.cidr.family && !servers.contains(server) {
      servers.append(server)
    }
    return servers.isEmpty ? nil : "{" + servers.map(\.description).joined(separator: ", ") + "}"
  }
}

/// The routes that DHCP tells in a subnet (RFC 3442). A client that is told any ignores the router, so the default route is
/// among them, and what leads where that leads can be left out when there is no room.
struct ClasslessRoutes: Hashable, Sendable {
  /// A route and its next hop.
  struct Route: Hashable, Sendable {
    var destination: CIDR
    var nextHop: IPAddress

    /// How many bytes it takes: a prefix length, that much of the destination, the next hop.
    var size: Int { 1 + (destination.prefixLength + 7) / 8 + 4 }
  }

  /// What is told; nothing where the router is the only way.
  private(set) var told: [Route] = []
  /// What there is no room for, and leads elsewhere than the default route.
  private(set) var leftOut: [String] = []

  /// The routes of a subnet, and those that a Router tells the pods of its network.
  init(_ subnet: ParsedSubnet, announced: [Allocation.Route]) {
    let own = subnet.routes.map { Route(destination: $0.destination, nextHop: $0.nextHop) }
    let others = announced.compactMap { route -> Route? in
      guard let nextHop = route.nextHop, nextHop.family == .v4,
        !own.contains(where: { $0.destination == route.destination })
      else { return nil }
      return Route(destination: route.destination, nextHop: nextHop)
    }
    let ownDefault = own.first { $0.destination.prefixLength == 0 }
    guard !own.isEmpty || !others.isEmpty else { return }
    let last = ownDefault ?? subnet.gateway.map { Route(destination: .all(.v4), nextHop: $0) }
    var room = OptionRoom()
    if let last { room.takes(last.size) }
    for route in own + others where route != ownDefault {
      if room.takes(route.size) {
        told.append(route)
      } else if route.nextHop != last?.nextHop {
        leftOut.append("\(route.destination)")
      }
    }
    if let last { told.append(last) }
  }

  /// As OVN writes them; nil: none.
  var text: String? {
    told.isEmpty ? nil : "{" + told.map { "\($0.destination),\($0.nextHop)" }.joined(separator: ", ") + "}"
  }
}
