import NetworkTypes
import OVNModel
import Testing

@testable import Compiler

@Suite struct RouterPlanTests {
  /// The rows of the tables, or of those whose line has a text.
  private func lines(_ input: RouterInput, _ tables: NorthboundTable..., with text: String? = nil) -> [String] {
    RouterPlan(input).fragments.filter { tables.contains($0.key.table) }.map(\.line)
      .filter { line in text.map { line.contains($0) } ?? true }.sorted()
  }

  @Test("Two networks: a port on each, and on the switches")
  func networks() {
    let input = RouterSamples.inner
    #expect(RouterPlan(input).findings.isEmpty)
    #expect(
      RouterPlan(input).fragments.map(\.line).sorted() == [
        "Logical_Router shop/edge | name=shop/edge",
        "Logical_Router_Port shop/edge/to/shop/db | in Logical_Router shop/edge.ports | "
          + "ipv6_ra_configs={address_mode:dhcpv6_stateful, max_interval:60, mtu:1442, send_periodic:true} | mac=02:4f:7c:2e:ec:ff | "
          + "name=shop/edge/to/shop/db | networks={10.2.0.1/24, fd02::1/64}",
        "Logical_Router_Port shop/edge/to/shop/web | in Logical_Router shop/edge.ports | "
          + "ipv6_ra_configs={address_mode:dhcpv6_stateful, max_interval:60, mtu:1442, send_periodic:true} | mac=02:4f:ac:64:c8:21 | "
          + "name=shop/edge/to/shop/web | networks={10.1.0.1/24, fd01::1/64}",
        "Logical_Switch_Port shop/db/router/shop/edge | in Logical_Switch shop/db.ports | addresses={router} | "
          + "name=shop/db/router/shop/edge | options={router-port:shop/edge/to/shop/db} | type=router",
        "Logical_Switch_Port shop/web/router/shop/edge | in Logical_Switch shop/web.ports | addresses={router} | "
          + "name=shop/web/router/shop/edge | options={router-port:shop/edge/to/shop/web} | type=router",
      ])
  }

  @Test("The join network's first two addresses are the router's and the gateway's")
  func join() {
    let ports = lines(RouterSamples.standby, .logicalRouterPort, with: "join")
    #expect(ports.count == 2)
    #expect(ports[0].contains("shop/edge/gateway/to/join") && ports[0].contains("{100.64.0.2/24, fd64::2/120}"))
    #expect(ports[1].contains("shop/edge/to/join") && ports[1].contains("{100.64.0.1/24, fd64::1/120}"))
  }

  @Test("The router sends to its gateway what is not inside, the gateway to the outside, and back what is inside")
  func routes() {
    let routes = RouterPlan(RouterSamples.standby).fragments.map(\.key).filter { $0.table == .staticRoute }.map(\.name)
    #expect(
      routes.sorted() == [
        "shop/edge 0.0.0.0/0 by 100.64.0.2", "shop/edge 10.90.0.0/16 by 10.2.0.90", "shop/edge ::/0 by fd64::2",
        "shop/edge/gateway 0.0.0.0/0 by 10.50.0.1", "shop/edge/gateway 10.1.0.0/24 by 100.64.0.1",
        "shop/edge/gateway 10.2.0.0/24 by 100.64.0.1", "shop/edge/gateway 10.90.0.0/16 by 100.64.0.1",
        "shop/edge/gateway ::/0 by fd50::1", "shop/edge/gateway fd01::/64 by fd64::1",
        "shop/edge/gateway fd02::/64 by fd64::1",
      ])
  }

  @Test("A default route to a neighbour inside leaves the gateway what its own routes name")
  func defaultInside() {
    var input = RouterSamples.standby
    input.routes = [RouterSamples.route("0.0.0.0/0", "10.2.0.90"), RouterSamples.route("10.80.0.0/16", "10.50.0.1")]
    let routes = RouterPlan(input).fragments.map(\.key).filter { $0.table == .staticRoute }.map(\.name)
    #expect(
      routes.filter { $0.hasPrefix("shop/edge ") }.sorted() == [
        "shop/edge 0.0.0.0/0 by 10.2.0.90", "shop/edge 10.50.0.0/24 by 100.64.0.2",
        "shop/edge 10.80.0.0/16 by 100.64.0.2", "shop/edge ::/0 by fd64::2",
      ])
    #expect(routes.contains("shop/edge/gateway 10.80.0.0/16 by 10.50.0.1"))
    #expect(routes.contains("shop/edge/gateway 0.0.0.0/0 by 100.64.0.1"))
  }

  @Test("Only networks that ask for it are hidden; a floating address is translated where its pod is")
  func translations() {
    #expect(
      lines(RouterSamples.standby, .nat).map { $0.split(separator: " | ").dropFirst(2).joined(separator: " ") } == [
        "external_ip=10.50.0.2 logical_ip=10.1.0.0/24 type=snat",
        "external_ip=10.50.0.10 external_mac={02:4f:fc:f0:fc:0f} logical_ip=10.1.0.10 logical_port={shop/a/net1} "
          + "type=dnat_and_snat",
        "external_ip=10.50.0.11 logical_ip=10.2.0.10 type=dnat_and_snat",
      ])
    var elsewhere = RouterSamples.standby
    elsewhere.gateway?.nodes.removeLast()
    #expect(lines(elsewhere, .nat, with: "external_mac").isEmpty)
    // Where the router is on one node, the packets of the others pass there and would not be translated.
    var physical = RouterSamples.standby
    physical.networks[0].nodes = physical.gateway?.nodes
    #expect(lines(physical, .nat, with: "external_mac").isEmpty)
    #expect(lines(physical, .nat, with: "external_ip=10.50.0.10").count == 1)
  }

  @Test("A gateway on every node: each with addresses of its own, and pods leave by that of their node")
  func perNode() {
    let input = RouterSamples.perNode
    #expect(RouterPlan(input).findings.isEmpty)
    for (index, node) in input.gateway!.nodes.enumerated() {
      let gateway = "shop/edge/gateway/\(node.name)"
      #expect(
        lines(input, .logicalRouter, with: gateway) == [
          "Logical_Router \(gateway) | name=\(gateway) | options={chassis:\(node.chassis)}"
        ])
      #expect(
        lines(input, .logicalRouterPort, with: "\(gateway)/to/outside |")[0]
          .contains("networks={10.50.0.\(2 + index)/24, fd50::\(2 + index)/64}"))
      let set = RouterPlan.localAddresses(input.name, node: node.name, .v4)
      #expect(
        lines(input, .routerPolicy, with: "ip4.src == $\(set) | nexthops={100.64.0.\(2 + index)} | priority=10").count
          == 1)
      #expect(lines(input, .nat, with: "external_ip=10.50.0.\(2 + index) | logical_ip=10.1.0.0/24").count == 1)
    }
    #expect(lines(input, .haChassisGroup).isEmpty)
    let floating = lines(input, .nat, with: "dnat_and_snat")
    #expect(floating.count == 2)
    #expect(floating.contains { $0.contains("gateway/n3.nat") && $0.contains("10.50.0.10") })
    #expect(lines(input, .addressSet, with: "addresses={10.1.0.10}").first?.contains("n3") == true)
  }

  @Test("Nodes that come and go take no address from the others")
  func seats() {
    var gateway = RouterSamples.perNode.gateway!
    let extra = RouterInput.Node(name: "n0", chassis: "c-n0")
    gateway.present = ["n2": RouterSamples.addresses("10.50.0.3", "fd50::3")]
    gateway.nodes = [extra, gateway.nodes[1]]
    #expect(gateway.seats.map(\.node.name) == ["n0", "n2"])
    #expect(gateway.seats.map(\.seat) == [0, 1])
    gateway.present["gone"] = RouterSamples.addresses("10.50.0.2", "fd50::2")
    #expect(gateway.seats.map(\.seat) == [0, 1])
    gateway.addresses.removeAll { $0 == IPAddress("10.50.0.3") }
    #expect(gateway.seats.map(\.seat) == [0, 1], "n2's address is gone: it gets another")
  }

  @Test("The nodes that a gateway can be on keep their order when one comes")
  func candidates() {
    let input = RouterSamples.standby
    let before = input.candidates(RouterSamples.nodes, for: "port")
    let after = input.candidates(RouterSamples.nodes + [.init(name: "n4", chassis: "c-n4")], for: "port")
    #expect(after.filter { $0.name != "n4" } == before)
    let many = (0..<50).map { RouterInput.Node(name: "n\($0)", chassis: "c\($0)") }
    #expect(input.candidates(many, for: "port").count == RouterInput.candidateLimit)
    let first = Set((0..<50).compactMap { input.candidates(many, for: "port\($0)").first?.name })
    #expect(first.count > 20, "routers are active on different nodes")
  }

  @Test("A port into a network of smaller packets says how large they can be")
  func packets() {
    #expect(lines(RouterSamples.inner, .logicalRouterPort, with: "gateway_mtu").isEmpty)
    #expect(lines(RouterSamples.standby, .logicalRouterPort, with: "gateway_mtu:1442").count == 2)
  }

  @Test("Neighbours of the gateway that are watched, and that share the flows")
  func watched() {
    var input = RouterSamples.perNode
    input.routes = [RouterSamples.route("0.0.0.0/0", "10.50.0.1", "10.50.0.254", bfd: true)]
    #expect(lines(input, .bfd).count == 6)
    #expect(lines(input, .staticRoute, with: "ecmp_symmetric_reply:true").count == 6)
    #expect(lines(input, .staticRoute, with: "bfd={BFD shop/edge/gateway/n1/to/outside 10.50.0.254}").count == 1)
  }

  @Test("A network that every node reaches by a bridge of its own is served by one node at a time")
  func physicalNetwork() {
    var input = RouterSamples.inner
    input.networks[1].nodes = RouterSamples.nodes
    #expect(lines(input, .haChassis).count == 3)
    #expect(
      lines(input, .logicalRouterPort, with: "ha_chassis_group={HA_Chassis_Group shop/edge/to/shop/db}").count == 1)
  }

  @Test("What cannot be is refused with the field and the way out")
  func findings() {
    func message(_ base: RouterInput, _ change: (inout RouterInput) -> Void) -> String? {
      var input = base
      change(&input)
      return RouterPlan(input).findings.first?.message
    }
    #expect(message(RouterSamples.standby) { $0.gateway?.nodes = [] }?.hasPrefix("spec.gateway: no node") == true)
    #expect(
      message(RouterSamples.perNode) { $0.gateway?.addresses.removeLast() }
        == "spec.gateway.addresses: 3 nodes need 3 addresses of each IP family, there are 2; add some, or choose fewer nodes "
        + "by spec.gateway.nodeSelector")
    #expect(
      message(RouterSamples.perNode) { $0.joinSubnets = [CIDR("100.64.0.0/30")!] }
        == "spec.joinSubnets: 100.64.0.0/30 has no room for the router and 3 gateways; use a larger one")
    #expect(
      message(RouterSamples.standby) { $0.routes[0].nextHops = RouterSamples.addresses("10.50.0.1", "10.1.0.9") }?
        .hasPrefix("spec.routes[0].nextHops: 10.1.0.9 is inside") == true)
    #expect(
      message(RouterSamples.standby) { $0.routes[2].hasBFD = true }?.hasPrefix("spec.routes[2].bfd: 10.2.0.90") == true)
    #expect(
      message(RouterSamples.standby) { $0.routes[2].destination = CIDR("10.1.0.0/24")! }?
        .hasPrefix("spec.routes[2].destination: 10.1.0.0/24 is Subnet") == true)
  }

  @Test("Names of sets differ when names differ, and are such as OVN takes")
  func names() {
    let names = [("a-b", "c"), ("a", "b-c"), ("a.b", "c"), ("a", "b.c")].map { router, node in
      RouterPlan.localAddresses(RouterSamples.name(router), node: node, .v4)
    }
    #expect(Set(names).count == 4)
    for name in names {
      #expect(name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789_.".utf8.contains($0) })
    }
  }
}
