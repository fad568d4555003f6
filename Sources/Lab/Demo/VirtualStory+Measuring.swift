import Files
import KubernetesModel
import Netlink
import NetworkTypes

extension VirtualStory {
  /// Where pods can send and receive: their interfaces on the tenants' networks, by `namespace/name`.
  func points() async throws -> [DemoPoint] {
    var points: [DemoPoint] = []
    for tenant in Self.tenants {
      for pod in try await cluster.list(Pod.definition, in: tenant).sorted(by: { $0.name < $1.name }) {
        guard let namespace = try stage.namespace(of: pod) else { continue }
        for allocation in try pod.allocations() {
          points.append(
            DemoPoint(
              name: "\(tenant)/\(pod.name)", interface: allocation.interface, namespace: namespace,
              carriage: .overlay("\(allocation.network)"), addresses: allocation.ips.map(\.address)))
        }
      }
    }
    return points
  }

  /// Every address once. A point is expected to reach it when it is to reach one of those who have it.
  func targets(
    _ points: [DemoPoint], _ isReached: @escaping @Sendable (_ from: DemoPoint, _ to: DemoPoint) -> Bool
  ) -> [(name: String, address: IPAddress, expected: (DemoPoint) -> Bool)] {
    Set(points.flatMap(\.addresses)).sorted().map { address in
      let holders = points.filter { $0.addresses.contains(address) }
      return ("\(address)", address, { sender in holders.contains { isReached(sender, $0) } })
    }
  }

  /// Who reaches whom through the router: everybody of shop, and the outside from the networks whose Subnets have a route
  /// there; the rival only its own.
  func pingEverybody(_ points: [DemoPoint]) async throws -> ReachabilityMatrix {
    let routed: [DemoScenario.Carriage] = [.overlay("shop/clients"), .overlay("shop/servers")]
    return try await Connectivity(points: points).pings(
      to: targets(points) { $0.tenant == $1.tenant }
        + [("outside", Self.outside, { routed.contains($0.carriage) })])
  }

  /// Looks which way packets take.
  ///
  /// OVN's router says that a packet's time is over to the neighbour that it came from. Where that is a function, it does
  /// not reach the sender: such a hop is silent.
  /// - Parameter expected: who has to answer before the address itself does, in this order, with nobody but silence between.
  func trace(from point: DemoPoint, to address: IPAddress, via expected: [String]) async throws -> Bool {
    let hops = try await TraceRoute.run(to: address, from: point.namespace).hops
    let text = "\(point.name) > \(hops.map { $0.map { "\($0)" } ?? "*" }.joined(separator: " > "))"
    let isRight = hops.compactMap { $0.map { "\($0)" } } == expected + ["\(address)"]
    return stage.check(isRight, isRight ? text : "\(text); expected \(expected.joined(separator: " > "))")
  }
}

extension [DemoPoint] {
  /// The point of a pod.
  func named(_ name: String) throws -> DemoPoint {
    guard let point = first(where: { $0.name == name }) else {
      throw LabError("measure at \(name)", reason: "it has no interface on a network")
    }
    return point
  }
}

extension DemoPoint {
  /// Whose it is.
  var tenant: Substring { name.prefix { $0 != "/" } }

  /// Its first address.
  var address: IPAddress {
    get throws {
      guard let address = addresses.first else { throw LabError("measure at \(name)", reason: "it has no address") }
      return address
    }
  }

  /// How many packets its namespace has forwarded: `ForwDatagrams` of RFC 4293, as /proc/net/snmp shows it.
  func forwarded() throws -> Int {
    let text = try namespace.run { String(decoding: try Files.read("/proc/thread-self/net/snmp") ?? [], as: UTF8.self) }
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("Ip: ") }.map { $0.split(separator: " ") }
    guard lines.count == 2, let column = lines[0].firstIndex(of: "ForwDatagrams"), let count = Int(lines[1][column])
    else { throw LabError("count what \(name) forwarded", reason: "/proc/net/snmp does not say") }
    return count
  }
}

extension Duration {
  var inMilliseconds: Int { Int(self / .milliseconds(1)) }
}
