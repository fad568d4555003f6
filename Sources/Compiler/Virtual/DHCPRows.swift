import IPAM
import KubernetesModel
import NetloomAPI
import NetworkTypes
import OVNModel

extension Reader {
  /// What DHCP tells in a subnet (RFC 2132, RFC 3442, RFC 8415). Addresses are told by the ports.
  ///
  /// The server answers at the gateway's address, and where there is none at one of link-local scope (RFC 3927): clients
  /// then renew by broadcast. Over DHCPv6 no routes are told: they come in router advertisements, of a Router.
  func dhcpOptions(of subnet: NetworkView.Member, on network: NetworkView) -> DHCPOptions {
    let parsed = subnet.parsed
    let id = "\(network.name)/dhcp/\(subnet.name)"
    let server = MACAddress(hashing: id).description
    var options: [String: String] = [:]
    options["dns_server"] = Self.list(parsed.nameservers.filter { $0.family == parsed.cidr.family })
    switch parsed.cidr.family {
    case .v4:
      options["server_id"] = parsed.gateway?.description ?? "169.254.0.1"
      options["server_mac"] = server
      options["lease_time"] = "3600"
      options["mtu"] = "\(network.mtu)"
      options["router"] = parsed.gateway?.description
      options["domain_name"] = parsed.domain.map { "\"\($0)\"" }
      options["domain_search_list"] =
        parsed.search.isEmpty ? nil : "\"\(parsed.search.joined(separator: ","))\""
      options["classless_static_route"] = Self.classlessRoutes(
        parsed.routes.map { ($0.destination, $0.nextHop) }, parsed)
    case .v6:
      options["server_id"] = server
      options["domain_search"] = (parsed.search.first ?? parsed.domain).map { "\"\($0)\"" }
    }
    return DHCPOptions(id: id, cidr: parsed.cidr.description, options: options)
  }

  /// A client that is told classless routes ignores the router (RFC 3442), so that the default route is among them.
  private static func classlessRoutes(_ routes: [(CIDR, IPAddress)], _ subnet: ParsedSubnet) -> String? {
    guard !routes.isEmpty else { return nil }
    let hasDefault = routes.contains { $0.0.prefixLength == 0 }
    let all = routes + (hasDefault ? [] : subnet.gateway.map { [(CIDR.all(.v4), $0)] } ?? [])
    return "{" + all.map { "\($0.0),\($0.1)" }.joined(separator: ", ") + "}"
  }

  private static func list(_ addresses: [IPAddress]) -> String? {
    addresses.isEmpty ? nil : "{" + addresses.map(\.description).joined(separator: ", ") + "}"
  }
}
