import JSON
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import OVNModel
import Testing

@testable import Compiler

/// MultiNetworkPolicies of a world: what OVN gets, and what people are told.
struct PolicyRowsTests {
  private func simulation(hasOVN: Bool = true) -> Simulation {
    var simulation = Simulation()
    simulation.compiler = Compiler(hasOVN: hasOVN)
    simulation.apply(
      .node(name: "worker1", labels: [:], chassis: Chassis(name: "chassis-worker1", mtu: 1442)))
    simulation.apply(.namespace(name: "test", labels: ["team": "blue"]))
    simulation.apply(.subnet(Samples.overlaySubnet))
    simulation.apply(
      .service(
        L2Service(metadata: ObjectMeta(name: "blue", namespace: "test"), spec: .init(subnets: ["blue"]))))
    simulation.apply(
      .attachment(
        L2ServiceAttachment(
          metadata: ObjectMeta(name: "blue", namespace: "test"), spec: .init(l2Services: ["blue"], vlanType: .access))))
    return simulation
  }

  private func pod(_ name: String, app: String, on network: String = "blue") -> WorldObject {
    .pod(
      PodRecord(
        name: .init(namespace: "test", name: name), uid: "uid-\(name)", node: "worker1",
        creationTimestamp: Simulation.time(0), networks: network, labels: ["app": app]))
  }

  private func policy(for networks: String = "blue", _ spec: String) throws -> WorldObject {
    var metadata = ObjectMeta(name: "web", namespace: "test")
    metadata.annotations = [PodAnnotation.policyFor: networks]
    return .policy(MultiNetworkPolicy(metadata: metadata, spec: try JSONValue(parsing: Array(spec.utf8))))
  }

  private let spec = """
    {"podSelector": {"matchLabels": {"app": "web"}}, "ingress": [{"ports": [{"port": 80}],
     "from": [{"podSelector": {"matchLabels": {"app": "client"}}, "namespaceSelector": {"matchLabels": {"team": "blue"}}}]}]}
    """

  private func ports(_ simulation: Simulation) -> NorthboundValue? {
    simulation.ovn[PortGroup.key("netloom_test.web.On.test.blue")]?.columns["ports"]
  }

  private func peers(_ simulation: Simulation) -> Int? {
    guard
      case .set(let peers)? = simulation.ovn[AddressSetRow.key("netloom_test.web.On.test.blue.Ingress0v4")]?.columns[
        "addresses"]
    else { return nil }
    return peers.count
  }

  @Test func followsPodsAndNamespacesByTheirLabels() throws {
    var simulation = simulation()
    simulation.apply(try policy(spec))
    simulation.settle()
    #expect(ports(simulation) == .references([]))
    #expect(peers(simulation) == 0)

    for object in [pod("one", app: "web"), pod("two", app: "client"), pod("three", app: "other")] {
      simulation.apply(object)
    }
    simulation.settle()
    #expect(ports(simulation) == .references([LogicalSwitchPort.key("test/one/net1")]))
    #expect(peers(simulation) == 1)

    simulation.apply(pod("three", app: "client"))
    simulation.settle()
    #expect(peers(simulation) == 2)
    simulation.apply(.namespace(name: "test", labels: [:]))
    simulation.settle()
    #expect(peers(simulation) == 0)
    #expect(simulation.announcements.isEmpty)

    simulation.delete(WorldID(.policy, .init(namespace: "test", name: "web")))
    simulation.settle()
    #expect(ports(simulation) == nil)
    #expect(simulation.ovn.keys.allSatisfy { $0.table != .accessList && $0.table != .addressSet })
  }

  @Test func podsOfAnotherNetworkAreKnownWhereARouterJoinsIt() throws {
    var simulation = simulation()
    let metadata = ObjectMeta(name: "green", namespace: "test")
    simulation.apply(.subnet(Subnet(metadata: metadata, spec: .init(cidr: "10.99.0.0/24", gateway: "10.99.0.1"))))
    simulation.apply(.service(L2Service(metadata: metadata, spec: .init(subnets: ["green"]))))
    simulation.apply(
      .attachment(L2ServiceAttachment(metadata: metadata, spec: .init(l2Services: ["green"], vlanType: .access))))
    simulation.apply(try policy(for: "blue, green", spec))
    simulation.apply(pod("one", app: "web"))
    simulation.apply(pod("two", app: "client", on: "green"))
    simulation.settle()
    // Another pod on blue may have the address that this one has on green.
    #expect(peers(simulation) == 0)

    simulation.apply(
      .router(Router(metadata: metadata, spec: .init(networks: [.init(l2Service: "blue"), .init(l2Service: "green")]))))
    simulation.settle()
    #expect(peers(simulation) == 1)
    simulation.delete(WorldID(.router, metadata.namespacedName))
    simulation.settle()
    #expect(peers(simulation) == 0)
  }

  @Test func aMistakeLeavesWhatWasThere() throws {
    var simulation = simulation()
    for object in [pod("one", app: "web"), try policy(spec)] { simulation.apply(object) }
    simulation.settle()
    let before = Set(simulation.ovn.keys)
    simulation.apply(try policy(#"{"podSelector": {"matchLabels": 7}}"#))
    simulation.settle()
    #expect(Set(simulation.ovn.keys) == before)
    #expect(simulation.announcements.map(\.reason) == [ConditionReason.invalid])
  }

  @Test(arguments: [true, false]) func saysWhereItIsNotEnforced(hasOVN: Bool) throws {
    var simulation = simulation(hasOVN: hasOVN)
    simulation.apply(try policy(for: hasOVN ? "blue, other/vlan" : "blue", spec))
    simulation.settle()
    let told = simulation.announcements.filter { $0.subject.kind == .policy }
    #expect(told.last?.reason == ConditionReason.notSupported)
    #expect(told.last?.message.contains(hasOVN ? "not enforced on other/vlan:" : "not enforced on test/blue:") == true)
    #expect((ports(simulation) != nil) == hasOVN)
  }
}
