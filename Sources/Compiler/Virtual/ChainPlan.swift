import KubernetesModel
import NetworkTypes
import OVNModel

/// A ServiceChain with everything that it names looked up: what its rows are made from.
///
/// A packet of the chain is known by the port of the router at which it comes in and by its two ends. From the left end
/// it is sent to the first function's left side; the function gives it out on its right side, so it comes in again by
/// that network's port, and is sent to the next function. From the right end it is the other way round. The routing
/// table is not touched: what is not of the chain goes as it did.
struct ChainPlan: Hashable, Sendable {
  /// The chain.
  var name: NamespacedName
  /// The router that joins all its networks.
  var router: String
  /// Where it begins.
  var left: End
  /// Where it ends.
  var right: End
  /// Its functions, from left to right.
  var hops: [Hop]
  /// Whether a function without instances is left out; if not, nothing passes there.
  var isBypassed: Bool

  /// One end.
  struct End: Hashable, Sendable {
    /// The router's port on its network.
    var port: String
    /// The network's subnets, or the addresses of the chosen pods.
    var members: Members

    enum Members: Hashable, Sendable {
      case network([CIDR])
      case pods(Set<IPAddress>)
    }
  }

  /// One function.
  struct Hop: Hashable, Sendable {
    /// What the chain calls it.
    var name: String
    /// The router's port on the network where it takes what comes from the left.
    var left: String
    /// The router's port on the network where it gives that out; for a function with one interface the same.
    var right: String
    /// Its pods that can take packets.
    var instances: [Instance]
  }

  /// A pod of a function.
  struct Instance: Hashable, Sendable {
    var pod: NamespacedName
    /// Its addresses on the left network.
    var left: [IPAddress]
    /// Its addresses on the right network.
    var right: [IPAddress]
  }

  /// Which way packets go.
  enum Direction: String, CaseIterable, Sendable {
    case rightward, leftward
  }
}

// MARK: Rows

extension ChainPlan {
  /// What is wanted of OVN.
  var fragments: Set<RowFragment> {
    var rows = Set(Side.allCases.flatMap(addressSets))
    for family in IPFamily.allCases where end(.left).has(family) && end(.right).has(family) {
      for direction in Direction.allCases { rows.formUnion(policies(direction, family).map(\.fragment)) }
    }
    return rows
  }

  /// The policies of one direction: for every function one for each of its instances, then one that lets out what has
  /// passed all of them.
  private func policies(_ direction: Direction, _ family: IPFamily) -> [RouterPolicy] {
    var policies: [RouterPolicy] = []
    var port = end(direction.from).port
    for hop in direction == .rightward ? hops : hops.reversed() {
      let targets = hop.targets(direction.from, family)
      if targets.isEmpty {
        if isBypassed { continue }
        policies.append(policy(direction, family, at: port, "\(hop.name)", .drop))
        return policies
      }
      let shares = ChainShares.buckets(of: targets.map(\.pod))
      for (pod, address) in targets {
        guard let buckets = shares[pod] else { continue }
        var policy = policy(direction, family, at: port, "\(hop.name) \(pod)", .reroute, buckets: buckets)
        policy.nextHops = ["\(address)"]
        policies.append(policy)
      }
      port = hop.port(direction.to)
    }
    // Without it, a chain between more of the network's addresses could take over here.
    policies.append(policy(direction, family, at: port, "end", .allow))
    return policies
  }

  private func policy(
    _ direction: Direction, _ family: IPFamily, at port: String, _ id: String, _ action: RouterPolicy.Action,
    buckets: [Int] = []
  ) -> RouterPolicy {
    var terms = [
      "inport == \"\(port)\"", match(direction.from, .source, family), match(direction.to, .destination, family),
    ]
    if !buckets.isEmpty, let share = ChainShares.match(buckets, family) {
      let field: Field = direction == .rightward ? .source : .destination
      terms.append("\(field.name(family)) == \(share)")
    }
    return RouterPolicy(
      id: "\(name) \(direction) \(family) \(id)", on: router, priority: priority,
      match: terms.joined(separator: " && "), action: action)
  }

  /// Chains between chosen pods come before those between networks.
  var priority: Int { 10_000 + 10 * Side.allCases.filter { end($0).isChosen }.count }

  /// The sets of the addresses of an end's pods.
  private func addressSets(_ side: Side) -> [RowFragment] {
    guard case .pods(let addresses) = end(side).members else { return [] }
    return IPFamily.allCases.map { family in
      var row = AddressSetRow(name: addressSet(side, family))
      row.addresses = Set(addresses.filter { $0.family == family }.map(\.description))
      return row.fragment
    }
  }

  /// A name that is of this chain only: namespaces have no dot, and names of Kubernetes no underscore.
  private func addressSet(_ side: Side, _ family: IPFamily) -> String {
    "netloom_chain_\(side)_\(family.rawValue)."
      + String("\(name.namespace ?? "").\(name.name)".map { $0 == "-" ? "_" : $0 })
  }

  private func match(_ side: Side, _ field: Field, _ family: IPFamily) -> String {
    switch end(side).members {
    case .pods: "\(field.name(family)) == $\(addressSet(side, family))"
    case .network(let subnets):
      "\(field.name(family)) == {"
        + subnets.filter { $0.family == family }.map(\.description).joined(separator: ", ") + "}"
    }
  }
}

// MARK: Sides

extension ChainPlan {
  /// Left or right.
  enum Side: String, CaseIterable, Sendable {
    case left, right

    /// The other of the two.
    var other: Side { self == .left ? .right : .left }
  }

  /// Which address of a packet.
  fileprivate enum Field {
    case source, destination

    func name(_ family: IPFamily) -> String { "ip\(family.rawValue).\(self == .source ? "src" : "dst")" }
  }

  func end(_ side: Side) -> End { side == .left ? left : right }
}

extension ChainPlan.Direction {
  var from: ChainPlan.Side { self == .rightward ? .left : .right }
  var to: ChainPlan.Side { from.other }
}

extension ChainPlan.Hop {
  func port(_ side: ChainPlan.Side) -> String { side == .left ? left : right }

  /// The instances that can take packets of a family both ways, with their addresses on a side.
  func targets(_ side: ChainPlan.Side, _ family: IPFamily) -> [(pod: NamespacedName, address: IPAddress)] {
    instances.compactMap { instance in
      guard instance.address(side.other, family) != nil else { return nil }
      return instance.address(side, family).map { (instance.pod, $0) }
    }
  }
}

extension ChainPlan.Instance {
  func address(_ side: ChainPlan.Side, _ family: IPFamily) -> IPAddress? {
    (side == .left ? left : right).first { $0.family == family }
  }
}

extension ChainPlan.End {
  var isChosen: Bool { if case .pods = members { true } else { false } }

  /// Whether it can have packets of a family. An end of chosen pods has, even before there are any.
  func has(_ family: IPFamily) -> Bool {
    switch members {
    case .network(let subnets): subnets.contains { $0.family == family }
    case .pods: true
    }
  }

  /// Whether an address is of both ends.
  func overlaps(_ other: Self) -> Bool {
    switch (members, other.members) {
    case (.network(let a), .network(let b)): a.contains { one in b.contains { one.overlaps($0) } }
    case (.network(let a), .pods(let b)): b.contains { address in a.contains { $0.contains(address) } }
    case (.pods, .network): other.overlaps(self)
    case (.pods(let a), .pods(let b)): !a.isDisjoint(with: b)
    }
  }
}
