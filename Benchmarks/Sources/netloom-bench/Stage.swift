import Compiler
import KubernetesModel
import NetloomAPI

/// Plays the API server, the fabric's driver and the nodes' agents towards the compiler: whatever it asks for is done at
/// once and comes back as a change.
struct Stage {
  private(set) var compiler = Compiler()
  private(set) var objects: [WorldID: WorldObject] = [:]
  private static let timestamp = "2026-01-01T00:00:00Z"
  private static let moment = Moment(timestamp: timestamp, elapsed: .zero)

  /// Creates or changes an object as a user does.
  mutating func put(_ object: WorldObject) {
    objects[object.id] = object
    compiler.apply([.put(object)])
  }

  /// Changes an object and has the changes compiled, and nothing done about them.
  mutating func compile() -> [Action] { compiler.compile(at: Self.moment) }

  /// Everybody works until nobody has anything to do.
  mutating func settle(_ actions: [Action]? = nil) {
    var actions = actions ?? compile()
    while !actions.isEmpty {
      for action in actions { carryOut(action) }
      actions = compile().filter { if case .announce = $0 { false } else { true } }
    }
  }

  private mutating func carryOut(_ action: Action) {
    switch action {
    case .create(let made), .update(let made): make(made)
    case .setStatus(let id, let status, _): if let object = objects[id] { put(object.with(status)) }
    case .addFinalizer(let id, _): if let object = objects[id] { put(object.protected) }
    case .delete(let id, _), .removeFinalizer(let id, _):
      objects[id] = nil
      compiler.apply([.remove(id)])
    case .allocate, .fulfil, .announce, .program: break
    }
  }

  private mutating func make(_ made: Action.Made) {
    let ready = [
      Condition(
        type: ConditionType.ready, status: .true, reason: "Ready", message: "", lastTransitionTime: Self.timestamp)
    ]
    switch made {
    case .bridgeDomain(var domain):
      domain.metadata.uid = domain.metadata.name
      domain.metadata.generation = (domain.metadata.generation ?? 0) + 1
      var status = BridgeDomain.Status()
      (status.phase, status.conditions, status.observedGeneration) = (.ready, ready, domain.metadata.generation)
      domain.status = status
      put(.bridgeDomain(domain))
    case .nodeNetwork(var network):
      network.metadata.uid = network.metadata.name
      network.metadata.generation = (network.metadata.generation ?? 0) + 1
      var status = NodeNetwork.Status()
      (status.phase, status.conditions, status.observedGeneration) = (.ready, ready, network.metadata.generation)
      status.bridges = network.spec.bridges.map { .init(name: $0.name, vlans: $0.vlans) }
      network.status = status
      put(.nodeNetwork(network))
    case .definition(var definition):
      definition.metadata.uid = definition.metadata.name
      put(.definition(definition))
    }
  }
}

extension WorldObject {
  fileprivate func with(_ status: AnyStatus) -> WorldObject {
    func updated<T: NetloomResource>(_ object: T, _ status: T.Status) -> T {
      var object = object
      object.status = status
      return object
    }
    return switch (self, status) {
    case (.connectionPoint(let object), .connectionPoint(let status)): .connectionPoint(updated(object, status))
    case (.fabric(let object), .fabric(let status)): .fabric(updated(object, status))
    case (.bridgeDomain(let object), .bridgeDomain(let status)): .bridgeDomain(updated(object, status))
    case (.service(let object), .service(let status)): .service(updated(object, status))
    case (.subnet(let object), .subnet(let status)): .subnet(updated(object, status))
    case (.attachment(let object), .attachment(let status)): .attachment(updated(object, status))
    case (.nodeNetwork(let object), .nodeNetwork(let status)): .nodeNetwork(updated(object, status))
    default: self
    }
  }

  /// With our finalizer.
  fileprivate var protected: WorldObject {
    func updated<T: KubernetesResource>(_ object: T) -> T {
      var object = object
      object.metadata.finalizers = [Netloom.finalizer]
      return object
    }
    return switch self {
    case .connectionPoint(let object): .connectionPoint(updated(object))
    case .fabric(let object): .fabric(updated(object))
    case .bridgeDomain(let object): .bridgeDomain(updated(object))
    case .service(let object): .service(updated(object))
    case .subnet(let object): .subnet(updated(object))
    case .attachment(let object): .attachment(updated(object))
    default: self
    }
  }
}
