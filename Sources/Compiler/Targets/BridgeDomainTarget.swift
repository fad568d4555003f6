import KubernetesModel
import NetloomAPI

/// What a bridge domain is to be.
struct DomainPlan: Hashable, Sendable {
  /// The ports, sorted; nil: it is left as it is, for `finding`'s sake.
  var ports: [Fabric.PortReference]?
  /// The services whose VLAN it is, sorted.
  var services: [NamespacedName]
  /// Why the plan cannot be fulfilled as a whole.
  var finding: Finding?
}

extension Reader {
  /// The union of what is wanted of a VLAN in a fabric, and the ports that connect the switches concerned.
  func computeDomain(_ id: DomainID) -> DomainPlan? {
    let wanted = wantedPorts(of: id)
    let observed = bridgeDomain(id)
    if wanted.isEmpty, observed == nil { return nil }
    var plan = DomainPlan(ports: [], services: [], finding: nil)
    if let observed, !observed.metadata.isManagedByNetloom {
      return DomainPlan(ports: nil, services: [], finding: .foreign(id))
    }
    let contributors = wanted.reduce(into: Set()) { $0.formUnion(self.contributors(to: $1, of: id)) }
    plan.services = services(of: contributors, vlan: id.vlan, orIfNone: wanted.isEmpty ? nil : observed)
    guard let fabric = fabricView(id.fabric), fabric.findings.isEmpty else {
      if fabricView(id.fabric) != nil || !wanted.isEmpty { plan.ports = nil }
      plan.finding = .unusable(fabric: id.fabric, fabricView(id.fabric)?.findings.first)
      return plan
    }
    let (between, islands) = fabric.tree.ports(connecting: Set(wanted.map(\.switch)))
    plan.ports = between.union(wanted).sorted()
    if islands.count > 1 { plan.finding = .islands(islands, fabric: id.fabric) }
    return plan
  }

  /// The services for which contributors want a VLAN. When only what is on its way out is left, those that the object
  /// names already.
  private func services(
    of contributors: Set<Contributor>, vlan: Int, orIfNone observed: BridgeDomain?
  ) -> [NamespacedName] {
    var services: Set<NamespacedName> = []
    for contributor in contributors {
      switch contributor {
      case .service(let name), .network(let name): services.insert(name)
      case .attachment(let name):
        services.formUnion((attachmentView(name)?.services ?? []).filter { $0.vlan == vlan }.map(\.name))
      case .host(let name): services.formUnion(networkPort(name).map { [$0.serviceName] } ?? [])
      case .definition, .carrier: break
      }
    }
    return services.isEmpty ? observed?.owningServices ?? [] : services.sorted()
  }
}

extension Finding {
  fileprivate static func foreign(_ id: DomainID) -> Finding {
    Finding(
      reason: ConditionReason.notOurs,
      message: "BridgeDomain \(id) exists and was not made by Netloom: delete or rename it")
  }

  fileprivate static func unusable(fabric: String, _ finding: Finding?) -> Finding {
    finding?.prefixed("Fabric \(fabric): ")
      ?? Finding(reason: ConditionReason.referenceNotFound, message: "there is no Fabric \(fabric)")
  }

  fileprivate static func islands(_ islands: [String], fabric: String) -> Finding {
    Finding(
      reason: ConditionReason.unresolvedLink,
      message: "Fabric \(fabric): no link connects switches \(islands.joined(separator: " and ")): "
        + "add it to spec.interSwitchLinks")
  }
}

extension DomainPlan {
  /// What has to be done so that the observed object becomes what is planned.
  func actions(_ id: DomainID, observed: BridgeDomain?, fabricExists: Bool) -> [Action] {
    guard let ports else { return [] }
    guard let observed else {
      guard !ports.isEmpty else { return [] }
      let metadata = ObjectMeta(name: id.name, labels: Marks.labels(owner: nil), annotations: annotations)
      return [
        .create(
          .bridgeDomain(
            BridgeDomain(
              metadata: metadata, spec: .init(fabric: id.fabric, vlan: id.vlan, ports: ports))))
      ]
    }
    if observed.metadata.isBeingDeleted { return [] }
    let spec = BridgeDomain.Spec(fabric: id.fabric, vlan: id.vlan, ports: ports)
    if observed.spec != spec || observed.owningServices != services {
      var updated = observed
      updated.spec = spec
      updated.metadata.annotations = (observed.metadata.annotations ?? [:]).merging(annotations) { $1 }
      return [.update(.bridgeDomain(updated))]
    }
    // With no port left the driver first reports that it has closed them all; only then the object may go.
    let isDone = ports.isEmpty && (observed.isReady || !fabricExists)
    return isDone ? [.delete(WorldID(.bridgeDomain, id.name), uid: observed.metadata.uid)] : []
  }

  private var annotations: [String: String] {
    [Marks.services: services.map(\.description).joined(separator: ",")]
  }
}
