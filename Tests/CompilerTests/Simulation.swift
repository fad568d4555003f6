import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import OVNModel
import Testing

@testable import Compiler

/// A cluster without I/O: it keeps the objects as an API server does, carries the compiler's actions out, and plays the
/// fabric's driver and the nodes' agents, one step at a time.
struct Simulation {
  var compiler = Compiler()
  private(set) var objects: [WorldID: WorldObject] = [:]
  /// What the switches really have open.
  private(set) var fabric: [DomainID: Set<Fabric.PortReference>] = [:]
  /// What OVN has.
  var ovn = WantedRows()
  /// What OVN had when the operator was started.
  var ovnBefore = WantedRows()
  /// Ports that no node has.
  var unboundPorts: Set<String> = []
  /// Whether OVN takes over what it is told.
  var ovnIsUp = true
  /// Where pods are plugged in.
  private(set) var plugged: [NamespacedName: Plugged] = [:]
  /// What was announced, oldest first.
  private(set) var announcements: [Announcement] = []
  private(set) var serial = 0
  /// How long nothing happened.
  var waited: Duration = .zero
  /// By how many seconds somebody has set the time of day.
  var clockJump = 0
  /// When the compiler hears of a change.
  var hears = Hearing.atOnce
  var unheard: [Compiler.Change] = []

  enum Hearing {
    case atOnce, late
  }

  // MARK: What users do

  /// Creates or replaces an object, keeping what the server keeps.
  mutating func apply(_ object: WorldObject) {
    store(object.stamped(over: objects[object.id], serial: next(), time: time))
  }

  /// Asks for the deletion of an object: it goes at once unless it has a finalizer.
  mutating func delete(_ id: WorldID) {
    guard let object = objects[id] else { return }
    guard object.metadata?.finalizers?.isEmpty == false else { return remove(id) }
    store(object.editing { if $0.deletionTimestamp == nil { $0.deletionTimestamp = time } })
  }

  /// Asks for the deletion of an object that somebody else's finalizer holds.
  mutating func markDeleted(_ id: WorldID) {
    if let object = objects[id] { store(object.editing { $0.deletionTimestamp = time }) }
  }

  // MARK: What Netloom hears

  /// The compiler hears of what has happened: of each object in order, of different objects in any, of some twice.
  mutating func hearEverything(_ random: inout Random) {
    var changes = unheard
    unheard = []
    while !changes.isEmpty {
      let id = changes[Int.random(in: 0..<changes.count, using: &random)].id
      guard let index = changes.firstIndex(where: { $0.id == id }) else { return }
      let change = changes.remove(at: index)
      compiler.apply(random.chance(20) ? [change, change] : [change])
    }
  }

  /// The compiler works on what it has heard, and hears of some more.
  mutating func step(_ random: inout Random) {
    if random.chance(50) { hearEverything(&random) }
    compile()
  }

  private mutating func hear(_ change: Compiler.Change) {
    if hears == .late { unheard.append(change) } else { compiler.apply([change]) }
  }

  // MARK: What Netloom does

  /// Compiles and carries out those of the actions that `succeeds` lets pass; the others are to be tried again.
  @discardableResult
  mutating func compile(succeeds: (Action) -> Bool = { _ in true }) -> [Action] {
    let actions = compiler.compile(at: now)
    for action in actions {
      if succeeds(action) { carryOut(action) } else { compiler.retry(action.id) }
    }
    return actions
  }

  /// The driver brings the switches to one bridge domain and reports.
  @discardableResult
  mutating func driveFabric(_ name: String) -> Bool {
    guard case .bridgeDomain(var domain)? = objects[WorldID(.bridgeDomain, name)] else { return false }
    fabric[domain.id] = Set(domain.spec.ports)
    if domain.spec.ports.isEmpty { fabric[domain.id] = nil }
    guard !domain.isReady else { return false }
    var status = BridgeDomain.Status()
    status.phase = .ready
    status.observedGeneration = domain.metadata.generation
    status.conditions = [.ready(at: time)]
    domain.status = status
    store(.bridgeDomain(domain))
    return true
  }

  /// A pod's port.
  struct Plugged: Hashable {
    var node: String
    var bridge: String
    var vlans: [Int]
  }

  /// The runtime and the agent of a node plug pods in, out, and into other VLANs, as definitions say.
  @discardableResult
  mutating func drivePods(on node: String) -> Bool {
    let before = plugged
    for (name, pod) in plugged where pod.node == node && objects[WorldID(.pod, name)] == nil { plugged[name] = nil }
    for case .pod(let pod) in objects.values where pod.node == node {
      guard let network = pod.networkNames.first, let needs = definition(network.name)?.requirements,
        let bridge = needs.bridge, pod.allocations != nil
      else { continue }
      plugged[pod.name] = Plugged(node: node, bridge: bridge, vlans: needs.vlans)
    }
    return plugged != before
  }

  /// The agent brings its node's bridges to what is wanted, and keeps what they carry for pods that are still there.
  @discardableResult
  mutating func driveNode(_ name: String) -> Bool {
    guard case .nodeNetwork(var network)? = objects[WorldID(.nodeNetwork, name)] else { return false }
    let bridges = network.spec.bridges.map { bridge in
      let carried = network.status?.bridges?.first { $0.name == bridge.name }?.vlans ?? []
      let used = plugged.values.filter { $0.node == name && $0.bridge == bridge.name }.flatMap(\.vlans)
      return NodeNetwork.BridgeStatus(
        name: bridge.name, vlans: Set(carried).intersection(used).union(bridge.vlans).sorted())
    }
    if network.isReady, network.status?.bridges == bridges { return false }
    var status = NodeNetwork.Status()
    status.phase = .ready
    status.observedGeneration = network.metadata.generation
    status.conditions = [.ready(at: time)]
    status.bridges = bridges
    network.status = status
    store(.nodeNetwork(network))
    return true
  }

  /// Lets everybody work until nobody has anything to do.
  mutating func settle(_ location: SourceLocation = #_sourceLocation) {
    for _ in 0..<100 {
      let actions = compile().filter { if case .announce = $0 { false } else { true } }
      var changed = !actions.isEmpty
      for id in objects.keys.sorted() {
        if id.kind == .bridgeDomain { changed = driveFabric(id.name.name) || changed }
        if id.kind == .nodeNetwork { changed = driveNode(id.name.name) || changed }
        if id.kind == .node { changed = drivePods(on: id.name.name) || changed }
      }
      if !changed { return }
    }
    Issue.record("it never comes to rest: \(compiler.plan())", sourceLocation: location)
  }

  private mutating func carryOut(_ action: Action) {
    switch action {
    case .create(let made): store(made.object.stamped(over: nil, serial: next(), time: time))
    case .update(let made): store(made.object.stamped(over: objects[made.id], serial: next(), time: time))
    case .delete(let id, _): remove(id)
    case .setStatus(let id, let status, _): if let object = objects[id] { store(object.with(status)) }
    case .addFinalizer(let id, _):
      if let object = objects[id] { store(object.editing { $0.finalizers = [Netloom.finalizer] }) }
    case .removeFinalizer(let id, _): remove(id)
    case .allocate(let name, let uid, let allocations, let resolved):
      if case .pod(var pod)? = objects[WorldID(.pod, name)], pod.uid == uid {
        pod.allocations = Allocation.text(of: allocations)
        if pod.conflicts == resolved { pod.conflicts = nil }
        store(.pod(pod))
      }
    case .fulfil(let name, _, let ips):
      if case .claim(var claim)? = objects[WorldID(.claim, name)] {
        claim.status = .init(ips: ips)
        store(.claim(claim))
      }
    case .program(let id, let fragments):
      let owner = NorthboundOwner(id)
      _ = ovn.replace(owner, with: fragments ?? ovnBefore.wanted(by: owner))
      let state = NorthboundState(
        asked: NorthboundState.digest(fragments), progress: ovnIsUp ? .programmed : .pending,
        boundPorts: Set((fragments ?? []).map(\.key).filter { $0.table == .logicalSwitchPort }.map(\.name)).subtracting(
          unboundPorts)
      )
      hear(.northbound(id, state.asked == 0 && ovnIsUp ? nil : state))
    case .announce(let announcement): announcements.append(announcement)
    }
  }

  private mutating func store(_ object: WorldObject) {
    objects[object.id] = object
    hear(.put(object))
  }

  private mutating func remove(_ id: WorldID) {
    objects[id] = nil
    if let domain = id.kind == .bridgeDomain ? DomainID(name: id.name.name) : nil { fabric[domain] = nil }
    hear(.remove(id))
  }

  private mutating func next() -> Int {
    serial += 1
    return serial
  }

  /// A clock that moves with every object.
  var time: String { Self.time((serial + clockJump) % 86_400) }

  /// The time of day, and a clock that nobody sets.
  var now: Moment { Moment(timestamp: time, elapsed: .seconds(serial) + waited) }

  static func time(_ serial: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "2026-01-01T\(two(serial / 3600)):\(two(serial / 60 % 60)):\(two(serial % 60))Z"
  }
}

// MARK: What tests look at

extension Simulation {
  func service(_ name: String) -> L2Service? {
    if case .service(let object)? = objects[WorldID(.service, .init(namespace: "test", name: name))] {
      object
    } else {
      nil
    }
  }

  func attachment(_ name: String) -> L2ServiceAttachment? {
    if case .attachment(let object)? = objects[WorldID(.attachment, .init(namespace: "test", name: name))] {
      object
    } else {
      nil
    }
  }

  func subnet(_ name: String) -> Subnet? {
    if case .subnet(let object)? = objects[WorldID(.subnet, .init(namespace: "test", name: name))] {
      object
    } else {
      nil
    }
  }

  func definition(_ name: String) -> NetworkAttachmentDefinition? {
    if case .definition(let object)? = objects[WorldID(.definition, .init(namespace: "test", name: name))] {
      object
    } else {
      nil
    }
  }

  func pod(_ name: String) -> PodRecord? {
    if case .pod(let pod)? = objects[WorldID(.pod, .init(namespace: "test", name: name))] { pod } else { nil }
  }

  func bridgeDomain(_ name: String) -> BridgeDomain? {
    if case .bridgeDomain(let object)? = objects[WorldID(.bridgeDomain, name)] { object } else { nil }
  }

  func nodeNetwork(_ name: String) -> NodeNetwork? {
    if case .nodeNetwork(let object)? = objects[WorldID(.nodeNetwork, name)] { object } else { nil }
  }

  /// The VLANs that a switch's port really carries.
  func vlans(on switch: String, _ port: String) -> Set<Int> {
    let port = Fabric.PortReference(switch: `switch`, port: port)
    return Set(fabric.filter { $0.value.contains(port) }.map(\.key.vlan))
  }

  /// The objects that Netloom has made.
  var made: [WorldID] {
    objects.keys.filter { [.bridgeDomain, .nodeNetwork, .definition].contains($0.kind) }.sorted()
  }
}

extension Condition {
  static func ready(at time: String) -> Condition {
    Condition(type: ConditionType.ready, status: .true, reason: "Ready", message: "", lastTransitionTime: time)
  }
}

extension Compiler.Change {
  var id: WorldID {
    switch self {
    case .put(let object): object.id
    case .remove(let id): id
    case .northbound(let id, _): id
    case .bound, .southbound: WorldID(.node, "")
    }
  }
}

extension Action.Made {
  var object: WorldObject {
    switch self {
    case .bridgeDomain(let object): .bridgeDomain(object)
    case .nodeNetwork(let object): .nodeNetwork(object)
    case .definition(let object): .definition(object)
    }
  }
}

extension WorldObject {
  var metadata: ObjectMeta? {
    switch self {
    case .connectionPoint(let object): object.metadata
    case .fabric(let object): object.metadata
    case .bridgeDomain(let object): object.metadata
    case .service(let object): object.metadata
    case .subnet(let object): object.metadata
    case .attachment(let object): object.metadata
    case .nodeNetwork(let object): object.metadata
    case .definition(let object): object.metadata
    case .claim(let object): object.metadata
    case .router(let object): object.metadata
    case .networkPort(let object): object.metadata
    case .serviceChain(let object): object.metadata
    case .trafficMirror(let object): object.metadata
    case .policy(let object): object.metadata
    case .node, .namespace, .pod, .switches: nil
    }
  }

  /// The object with other metadata.
  func editing(_ edit: (inout ObjectMeta) -> Void) -> WorldObject {
    func edited<T: KubernetesResource>(_ object: T) -> T {
      var object = object
      edit(&object.metadata)
      return object
    }
    return switch self {
    case .connectionPoint(let object): .connectionPoint(edited(object))
    case .fabric(let object): .fabric(edited(object))
    case .bridgeDomain(let object): .bridgeDomain(edited(object))
    case .service(let object): .service(edited(object))
    case .subnet(let object): .subnet(edited(object))
    case .attachment(let object): .attachment(edited(object))
    case .nodeNetwork(let object): .nodeNetwork(edited(object))
    case .definition(let object): .definition(edited(object))
    case .claim(let object): .claim(edited(object))
    case .router(let object): .router(edited(object))
    case .networkPort(let object): .networkPort(edited(object))
    case .serviceChain(let object): .serviceChain(edited(object))
    case .trafficMirror(let object): .trafficMirror(edited(object))
    case .policy(let object): .policy(edited(object))
    case .node, .namespace, .pod, .switches: self
    }
  }

  /// The object with the metadata and the status that the server keeps, and a new generation when it asks for
  /// something else.
  func stamped(over before: WorldObject?, serial: Int, time: String) -> WorldObject {
    let old = before?.metadata
    let stamped = editing { metadata in
      metadata.uid = old?.uid ?? metadata.uid ?? "uid-\(serial)"
      metadata.creationTimestamp = old?.creationTimestamp ?? metadata.creationTimestamp ?? time
      metadata.deletionTimestamp = old?.deletionTimestamp
      metadata.finalizers = old?.finalizers
      metadata.generation = (old?.generation ?? 0) + 1
    }
    guard let before else { return stamped }
    if case (.pod(var pod), .pod(let old)) = (stamped, before), pod.uid == old.uid {
      pod.allocations = pod.allocations ?? old.allocations
      pod.networkStatus = pod.networkStatus ?? old.networkStatus
      return .pod(pod)
    }
    if case (.claim(var claim), .claim(let old)) = (stamped, before) {
      claim.status = old.status
      return .claim(claim)
    }
    return before.statusOnly.map { stamped.with($0) } ?? stamped
  }

  /// The object with another status.
  func with(_ status: AnyStatus) -> WorldObject {
    switch (self, status) {
    case (.connectionPoint(var object), .connectionPoint(let status)):
      object.status = status
      return .connectionPoint(object)
    case (.fabric(var object), .fabric(let status)):
      object.status = status
      return .fabric(object)
    case (.bridgeDomain(var object), .bridgeDomain(let status)):
      object.status = status
      return .bridgeDomain(object)
    case (.service(var object), .service(let status)):
      object.status = status
      return .service(object)
    case (.subnet(var object), .subnet(let status)):
      object.status = status
      return .subnet(object)
    case (.attachment(var object), .attachment(let status)):
      object.status = status
      return .attachment(object)
    case (.nodeNetwork(var object), .nodeNetwork(let status)):
      object.status = status
      return .nodeNetwork(object)
    case (.router(var object), .router(let status)):
      object.status = status
      return .router(object)
    case (.networkPort(var object), .networkPort(let status)):
      object.status = status
      return .networkPort(object)
    case (.serviceChain(var object), .serviceChain(let status)):
      object.status = status
      return .serviceChain(object)
    case (.trafficMirror(var object), .trafficMirror(let status)):
      object.status = status
      return .trafficMirror(object)
    default: return self
    }
  }
}
