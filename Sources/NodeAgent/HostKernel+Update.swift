import Netlink
import NetworkAnnotations
import NetworkTypes

extension Route {
  /// The mark of the routes that we set in pods (`proto 78` in `ip route`): they can be told from the pod's own.
  static let ofNetloom: UInt8 = 78
}

/// One step from what an interface in use is to what it is to be.
enum InterfaceChange: Sendable, Hashable {
  case up
  /// Of both ends of the pair.
  case mtu(Int, before: Int)
  case address(InterfaceAddress)
  case addRoute(Allocation.Route)
  case removeRoute(Route)
}

extension PodInterface {
  /// What has to be done so that the interface becomes what is wanted. Routes that are not ours stay, and a default route is
  /// added only where the pod has none.
  func changes(from found: PodInterfaceState) -> [InterfaceChange] {
    var changes: [InterfaceChange] = found.link.isUp ? [] : [.up]
    if let mtu, Int(found.link.mtu) != mtu { changes.append(.mtu(mtu, before: Int(found.link.mtu))) }
    changes += addresses.filter { !found.addresses.contains($0) }.map { .address($0) }
    let own = found.routes.filter { $0.linkIndex == found.link.index }
    let obsolete = own.filter { route in
      route.origin == Route.ofNetloom && !routes.contains { route.leads(as: $0) }
    }
    changes += obsolete.map { .removeRoute($0) }
    for route in routes where !own.contains(where: { $0.leads(as: route) }) {
      let rivals = found.routes.filter { $0.destination == route.destination && !obsolete.contains($0) }
      if rivals.isEmpty { changes.append(.addRoute(route)) }
    }
    return changes
  }
}

extension Route {
  fileprivate func leads(as route: Allocation.Route) -> Bool {
    destination == route.destination && gateway == route.nextHop
  }
}

extension HostKernel {
  /// The interface as it is; nil when the pod has none of that name.
  func state(of interface: String, in pod: NetworkNamespace) async throws -> PodInterfaceState? {
    try await threads.runIfActive { try PodInterfaceState(interface, in: pod) }
  }

  /// Makes the changes, of the pod's end and, where it takes both, of the host's.
  func apply(_ changes: [InterfaceChange], to link: Link, hostEnd: String, in pod: NetworkNamespace) async throws {
    guard !changes.isEmpty else { return }
    try await threads.runIfActive { [host] in
      for case .mtu(let mtu, _) in changes {
        try NetlinkSocket(in: host).perform(.setMTU(UInt32(mtu), of: .name(hostEnd)))
      }
      try NetlinkSocket(in: pod).perform(
        changes.map { change in
          switch change {
          case .up: .setUp(.index(link.index))
          case .mtu(let mtu, _): .setMTU(UInt32(mtu), of: .index(link.index))
          case .address(let address): .addAddress(address, to: link.index)
          case .addRoute(let route): .addRoute(Route(route, on: link.index))
          case .removeRoute(let route): .removeRoute(route)
          }
        })
    }
  }
}

extension Route {
  /// A route of ours in a pod.
  init(_ route: Allocation.Route, on link: Int32) {
    self.init(to: route.destination, via: route.nextHop, linkIndex: link, origin: Route.ofNetloom)
  }
}

extension InterfaceChange: CustomStringConvertible {
  var description: String {
    switch self {
    case .up: "set up"
    case .mtu(let mtu, let before): "MTU \(mtu) in place of \(before)"
    case .address(let address): "address \(address) put back"
    case .addRoute(let route): "route to \(route.destination)\(route.nextHop.map { " via \($0)" } ?? "") added"
    case .removeRoute(let route): "route to \(route.destination)\(route.gateway.map { " via \($0)" } ?? "") removed"
    }
  }
}
