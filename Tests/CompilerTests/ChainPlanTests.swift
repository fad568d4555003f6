import KubernetesModel
import NetworkTypes
import OVNModel
import Testing

@testable import Compiler
@testable import CompilerTestSupport

/// What a chain wants of its router, followed packet by packet.
struct ChainPlanTests {
  @Test func aPacketPassesEveryFunctionOnceAndComesBackThroughTheSameInstances() throws {
    for family in IPFamily.allCases {
      let chain = ChainPlan.sample(replicas: [3, 1, 5])
      for host in stride(from: 1, to: 200, by: 9) {
        let (client, server) = (family.host(net: 1, host), family.host(net: 9, 200 - host % 7))
        let there = try Walk(chain, from: client, to: server).passed
        let back = try Walk(chain, from: server, to: client).passed
        #expect(there.map(\.function) == ["one", "two", "three"])
        #expect(there == back.reversed())
      }
    }
  }

  @Test func whatIsNotOfTheChainIsLeftAlone() throws {
    let chain = ChainPlan.sample(replicas: [1])
    #expect(try Walk(chain, from: IPFamily.v4.host(net: 1, 5), to: IPFamily.v4.host(net: 8, 5)).passed.isEmpty)
    #expect(try Walk(chain, from: IPFamily.v4.host(net: 9, 5), to: IPFamily.v4.host(net: 8, 5)).passed.isEmpty)
    #expect(try Walk(chain, from: IPFamily.v4.host(net: 1, 5), to: IPFamily.v4.host(net: 9, 5)).passed.count == 1)
  }

  @Test(arguments: [[0, 1], [1, 0], [0, 0]]) func aFunctionWithoutPodsBlocksOrIsLeftOut(replicas: [Int]) throws {
    var chain = ChainPlan.sample(replicas: replicas)
    let (client, server) = (IPFamily.v4.host(net: 1, 5), IPFamily.v4.host(net: 9, 5))
    for (from, to) in [(client, server), (server, client)] {
      chain.isBypassed = false
      #expect(try Walk(chain, from: from, to: to).isDropped)
      chain.isBypassed = true
      let walk = try Walk(chain, from: from, to: to)
      #expect(!walk.isDropped)
      #expect(walk.passed.count == replicas.reduce(0, +))
    }
  }

  @Test func oneArmedFunctionsGiveBackWhereTheyTake() throws {
    var chain = ChainPlan.sample(replicas: [2, 2])
    for hop in chain.hops.indices {
      chain.hops[hop].right = chain.hops[hop].left
      for instance in chain.hops[hop].instances.indices {
        chain.hops[hop].instances[instance].right = chain.hops[hop].instances[instance].left
      }
    }
    // The second function is on a network of its own.
    let (client, server) = (IPFamily.v4.host(net: 1, 5), IPFamily.v4.host(net: 9, 5))
    let there = try Walk(chain, from: client, to: server).passed
    #expect(there.map(\.function) == ["one", "two"])
    #expect(try Walk(chain, from: server, to: client).passed == there.reversed())
  }

  @Test func aChainBetweenPodsComesBeforeOneBetweenTheirNetworks() throws {
    let networks = ChainPlan.sample(replicas: [1, 1])
    var pods = ChainPlan.sample(replicas: [1])
    pods.name.name = "pods"
    pods.left.members = .pods([IPFamily.v4.host(net: 1, 5)])
    let server = IPFamily.v4.host(net: 9, 5)
    let both = networks.fragments.union(pods.fragments)
    #expect(try Walk(networks, both, from: IPFamily.v4.host(net: 1, 5), to: server).passed.map(\.function) == ["one"])
    #expect(try Walk(networks, both, from: IPFamily.v4.host(net: 1, 6), to: server).passed.count == 2)
    #expect(try Walk(networks, both, from: server, to: IPFamily.v4.host(net: 1, 5)).passed.map(\.function) == ["one"])
  }

  @Test func namesOfAddressSetsAreNeverOfTwoChains() {
    func sets(_ namespace: String, _ name: String) -> Set<NorthboundKey> {
      var chain = ChainPlan.sample(replicas: [1])
      chain.name = NamespacedName(namespace: namespace, name: name)
      chain.left.members = .pods([])
      return Set(chain.fragments.map(\.key).filter { $0.table == .addressSet })
    }
    let all = [sets("a-b", "c"), sets("a", "b-c"), sets("a", "b.c"), sets("a-b", "c.v4"), sets("a", "c")]
    #expect(Set(all.joined()).count == all.map(\.count).reduce(0, +))
    #expect(all[0].count == 2)
  }
}

/// Which instance gets which flows.
struct ChainSharesTests {
  private func instances(_ count: Int) -> [NamespacedName] {
    (0..<count).map { NamespacedName(namespace: "web", name: "firewall-\($0)") }
  }

  @Test(arguments: 1...12) func everyBucketIsOfOneInstance(count: Int) {
    let shares = ChainShares.buckets(of: instances(count))
    #expect(shares.values.joined().sorted() == Array(0..<ChainShares.count))
    #expect(ChainShares.buckets(of: instances(count).reversed()) == shares)
    // No instance has more than some three times its part.
    #expect(shares.values.allSatisfy { $0.count <= max(8, 3 * ChainShares.count / count) })
  }

  @Test(arguments: 1...12) func anInstanceThatComesTakesOnlyItsOwnPart(count: Int) {
    let before = ChainShares.buckets(of: instances(count))
    let after = ChainShares.buckets(of: instances(count + 1))
    let newcomer = instances(count + 1)[count]
    for instance in instances(count) {
      #expect(Set(after[instance] ?? []).isSubset(of: before[instance] ?? []))
    }
    #expect((after[newcomer] ?? []).count <= 2 * ChainShares.count / (count + 1) + 4)
  }

  @Test func noneIsNothing() { #expect(ChainShares.buckets(of: []).isEmpty) }
}

/// The way of a packet by the policies of a router, through functions that give out on their other side what they take.
private struct Walk {
  struct Stop: Hashable {
    var function: String
    var pod: NamespacedName
  }

  var passed: [Stop] = []
  var isDropped = false

  init(_ chain: ChainPlan, _ fragments: Set<RowFragment>? = nil, from source: IPAddress, to destination: IPAddress)
    throws
  {
    let fragments = fragments ?? chain.fragments
    let sets = Dictionary(
      uniqueKeysWithValues: fragments.filter { $0.key.table == .addressSet }.map {
        ($0.key.name, $0.strings("addresses"))
      })
    let policies = fragments.filter { $0.key.table == .routerPolicy }
      .sorted { ($1.number("priority"), $0.key) < ($0.number("priority"), $1.key) }
    var port = [chain.left, chain.right].first { end in
      guard case .network(let subnets) = end.members else { return false }
      return subnets.contains { $0.contains(source) }
    }?.port
    for _ in 0..<20 {
      guard let at = port else { return }
      let fitting = policies.filter {
        Matcher(inport: at, source: source, destination: destination, sets: sets).matches($0.string("match"))
      }
      guard let best = fitting.first else { return }
      let rivals = fitting.filter { $0.number("priority") == best.number("priority") }
      try #require(rivals.count == 1, "\(rivals.map(\.key.name)) match one packet")
      if best.string("action") == "allow" { return }
      if best.string("action") == "drop" {
        isDropped = true
        return
      }
      let nextHop = try #require(best.strings("nexthops").first.flatMap { IPAddress($0) })
      for hop in chain.hops {
        for instance in hop.instances {
          guard
            let side = ChainPlan.Side.allCases.first(where: {
              (($0 == .left) ? instance.left : instance.right).contains(nextHop)
            })
          else { continue }
          passed.append(Stop(function: hop.name, pod: instance.pod))
          port = hop.port(side.other)
        }
      }
    }
    Issue.record("the packet goes round: \(passed)")
  }
}

/// As much of OVN's language as chains use.
private struct Matcher {
  var inport: String
  var source: IPAddress
  var destination: IPAddress
  var sets: [String: Set<String>]

  func matches(_ text: String) -> Bool {
    text.split(separator: " && ").allSatisfy { term in
      let sides = term.split(separator: " == ", maxSplits: 1).map(String.init)
      switch (sides[0], source.family) {
      case ("inport", _): return sides[1] == "\"\(inport)\""
      case ("ip4.src", .v4), ("ip6.src", .v6): return matches(source, sides[1])
      case ("ip4.dst", .v4), ("ip6.dst", .v6): return matches(destination, sides[1])
      default: return false
      }
    }
  }

  private func matches(_ address: IPAddress, _ set: String) -> Bool {
    if set.first == "$" { return sets[String(set.dropFirst())]?.contains("\(address)") ?? false }
    return set.filter { $0 != "{" && $0 != "}" && $0 != " " }.split(separator: ",").contains { item in
      let parts = item.split(separator: "/").map(String.init)
      guard let value = IPAddress(parts[0]) else { return false }
      if let mask = IPAddress(parts.last!), parts.count == 2 { return address.value & mask.value == value.value }
      return CIDR(String(item))?.contains(address) ?? (address == value)
    }
  }
}

extension RowFragment {
  fileprivate func string(_ column: String) -> String {
    if case .one(.string(let text))? = columns[column] { text } else { "" }
  }

  fileprivate func number(_ column: String) -> Int {
    if case .one(.integer(let number))? = columns[column] { number } else { 0 }
  }

  fileprivate func strings(_ column: String) -> Set<String> {
    guard case .set(let atoms)? = columns[column] else { return [] }
    return Set(atoms.compactMap { if case .string(let text) = $0 { text } else { nil } })
  }
}
