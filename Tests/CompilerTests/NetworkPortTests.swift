import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import OVNModel
import Testing

@testable import Compiler

/// Ports for what is not a pod: their addresses, which are those of pods too, and what OVN is asked for.
struct NetworkPortTests {
  static func simulation(pool: String = "10.1.0.40") -> Simulation {
    var simulation = Simulation()
    simulation.compiler = Compiler(hasOVN: true)
    for node in ["worker1", "worker2"] {
      simulation.apply(
        .node(name: node, labels: ["node-pool": "data"], chassis: Chassis(name: "chassis-\(node)", mtu: 1442)))
    }
    simulation.apply(
      .connectionPoint(
        ConnectionPoint(
          metadata: ObjectMeta(name: "cp-ovn"),
          spec: .init(
            interfaces: [.init(implementation: .ovn, bridge: "br-phys", uplink: "eth2")], physicalNetwork: "physnet1")))
    )
    simulation.apply(
      Samples.subnet(
        "blue4",
        .init(
          cidr: "10.1.0.0/24", gateway: "10.1.0.1", pools: [.init(start: "10.1.0.10", end: pool)],
          exclude: ["10.1.0.20/30"], routes: [.init(destination: "10.9.0.0/16", nextHop: "10.1.0.2")],
          dns: .init(nameservers: ["10.1.0.3", "fd01::3"], domain: "example.org"))))
    simulation.apply(Samples.subnet("blue6", .init(cidr: "fd01::/64", gateway: "fd01::1")))
    simulation.apply(
      .service(
        L2Service(metadata: ObjectMeta(name: "blue", namespace: "test"), spec: .init(subnets: ["blue4", "blue6"]))))
    simulation.apply(
      .attachment(
        L2ServiceAttachment(
          metadata: ObjectMeta(name: "blue", namespace: "test"), spec: .init(l2Services: ["blue"], vlanType: .access))))
    simulation.settle()
    return simulation
  }

  /// What OVN has of the network when nobody is on it.
  static let networkAlone: Set = [LogicalSwitch.key("test/blue"), DNSTable.key("test/blue")]

  static func port(_ name: String, _ spec: NetworkPort.Spec) -> WorldObject {
    .networkPort(NetworkPort(metadata: ObjectMeta(name: name, namespace: "test"), spec: spec))
  }

  static func pod(_ name: String, _ networks: String = "blue", uid: String? = nil) -> WorldObject {
    .pod(
      PodRecord(
        name: Samples.name(name), uid: uid ?? "uid-\(name)", node: "worker1", creationTimestamp: Simulation.time(0),
        networks: networks))
  }

  private func row(_ name: String, _ simulation: Simulation) throws -> WantedRows.Row {
    try #require(simulation.ovn[LogicalSwitchPort.key(name)])
  }

  @Test func aMachineGetsAnAddressAndAPort() throws {
    var simulation = Self.simulation()
    simulation.apply(Self.port("vm", .init(l2Service: "blue", type: .vm, node: "worker2")))
    simulation.settle()
    let status = try #require(simulation.port("vm")?.status)
    #expect(status.phase == .ready)
    #expect(status.interfaceID == "NetworkPort/test/vm")
    #expect(status.addresses == ["10.1.0.10/24", "fd01::2/64"])
    #expect(status.node == "worker2")
    let identity = "\(try #require(status.mac)) 10.1.0.10 fd01::2"
    let row = try row("NetworkPort/test/vm", simulation)
    #expect(row.parents == [.init(LogicalSwitch.key("test/blue"), "ports")])
    #expect(row.columns["addresses"] == .set([.string(identity)]))
    #expect(row.columns["port_security"] == .set([.string("\(identity) fe80::4e:aff:fe01:a")]))
    #expect(row.columns["options"] == .map(["requested-chassis": "chassis-worker2"]))
    guard case .references(let four)? = row.columns["dhcpv4_options"], let four = four.first,
      case .map(var options)? = simulation.ovn[four]?.columns["options"]
    else { return #expect(Bool(false), "no DHCP for IPv4") }
    #expect(options.removeValue(forKey: "server_mac")?.isEmpty == false)
    #expect(
      options == [
        "server_id": "10.1.0.1", "lease_time": "3600", "mtu": "1442", "router": "10.1.0.1",
        "dns_server": "{10.1.0.3}", "domain_name": "\"example.org\"",
        "classless_static_route": "{10.9.0.0/16,10.1.0.2, 0.0.0.0/0,10.1.0.1}",
      ])
    guard case .references(let six)? = row.columns["dhcpv6_options"], let six = six.first,
      case .map(let options)? = simulation.ovn[six]?.columns["options"]
    else { return #expect(Bool(false), "no DHCP for IPv6") }
    #expect(options["dns_server"] == "{fd01::3}")
    #expect(Set(options.keys) == ["server_id", "dns_server"])
  }

  @Test func itGoesWithItsAddresses() throws {
    var simulation = Self.simulation()
    simulation.apply(Self.port("vm", .init(l2Service: "blue", type: .vm)))
    simulation.settle()
    simulation.delete(WorldID(.service, Samples.name("blue")))
    simulation.delete(WorldID(.attachment, Samples.name("blue")))
    simulation.settle()
    let blocked = try #require(simulation.service("blue")?.status?.conditions?[type: ConditionType.blocked])
    #expect(blocked.message == "in use by NetworkPort test/vm")
    simulation.delete(WorldID(.networkPort, Samples.name("vm")))
    simulation.settle()
    #expect(simulation.service("blue") == nil)
    #expect(simulation.ovn.keys.isEmpty)
    #expect(simulation.subnet("blue4")?.status?.used == 0)
    #expect(simulation.compiler.violations() == [])
  }

  @Test func aNestedPortHoldsItsParent() throws {
    var simulation = Self.simulation()
    simulation.apply(Self.port("vm", .init(l2Service: "blue", type: .vm)))
    simulation.apply(
      Self.port("inner", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "vm", vlan: 100))))
    simulation.settle()
    let row = try row("NetworkPort/test/inner", simulation)
    #expect(row.columns["parent_name"] == .set([.string("NetworkPort/test/vm")]))
    #expect(row.columns["tag_request"] == .set([.integer(100)]))
    #expect(simulation.port("inner")?.status?.interfaceID == nil)
    simulation.delete(WorldID(.networkPort, Samples.name("vm")))
    simulation.settle()
    #expect(simulation.port("vm")?.status?.phase == .terminating)
    #expect(simulation.ovn[LogicalSwitchPort.key("NetworkPort/test/vm")] != nil)
    simulation.delete(WorldID(.networkPort, Samples.name("inner")))
    simulation.settle()
    #expect(simulation.port("vm") == nil)
    #expect(Set(simulation.ovn.keys) == Self.networkAlone)
  }

  @Test func hostsOfOneVLANShareThePortOfOneNode() throws {
    var simulation = Self.simulation()
    for (name, mac) in [("one", "02:00:00:00:00:01"), ("two", "02:00:00:00:00:02")] {
      simulation.apply(
        Self.port(
          name, .init(l2Service: "blue", type: .host, mac: mac, host: .init(connectionPoint: "cp-ovn", vlan: 30))))
    }
    simulation.settle()
    let row = try row("test/blue/host/physnet1/30", simulation)
    #expect(row.columns["type"] == .one("l2gateway"))
    #expect(row.columns["tag"] == .set([.integer(30)]))
    #expect(
      row.columns["options"] == .map(["network_name": "physnet1", "l2gateway-chassis": "chassis-worker1"]))
    #expect(
      row.columns["addresses"]
        == .set(["02:00:00:00:00:01 10.1.0.10 fd01::2", "02:00:00:00:00:02 10.1.0.11 fd01::3"]))
    #expect(simulation.nodeNetwork("worker1")?.spec.bridges.first?.vlans == [30])
    // OVN holds no port of this type to port_security.
    let rules = ["test/blue/host/physnet1/30/others", "NetworkPort/test/one", "NetworkPort/test/two"].map {
      NorthboundKey(.accessList, $0)
    }
    #expect(row.columns["port_security"] == .set([]))
    #expect(rules.allSatisfy { simulation.ovn[$0] != nil })
    simulation.apply(
      Self.port(
        "two",
        .init(
          l2Service: "blue", type: .host, mac: "02:00:00:00:00:02", host: .init(connectionPoint: "cp-ovn", vlan: 30),
          portSecurity: false)))
    simulation.settle()
    #expect(rules.allSatisfy { simulation.ovn[$0] == nil })
    #expect(simulation.nodeNetwork("worker2")?.spec.bridges.isEmpty ?? true)
    for name in ["one", "two"] { simulation.delete(WorldID(.networkPort, Samples.name(name))) }
    simulation.settle()
    #expect(simulation.ovn[LogicalSwitchPort.key("test/blue/host/physnet1/30")] == nil)
    #expect(simulation.nodeNetwork("worker1")?.spec.bridges.isEmpty ?? true)
  }

  @Test func anotherAddressIsGivenLive() throws {
    var simulation = Self.simulation()
    simulation.apply(Self.port("vm", .init(l2Service: "blue", type: .vm)))
    simulation.settle()
    let mac = simulation.port("vm")?.status?.mac
    simulation.apply(Self.port("vm", .init(l2Service: "blue", type: .vm, addresses: ["10.1.0.99", "10.1.0.98"])))
    simulation.settle()
    #expect(simulation.port("vm")?.status?.addresses == ["10.1.0.99/24", "10.1.0.98/24", "fd01::2/64"])
    #expect(simulation.port("vm")?.status?.mac == mac)
    #expect(simulation.subnet("blue4")?.status?.used == 2)
  }

  /// What a port asks for and cannot have, and what it is told.
  static let refused: [(NetworkPort.Spec, String)] = [
    (
      .init(l2Service: "blue", type: .vm, addresses: ["10.2.0.9"]),
      "spec.addresses: 10.2.0.9 is in no Subnet of L2Service test/blue; use one of 10.1.0.0/24, fd01::/64"
    ),
    (
      .init(l2Service: "blue", type: .vm, addresses: ["10.1.0.1"]),
      "spec.addresses: address 10.1.0.1 cannot be assigned from subnet test/blue4: it is the gateway; request another address"
    ),
    (
      .init(l2Service: "blue", type: .vm, addresses: ["10.1.0.21"]),
      "spec.addresses: address 10.1.0.21 cannot be assigned from subnet test/blue4: it is excluded by spec.exclude "
        + "10.1.0.20/30; request another address"
    ),
    (
      .init(l2Service: "blue", type: .vm, addresses: ["10.1.0.10"]),
      "spec.addresses: address 10.1.0.10 of subnet test/blue4 is in use by Pod test/first (net1); request another or "
        + "wait until it is released"
    ),
    (
      .init(l2Service: "blue", type: .vm, mac: "02:00:00:00:00:aa"),
      "spec.mac: 02:00:00:00:00:aa is in use on L2Service test/blue by Pod test/second (net1); use another or leave mac out"
    ),
    (
      .init(l2Service: "green", type: .vm),
      "spec.l2Service: Not found: \"green\": there is no L2Service green in namespace test"
    ),
    (.init(l2Service: "blue", type: .vm, node: "worker9"), "spec.node: Not found: \"worker9\": there is no such Node"),
    (
      .init(l2Service: "blue", type: .vm, addresses: ["10.1.0.3"]),
      "spec.addresses: address 10.1.0.3 cannot be assigned from subnet test/blue4: it is a name server; request another "
        + "address"
    ),
    (
      .init(l2Service: "blue", type: .vm, addresses: ["10.1.0.255"]),
      "spec.addresses: address 10.1.0.255 cannot be assigned from subnet test/blue4: it is the broadcast address; request "
        + "another address"
    ),
    (
      .init(l2Service: "blue", type: .vm, addresses: ["10.1.0.39"]),
      "spec.addresses: address 10.1.0.39 of subnet test/blue4 is in use by NetworkPort test/machine; request another or "
        + "wait until it is released"
    ),
    (
      .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "none", vlan: 5)),
      "spec.parent.networkPort: Not found: \"none\": there is no NetworkPort of this name in namespace test"
    ),
    (
      .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "inner", vlan: 6)),
      "spec.parent.networkPort: Invalid value: \"inner\": it is of type Nested; name a port of type VM"
    ),
    (
      .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "machine", vlan: 5)),
      "spec.parent.vlan: Duplicate value: 5: NetworkPort inner is this VLAN of machine; use another"
    ),
  ]

  /// The ports that were there before.
  private static let others: [(String, NetworkPort.Spec)] = [
    ("machine", .init(l2Service: "blue", type: .vm, addresses: ["10.1.0.39"])),
    ("inner", .init(l2Service: "blue", type: .nested, parent: .init(networkPort: "machine", vlan: 5))),
  ]

  @Test(arguments: refused.indices) func whatItCannotHave(index: Int) {
    let (spec, message) = Self.refused[index]
    var simulation = Self.simulation()
    simulation.apply(Self.pod("first"))
    simulation.settle()
    simulation.apply(Self.pod("second", #"[{"name":"blue","mac":"02:00:00:00:00:aa"}]"#))
    simulation.settle()
    for (name, spec) in Self.others {
      simulation.apply(Self.port(name, spec))
      simulation.settle()
    }
    simulation.apply(Self.port("vm", spec))
    simulation.settle()
    #expect(simulation.port("vm")?.status?.conditions?[type: ConditionType.ready]?.message == message)
    #expect(simulation.ovn[LogicalSwitchPort.key("NetworkPort/test/vm")] == nil)
  }

  @Test func aPodCannotHaveThePortsAddress() {
    var simulation = Self.simulation()
    simulation.apply(Self.port("vm", .init(l2Service: "blue", type: .vm, addresses: ["10.1.0.12"])))
    simulation.settle()
    simulation.apply(Self.pod("p", #"[{"name":"blue","ips":["10.1.0.12"]}]"#))
    simulation.settle()
    #expect(
      simulation.announcements.last?.message
        == "address 10.1.0.12 of subnet test/blue4 is in use by NetworkPort test/vm; request another or wait until it is released"
    )
    simulation.delete(WorldID(.networkPort, Samples.name("vm")))
    simulation.settle()
    simulation.waited += .seconds(100)
    simulation.settle()
    #expect(simulation.ips("p") == ["10.1.0.12/24", "fd01::3/64"])
  }

  /// What a Router has outside, and answers for, no pod and no port gets.
  @Test func addressesOfRoutersAreReserved() throws {
    var simulation = Self.simulation()
    simulation.apply(
      .service(
        L2Service(
          metadata: ObjectMeta(name: "outside", namespace: "test"),
          spec: .init(segmentationID: 13, physicalNetworks: ["physnet1"], subnets: ["outside"]))))
    simulation.apply(Samples.subnet("outside", .init(cidr: "10.50.0.0/29", gateway: "10.50.0.1")))
    simulation.apply(
      .router(
        Router(
          metadata: ObjectMeta(name: "edge", namespace: "test"),
          spec: .init(
            networks: [.init(l2Service: "blue")], gateway: .init(l2Service: "outside", addresses: ["10.50.0.2"]),
            floatingAddresses: [.init(external: "10.50.0.3", internal: "10.1.0.5")]))))
    for name in ["a", "b", "c"] { simulation.apply(Self.port(name, .init(l2Service: "outside", type: .vm))) }
    simulation.apply(Self.port("d", .init(l2Service: "outside", type: .vm, addresses: ["10.50.0.3"])))
    simulation.settle()
    #expect(
      ["a", "b", "c"].compactMap { simulation.port($0)?.status?.addresses?.first }.sorted() == [
        "10.50.0.4/29", "10.50.0.5/29", "10.50.0.6/29",
      ])
    #expect(
      simulation.port("d")?.status?.conditions?[type: ConditionType.ready]?.message
        == "spec.addresses: address 10.50.0.3 cannot be assigned from subnet test/outside: it is an address of Router test/edge; request another address"
    )
    simulation.delete(WorldID(.router, Samples.name("edge")))
    simulation.settle()
    #expect(simulation.port("d")?.status?.addresses == ["10.50.0.3/29"])
  }

  /// Ports and pods come and go, ask for addresses that others have, and the operator is killed now and then: no address
  /// is had twice, and none is lost.
  @Test(arguments: 0..<3) func churn(seed: UInt64) {
    var random = Random(seed)
    var simulation = Self.simulation(pool: "10.1.0.19")
    for _ in 0..<150 {
      let name = "n\(Int.random(in: 0..<14, using: &random))"
      let asked = random.chance(30) ? "10.1.0.\(Int.random(in: 10..<20, using: &random))" : nil
      let isPort = random.chance(50)
      let id = WorldID(isPort ? .networkPort : .pod, Samples.name(name))
      if simulation.objects[id] != nil, random.chance(60) {
        simulation.delete(id)
      } else if isPort {
        let mac = random.chance(20) ? "02:00:00:00:00:0\(Int.random(in: 0..<3, using: &random))" : nil
        simulation.apply(
          Self.port(name, .init(l2Service: "blue", type: .vm, mac: mac, addresses: asked.map { [$0] })))
      } else if simulation.objects[id] == nil {
        let networks = asked.map { "[{\"name\":\"blue\",\"ips\":[\"\($0)\"]}]" } ?? "blue"
        simulation.apply(Self.pod(name, networks, uid: "uid-\(simulation.serial)"))
      }
      if random.chance(10) { simulation.restart() }
      if random.chance(60) { simulation.settle() }
    }
    simulation.settle()
    var holders: [String: [String]] = [:]
    for object in simulation.objects.values {
      if case .networkPort(let port) = object {
        for address in (port.status?.addresses ?? []) + [port.status?.mac].compactMap({ $0 }) {
          holders[address, default: []].append("\(object.id)")
        }
      } else if case .pod(let pod) = object {
        for allocation in simulation.allocations(pod.name.name) {
          for address in allocation.ips.map(\.description) + [allocation.mac?.description].compactMap({ $0 }) {
            holders[address, default: []].append("\(object.id)")
          }
        }
      }
    }
    #expect(holders.filter { $0.value.count > 1 } == [:])
    #expect(!holders.isEmpty)
    #expect(simulation.compiler.violations() == [])
    for id in simulation.objects.keys.sorted() where [.pod, .networkPort].contains(id.kind) { simulation.delete(id) }
    simulation.settle()
    #expect(simulation.subnet("blue4")?.status?.used == 0)
    #expect(Set(simulation.ovn.keys) == Self.networkAlone)
    #expect(simulation.compiler.violations() == [])
  }
}

extension Simulation {
  func port(_ name: String) -> NetworkPort? {
    if case .networkPort(let object)? = objects[WorldID(.networkPort, Samples.name(name))] { object } else { nil }
  }
}
