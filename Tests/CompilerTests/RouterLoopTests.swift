import KubernetesModel
import NetworkTypes
import Testing

@testable import Compiler

@Suite struct RouterLoopTests {
  private static let (a, b, c) = (RouterSamples.name("a"), RouterSamples.name("b"), RouterSamples.name("c"))

  /// Three routers on one network, with 10.0.0.1, .2 and .3 there and a network of their own each.
  private func topology(_ routes: [NamespacedName: [RouterInput.Route]]) -> RouterTopology {
    var topology = RouterTopology()
    for (index, name) in [Self.a, Self.b, Self.c].enumerated() {
      topology.routers[name] = .init(
        addresses: [RouterSamples.name("transit"): [IPAddress("10.0.0.\(index + 1)")!]],
        subnets: [CIDR("10.0.0.0/24")!, CIDR("10.1.\(index).0/24")!], routes: routes[name] ?? [])
    }
    return topology
  }

  @Test("Each to the other's network is no loop")
  func none() {
    let topology = topology([
      Self.a: [RouterSamples.route("10.1.1.0/24", "10.0.0.2"), RouterSamples.route("0.0.0.0/0", "10.0.0.3")],
      Self.b: [RouterSamples.route("10.1.0.0/24", "10.0.0.1"), RouterSamples.route("0.0.0.0/0", "10.0.0.3")],
      Self.c: [RouterSamples.route("0.0.0.0/0", "10.0.0.254")],
    ])
    for name in [Self.a, Self.b, Self.c] { #expect(topology.finding(for: name) == nil) }
  }

  @Test("Two that send the rest to each other, and who only sends there is not blamed")
  func mutual() {
    let topology = topology([
      Self.a: [RouterSamples.route("0.0.0.0/0", "10.0.0.2")], Self.b: [RouterSamples.route("0.0.0.0/0", "10.0.0.1")],
      Self.c: [RouterSamples.route("0.0.0.0/0", "10.0.0.1")],
    ])
    #expect(
      topology.finding(for: Self.a)?.message
        == "spec.routes[0]: packets to 0.0.0.0/0 would go round: Router shop/b sends them back here; take the route away in "
        + "one of them")
    #expect(topology.finding(for: Self.b)?.message.contains("Router shop/a") == true)
    #expect(topology.finding(for: Self.c) == nil)
  }

  @Test("A narrow route that meets a wide one, over three routers and one of several next hops")
  func narrow() {
    let topology = topology([
      Self.a: [RouterSamples.route("10.9.0.0/16", "10.0.0.254", "10.0.0.2")],
      Self.b: [RouterSamples.route("10.0.0.0/8", "10.0.0.3")],
      Self.c: [RouterSamples.route("10.1.0.0/24", "10.0.0.1"), RouterSamples.route("0.0.0.0/0", "10.0.0.1")],
    ])
    for name in [Self.a, Self.b, Self.c] { #expect(topology.finding(for: name) != nil) }
    var opened = topology
    opened.routers[Self.b]?.routes.append(RouterSamples.route("10.9.0.0/16", "10.0.0.254"))
    for name in [Self.a, Self.b, Self.c] { #expect(opened.finding(for: name) == nil) }
  }

  @Test("A route to itself")
  func own() {
    let topology = topology([Self.b: [RouterSamples.route("10.9.0.0/16", "10.0.0.2")]])
    #expect(topology.finding(for: Self.b)?.message.contains("own address") == true)
  }
}
