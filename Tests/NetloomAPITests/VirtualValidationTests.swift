import KubernetesModel
import Testing

@testable import NetloomAPI

/// What is wrong with the kinds of virtual networks, alone and beside others, in exact words.
@Suite struct VirtualValidationTests {
  private static func named(_ name: String) -> ObjectMeta { ObjectMeta(name: name, namespace: "test") }
  private static func port(_ name: String, _ spec: NetworkPort.Spec) -> NetworkPort {
    NetworkPort(metadata: named(name), spec: spec)
  }
  private static func router(
    _ name: String = "rt", networks: [Router.Network] = [.init(l2Service: "blue")], gateway: Router.Gateway? = nil,
    joinSubnets: [String]? = nil, routes: [Router.Route]? = nil, floating: [Router.FloatingAddress]? = nil
  ) -> Router {
    Router(
      metadata: named(name),
      spec: .init(
        networks: networks, gateway: gateway, joinSubnets: joinSubnets, routes: routes, floatingAddresses: floating))
  }
  private static let outside = Router.Gateway(l2Service: "outside", addresses: ["10.50.0.2"])

  /// Two overlays, a VLAN outside, and a ConnectionPoint by which OVN reaches its physical network.
  static func virtual(_ world: inout World) {
    world.services = [
      L2Service(metadata: named("blue"), spec: .init(subnets: ["blue"])),
      L2Service(metadata: named("red"), spec: .init(subnets: ["red"])),
      L2Service(
        metadata: named("outside"),
        spec: .init(segmentationID: 50, physicalNetworks: ["physnet1"], subnets: ["outside"])),
    ]
    world.subnets = [
      Subnet(metadata: named("blue"), spec: .init(cidr: "10.1.0.0/24", gateway: "10.1.0.1")),
      Subnet(metadata: named("red"), spec: .init(cidr: "10.2.0.0/24", gateway: "10.2.0.1")),
      Subnet(metadata: named("outside"), spec: .init(cidr: "10.50.0.0/24", gateway: "10.50.0.1")),
    ]
    world.points.append(
      ConnectionPoint(
        metadata: ObjectMeta(name: "cp-ovn"),
        spec: .init(interfaces: [.init(implementation: .ovn, bridge: "br-phys")], physicalNetwork: "physnet1")))
    world.ports = [port("vm", .init(l2Service: "blue", type: .vm))]
  }

  static func check(
    _ resource: some ReferringResource, _ expected: [String], _ change: (inout World) -> Void = { _ in }
  ) {
    var world = World()
    virtual(&world)
    change(&world)
    #expect((resource.validate() + resource.validate(in: world)).map(\.description) == expected)
  }

  // MARK: Router

  @Test func aRouterThatIsRight() {
    Self.check(
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
    Self.check(Self.routers[index].0, [Self.routers[index].1])
  }

  @Test func subnetsOfARouterDoNotOverlap() {
    Self.check(
      Self.router(networks: [.init(l2Service: "blue"), .init(l2Service: "red")]),
      [
        #"spec.networks[1].l2Service: Invalid value: "red": its Subnet 10.1.0.128/25 overlaps 10.1.0.0/24 of L2Service test/blue; a router can join only one of them"#
      ]
    ) { $0.subnets[1].spec = .init(cidr: "10.1.0.128/25", gateway: "10.1.0.129") }
  }

  @Test func anIPv6NetworkHasNoTranslation() {
    Self.check(
      Self.router(networks: [.init(l2Service: "red", snat: true)], gateway: Self.outside),
      [
        "spec.networks[0].snat: Unsupported value: true: L2Service test/red has no IPv4 Subnet, and IPv6 addresses are not translated; leave it out"
      ]
    ) { $0.subnets[1].spec = .init(cidr: "fd02::/64", gateway: "fd02::1") }
  }

  @Test func aNetworkHasOneRouter() {
    Self.check(
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

  // MARK: NetworkPort

  static let ports: [(NetworkPort, [String])] = [
    (port("a", .init(l2Service: "blue", type: .vm, mac: "02:00:00:00:00:01", addresses: ["10.1.0.9"])), []),
    (port("a", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 5))), []),
    (port("a", .init(l2Service: "blue", type: .host, host: .init(connectionPoint: "cp-ovn", vlan: 30))), []),
    (
      port("a", .init(l2Service: "blue", type: .nested)),
      ["spec.parent: Required value: type Nested needs the port that it is inside of, and a VLAN"]
    ),
    (
      port("a", .init(l2Service: "blue", type: .host)),
      ["spec.host: Required value: type Host needs the ConnectionPoint where the host is"]
    ),
    (
      port("a", .init(l2Service: "blue", type: .vm, host: .init(connectionPoint: "cp-ovn", vlan: 30))),
      ["spec.host: Forbidden: it has no effect with type VM; leave it out, or use type Host"]
    ),
    (
      port("a", .init(l2Service: "blue", type: .vm, parent: .init(networkPort: "vm", vlan: 5))),
      ["spec.parent: Forbidden: it has no effect with type VM; leave it out, or use type Nested"]
    ),
    (
      port("a", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "a", vlan: 5))),
      [
        #"spec.parent.networkPort: Invalid value: "a": it is this port itself; name the port of the machine"#,
        #"spec.parent.networkPort: Not found: "a": there is no NetworkPort of this name in namespace test"#,
      ]
    ),
    (
      port("a", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 4095))),
      ["spec.parent.vlan: Invalid value: 4095: 4095 is reserved (IEEE 802.1Q); use 1-4094"]
    ),
    (
      port("a", .init(l2Service: "blue", type: .vm, mac: "01:00:5e:00:00:01")),
      [
        #"spec.mac: Invalid value: "01:00:5e:00:00:01": it is a group address, which no interface may have; use one such as 02:00:00:00:00:01"#
      ]
    ),
    (
      port("a", .init(l2Service: "blue", type: .vm, addresses: ["10.1.0.9", "10.1.0.9"])),
      [#"spec.addresses[1]: Duplicate value: "10.1.0.9": list it once"#]
    ),
    (
      port("a", .init(l2Service: "blue", type: .host, host: .init(connectionPoint: "cp-none", vlan: 30))),
      [#"spec.host.connectionPoint: Not found: "cp-none": there is no ConnectionPoint of this name"#]
    ),
    (
      port("a", .init(l2Service: "blue", type: .host, host: .init(connectionPoint: "cp-ovn", vlan: 50))),
      [
        "spec.host.vlan: Duplicate value: 50: the VLAN is taken on physical network physnet1 by L2Service test/outside; use another"
      ]
    ),
    (
      port("a", .init(l2Service: "outside", type: .host, host: .init(connectionPoint: "cp-ovn", vlan: 50))),
      [
        "spec.host.vlan: Duplicate value: 50: it is the VLAN of L2Service test/outside itself, so that the host is on it without a port; leave this one out"
      ]
    ),
    (
      port("a", .init(l2Service: "blue", type: .host, host: .init(connectionPoint: "cp-ovn", vlan: 0))),
      ["spec.host.vlan: Invalid value: 0: 0 stands for untagged frames (IEEE 802.1Q); use 1-4094"]
    ),
    (
      port("a", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 5), node: "worker1")),
      [#"spec.node: Forbidden: "worker1": a nested port is where its parent is; leave it out"#]
    ),
  ]

  @Test(arguments: ports.indices) func whatIsWrongWithAPort(index: Int) {
    Self.check(Self.ports[index].0, Self.ports[index].1)
  }

  @Test func aVLANInsideAPortIsOnePort() {
    let spec = NetworkPort.Spec(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 5))
    Self.check(
      Self.port("b", spec),
      ["spec.parent.vlan: Duplicate value: 5: NetworkPort a is this VLAN of vm; use another"]
    ) { $0.ports.append(Self.port("a", spec)) }
  }

  @Test func aPortInsideAPortHasNoneInside() {
    let spec = NetworkPort.Spec(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 5))
    Self.check(
      Self.port("b", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "a", vlan: 6))),
      [#"spec.parent.networkPort: Invalid value: "a": it is of type Nested; name a port of type VM"#]
    ) { $0.ports.append(Self.port("a", spec)) }
  }

  @Test func aVLANLeadsToOneNetwork() {
    func spec(_ service: String) -> NetworkPort.Spec {
      .init(l2Service: service, type: .host, host: .init(connectionPoint: "cp-ovn", vlan: 30))
    }
    Self.check(
      Self.port("b", spec("red")),
      [
        "spec.host.vlan: Duplicate value: 30: the VLAN leads to L2Service test/blue by NetworkPort test/a; use another"
      ]
    ) { $0.ports.append(Self.port("a", spec("blue"))) }
  }

  /// By two nodes frames would go round.
  @Test func aVLANLeadsThereByOneNode() {
    func spec(_ node: String?) -> NetworkPort.Spec {
      .init(l2Service: "blue", type: .host, host: .init(connectionPoint: "cp-ovn", vlan: 30), node: node)
    }
    Self.check(Self.port("b", spec(nil)), []) { $0.ports.append(Self.port("a", spec("worker1"))) }
    Self.check(Self.port("b", spec("worker1")), []) { $0.ports.append(Self.port("a", spec("worker1"))) }
    for (node, words) in [("worker1", "node worker1"), (nil, "a node that Netloom chooses")] {
      Self.check(
        Self.port("b", spec("worker2")),
        [
          #"spec.node: Invalid value: "worker2": NetworkPort test/a reaches the same VLAN by \#(words), and by two frames would go round; leave it out, or name the same in both"#
        ]
      ) { $0.ports.append(Self.port("a", spec(node))) }
    }
  }

  @Test func aHostIsWhereOVNReachesItsNetwork() {
    let spec = NetworkPort.Spec(l2Service: "blue", type: .host, host: .init(connectionPoint: "cp-br-data", vlan: 30))
    Self.check(
      Self.port("a", spec),
      [
        #"spec.host.connectionPoint: Unsupported value: "cp-br-data": it has no interface of implementation ovn, by which OVN would reach its physical network; add one, or use another"#
      ]
    ) { $0.points.append(Samples.connectionPoint) }
  }

  // MARK: ServiceChain and TrafficMirror

  private static let firewall = ServiceChain.Function(
    name: "firewall", podSelector: .init(matchLabels: ["app": "fw"]), left: "green")
  private static func chain(
    left: ServiceChain.End = .init(l2Service: "blue"), right: ServiceChain.End = .init(l2Service: "red"),
    _ functions: ServiceChain.Function...
  ) -> ServiceChain {
    ServiceChain(metadata: named("chain"), spec: .init(left: left, right: right, functions: functions))
  }

  static let chains: [(ServiceChain, [String])] = [
    (chain(firewall), []),
    (chain(), ["spec.functions: Required value: traffic passes as it is without one; add a function"]),
    (
      chain(firewall, firewall),
      [#"spec.functions[1].name: Duplicate value: "firewall": another function has this name; give each its own"#]
    ),
    (
      chain(.init(name: "Fire_Wall", podSelector: .init(matchLabels: ["app": "fw"]), left: "green")),
      [
        #"spec.functions[0].name: Invalid value: "Fire_Wall": use up to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends (RFC 1123)"#
      ]
    ),
    (
      chain(right: .init(l2Service: "test/blue"), firewall),
      [
        #"spec.right.l2Service: Invalid value: "test/blue": it is the network of the left end, where traffic passes no router; name another"#
      ]
    ),
    (
      chain(.init(name: "firewall", podSelector: .init(), left: "green")),
      [
        "spec.functions[0].podSelector: Required value: an empty selector selects every pod; write the labels of the pods that are meant"
      ]
    ),
    (
      chain(.init(name: "firewall", podSelector: .init(matchLabels: ["app": "fw"]), left: "green", right: "red")),
      [
        #"spec.functions[0].right: Invalid value: "red": it is the network of the right end, so that what the function sends would enter the chain again; put the function on a network of its own"#
      ]
    ),
    (
      chain(left: .init(l2Service: "blue", namespaceSelector: .init(matchLabels: ["a": "b"])), firewall),
      ["spec.left.namespaceSelector: Forbidden: it has no effect without podSelector; leave it out"]
    ),
    (
      chain(left: .init(l2Service: "none"), firewall),
      [#"spec.left.l2Service: Not found: "none": there is no L2Service none in namespace test"#]
    ),
  ]

  @Test(arguments: chains.indices) func whatIsWrongWithAChain(index: Int) {
    Self.check(Self.chains[index].0, Self.chains[index].1) {
      $0.services.append(L2Service(metadata: Self.named("green"), spec: .init()))
    }
  }

  private static func mirror(
    _ source: TrafficMirror.Source = .init(l2Service: "blue"),
    to destination: TrafficMirror.Destination = .init(pod: "analyser", interface: "net1")
  ) -> TrafficMirror {
    TrafficMirror(metadata: named("tm"), spec: .init(source: source, destination: destination))
  }

  static let mirrors: [(TrafficMirror, [String])] = [
    (mirror(), []),
    (mirror(to: .init(networkPort: "vm")), []),
    (mirror(.init(podSelector: .init(matchLabels: ["app": "web"]))), []),
    (mirror(.init()), ["spec.source: Required value: give podSelector or l2Service"]),
    (
      mirror(.init(podSelector: .init(matchLabels: ["app": "web"]), l2Service: "blue")),
      ["spec.source.l2Service: Forbidden: give podSelector or l2Service, not both"]
    ),
    (
      mirror(.init(podSelector: .init())),
      [
        "spec.source.podSelector: Required value: an empty selector selects every pod; write the labels of the pods that are meant"
      ]
    ),
    (
      mirror(to: .init(pod: "analyser", interface: "an-interface-name")),
      [
        #"spec.destination.interface: Invalid value: "an-interface-name": it is no name of an interface of Linux: 1 to 15 bytes without space, slash and colon"#
      ]
    ),
    (
      mirror(.init(l2Service: "none")),
      [#"spec.source.l2Service: Not found: "none": there is no L2Service none in namespace test"#]
    ),
    (mirror(to: .init()), ["spec.destination: Required value: give pod and interface, or networkPort"]),
    (mirror(to: .init(pod: "a")), ["spec.destination.interface: Required value: name the interface of the pod"]),
    (
      mirror(to: .init(interface: "net1")), ["spec.destination.pod: Required value: name the pod whose interface it is"]
    ),
    (
      mirror(to: .init(pod: "a", networkPort: "vm")),
      ["spec.destination.networkPort: Forbidden: give pod and interface, or networkPort, not both"]
    ),
    (
      mirror(to: .init(networkPort: "none")),
      [
        #"spec.destination.networkPort: Not found: "none": there is no NetworkPort of this name in namespace test"#
      ]
    ),
  ]

  @Test(arguments: mirrors.indices) func whatIsWrongWithAMirror(index: Int) {
    Self.check(Self.mirrors[index].0, Self.mirrors[index].1)
  }

  @Test func copiesNeedAnInterfaceOfTheirOwn() {
    let error = #"spec.destination.networkPort: Invalid value: "in": it is of type Nested; name a port of type VM"#
    Self.check(Self.mirror(to: .init(networkPort: "in")), [error]) {
      $0.ports.append(
        Self.port("in", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 100))))
    }
  }
}
