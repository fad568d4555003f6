import KubernetesModel
import NetloomAPI
import NetworkTypes

/// How Routers that share networks send packets to each other by their static routes.
struct RouterTopology {
  var routers: [NamespacedName: Member] = [:]

  /// What of a Router matters for it.
  struct Member: Hashable, Sendable {
    /// Its addresses, by network.
    var addresses: [NamespacedName: Set<IPAddress>]
    /// The subnets that it has a port in.
    var subnets: [CIDR]
    var routes: [RouterInput.Route]
  }

  /// A Router and the place of one of its routes.
  struct Step: Hashable {
    var router: NamespacedName
    var route: Int
  }

  /// The route of a router by which packets come back to it, and whom they pass until then; nil: there is none. Loops of
  /// others count as well when they pass here: taking away any of their routes opens them.
  func loop(through name: NamespacedName) -> [Step]? {
    for start in routers.keys.sorted() {
      for index in routers[start]!.routes.indices {
        if let loop = loop([Step(router: start, route: index)], to: routers[start]!.routes[index].destination),
          let position = loop.firstIndex(where: { $0.router == name })
        {
          return Array(loop[position...] + loop[..<position])
        }
      }
    }
    return nil
  }

  /// Follows a destination by the last step's route; the steps from the first of the loop on, when it comes back.
  private func loop(_ path: [Step], to destination: CIDR) -> [Step]? {
    let last = path[path.count - 1]
    for nextHop in routers[last.router]!.routes[last.route].nextHops {
      guard let (name, next) = owner(of: nextHop, seenFrom: last.router) else { continue }
      if let first = path.firstIndex(where: { $0.router == name }) { return Array(path[first...]) }
      guard !next.subnets.contains(where: { $0.contains(destination) }) else { continue }
      let covering = next.routes.indices.filter { next.routes[$0].destination.contains(destination) }
      guard
        let best = covering.max(by: {
          next.routes[$0].destination.prefixLength < next.routes[$1].destination.prefixLength
        })
      else { continue }
      if let loop = loop(path + [Step(router: name, route: best)], to: destination) { return loop }
    }
    return nil
  }

  /// The router that has an address on a network of another one, or the other one itself.
  private func owner(of address: IPAddress, seenFrom name: NamespacedName) -> (NamespacedName, Member)? {
    routers.filter { _, member in
      routers[name]!.addresses.keys.contains { member.addresses[$0]?.contains(address) == true }
    }.min { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

extension RouterTopology {
  /// Why the routes of a Router cannot be as they are; nil: nothing goes round.
  func finding(for name: NamespacedName) -> Finding? {
    guard let loop = loop(through: name), let step = loop.first, let route = routers[name]?.routes[step.route] else {
      return nil
    }
    let others = loop.dropFirst().map { "Router \($0.router)" }
    return Finding(
      reason: ConditionReason.conflict,
      message: "spec.routes[\(step.route)]: packets to \(route.destination) would go round: "
        + (others.isEmpty
          ? "the next hop is the router's own address; name another router"
          : "\(others.joined(separator: ", then ")) sends them back here; take the route away in one of them"))
  }
}
