import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import OVNModel
import Testing

@testable import Compiler

/// Ports for what is not a pod, and what they share with pods: a Router's routes and addresses outside, and names.
struct NetworkPortNeighbourTests {
  private static func router(_ change: (inout Router.Spec) -> Void = { _ in }) -> WorldObject {
    var spec = Router.Spec(networks: [.init(l2Service: "blue"), .init(l2Service: "red")])
    change(&spec)
    return .router(Router(metadata: ObjectMeta(name: "edge", namespace: "test"), spec: spec))
  }

  /// The network blue, a network red, and a VLAN outside that both workers reach.
  private static func simulation() -> Simulation {
    var simulation = NetworkPortTests.simulation()
    simulation.apply(Samples.subnet("red4", .init(cidr: "10.2.0.0/24", gateway: "10.2.0.1")))
    simulation.apply(Samples.subnet("outside", .init(cidr: "10.50.0.0/24", gateway: "10.50.0.1")))
    simulation.apply(
      .service(L2Service(metadata: ObjectMeta(name: "red", namespace: "test"), spec: .init(subnets: ["red4"]))))
    simulation.apply(
      .service(
        L2Service(
          metadata: ObjectMeta(name: "outside", namespace: "test"),
          spec: .init(segmentationID: 50, physicalNetworks: ["physnet1"], subnets: ["outside"]))))
    return simulation
  }

  private func options(_ name: String, _ simulation: Simulation) throws -> [String: String] {
    let row = try #require(simulation.ovn[LogicalSwitchPort.key("NetworkPort/test/\(name)")])
    guard case .references(let keys)? = row.columns["dhcpv4_options"], let key = keys.first,
      case .map(let options)? = simulation.ovn[key]?.columns["options"]
    else { return [:] }
    return options
  }

  @Test func whatTheRouterTellsPodsDHCPTells() throws {
    var simulation = Self.simulation()
    simulation.apply(Self.router())
    simulation.apply(NetworkPortTests.port("vm", .init(l2Service: "red", type: .vm)))
    simulation.apply(NetworkPortTests.port("other", .init(l2Service: "blue", type: .vm)))
    simulation.settle()
    #expect(
      try options("vm", simulation)["classless_static_route"] == "{10.1.0.0/24,10.2.0.1, 0.0.0.0/0,10.2.0.1}")
    #expect(
      try options("other", simulation)["classless_static_route"]
        == "{10.9.0.0/16,10.1.0.2, 10.2.0.0/24,10.1.0.1, 0.0.0.0/0,10.1.0.1}")
    simulation.delete(WorldID(.router, Samples.name("edge")))
    simulation.settle()
    #expect(try options("vm", simulation)["classless_static_route"] == nil)
    #expect(try options("vm", simulation)["router"] == "10.2.0.1")
  }

  @Test func whatDHCPHasNoRoomForIsTold() throws {
    var simulation = Self.simulation()
    let domains = (0..<20).map { "department-\($0).example.org" }
    let routes = (0..<40).map { Subnet.Route(destination: "10.9.\($0).0/24", nextHop: "10.2.0.9") }
    simulation.apply(
      Samples.subnet(
        "red4", .init(cidr: "10.2.0.0/24", gateway: "10.2.0.1", routes: routes, dns: .init(search: domains))))
    simulation.apply(NetworkPortTests.port("vm", .init(l2Service: "red", type: .vm)))
    simulation.settle()
    #expect(
      simulation.port("vm")?.status?.conditions?[type: ConditionType.ready]?.message
        == "DHCP has no room for 9 routes of Subnet test/red4 (10.9.31.0/24 is the first): they take 255 bytes at most; "
        + "use larger destinations, or dhcp: false")
    let text = try #require(try options("vm", simulation)["classless_static_route"])
    #expect(text.split(separator: " ").count == 32)
    #expect(text.hasSuffix(" 0.0.0.0/0,10.2.0.1}"))
    #expect(
      try options("vm", simulation)["domain_search_list"]
        == "\"\(domains.prefix(9).joined(separator: ","))\"")
    simulation.apply(
      Samples.subnet("red4", .init(cidr: "10.2.0.0/24", gateway: "10.2.0.1", dns: .init(search: domains))))
    simulation.settle()
    #expect(
      simulation.port("vm")?.status?.conditions?[type: ConditionType.ready]?.message
        == "DHCP has no room for 11 domains of Subnet test/red4 (department-9.example.org is the first): they take 255 "
        + "bytes at most; use fewer, or dhcp: false")
  }

  /// By the gateway goes what is not told, too.
  @Test func theDefaultRouteStandsForRoutesOfTheRouter() throws {
    let subnet = try Subnet.Spec(cidr: "10.2.0.0/24", gateway: "10.2.0.1").parsed()
    let announced = try (0..<60).map {
      Allocation.Route(destination: try CIDR(parsing: "10.\($0).1.0/24"), nextHop: try IPAddress(parsing: "10.2.0.1"))
    }
    let routes = ClasslessRoutes(subnet, announced: announced)
    #expect(routes.told.map(\.size).reduce(0, +) <= 255)
    #expect(routes.told.count == 32)
    #expect(routes.leftOut.isEmpty)
    #expect(ClasslessRoutes(subnet, announced: []).text == nil)
  }

  @Test func floatingAddressesCanBeAPorts() throws {
    var simulation = Self.simulation()
    simulation.apply(
      Self.router {
        $0.gateway = .init(l2Service: "outside", addresses: ["10.50.0.2"])
        $0.floatingAddresses = [
          .init(external: "10.50.0.10", internal: "10.2.0.9"), .init(external: "10.50.0.11", internal: "10.2.0.10"),
        ]
      })
    simulation.apply(
      NetworkPortTests.port("vm", .init(l2Service: "red", type: .vm, addresses: ["10.2.0.9"], node: "worker2")))
    simulation.apply(
      NetworkPortTests.port(
        "inner",
        .init(l2Service: "red", type: .nested, addresses: ["10.2.0.10"], parent: .init(networkPort: "vm", vlan: 7))))
    simulation.settle()
    func translation(_ external: String) -> WantedRows.Row? {
      simulation.ovn[NorthboundKey(.nat, "test/edge/gateway \(external)")]
    }
    #expect(translation("10.50.0.10")?.columns["logical_port"] == .set(["NetworkPort/test/vm"]))
    #expect(translation("10.50.0.11")?.columns["logical_port"] == .set(["NetworkPort/test/inner"]))
    #expect(translation("10.50.0.10")?.columns["external_mac"] != .set([]))
    // While it is not known where it is, the gateway translates.
    simulation.apply(NetworkPortTests.port("vm", .init(l2Service: "red", type: .vm, addresses: ["10.2.0.9"])))
    simulation.settle()
    #expect(translation("10.50.0.10")?.columns["logical_port"] == .set([]))
    #expect(translation("10.50.0.10")?.columns["external_ip"] == .one("10.50.0.10"))
    simulation.hear(.southbound(.followed), .bound(port: "NetworkPort/test/vm", chassis: "chassis-worker1"))
    #expect(translation("10.50.0.10")?.columns["logical_port"] == .set(["NetworkPort/test/vm"]))
  }

  @Test func aPortLeavesByTheGatewayOfItsNode() throws {
    var simulation = Self.simulation()
    simulation.apply(
      Self.router {
        $0.gateway = .init(l2Service: "outside", addresses: ["10.50.0.2", "10.50.0.3"], mode: .perNode)
        $0.floatingAddresses = [.init(external: "10.50.0.10", internal: "10.2.0.9")]
      })
    simulation.apply(
      NetworkPortTests.port("vm", .init(l2Service: "red", type: .vm, addresses: ["10.2.0.9"], node: "worker2")))
    simulation.settle()
    func addresses(_ node: String) -> NorthboundValue? {
      let set = RouterPlan.localAddresses(Samples.name("edge"), node: node, .v4)
      return simulation.ovn[AddressSetRow.key(set)]?.columns["addresses"]
    }
    #expect(addresses("worker1") == .set([]))
    #expect(addresses("worker2") == .set(["10.2.0.9"]))
    #expect(simulation.ovn[NorthboundKey(.nat, "test/edge/gateway/worker2 10.50.0.10")] != nil)
    #expect(simulation.ovn[NorthboundKey(.nat, "test/edge/gateway/worker1 10.50.0.10")] == nil)
    // It moves.
    simulation.apply(NetworkPortTests.port("vm", .init(l2Service: "red", type: .vm, addresses: ["10.2.0.9"])))
    simulation.hear(.southbound(.followed), .bound(port: "NetworkPort/test/vm", chassis: "chassis-worker1"))
    #expect(addresses("worker1") == .set(["10.2.0.9"]))
    #expect(addresses("worker2") == .set([]))
    #expect(simulation.ovn[NorthboundKey(.nat, "test/edge/gateway/worker1 10.50.0.10")] != nil)
  }

  @Test func itHasNamesLikeAPod() throws {
    var simulation = Self.simulation()
    simulation.apply(NetworkPortTests.port("vm", .init(l2Service: "blue", type: .vm)))
    simulation.settle()
    func records() -> [String: String] {
      if case .map(let records)? = simulation.ovn[DNSTable.key("test/blue")]?.columns["records"] {
        records
      } else {
        [:]
      }
    }
    #expect(records()["vm.blue"] == "10.1.0.10 fd01::2")
    #expect(records()["vm.test.blue"] == "10.1.0.10 fd01::2")
    #expect(records()["10.0.1.10.in-addr.arpa"] == "vm.blue")
    // A pod of the same name has the name.
    simulation.apply(NetworkPortTests.pod("vm"))
    simulation.settle()
    #expect(records()["vm.blue"] == "10.1.0.11 fd01::3")
    #expect(records()["vm.test.blue"] == "10.1.0.11 fd01::3")
    simulation.delete(WorldID(.pod, Samples.name("vm")))
    simulation.settle()
    #expect(records()["vm.blue"] == "10.1.0.10 fd01::2")
    simulation.delete(WorldID(.networkPort, Samples.name("vm")))
    simulation.settle()
    #expect(records() == [:])
  }
}
