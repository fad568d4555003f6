import KubernetesModel
import NetloomAPI
import Testing

@testable import Compiler

/// A change costs what it touches, not what there is.
@Suite struct CostTests {
  /// A fabric with so many services, each with a subnet and an attachment, all programmed.
  static func network(of count: Int) -> Simulation {
    var objects = Samples.twoLeaves
    for index in 1...count {
      objects.append(Samples.subnet("v4-\(index)", .init(cidr: "10.\(index / 250).\(index % 250).0/24")))
      objects.append(
        Samples.service("s\(index)", vlan: index, physicalNetworks: ["physnet1"], subnets: ["v4-\(index)"]))
      objects.append(Samples.attachment("a\(index)", ["s\(index)"], at: "cp-br-data", .access))
    }
    var simulation = Samples.simulation(objects)
    simulation.settle()
    return simulation
  }

  @Test func computationsForOneChangedServiceDoNotGrow() {
    let costs = [10, 200].map { count in
      var simulation = Self.network(of: count)
      let before = simulation.compiler.computations
      simulation.apply(
        Samples.service("s5", vlan: 4000, physicalNetworks: ["physnet1"], subnets: ["v4-5"]))
      let actions = simulation.compile()
      #expect(actions.contains { $0.id == WorldID(.bridgeDomain, "dc1-vlan4000") })
      #expect(simulation.compiler.computations > before)
      return simulation.compiler.computations - before
    }
    #expect(costs[0] == costs[1])
    #expect(costs[0] < 30)
  }

  @Test func timeForOneChangedServiceAmongAThousand() {
    #if DEBUG
      let (count, limit) = (200, Duration.milliseconds(30))
    #else
      let (count, limit) = (1000, Duration.milliseconds(1))
    #endif
    var simulation = Self.network(of: count)
    var times: [Duration] = []
    let clock = ContinuousClock()
    for index in 1...101 {
      simulation.apply(
        Samples.service("s\(index)", vlan: 2000 + index, physicalNetworks: ["physnet1"], subnets: ["v4-\(index)"]))
      var actions: [Action] = []
      times.append(clock.measure { actions = simulation.compiler.compile(at: simulation.moment) })
      #expect(actions.contains { $0.id == WorldID(.bridgeDomain, "dc1-vlan\(2000 + index)") })
    }
    let median = times.sorted()[times.count / 2]
    print("one changed L2Service among \(count): compiled and diffed in \(median), worst \(times.max() ?? .zero)")
    #expect(median < limit)
  }
}
