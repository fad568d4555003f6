import KubernetesModel
import NetworkAnnotations
import NetworkTypes

/// The routes that pods of a network are told of by its Router.
struct RouteAnnouncement: Hashable, Sendable {
  var routes: [Allocation.Route] = []
  /// Whether that is all; if not, a Router there is wrong at the moment, and pods keep the routes that they have.
  var isComplete = true
}

extension RouterInput {
  /// The other networks that are to be known, what the router's routes lead to, and the network outside; all by the
  /// router's address. Never the default route: that is the pod's to ask for.
  func announcedRoutes(to service: NamespacedName) -> [Allocation.Route] {
    guard let network = networks.first(where: { $0.service == service }) else { return [] }
    let others = networks.filter { $0.service != service && $0.isAnnounced }.flatMap(\.subnets)
    let outside = gateway.map { $0.subnets.filter { familiesOut.contains($0.cidr.family) } } ?? []
    let destinations = Set((others + outside).map(\.cidr) + routes.map(\.destination)).sorted()
    return destinations.compactMap { destination in
      guard destination.prefixLength > 0, !network.subnets.contains(where: { $0.cidr.contains(destination) }),
        let router = network.routerAddresses.first(where: { $0.family == destination.family })
      else { return nil }
      return Allocation.Route(destination: destination, nextHop: router.address)
    }
  }
}

extension Reader {
  /// What the Routers of an L2Service tell its pods.
  func announcedRoutes(to service: NamespacedName) -> RouteAnnouncement {
    var announcement = RouteAnnouncement()
    for router in routers(on: service) where router.joins(service) && !router.metadata.isBeingDeleted {
      guard let view = routerView(router.metadata.namespacedName) else { continue }
      if let input = view.input {
        announcement.routes += input.announcedRoutes(to: service)
      } else {
        announcement.isComplete = false
      }
    }
    return announcement
  }
}

extension PodNeeds {
  /// What the pod is connected to itself needs no route, and what several of its networks lead to needs one.
  mutating func settleAnnouncements() {
    let connected = interfaces.flatMap(\.subnets).map(\.parsed.cidr)
    var seen: Set<CIDR> = []
    for index in interfaces.indices {
      interfaces[index].announcement.routes.removeAll { route in
        connected.contains { $0.contains(route.destination) } || !seen.insert(route.destination).inserted
      }
    }
  }
}
