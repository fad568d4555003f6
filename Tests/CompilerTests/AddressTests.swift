import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import Testing

@testable import Compiler

/// Which addresses pods get, keep and give back.
@Suite struct AddressTests {
  static func pod(
    _ name: String, _ networks: String? = "access", uid: String? = nil, of set: Bool = false, node: String? = "worker1",
    status: [NetworkStatus]? = nil, conflicts: [AddressConflict]? = nil
  ) -> WorldObject {
    .pod(
      PodRecord(
        name: Samples.name(name), uid: uid ?? "uid-\(name)", node: node, networks: networks,
        networkStatus: status.map { NetworkStatus.text(of: $0) },
        conflicts: conflicts.map { AddressConflict.text(of: $0) }, isOfStatefulSet: set))
  }

  static func settled(_ more: [WorldObject] = []) -> Simulation {
    LifecycleTests.settled(
      [
        Samples.service("vlan14", vlan: 14, physicalNetworks: ["physnet1"], subnets: ["v4b"]),
        Samples.subnet("v4b", .init(cidr: "10.10.14.0/29")),
        Samples.attachment("second", ["vlan14"], at: "cp-br-data", .access),
      ] + more)
  }

  @Test func severalAddressesOfAFamilyInsideAndOutsideThePools() throws {
    let networks = #"[{"name":"access","ips":["10.10.13.30","10.10.13.12/24","fd00:13::5/64","fd00:13::6"]}]"#
    let simulation = Self.settled([Self.pod("a", networks)])
    #expect(
      simulation.ips("a") == ["10.10.13.30/24", "10.10.13.12/24", "fd00:13::5/64", "fd00:13::6/64"])
    #expect(simulation.allocations("a").first?.probe == true)
    simulation.check()
  }

  @Test func aFirstUseIsProbedAndASecondIsNot() {
    var simulation = Self.settled((0..<6).map { Self.pod("p\($0)", "second") })
    #expect(simulation.ips("p5") == ["10.10.14.6/29"])
    #expect((0..<6).allSatisfy { simulation.allocations("p\($0)").first?.probe == true })
    simulation.delete(WorldID(.pod, Samples.name("p2")))
    simulation.apply(Self.pod("next", "second"))
    simulation.settle()
    #expect(simulation.ips("next") == ["10.10.14.3/29"])
    #expect(simulation.allocations("next").first?.probe == false)
    simulation.check()
  }

  /// Also when nobody has told that the old pod is gone, and when the new one was seen before.
  @Test func aPodOfTheSameNameIsAnother() {
    var simulation = Self.settled([Self.pod("a", uid: "one"), Self.pod("b")])
    simulation.apply(Self.pod("a", uid: "two"))
    simulation.settle()
    #expect(simulation.ips("a") == ["10.10.13.12/24", "fd00:13::3/64"])
    #expect(simulation.subnet("v4")?.status?.used == 2)
    simulation.check()
  }

  @Test func whoHasEndedGivesBackAndWhoIsEndingKeeps() throws {
    var simulation = Self.settled([Self.pod("done"), Self.pod("ending")])
    guard var done = simulation.pod("done"), var ending = simulation.pod("ending") else { return }
    done.isFinished = true
    ending.isTerminating = true
    simulation.apply(.pod(done))
    simulation.apply(.pod(ending))
    var late = PodRecord(name: Samples.name("late"), uid: "late", networks: "access")
    late.isTerminating = true
    simulation.apply(.pod(late))
    simulation.settle()
    #expect(simulation.subnet("v4")?.status?.used == 1)
    #expect(simulation.ips("ending") == ["10.10.13.11/24", "fd00:13::2/64"])
    #expect(simulation.pod("late")?.allocations == nil)
    simulation.check()
  }

  // MARK: Names

  @Test(arguments: [false, true]) func aPodOfAStatefulSetGetsItsAddressesBack(restart: Bool) throws {
    var simulation = Self.settled([Self.pod("web-0", uid: "one", of: true), Self.pod("x")])
    let before = simulation.ips("web-0")
    #expect(before == ["10.10.13.10/24", "fd00:13::1/64"])
    simulation.delete(WorldID(.pod, Samples.name("web-0")))
    simulation.settle()
    #expect(
      simulation.subnet("v4")?.status?.reservations == [
        .init(address: "10.10.13.10", pod: "test/web-0", interface: "net1")
      ])
    #expect(simulation.subnet("v4")?.status?.used == 1)
    if restart { simulation.restart() }
    for index in 0..<8 { simulation.apply(Self.pod("more-\(index)")) }
    simulation.waited += .seconds(100_000)
    simulation.settle()
    simulation.apply(Self.pod("web-0", uid: "two", of: true))
    simulation.settle()
    #expect(simulation.ips("web-0") == before)
    #expect(simulation.subnet("v4")?.status?.reservations == nil)
    simulation.check()
  }

  /// A pod that waits gets what is kept for another when its quarantine is over, without anything else happening.
  @Test func whatIsKeptYieldsAfterItsQuarantine() {
    var simulation = Self.settled(
      [Self.pod("web-0", "second", of: true)] + (0..<5).map { Self.pod("p\($0)", "second") })
    simulation.delete(WorldID(.pod, Samples.name("web-0")))
    simulation.apply(Self.pod("waits", "second"))
    simulation.settle()
    #expect(simulation.pod("waits")?.allocations == nil)
    #expect(simulation.subnet("v4b")?.status?.conditions?[type: "Exhausted"]?.status == .true)
    let next = simulation.compiler.nextChange(after: simulation.now)
    #expect(next.map { $0 > simulation.now.elapsed && $0 <= simulation.now.elapsed + .seconds(60) } == true)
    simulation.waited += .seconds(60)
    simulation.settle()
    #expect(simulation.ips("waits") == ["10.10.14.6/29"])
    simulation.check()
  }

  // MARK: Claims

  static func claim(_ name: String, network: String = "test/access", interface: String = "net1") -> WorldObject {
    .claim(
      IPAMClaim(
        metadata: ObjectMeta(name: name, namespace: "test"), spec: .init(network: network, interface: interface)))
  }

  static func claiming(_ pod: String, _ claim: String, uid: String? = nil) -> WorldObject {
    Self.pod(pod, #"[{"name":"access","ipam-claim-reference":"\#(claim)"}]"#, uid: uid)
  }

  @Test(arguments: [false, true], ["test/access", "access", "test.access"])
  func aClaimKeepsItsAddressesUntilItIsDeleted(restart: Bool, network: String) {
    var simulation = Self.settled([Self.claim("c", network: network), Self.claiming("vm", "c")])
    let ips = ["10.10.13.10/24", "fd00:13::1/64"]
    #expect(simulation.ips("vm") == ips)
    #expect(simulation.allocations("vm").first?.claim == "c")
    #expect(simulation.claim("c")?.status?.ips == ips)
    simulation.delete(WorldID(.pod, Samples.name("vm")))
    simulation.settle()
    simulation.waited += .seconds(3600)
    if restart { simulation.restart() }
    for index in 0..<10 { simulation.apply(Self.pod("p\(index)")) }
    simulation.apply(Self.pod("z-late"))
    simulation.settle()
    #expect(simulation.objects.values.compactMap { $0.podRecord?.allocations }.count == 10)
    simulation.check()
    simulation.apply(Self.claiming("vm2", "c"))
    simulation.settle()
    #expect(simulation.ips("vm2") == ips)
    // Whoever uses it may go on when it is deleted.
    simulation.delete(WorldID(.claim, Samples.name("c")))
    simulation.settle()
    if restart { simulation.restart() }
    simulation.settle()
    #expect(simulation.ips("vm2") == ips)
    #expect(simulation.pod("z-late")?.allocations == nil)
    simulation.check()
    simulation.delete(WorldID(.pod, Samples.name("vm2")))
    simulation.settle()
    #expect(simulation.ips("z-late").first == "10.10.13.10/24")
    simulation.check()
  }

  @Test func aPodWaitsForItsClaim() {
    var simulation = Self.settled([Self.claiming("vm", "c")])
    #expect(simulation.pod("vm")?.allocations == nil)
    simulation.apply(Self.claim("c"))
    simulation.settle()
    #expect(simulation.ips("vm") == ["10.10.13.10/24", "fd00:13::1/64"])
    simulation.apply(Self.claiming("second", "c"))
    simulation.settle()
    #expect(simulation.pod("second")?.allocations == nil)
    simulation.delete(WorldID(.pod, Samples.name("vm")))
    simulation.settle()
    #expect(simulation.ips("second") == ["10.10.13.10/24", "fd00:13::1/64"])
    simulation.check()
  }

  // MARK: Foreign holders

  @Test(arguments: [false, true]) func aForeignHolderIsAvoided(restart: Bool) throws {
    var simulation = Self.settled([Self.pod("a")])
    let conflict = AddressConflict(
      address: IPAddress("10.10.13.10")!, mac: MACAddress("02:00:00:00:00:09"), vlan: VLANID(rawValue: 13))
    simulation.apply(Self.pod("a", conflicts: [conflict]))
    let writes = simulation.compile().filter { $0.id.kind == .pod && $0.isWrite }
    #expect(writes.count == 1)
    simulation.settle()
    #expect(simulation.ips("a") == ["10.10.13.11/24", "fd00:13::1/64"])
    #expect(simulation.allocations("a").first?.probe == true)
    #expect(simulation.pod("a")?.conflicts == nil)
    let condition = try #require(simulation.subnet("v4")?.status?.conditions?[type: "AddressConflict"])
    #expect(
      condition.message
        == "10.10.13.10 (02:00:00:00:00:09) answered from outside of Netloom and is not given to pods for an hour: remove "
        + "it there, or list it in spec.exclude")
    #expect(simulation.announcements.filter { $0.reason == "AddressConflict" }.map(\.message) == [condition.message])
    #expect(simulation.subnet("v4")?.status?.conflicts?.map(\.address) == ["10.10.13.10"])
    #expect(simulation.subnet("v4")?.status?.available == "9")
    if restart { simulation.restart() }
    simulation.settle()
    for index in 0..<10 { simulation.apply(Self.pod("p\(index)")) }
    simulation.settle()
    #expect(simulation.objects.values.compactMap { $0.podRecord?.allocations }.count == 10)
    simulation.check()
    // Tried again after an hour, by the pod that waits.
    simulation.waited += .seconds(3600)
    simulation.settle()
    #expect(simulation.subnet("v4")?.status?.conditions?[type: "AddressConflict"] == nil)
    #expect(simulation.subnet("v4")?.status?.conflicts == nil)
    let last = try #require(
      simulation.objects.values.compactMap(\.podRecord).first { $0.allocations?.contains("10.10.13.10/24") == true })
    #expect(simulation.allocations(last.name.name).first?.probe == true)
    simulation.check()
  }

  /// A pod that asked for exactly that address waits, and does not try again and again.
  @Test func aRequestedAddressWithAForeignHolderIsWaitedFor() {
    let networks = #"[{"name":"access","ips":["10.10.13.15"]}]"#
    var simulation = Self.settled([Self.pod("a", networks)])
    simulation.apply(Self.pod("a", networks, conflicts: [.init(address: IPAddress("10.10.13.15")!)]))
    simulation.settle()
    #expect(simulation.allocations("a") == [])
    #expect(simulation.announcements.last { $0.subject.kind == .pod }?.message.contains("in use by somebody") == true)
    simulation.waited += .seconds(3600)
    simulation.settle()
    #expect(simulation.ips("a").first == "10.10.13.15/24")
    simulation.check()
  }

  /// What the pod does not have, or has on another VLAN, is not taken from anybody.
  @Test func conflictsOfOthersChangeNothing() {
    var simulation = Self.settled([Self.pod("a"), Self.pod("b")])
    let strangers = [
      AddressConflict(address: IPAddress("10.10.13.11")!),
      AddressConflict(address: IPAddress("10.10.13.10")!, vlan: VLANID(rawValue: 14)),
    ]
    simulation.apply(Self.pod("a", conflicts: strangers))
    simulation.settle()
    #expect(
      simulation.ips("a") + simulation.ips("b") == [
        "10.10.13.10/24", "fd00:13::1/64", "10.10.13.11/24", "fd00:13::2/64",
      ])
    #expect(simulation.pod("a")?.conflicts == nil)
    #expect(simulation.subnet("v4")?.status?.conflicts == nil)
    simulation.check()
  }

  // MARK: Pressure

  @Test func pressureAndExhaustionAreNamedBeforeAndWhenTheyHappen() {
    var simulation = Self.settled((0..<9).map { Self.pod("p\($0)") })  // of 11
    func condition(_ type: String) -> Condition? { simulation.subnet("v4")?.status?.conditions?[type: type] }
    #expect(simulation.subnet("v4")?.status?.utilization == 81)
    #expect(condition("PoolPressure") == nil)
    simulation.apply(Self.pod("p9"))
    simulation.settle()
    #expect(
      condition("PoolPressure")?.message
        == "1 of 11 addresses are left (90 % are not): add a pool, or use a larger subnet")
    #expect(condition("Exhausted") == nil)
    simulation.apply(Self.pod("p10"))
    simulation.settle()
    #expect(
      condition("Exhausted")?.message
        == "no address is left of 11, new pods wait: add a pool, use a larger subnet, or delete pods")
    #expect(simulation.subnet("v4")?.status?.utilization == 100)
    simulation.delete(WorldID(.pod, Samples.name("p10")))
    simulation.settle()
    #expect(condition("Exhausted") == nil)
    #expect(condition("PoolPressure") != nil)
    simulation.delete(WorldID(.pod, Samples.name("p9")))
    simulation.settle()
    #expect(condition("PoolPressure") == nil)
    #expect(
      simulation.announcements.filter { $0.subject.kind == .subnet }.map(\.reason) == ["PoolPressure", "Exhausted"])
    #expect(simulation.subnet("v4")?.status?.phase == .ready)
  }

  // MARK: While pods run

  static func status(_ interfaces: [(String, String, [String])]) -> [NetworkStatus] {
    [NetworkStatus(name: "cbr0", interface: "eth0", isDefault: true)]
      + interfaces.map { NetworkStatus(name: $1, interface: $0, ips: $2.map { IPAddress($0)! }) }
  }

  @Test(arguments: [false, true]) func networksComeAndGoWhileThePodRuns(restart: Bool) {
    let one = ("net1", "test/access", ["10.10.13.10", "fd00:13::1"])
    let two = ("net2", "test/second", ["10.10.14.1"])
    var simulation = Self.settled([Self.pod("a")])
    simulation.apply(Self.pod("a", status: Self.status([one])))
    simulation.apply(Self.pod("a", "access,second", status: Self.status([one])))
    simulation.settle()
    #expect(simulation.ips("a") == ["10.10.13.10/24", "fd00:13::1/64", "10.10.14.1/29"])
    simulation.apply(Self.pod("a", "access,second", status: Self.status([one, two])))
    // Taken out of the annotation: the address stays until the node has said that the interface is gone.
    simulation.apply(Self.pod("a", "second@net2", status: Self.status([one, two])))
    simulation.settle()
    if restart { simulation.restart() }
    simulation.settle()
    #expect(simulation.ips("a") == ["10.10.13.10/24", "fd00:13::1/64", "10.10.14.1/29"])
    #expect(simulation.subnet("v4")?.status?.used == 1)
    simulation.apply(Self.pod("a", "second@net2", status: Self.status([two])))
    simulation.settle()
    #expect(simulation.ips("a") == ["10.10.14.1/29"])
    #expect(simulation.subnet("v4")?.status?.used == 0)
    simulation.check()
    // The last one, by removing the annotation.
    simulation.apply(Self.pod("a", nil, status: Self.status([two])))
    simulation.settle()
    #expect(simulation.subnet("v4b")?.status?.used == 1)
    simulation.apply(Self.pod("a", nil, status: Self.status([])))
    simulation.settle()
    #expect(simulation.allocations("a") == [])
    #expect(simulation.subnet("v4b")?.status?.used == 0)
    simulation.check()
  }

  /// An interface whose network becomes another one: the new address comes when the old interface is gone.
  @Test func anInterfaceThatChangesItsNetwork() {
    var simulation = Self.settled([Self.pod("a", "access@data")])
    let before = Self.status([("data", "test/access", ["10.10.13.10", "fd00:13::1"])])
    simulation.apply(Self.pod("a", "second@data", status: before))
    simulation.settle()
    #expect(simulation.ips("a") == ["10.10.13.10/24", "fd00:13::1/64"])
    simulation.apply(Self.pod("a", "second@data", status: Self.status([])))
    simulation.settle()
    #expect(simulation.ips("a") == ["10.10.14.1/29"])
    #expect(simulation.subnet("v4")?.status?.used == 0)
    simulation.check()
  }

  /// Nothing says that a pod which has no status yet does not have the interface; one without a node has none.
  @Test(arguments: [nil, "worker1"]) func withoutStatusOnlyAPodWithoutNodeGivesBack(node: String?) {
    var simulation = Self.settled([Self.pod("a", node: node)])
    simulation.apply(Self.pod("a", "second", node: node))
    simulation.settle()
    #expect(simulation.subnet("v4")?.status?.used == (node == nil ? 0 : 1))
    simulation.check()
  }

  @Test func changesOfTheNetworkReachThePodsThatRun() throws {
    var simulation = Self.settled([Self.pod("a"), Self.pod("b", "second")])
    let before = try #require(simulation.allocations("a").first)
    let other = simulation.pod("b")
    simulation.apply(
      Samples.subnet(
        "v4",
        .init(
          cidr: "10.10.13.0/24", gateway: "10.10.13.254",
          routes: [.init(destination: "40.0.0.0/8", nextHop: "10.10.13.2")],
          dns: .init(nameservers: ["10.10.13.3"], domain: "example.com", search: ["a.example.com"]))))
    simulation.apply(Samples.service("vlan13", vlan: 23, physicalNetworks: ["physnet1"], subnets: ["v4", "v6"]))
    simulation.settle()
    let after = try #require(simulation.allocations("a").first)
    #expect(after.ips == before.ips && after.mac == before.mac && after.probe == before.probe)
    #expect(after.gateway == [IPAddress("10.10.13.254")!])
    #expect(after.routes.map { "\($0.destination)" } == ["40.0.0.0/8"])
    #expect(after.dns == .init(nameservers: ["10.10.13.3"], domain: "example.com", search: ["a.example.com"]))
    #expect(after.vlan?.rawValue == 23)
    #expect(simulation.pod("b") == other)
    simulation.check()
    // A mistake in the manifest changes nothing.
    simulation.apply(Samples.subnet("v4", .init(cidr: "10.10.13.5/24")))
    simulation.settle()
    #expect(simulation.allocations("a").first == after)
  }

  // MARK: Invariants

  @Test func whatMustNotBeIsFound() throws {
    var simulation = Self.settled([Self.pod("a"), Self.pod("b")])
    simulation.check()
    // Somebody writes a's annotation on b, and who b is into it.
    guard let a = simulation.pod("a"), var b = simulation.pod("b") else { return }
    let own = b.allocations
    b.allocations = a.allocations?.replacing("\"pod\":\"\(a.uid)\"", with: "\"pod\":\"\(b.uid)\"")
    simulation.apply(.pod(b))
    simulation.settle()
    let messages = simulation.compiler.violations().map(\.message)
    #expect(messages.contains { $0.hasPrefix("address 10.10.13.10 of subnet test/v4 has 2 owners: ") })
    #expect(
      messages.contains(
        "Pod test/b: net1 is told 10.10.13.10, which is booked for Pod test/a (net1) and Pod test/b (net1)"))
    #expect(messages.contains("Pod test/b: net1 is told 10.10.13.10 on test/access, as Pod test/a is"))
    b.allocations = own
    b.networkStatus = NetworkStatus.text(of: Self.status([("net1", "test/access", ["10.10.13.99"])]))
    simulation.apply(.pod(b))
    simulation.settle()
    #expect(
      simulation.compiler.violations(of: Samples.name("b")).map(\.message) == [
        "Pod test/b: net1 has 10.10.13.99 on test/access, which it was not told"
      ])
    b.networkStatus = NetworkStatus.text(
      of: Self.status([("net1", "test/access", ["10.10.13.11"]), ("net9", "test/access", ["10.10.13.99"])]))
    simulation.apply(.pod(b))
    simulation.settle()
    #expect(
      simulation.compiler.violations(of: Samples.name("b")).map(\.message) == [
        "Pod test/b: net9 has 10.10.13.99 on test/access, which nobody told it"
      ])
  }
}

extension Simulation {
  func allocations(_ pod: String) -> [Allocation] {
    guard let text = self.pod(pod)?.allocations else { return [] }
    do { return try Allocation.list(parsing: text) } catch {
      Issue.record("\(error)")
      return []
    }
  }

  func ips(_ pod: String) -> [String] { allocations(pod).flatMap { $0.ips.map(\.description) } }

  func claim(_ name: String) -> IPAMClaim? {
    if case .claim(let claim)? = objects[WorldID(.claim, Samples.name(name))] { claim } else { nil }
  }

  /// Nothing is to be done, nothing is wrong, and who starts anew knows the same.
  func check(_ location: SourceLocation = #_sourceLocation) {
    #expect(compiler.plan().filter(\.isWrite) == [], sourceLocation: location)
    #expect(compiler.violations() == [], sourceLocation: location)
    var fresh = Compiler()
    fresh.apply(objects.values.map { .put($0) })
    #expect(fresh.compile(at: now).filter(\.isWrite) == [], sourceLocation: location)
    #expect(fresh.violations() == [], sourceLocation: location)
  }
}

extension WorldObject {
  var podRecord: PodRecord? { if case .pod(let pod) = self { pod } else { nil } }
}
