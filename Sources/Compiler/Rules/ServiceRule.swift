import JSON
import KubernetesModel
import NetloomAPI

/// An L2Service, checked in itself, towards what it names and towards the other services of its VLAN.
struct ServiceView: Hashable, Sendable {
  /// What is wrong; a service with findings contributes nothing new.
  var findings: [Finding]
  /// The VLAN; nil for an overlay, and for what has no tag.
  var vlan: Int?
  /// Where it meets the DC gateways.
  var physicalNetworks: [String]
  /// The subnets, in the manifest's order.
  var subnets: [NamespacedName]
  /// When its deletion was asked for.
  var deletionTimestamp: String?

  /// What nodes carry of it: its VLAN, or what has no tag; nil for an overlay.
  var carriage: Int? { vlan ?? (physicalNetworks.isEmpty ? nil : NodeNetwork.Bridge.untagged) }
}

extension Reader {
  /// Checks an L2Service.
  func computeService(_ name: NamespacedName) -> ServiceView? {
    guard let service = l2Service(name) else { return nil }
    var view = ServiceView(
      findings: service.validate().map(Finding.init), vlan: service.spec.segmentationID,
      physicalNetworks: service.spec.physicalNetworks ?? [], subnets: service.subnetNames,
      deletionTimestamp: service.metadata.deletionTimestamp)
    guard view.findings.isEmpty else { return view }
    if view.vlan == nil, !hasOVN { view.findings.append(.noOVN("an L2Service without spec.segmentationID")) }
    // Who has the VLAN depends also on what is programmed, which the manifests do not say: it is decided here.
    let path = FieldPath.spec.child("segmentationID")
    view.findings += service.validate(in: self).filter { $0.path != path }.map(Finding.init)
    for name in view.subnets {
      view.findings += (subnetView(name)?.findings.prefix(1) ?? []).map { $0.prefixed("Subnet \(name): ") }
    }
    if let vlan = view.vlan, let (owner, scope) = holder(of: vlan, insteadOf: service) {
      view.findings.append(
        Finding(
          .duplicate(
            path, .integer(Int64(vlan)),
            "the VLAN is taken \(scope) by L2Service \(owner); use another VLAN or another physical network")))
    }
    return view
  }

  /// The service that has a VLAN where another one wants it, if any: the one whose VLAN is programmed already, else
  /// the older (by creation time, then by name).
  private func holder(of vlan: Int, insteadOf service: L2Service) -> (NamespacedName, scope: String)? {
    let claim = Claim(of: service, isProgrammed: hasProgrammed(vlan, service))
    for other in l2Services(segmentationID: vlan) where other.key != service.key {
      guard let scope = sharedScope(service, other) else { continue }
      if Claim(of: other, isProgrammed: hasProgrammed(vlan, other)) < claim {
        return (other.metadata.namespacedName, scope)
      }
    }
    guard !claim.isProgrammed else { return nil }
    // Pods of a service that was given another VLAN may still be on this one.
    for other in owners(ofProgrammed: vlan) where other.key != service.key && other.spec.segmentationID != vlan {
      if let scope = sharedScope(service, other) { return (other.metadata.namespacedName, scope) }
    }
    return nil
  }

  private func owners(ofProgrammed vlan: Int) -> [L2Service] {
    let domains = names(.bridgeDomainsOfVLAN(vlan)).compactMap { DomainID(name: $0.name) }
    return domains.flatMap { bridgeDomainOwners($0) }.compactMap { l2Service($0) }
  }

  private func hasProgrammed(_ vlan: Int, _ service: L2Service) -> Bool {
    names(.bridgeDomainsOwned(by: service.metadata.namespacedName)).contains { DomainID(name: $0.name)?.vlan == vlan }
  }

  /// Where a VLAN of one service would be the same network as that VLAN of the other: on a common physical network (a
  /// service that names none may be attached to any), or in a common fabric.
  private func sharedScope(_ one: L2Service, _ other: L2Service) -> String? {
    let (mine, its) = (one.spec.physicalNetworks ?? [], other.spec.physicalNetworks ?? [])
    if mine.isEmpty || its.isEmpty {
      return "on every physical network, as \(mine.isEmpty ? "this L2Service" : "the other") names none,"
    }
    if let network = mine.first(where: its.contains) { return "on physical network \(network)" }
    return fabrics(of: mine).intersection(fabrics(of: its)).min().map { "in Fabric \($0)" }
  }

  private func fabrics(of physicalNetworks: [String]) -> Set<String> {
    Set(physicalNetworks.flatMap { gatewayPorts(of: $0) }.map(\.fabric))
  }
}

/// How strong a service's claim to a VLAN is; the least one wins.
private struct Claim: Comparable {
  var isProgrammed: Bool
  var creationTimestamp: String
  var name: NamespacedName

  init(of service: L2Service, isProgrammed: Bool) {
    self.isProgrammed = isProgrammed
    creationTimestamp = service.metadata.creationTimestamp ?? ""
    name = service.metadata.namespacedName
  }

  static func < (lhs: Self, rhs: Self) -> Bool {
    if lhs.isProgrammed != rhs.isProgrammed { return lhs.isProgrammed }
    return (lhs.creationTimestamp, lhs.name) < (rhs.creationTimestamp, rhs.name)
  }
}

extension Finding {
  /// The finding with the object that it is about in front.
  func prefixed(_ prefix: String) -> Finding { Finding(reason: reason, message: prefix + message) }

  /// What is wanted needs OVN, and there is none.
  static func noOVN(_ what: String) -> Finding {
    Finding(
      reason: ConditionReason.notSupported,
      message: "\(what) needs OVN, and the operator knows of none: start it with --ovn-northbound")
  }
}
