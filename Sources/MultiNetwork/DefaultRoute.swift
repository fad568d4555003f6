import CNI
import Netlink
import NetworkTypes

/// The default route that a pod asks for: it leads over one network and, in the families of its gateways, over no other (the
/// standard, section 4.1.2.1.9).
struct DefaultRoute {
  /// In the order of preference; none: the other networks' default routes go and none takes their place.
  let gateways: [IPAddress]

  /// Of the routes that give way.
  var families: Set<IPFamily> { Set(gateways.isEmpty ? IPFamily.allCases : gateways.map(\.family)) }

  /// As CNI tells them. Where a family has several gateways, those listed first are preferred.
  var routes: [CNIResult.Route] {
    families.sorted().flatMap { family in
      let ofFamily = gateways.filter { $0.family == family }
      return ofFamily.enumerated().map { position, gateway in
        CNIResult.Route(to: .all(family), via: gateway, priority: ofFamily.count > 1 ? position + 1 : nil)
      }
    }
  }

  /// Makes it so in the network namespace bound at `path`.
  func set(on interface: String, in path: String) throws(NetlinkError) {
    let socket = try NetlinkSocket(in: NetworkNamespace.open(path: path))
    let link = try socket.link(.name(interface))
    let obsolete = try socket.routes().filter { route in
      route.destination.prefixLength == 0 && families.contains(route.destination.family) && route.gateway != nil
    }
    let wanted = routes.map { route in
      Route(
        to: route.destination, via: route.gateway, linkIndex: link.index, metric: route.priority.map { UInt32($0) })
    }
    try socket.perform(obsolete.map { .removeRoute($0) } + wanted.map { .addRoute($0) })
  }
}
