import IPAM
import KubernetesModel
import NetloomAPI

/// A point in time, given by who has a clock.
public struct Moment: Sendable, Hashable {
  /// The time of day, RFC 3339 in UTC, to the second.
  public var timestamp: String
  /// The time since any fixed moment; it does not run backwards.
  public var elapsed: Duration

  /// A point in time.
  public init(timestamp: String, elapsed: Duration) {
    self.timestamp = timestamp
    self.elapsed = elapsed
  }
}

/// Compiles Kubernetes objects into what is wanted of every target, and tells what has to be done.
///
/// A pure value: it does no I/O and reads no clock. Changes go in by ``apply(_:)``; ``compile(now:)`` repeats the
/// computations that read what has changed, and no others, and returns the actions for the targets concerned. The
/// objects that the actions write come back as changes, with what the targets report of them; when there is nothing
/// left to do there is no action. A copy fed with other objects is a dry run.
///
/// The result depends on the objects alone, not on the order in which they came, with one exception: which address a
/// pod gets depends on who came first.
public struct Compiler: Sendable {
  /// A change of the world.
  public enum Change: Sendable {
    /// An object is now like this.
    case put(WorldObject)
    /// An object is gone.
    case remove(WorldID)
    /// OVN has this of what an object wants.
    case northbound(WorldID, NorthboundState?)
    /// A port of OVN is on this chassis now; nil: on none.
    case bound(port: String, chassis: String?)
    /// This is how well it is known where ports are.
    case southbound(SouthboundState)
  }

  /// The objects as they are known.
  public private(set) var world = World()
  private(set) var results: [Computation: Result] = [:]
  private var graph = DependencyGraph<Computation, Fact>()
  private var ports = WantedPorts()
  private var vlans = WantedVLANs()
  private(set) var addresses: Addresses
  /// The subnets of which addresses have moved, and the pods that were computed, since they were last asked for.
  var changedSubnets: Set<NamespacedName> = []
  var changedPods: Set<NamespacedName> = []
  let hasOVN: Bool
  private var dirty: [Set<Computation>] = Array(repeating: [], count: Computation.levels)

  /// Nothing is known yet.
  ///
  /// - Parameters:
  ///   - quarantine: how long the address of a pod that is gone is given to no other, unless nothing else is free.
  ///   - macPrefix: what MAC addresses begin with that are made for pods; those that pods have stay.
  ///   - hasOVN: whether there is an OVN to write to; without it, what needs one says so.
  public init(quarantine: Duration = .seconds(60), macPrefix: MACPrefix = .standard, hasOVN: Bool = false) {
    self.hasOVN = hasOVN
    addresses = Addresses(quarantine: quarantine, macPrefix: macPrefix)
  }

  /// How many computations ran, for tests and metrics of how much a change costs.
  public private(set) var computations = 0

  /// Takes changes in; nothing is compiled yet.
  public mutating func apply(_ changes: some Sequence<Change>) {
    for change in changes {
      switch change {
      case .put(let object): mark(world.put(object))
      case .remove(let id): mark(world.remove(id))
      case .northbound(let id, let state): mark(world.setNorthbound(state, of: id))
      case .bound(let port, let chassis): mark(world.setChassis(chassis, of: port))
      case .southbound(let state): mark(world.setSouthbound(state))
      }
    }
  }

  /// Has the actions for an object computed once more: the last ones could not be carried out.
  public mutating func retry(_ id: WorldID) {
    for computation in Computation.about(.object(id)) { dirty[computation.level].insert(computation) }
  }

  /// Brings everything up to date.
  ///
  /// - Returns: what has to be done about the targets of which something relevant has changed.
  public mutating func compile(at time: Moment) -> [Action] {
    mark(addresses.advance(to: time.elapsed))
    var touched: Set<Computation> = []
    var announcements: [Action] = []
    for level in 0..<Computation.levels {
      // A computation makes only higher ones dirty, but that pods wait for the addresses of other pods.
      while !dirty[level].isEmpty {
        let computations = dirty[level]
        dirty[level] = []
        for computation in computations {
          switch computation {
          case .pod, .claim, .port: continue
          case .logical(let id) where id.kind == .policy: announcements += runPolicy(id, at: time)
          default: run(computation, at: time)
          }
        }
        announcements += assignAddresses(computations, at: time)
        if level >= Computation.firstLevelOfTargets { touched.formUnion(computations) }
      }
    }
    return touched.targetsInOrder().flatMap(actions(for:)) + announcements
  }

  /// Everything that is to be done, not only what recent changes ask for: empty when the targets are as wanted.
  public func plan() -> [Action] {
    results.keys.targetsInOrder().flatMap(actions(for:))
  }

  /// When something next changes by time alone and has to be compiled; nil: never.
  public func nextChange(after time: Moment) -> Duration? { addresses.nextChange(after: time.elapsed) }

  /// What is to be done about one object as things are now.
  public func actions(for id: WorldID) -> [Action] {
    Computation.about(.object(id)).filter { $0.level >= Computation.firstLevelOfTargets }.flatMap(actions(for:))
  }

  private mutating func mark(_ facts: Set<Fact>) {
    for fact in facts {
      if case .addresses(let subnet) = fact { changedSubnets.insert(subnet) }
      for computation in Computation.about(fact) { dirty[computation.level].insert(computation) }
      for computation in graph.readers(of: fact) { dirty[computation.level].insert(computation) }
    }
  }

  private mutating func run(_ computation: Computation, at time: Moment) {
    computations += 1
    let (result, facts) = read(at: time) { evaluate(computation, by: $0) }
    graph.record(computation, reads: facts)
    store(result, of: computation)
  }

  private mutating func store(_ result: Result?, of computation: Computation) {
    if results[computation] != result {
      results[computation] = result
      mark([.result(computation)])
    }
    if case .subnet(let name) = computation {
      let parsed = if case .subnet(let view)? = result { view.parsed } else { ParsedSubnet?.none }
      addresses.configure(name, parsed, status: world.subnets[name]?.status)
      mark([.addresses(name)])
    }
    guard case .fragment(let contributor) = computation else { return }
    var contribution = Contribution()
    if case .contribution(let present)? = result { contribution = present }
    mark(Set(ports.replace(contributor, with: contribution.ports).contributors.map(Fact.wantedPorts)))
    let changedVLANs = vlans.wants(of: contributor).symmetricDifference(contribution.vlans)
    mark(Set(vlans.replace(contributor, with: contribution.vlans).things.map { .wantedVLANs(node: $0) }))
    mark(Set(changedVLANs.map { .wantedVLAN(NodeVLAN($0)) }))
  }

  /// Gives pods and claims their addresses: first everybody keeps what it has, pods before claims; then the others get
  /// theirs, oldest first.
  ///
  /// - Returns: what people are told of the pods.
  private mutating func assignAddresses(_ computations: Set<Computation>, at time: Moment) -> [Action] {
    var pods: [(needs: PodNeeds, facts: Set<Fact>)] = []
    for case .pod(let name) in computations {
      self.computations += 1
      changedPods.insert(name)
      let (needs, facts) = read(at: time) { $0.computePodNeeds(name) }
      if let needs {
        mark(addresses.note(needs, at: time.elapsed))
        pods.append((needs, facts))
      } else {
        mark(addresses.release(name, at: time.elapsed))
        graph.record(.pod(name), reads: [])
        store(nil, of: .pod(name))
      }
    }
    for case .claim(let name) in computations { keepClaim(name, at: time) }
    assignPorts(computations, at: time)
    func rank(_ needs: PodNeeds) -> (Int, String, NamespacedName) {
      (needs.present.isEmpty ? 1 : 0, world.pods[needs.pod]?.creationTimestamp ?? "", needs.pod)
    }
    var announcements: [Action] = []
    for (needs, facts) in pods.sorted(by: { rank($0.needs) < rank($1.needs) }) {
      let computation = Computation.pod(needs.pod)
      let (plan, changed) = addresses.assign(needs, at: time)
      mark(changed)
      graph.record(computation, reads: facts.union(plan.finding == nil ? [] : needs.awaited))
      if results[computation] != .pod(plan), let announcement = plan.announcement(needs.pod) {
        announcements.append(announcement)
      }
      store(.pod(plan), of: computation)
    }
    return announcements
  }

  /// A policy has no status: what is wrong with it is told.
  private mutating func runPolicy(_ id: WorldID, at time: Moment) -> [Action] {
    func plan() -> LogicalPlan? { if case .logical(let plan)? = results[.logical(id)] { plan } else { nil } }
    let before = plan()
    run(.logical(id), at: time)
    return plan()?.announcements(id, uid: world.policies[id.name]?.metadata.uid, after: before) ?? []
  }

  /// Gives NetworkPorts their addresses, oldest first, after everybody was noted who has some, and before pods get new
  /// ones: who asks for an address comes before who takes any.
  private mutating func assignPorts(_ computations: Set<Computation>, at time: Moment) {
    var ports: [(needs: PortNeeds, facts: Set<Fact>)] = []
    for case .port(let name) in computations {
      self.computations += 1
      let (needs, facts) = read(at: time) { $0.computePortNeeds(name) }
      if let needs {
        mark(addresses.keep(needs, at: time.elapsed))
        ports.append((needs, facts))
      } else {
        mark(addresses.release(port: name, at: time.elapsed))
        graph.record(.port(name), reads: [])
        store(nil, of: .port(name))
      }
    }
    for (needs, facts) in ports.sorted(by: { $0.needs.rank < $1.needs.rank }) {
      let (plan, changed) = addresses.assign(needs, at: time.elapsed)
      mark(changed)
      graph.record(.port(needs.name), reads: facts.union(plan.finding == nil ? [] : needs.awaited))
      store(.port(plan), of: .port(needs.name))
    }
  }

  /// Lets a claim keep its addresses while it exists, and tells it which they are.
  private mutating func keepClaim(_ name: NamespacedName, at time: Moment) {
    computations += 1
    let (needs, first) = read(at: time) { $0.computeClaimNeeds(name) }
    mark(needs.map { addresses.keep($0) } ?? addresses.drop(name, at: time.elapsed))
    let (plan, second) = read(at: time) { $0.computeClaim(name) }
    graph.record(.claim(name), reads: plan == nil ? [] : first.union(second))
    store(plan.map(Result.claim), of: .claim(name))
  }

  /// Reads without changing anything, so that no copy of the tables outlives it.
  private func read<Value>(at time: Moment, _ body: (Reader) -> Value) -> (Value, Set<Fact>) {
    let reader = reader(at: time)
    return (body(reader), reader.facts)
  }

  private func reader(at time: Moment) -> Reader {
    Reader(
      world: world, results: results, ports: ports, vlans: vlans, addresses: addresses, hasOVN: hasOVN, time: time)
  }

  private func evaluate(_ computation: Computation, by reader: Reader) -> Result? {
    switch computation {
    case .fabric(let name): reader.computeFabric(name).map(Result.fabric)
    case .subnet(let name): reader.computeSubnet(name).map(Result.subnet)
    case .placement(let name): reader.computePlacement(name).map(Result.placement)
    case .service(let name): reader.computeService(name).map(Result.service)
    case .resolution(let name): reader.computeResolution(name).map(Result.resolution)
    case .trunk(let name): reader.computeTrunk(name).map(Result.trunk)
    case .attachment(let name): reader.computeAttachment(name).map(Result.attachment)
    case .overlay: reader.computeOverlay().map(Result.overlay)
    case .network(let name): reader.computeNetwork(name).map(Result.network)
    case .router(let name): reader.computeRouter(name).map(Result.router)
    case .mirror(let name): reader.computeMirror(name).map(Result.mirror)
    case .fragment(let contributor): reader.computeFragment(contributor).map(Result.contribution)
    case .bridgeDomain(let id): reader.computeDomain(id).map(Result.bridgeDomain)
    case .nodeNetwork(let name): reader.computeNode(name).map(Result.nodeNetwork)
    case .definition(let name): reader.computeDefinition(name).map(Result.definition)
    case .pod, .claim, .port: nil
    case .logical(let id): reader.computeLogical(id).map(Result.logical)
    case .status(let id): reader.computeStatus(id).map(Result.status)
    }
  }

  /// What has to be done about one target or status.
  private func actions(for computation: Computation) -> [Action] {
    switch (computation, results[computation]) {
    case (.bridgeDomain(let id), .bridgeDomain(let plan)?):
      plan.actions(id, observed: world.bridgeDomains[id.name], fabricExists: world.fabrics[id.fabric] != nil)
    case (.nodeNetwork(let name), .nodeNetwork(let plan)?):
      plan.actions(name, observed: world.nodeNetworks[name])
    case (.definition(let name), .definition(let plan)?):
      plan.actions(name, observed: world.definitions[name])
    case (.pod(let name), .pod(let plan)?):
      plan.actions(name, observed: world.pods[name])
    case (.claim(let name), .claim(let plan)?):
      plan.actions(name, observed: world.claims[name])
    case (.logical(let id), .logical(let plan)?) where hasOVN: plan.actions(id, observed: world.northbound[id])
    case (.logical(let id), nil): LogicalPlan().actions(id, observed: world.northbound[id])
    case (.status(let id), .status(let plan)?):
      plan.actions(id, observed: world[id]?.statusOnly)
    default: []
    }
  }
}

// MARK: For tests

extension Compiler {
  /// The computations whose results differ from those of another compiler.
  func differences(from other: Compiler) -> [String] {
    Set(results.keys).union(other.results.keys).filter { results[$0] != other.results[$0] }
      .map { "\($0): \(String(describing: results[$0])) != \(String(describing: other.results[$0]))" }.sorted()
  }

  /// Whether nothing is remembered of objects that are gone.
  var isEmptyButForNodes: Bool {
    results.isEmpty && ports.targets.isEmpty && vlans.targets.isEmpty && addresses.isEmpty
  }
}
