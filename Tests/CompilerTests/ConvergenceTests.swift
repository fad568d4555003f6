import IPAM
import KubernetesModel
import NetloomAPI
import OVNModel
import Testing

@testable import Compiler

/// What holds whatever happens, in whatever order, and whoever is slow or fails.
@Suite struct ConvergenceTests {
  /// Random users, a random fabric, random nodes, and writes that fail, one step at a time.
  @Test(arguments: 0..<60) func everythingOutlivesWhatRequiresIt(seed: UInt64) {
    var random = Random(seed)
    var simulation = Samples.simulation(Samples.twoLeaves)
    for step in 0..<250 {
      if step % 50 == 49 { simulation.settle() }
      Self.step(&simulation, &random)
      simulation.checkSafety(step: step)
    }
    simulation.settle()
    simulation.checkRest()

    // A compiler that was just started comes to the same result.
    var fresh = Compiler()
    fresh.apply(simulation.objects.values.shuffled(using: &random).map { .put($0) })
    let actions = fresh.compile(at: simulation.moment)
    #expect(actions.filter(\.isWrite) == [])
    #expect(fresh.differences(from: simulation.compiler) == [])

    // Everything goes: nothing is left behind.
    let pods = simulation.objects.keys.filter { $0.kind == .pod }
    for id in simulation.objects.keys.sorted() where [.service, .attachment, .subnet].contains(id.kind) {
      simulation.delete(id)
    }
    simulation.settle()
    for id in pods { simulation.delete(id) }
    simulation.settle()
    for id in simulation.objects.keys.sorted() where [.fabric, .connectionPoint].contains(id.kind) {
      simulation.delete(id)
    }
    simulation.settle()
    #expect(simulation.made == [])
    #expect(simulation.fabric == [:])
    #expect(Set(simulation.objects.keys.map(\.kind)).isSubset(of: [.node, .namespace]))
    #expect(simulation.compiler.isEmptyButForNodes)
  }

  /// The same objects in another order give the same network.
  @Test(arguments: 0..<20) func orderDoesNotMatter(seed: UInt64) {
    var random = Random(seed)
    let objects =
      Samples.twoLeaves + Samples.enoServices.map(\.aged)
      + [
        Samples.attachment("access", ["thirteen"], at: "cp-br-data", .access),
        Samples.attachment("trunk", ["ten", "eleven"], at: "cp-br-trunk", .trunk),
        Samples.attachment("more", ["twelve", "thirteen"], at: "cp-br-trunk", .trunk),
        Samples.attachment("selective", ["ten", "eleven", "twelve"], at: "cp-br-data", .selectiveTrunk),
        Samples.service("other13", vlan: 13), Samples.service("other21", vlan: 21, physicalNetworks: ["physnet1"]),
      ].map(\.aged)
    let first = Self.settled(objects)
    let second = Self.settled(objects.shuffled(using: &random))
    #expect(first.fabric == second.fabric)
    #expect(first.made == second.made)
    for id in first.made { #expect(first.objects[id]?.essence == second.objects[id]?.essence) }
  }

  private static func settled(_ objects: [WorldObject]) -> Simulation {
    var simulation = Samples.simulation(objects)
    simulation.settle()
    return simulation
  }

  private static func step(_ simulation: inout Simulation, _ random: inout Random) {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<30: user(&simulation, &random)
    case 30..<60:
      var failures = random
      simulation.compile { _ in failures.chance(80) }
      random = failures
    case 60..<80:
      let domains = simulation.made.filter { $0.kind == .bridgeDomain }
      if !domains.isEmpty { simulation.driveFabric(random.pick(domains).name.name) }
    case 80..<90: simulation.driveNode(random.pick(["worker1", "worker2"]))
    case 90..<97: simulation.drivePods(on: random.pick(["worker1", "worker2"]))
    default: simulation.restart()
    }
  }

  private static func user(_ simulation: inout Simulation, _ random: inout Random) {
    let index = Int.random(in: 0..<4, using: &random)
    let services = (0..<4).filter { _ in random.chance(40) }.map { "s\($0)" }
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1:
      simulation.apply(
        Samples.service(
          "s\(index)", vlan: random.pick([10, 11, 12, 13]), physicalNetworks: random.chance(50) ? ["physnet1"] : nil,
          subnets: random.chance(30) ? ["v4-\(index)"] : nil))
    case 2:
      simulation.apply(
        Samples.subnet("v4-\(index)", .init(cidr: random.pick(["10.10.\(index).0/24", "10.10.\(index).1/24"]))))
    case 3, 4:
      let type = random.pick([VLANType.access, .trunk, .selectiveTrunk])
      simulation.apply(
        Samples.attachment(
          "a\(index)", type == .access ? Array(services.prefix(1)) : services,
          at: random.pick(["cp-br-data", "cp-br-trunk"]), type))
    case 5: simulation.delete(WorldID(.service, Samples.name("s\(index)")))
    case 6: simulation.delete(WorldID(.attachment, Samples.name("a\(index)")))
    default:
      if random.chance(50) {
        simulation.apply(
          Samples.pod("p\(index)", networks: "a\(random.pick([0, 1, 2, 3]))", created: simulation.time))
      } else {
        simulation.delete(WorldID(.pod, Samples.name("p\(index)")))
      }
    }
  }
}

extension Simulation {
  var moment: Moment { now }

  /// The operator is killed and started again: it knows what the API server knows.
  mutating func restart() {
    compiler = Compiler(hasOVN: compiler.hasOVN)
    ovnBefore = ovn
    ovn = WantedRows()
    unheard = []
    compiler.apply(objects.values.map { .put($0) })
  }

  /// A pod can join only what works: the definition needs the nodes, the nodes need the fabric. And it goes on working: the
  /// nodes keep what their pods use.
  func checkSafety(step: Int) {
    for (name, pod) in plugged {
      let carried = nodeNetwork(pod.node)?.status?.bridges?.first { $0.name == pod.bridge }?.vlans ?? []
      let missing = Set(pod.vlans).subtracting(carried)
      #expect(missing.isEmpty, "step \(step): pod \(name) needs VLAN \(missing) of \(pod.node)")
    }
    for case .definition(let definition) in objects.values {
      guard let needs = definition.requirements, let bridge = needs.bridge else { continue }
      for node in ["worker1", "worker2"] {
        let carried = nodeNetwork(node)?.status?.bridges?.first { $0.name == bridge }?.vlans ?? []
        let missing = Set(needs.vlans).subtracting(carried)
        #expect(missing.isEmpty, "step \(step): \(definition.metadata.name) needs VLAN \(missing) of \(node)")
      }
    }
    for case .nodeNetwork(let network) in objects.values {
      for bridge in network.status?.bridges ?? [] {
        let leaf = network.metadata.name == "worker1" ? "leaf1" : "leaf2"
        let open = vlans(on: leaf, bridge.name == "br-data" ? "swp1" : "swp2")
        let missing = Set(bridge.vlans).subtracting(open)
        #expect(missing.isEmpty, "step \(step): \(network.metadata.name) carries VLAN \(missing), \(leaf) does not")
      }
    }
  }

  /// What holds when nobody has anything to do.
  func checkRest() {
    #expect(compiler.plan().filter(\.isWrite) == [])
    #expect(compiler.violations() == [])
    var addresses: [String: NamespacedName] = [:]
    for case .pod(let pod) in objects.values {
      #expect(throws: Never.self) { try pod.selections() }
      for case let address? in [pod.allocations.flatMap { $0.split(separator: "\"").first { $0.contains("/24") } }] {
        #expect(addresses.updateValue(pod.name, forKey: String(address)) == nil, "\(address) twice")
      }
    }
    for case .attachment(let attachment) in objects.values where attachment.status?.phase == .ready {
      #expect(definition(attachment.metadata.name) != nil)
    }
  }
}

extension Action {
  /// Whether it changes anything but what people are told.
  var isWrite: Bool { if case .announce = self { false } else { true } }
}

extension WorldObject {
  /// With a creation time of its own, whenever it is created.
  var aged: WorldObject { editing { $0.creationTimestamp = "2026-01-01T00:00:00Z" } }

  /// What does not depend on when it was made.
  var essence: WorldObject {
    guard
      case .definition(var definition) = withoutStatus.editing({ metadata in
        metadata.uid = nil
        metadata.creationTimestamp = nil
        metadata.generation = nil
        metadata.labels = nil
        metadata.ownerReferences = nil
      })
    else {
      return withoutStatus.editing { metadata in
        metadata.uid = nil
        metadata.creationTimestamp = nil
        metadata.generation = nil
      }
    }
    definition.metadata.resourceVersion = nil
    return .definition(definition)
  }
}
