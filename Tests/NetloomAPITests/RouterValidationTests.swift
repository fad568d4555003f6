import KubernetesModel
import Testing

@testable import NetloomAPI

/// What is wrong with a Router, alone and beside others, in exact words.
@Suite struct RouterValidationTests {
  private static func router(
    _ name: String = "rt", networks: [Router.Network] = [.init(l2Service: "blue")], gateway: Router.Gateway? = nil,
    joinSubnets: [String]? = nil, routes: [Router.Route]? = nil, floating: [Router.FloatingAddress]? = nil
  ) -> Router {
    Router(
      metadata: .inTest(name),
      spec: .init(
        networks: networks, gateway: gateway, joinSubnets: joinSubnets, routes: routes, floatingAddresses: floating))
  }
  private static let outside = Router.Gateway(l2Service: "outside", addresses: ["10.50.0.2"])

  @Test func aRouterThatIsRight() {
    VirtualWorld.check(
      Self.router(
        networks: [.init(l2Service: "blue", snat: true), .init(l2Service: "test/red")], gateway: Self.outside,
        joinSubnets: ["100.65.0.0/30"],
        routes: [.init(destination: "0.0.0.0/0", nextHops: ["10.50.0.1", "10.50.0.9"], bfd: true)],
        floating: [.init(external: "10.50.0.10", internal: "10.1.0.5")]), [])
  }

  static let routers: [(Router, String)] = [
    (router(networks: []), "spec.networks: Required value: a router joins networks; name at least one L2Service"),
    (
      router(networks: [.init(l2Service: "blue"), .init(l2Service: "test/blue")]),
      #"spec.networks[1].l2Service: Duplicate value: "test/blue": the L2Service is listed twice; name it once"#
    ),
    (
      router(networks: [.init(l2Service: "blue", snat: true)]),
      "spec.networks[0].snat: Forbidden: true: without spec.gateway there is no address to stand for others; give a gateway, or leave it out"
    ),
    (
      router(networks: [.init(l2Service: "outside")], gateway: outside),
      #"spec.gateway.l2Service: Duplicate value: "outside": spec.networks has it too, and packets would go round; leave it out there"#
    ),
    (
      router(gateway: .init(l2Service: "outside", addresses: ["10.50.0.999"])),
      #"spec.gateway.addresses[0]: Invalid value: "10.50.0.999": the octet 999 is more than 255; write four numbers 0-255, such as 10.0.0.1"#
    ),
    (
      router(gateway: .init(l2Service: "outside", addresses: ["10.50.0.2", "10.50.0.2"])),
      #"spec.gateway.addresses[1]: Duplicate value: "10.50.0.2": list it once"#
    ),
    (
      router(gateway: .init(l2Service: "outside", addresses: ["224.0.0.1"])),
      #"spec.gateway.addresses[0]: Invalid value: "224.0.0.1": it is no address that a router can have; use a unicast address"#
    ),
    (
      router(gateway: .init(l2Service: "outside", addresses: [])),
      "spec.gateway.addresses: Required value: a gateway needs an address in each Subnet of its L2Service"
    ),
    (
      router(joinSubnets: ["100.64.0.0/32"]),
      #"spec.joinSubnets[0]: Invalid value: "100.64.0.0/32": it has no room for the router and a gateway; use a /30 or larger"#
    ),
    (
      router(joinSubnets: ["100.64.0.0/24", "100.65.0.0/24"]),
      #"spec.joinSubnets[1]: Invalid value: "100.65.0.0/24": it is IPv4 as 100.64.0.0/24 is; name one of each IP family"#
    ),
    (
      router(gateway: outside, routes: [.init(destination: "0.0.0.0/0", nextHops: ["fd00::1"])]),
      #"spec.routes[0].nextHops: Invalid value: "fd00::1": it is IPv6 and 0.0.0.0/0 is IPv4; use a next hop of its IP family"#
    ),
    (
      router(gateway: outside, routes: [.init(destination: "10.9.0.5/16", nextHops: ["10.50.0.1"])]),
      #"spec.routes[0].destination: Invalid value: "10.9.0.5/16": it has host bits set; write 10.9.0.0/16"#
    ),
    (
      router(gateway: outside, routes: [.init(destination: "0.0.0.0/0", nextHops: ["10.50.0.1", "10.50.0.1"])]),
      #"spec.routes[0].nextHops[1]: Duplicate value: "10.50.0.1": list it once"#
    ),
    (
      router(gateway: outside, routes: [.init(destination: "0.0.0.0/0", nextHops: ["10.50.0.2"])]),
      #"spec.routes[0].nextHops: Invalid value: "10.50.0.2": it is the router's own address, so that packets would go round; name another router"#
    ),
    (
      router(routes: [.init(destination: "10.9.0.0/16", nextHops: ["100.64.0.2"])]),
      #"spec.routes[0].nextHops: Invalid value: "100.64.0.2": it is between the router and its gateways (spec.joinSubnets), so that packets would go round; name another router"#
    ),
    (
      router(routes: [.init(destination: "10.9.0.0/16", nextHops: ["10.9.0.1"])]),
      #"spec.routes[0].nextHops: Invalid value: "10.9.0.1": it is in no Subnet of the router's networks, so that it cannot be reached; name an address there"#
    ),
    (
      router(floating: [.init(external: "10.50.0.9", internal: "10.1.0.5")]),
      "spec.gateway: Required value: floating addresses are reached by way of it; give one"
    ),
    (
      router(gateway: outside, floating: [.init(external: "10.50.0.9", internal: "fd00::5")]),
      #"spec.floatingAddresses[0].internal: Invalid value: "fd00::5": it is IPv6 and 10.50.0.9 is IPv4; use two of one IP family"#
    ),
    (
      router(gateway: outside, floating: [.init(external: "10.50.0.2", internal: "10.1.0.5")]),
      #"spec.floatingAddresses[0].external: Duplicate value: "10.50.0.2": it is the gateway's own address; use another"#
    ),
    // Beside others.
    (
      router(networks: [.init(l2Service: "green")]),
      #"spec.networks[0].l2Service: Not found: "green": there is no L2Service green in namespace test"#
    ),
    (
      router(gateway: .init(l2Service: "red", addresses: ["10.2.0.2"])),
      #"spec.gateway.l2Service: Invalid value: "red": it is an overlay, which leads nowhere outside; name an L2Service on a physical network"#
    ),
    (
      router(gateway: .init(l2Service: "outside", addresses: ["10.51.0.2"])),
      #"spec.gateway.addresses[0]: Invalid value: "10.51.0.2": it is in no Subnet of L2Service test/outside; use one of 10.50.0.0/24"#
    ),
    (
      router(gateway: .init(l2Service: "outside", addresses: ["10.50.0.1"])),
      #"spec.gateway.addresses[0]: Duplicate value: "10.50.0.1": it is the gateway of Subnet 10.50.0.0/24, another router; use another"#
    ),
    (
      router(gateway: .init(l2Service: "outside", addresses: ["10.50.0.255"])),
      #"spec.gateway.addresses[0]: Invalid value: "10.50.0.255": it is the network or broadcast address of 10.50.0.0/24; use another"#
    ),
    (
      router(gateway: outside, joinSubnets: ["10.1.0.0/16"]),
      #"spec.joinSubnets: Invalid value: "10.1.0.0/16": it overlaps Subnet 10.1.0.0/24 of the router's networks; use a network of which nothing else knows"#
    ),
    (
      router(gateway: outside, floating: [.init(external: "10.50.0.9", internal: "10.7.0.5")]),
      #"spec.floatingAddresses[0].internal: Invalid value: "10.7.0.5": it is in no Subnet of the router's networks; use an address inside"#
    ),
    (
      router(gateway: outside, routes: [.init(destination: "10.1.0.0/24", nextHops: ["10.50.0.1"])]),
      #"spec.routes[0].destination: Invalid value: "10.1.0.0/24": it is a Subnet of L2Service test/blue, which the router is on; leave the route out"#
    ),
    (
      router(routes: [.init(destination: "0.0.0.0/0", nextHops: ["10.1.0.1"])]),
      #"spec.routes[0].nextHops: Invalid value: "10.1.0.1": it is the router's own address, so that packets would go round; name another router"#
    ),
    (
      router(routes: [.init(destination: "0.0.0.0/0", nextHops: ["10.3.0.1"])]),
      #"spec.routes[0].nextHops: Invalid value: "10.3.0.1": it is in no Subnet of the router's networks, so that it cannot be reached; name an address there"#
    ),
  ]

  @Test(arguments: routers.indices) func whatIsWrongWithARouter(index: Int) {
    VirtualWorld.check(Self.routers[index].0, [Self.routers[index].1])
  }

  @Test func subnetsOfARouterDoNotOverlap() {
    VirtualWorld.check(
      Self.router(networks: [.init(l2Service: "blue"), .init(l2Service: "red")]),
      [
        #"spec.networks[1].l2Service: Invalid value: "red": its Subnet 10.1.0.128/25 overlaps 10.1.0.0/24 of L2Service test/blue; a router can join only one of them"#
      ]
    ) { $0.subnets[1].spec = .init(cidr: "10.1.0.128/25", gateway: "10.1.0.129") }
  }

  @Test func anIPv6NetworkHasNoTranslation() {
    VirtualWorld.check(
      Self.router(networks: [.init(l2Service: "red", snat: true)], gateway: Self.outside),
      [
        "spec.networks[0].snat: Unsupported value: true: L2Service test/red has no IPv4 Subnet, and IPv6 addresses are not translated; leave it out"
      ]
    ) { $0.subnets[1].spec = .init(cidr: "fd02::/64", gateway: "fd02::1") }
  }

  @Test func aNetworkHasOneRouter() {
    VirtualWorld.check(
      Self.router(),
      [
        #"spec.networks[0].l2Service: Duplicate value: "blue": Router test/first has joined it and answers at its gateway address; leave it out in one of them"#
      ]
    ) { world in
      var first = Self.router("first")
      first.metadata.creationTimestamp = "2026-01-01T00:00:00Z"
      world.routers = [first]
    }
  }
}
