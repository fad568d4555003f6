import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import Testing

@testable import Compiler

/// No address twice, none lost, nobody stuck; whatever comes and goes, in whatever order it is heard of.
@Suite struct AddressPropertyTests {
  static func network(of count: Int) -> [WorldObject] {
    var objects = Samples.twoLeaves
    let last = "\(1 + (count - 1) / 256).\((count - 1) % 256)"
    for index in 1...2 {
      objects += [
        Samples.subnet(
          "v4-\(index)",
          .init(cidr: "10.\(index).0.0/16", pools: [.init(start: "10.\(index).1.0", end: "10.\(index).\(last)")])),
        Samples.service("s\(index)", vlan: index, physicalNetworks: ["physnet1"], subnets: ["v4-\(index)"]),
        Samples.attachment("a\(index)", ["s\(index)"], at: "cp-br-data", .access),
      ]
    }
    return objects
  }

  static func addresses(_ simulation: Simulation) -> [String: Int] {
    var counts: [String: Int] = [:]
    for pod in simulation.objects.values.compactMap(\.podRecord) {
      for ip in simulation.ips(pod.name.name) { counts[ip, default: 0] += 1 }
    }
    return counts
  }

  @Test func aThousandPodsWithExactlyAsManyAddresses() {
    let count = 1_000
    var simulation = Samples.simulation(Self.network(of: count))
    simulation.settle()
    for index in 0..<count { simulation.apply(AddressTests.pod("p\(index)", "a1,a2")) }
    let writes = simulation.compile().filter { $0.id.kind == .pod && $0.isWrite }
    #expect(writes.count == count)
    simulation.settle()
    let addresses = Self.addresses(simulation)
    #expect(addresses.count == 2 * count)
    #expect(addresses.values.allSatisfy { $0 == 1 })
    #expect(simulation.subnet("v4-1")?.status?.available == "0")
    simulation.check()
    for index in 0..<count { simulation.delete(WorldID(.pod, Samples.name("p\(index)"))) }
    simulation.settle()
    #expect(simulation.subnet("v4-1")?.status?.used == 0)
    let usage = simulation.compiler.addresses.usage(
      of: Samples.name("v4-1"), at: simulation.now.elapsed + .seconds(60))
    #expect(usage?.free == UInt128(count))
    simulation.check()
  }

  /// A tenth of the pods is replaced 200 times, with exactly as many addresses; the operator is killed now and then, hears
  /// of things late, twice and in any order, and the time of day jumps.
  @Test(arguments: 0..<2) func churn(seed: UInt64) {
    var random = Random(seed)
    let count = 20
    var simulation = Samples.simulation(Self.network(of: count))
    simulation.settle()
    simulation.hears = .late
    var next = 0
    var alive: [String] = []
    for round in 0..<200 {
      let goes = round == 0 ? 0 : count / 10
      for _ in 0..<goes {
        let name = alive.remove(at: Int.random(in: 0..<alive.count, using: &random))
        simulation.delete(WorldID(.pod, Samples.name(name)))
        if random.chance(30) { simulation.step(&random) }
        // Half of them come back by the same name.
        if random.chance(50) {
          next += 1
          simulation.apply(AddressTests.pod(name, "a1,a2", uid: "uid-\(next)"))
          alive.append(name)
        }
      }
      while alive.count < count {
        next += 1
        simulation.apply(AddressTests.pod("p\(next)", "a1,a2", uid: "uid-\(next)"))
        alive.append("p\(next)")
        if random.chance(30) { simulation.step(&random) }
      }
      simulation.clockJump = Int.random(in: 0..<40_000, using: &random)
      if random.chance(10) { simulation.restart() }
      simulation.hearEverything(&random)
      simulation.settle()
      simulation.hearEverything(&random)
      simulation.settle()
      let addresses = Self.addresses(simulation)
      #expect(addresses.count == 2 * count && addresses.values.allSatisfy { $0 == 1 }, "round \(round)")
      #expect(simulation.compiler.violations() == [], "round \(round)")
    }
    simulation.hears = .atOnce
    for name in alive { simulation.delete(WorldID(.pod, Samples.name(name))) }
    simulation.settle()
    #expect(simulation.subnet("v4-1")?.status?.used == 0)
    #expect(simulation.subnet("v4-2")?.status?.available == "\(count)")
    simulation.check()
  }

  /// StatefulSet pods, claims, conflicts and hot plug, all at once.
  @Test(arguments: 0..<4) func everythingAtOnce(seed: UInt64) {
    var random = Random(seed)
    var simulation = Samples.simulation(Self.network(of: 12))
    for index in 0..<3 { simulation.apply(AddressTests.claim("c\(index)", network: "a1")) }
    simulation.settle()
    for step in 0..<150 {
      Self.user(&simulation, &random)
      if random.chance(5) { simulation.restart() }
      if random.chance(20) { simulation.waited += .seconds(Int.random(in: 0..<2_000, using: &random)) }
      simulation.clockJump = Int.random(in: 0..<40_000, using: &random)
      if random.chance(60) { simulation.settle() }
      let addresses = Self.addresses(simulation)
      #expect(addresses.values.allSatisfy { $0 == 1 }, "step \(step)")
    }
    simulation.settle()
    // The node's word here is older than the conflicts that replaced what it says.
    #expect(simulation.compiler.violations().filter { $0.check != .status } == [])
    for id in simulation.objects.keys.sorted() where [.pod, .claim].contains(id.kind) { simulation.delete(id) }
    simulation.settle()
    simulation.waited += .seconds(10_000)
    simulation.settle()
    for name in ["v4-1", "v4-2"] {
      #expect(simulation.subnet(name)?.status?.used == 0)
      #expect(simulation.subnet(name)?.status?.available == "12")
    }
    #expect(simulation.compiler.violations() == [])
  }

  private static func user(_ simulation: inout Simulation, _ random: inout Random) {
    let index = Int.random(in: 0..<14, using: &random)
    let name = "p\(index)"
    guard let pod = simulation.pod(name) else {
      let networks =
        index < 3 ? #"[{"name":"a1","ipam-claim-reference":"c\#(index)"}]"# : random.pick(["a1", "a2", "a1,a2"])
      simulation.apply(
        AddressTests.pod(name, networks, uid: "uid-\(simulation.serial)", of: index >= 8))
      return
    }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: simulation.delete(WorldID(.pod, Samples.name(name)))
    case 1:
      guard let address = simulation.allocations(name).first?.ips.first?.address else { return }
      simulation.apply(
        AddressTests.pod(
          name, pod.networks, uid: pod.uid, of: pod.isOfStatefulSet, conflicts: [AddressConflict(address: address)]))
    case 2 where index >= 3:
      simulation.apply(
        AddressTests.pod(name, random.pick(["a1", "a2", "a1,a2"]), uid: pod.uid, of: pod.isOfStatefulSet))
    case 3, 4:
      // The node has done what the annotations say.
      let status = simulation.allocations(name).filter { allocation in
        (pod.networks ?? "").contains(allocation.network.name)
      }.map { ($0.interface, $0.network.description, $0.ips.map { "\($0.address)" }) }
      simulation.apply(
        AddressTests.pod(
          name, pod.networks, uid: pod.uid, of: pod.isOfStatefulSet, status: AddressTests.status(status)))
    default:
      if index < 3, random.chance(30) {
        let id = WorldID(.claim, Samples.name("c\(index)"))
        if simulation.objects[id] == nil {
          simulation.apply(AddressTests.claim("c\(index)", network: "a1"))
        } else {
          simulation.delete(id)
        }
      }
    }
  }

  /// The time of day is for people: whoever sets it, the same pods get the same addresses at the same time.
  @Test(arguments: 0..<3) func theTimeOfDayDecidesNothing(seed: UInt64) {
    func run(jumping: Bool) -> [String: [String]] {
      var random = Random(seed)
      var clock = Random(seed &+ 1)
      var simulation = Samples.simulation(Self.network(of: 8))
      simulation.settle()
      for step in 0..<60 {
        if jumping { simulation.clockJump = Int.random(in: 0..<80_000, using: &clock) }
        let name = "p\(Int.random(in: 0..<9, using: &random))"
        if simulation.pod(name) == nil {
          simulation.apply(AddressTests.pod(name, "a1", uid: "uid-\(step)", of: random.chance(50)))
        } else {
          simulation.delete(WorldID(.pod, Samples.name(name)))
        }
        simulation.waited += .seconds(Int.random(in: 0..<30, using: &random))
        simulation.settle()
      }
      return Dictionary(uniqueKeysWithValues: (0..<9).map { ("p\($0)", simulation.ips("p\($0)")) })
    }
    #expect(run(jumping: true) == run(jumping: false))
  }
}
