import KubernetesModel
import NetloomAPI
import NetworkAnnotations
public import OVNModel

/// One step from what is to what is wanted. Steps of one list may be done in any order and at the same time.
public enum Action: Sendable, Hashable {
  /// An object that Netloom makes.
  public enum Made: Sendable, Hashable {
    case bridgeDomain(BridgeDomain)
    case nodeNetwork(NodeNetwork)
    case definition(NetworkAttachmentDefinition)

    /// Its kind and name.
    public var id: WorldID {
      switch self {
      case .bridgeDomain(let object): WorldID(.bridgeDomain, object.metadata.namespacedName)
      case .nodeNetwork(let object): WorldID(.nodeNetwork, object.metadata.namespacedName)
      case .definition(let object): WorldID(.definition, object.metadata.namespacedName)
      }
    }
  }

  /// Makes an object.
  case create(Made)
  /// Brings an object to another specification, labels and annotations; `resourceVersion` is what was compared with.
  case update(Made)
  /// Deletes an object that Netloom made, if it is still the one of this `uid`.
  case delete(WorldID, uid: String?)
  /// Writes a status.
  case setStatus(WorldID, AnyStatus, uid: String?)
  /// Adds our finalizer.
  case addFinalizer(WorldID, uid: String?)
  /// Removes our finalizer: nothing of the object is left anywhere.
  case removeFinalizer(WorldID, uid: String?)
  /// Writes the addresses of a pod's interfaces and, in the same write, removes its annotation of conflicts if it is
  /// still this one.
  case allocate(pod: NamespacedName, uid: String, [Allocation], resolving: String?)
  /// Writes the addresses of a claim.
  case fulfil(claim: NamespacedName, uid: String?, ips: [String])
  /// Brings OVN to what an object wants of it, in the place of what it wanted before. Nil: what OVN has of it from before a
  /// restart stays as it is.
  case program(WorldID, Set<RowFragment>?)
  /// Tells the people who look at an object.
  case announce(Announcement)

  /// Whether the API server is written to.
  public var isWrite: Bool {
    switch self {
    case .announce, .program: false
    default: true
    }
  }

  /// The object that is written, or spoken about.
  public var id: WorldID {
    switch self {
    case .create(let made), .update(let made): made.id
    case .delete(let id, _), .setStatus(let id, _, _), .addFinalizer(let id, _), .removeFinalizer(let id, _): id
    case .allocate(let pod, _, _, _): WorldID(.pod, pod)
    case .fulfil(let claim, _, _): WorldID(.claim, claim)
    case .program(let id, _): id
    case .announce(let announcement): announcement.subject
    }
  }
}

/// A Kubernetes event to be.
public struct Announcement: Sendable, Hashable {
  /// The object that it is about.
  public var subject: WorldID
  /// Its uid.
  public var uid: String?
  /// Whether a person should look.
  public var isWarning: Bool
  /// Why, as one CamelCase word.
  public var reason: String
  /// Why, for people.
  public var message: String

  /// An announcement of these parts.
  public init(subject: WorldID, uid: String?, isWarning: Bool, reason: String, message: String) {
    self.subject = subject
    self.uid = uid
    self.isWarning = isWarning
    self.reason = reason
    self.message = message
  }
}

extension Action: CustomStringConvertible {
  /// One line for people: what a dry run prints.
  public var description: String {
    switch self {
    case .create(let made): "create \(made.id): \(made.summary)"
    case .update(let made): "update \(made.id): \(made.summary)"
    case .delete(let id, _): "delete \(id)"
    case .setStatus(let id, let status, _): "set status of \(id): \(status.common.phase?.rawValue ?? "unknown")"
    case .addFinalizer(let id, _): "protect \(id) by finalizer \(Netloom.finalizer)"
    case .removeFinalizer(let id, _): "release \(id)"
    case .allocate(let pod, _, let allocations, _):
      "assign Pod \(pod): "
        + allocations.map { "\($0.interface) \($0.ips.map(\.description).joined(separator: " "))" }
        .joined(separator: ", ")
    case .fulfil(let claim, _, let ips): "assign IPAMClaim \(claim): \(ips.joined(separator: " "))"
    case .program(let id, nil): "leave what OVN has of \(id) as it is"
    case .program(let id, let fragments?):
      "program OVN for \(id): " + (fragments.isEmpty ? "nothing" : "\(fragments.count) rows")
    case .announce(let announcement): "tell \(announcement.subject): \(announcement.message)"
    }
  }
}

extension Action.Made {
  /// What the object asks for, in one line.
  var summary: String {
    switch self {
    case .bridgeDomain(let domain):
      "VLAN \(domain.spec.vlan) on "
        + (domain.spec.ports.isEmpty
          ? "no port" : domain.spec.ports.map { "\($0.switch)/\($0.port)" }.joined(separator: ", "))
    case .nodeNetwork(let network):
      network.spec.bridges.isEmpty
        ? "no bridge"
        : network.spec.bridges.map { "\($0.name) VLAN \($0.vlans.map(String.init).joined(separator: ","))" }
          .joined(separator: "; ")
    case .definition(let definition): definition.spec?.config ?? ""
    }
  }
}
