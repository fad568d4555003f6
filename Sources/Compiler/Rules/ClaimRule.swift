import IPAM
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

/// A claim that exists, and the addresses that its status says it has.
struct ClaimNeeds: Hashable, Sendable {
  var name: NamespacedName
  var assignments: [Assignment]
}

/// What a claim is told.
struct ClaimPlan: Hashable, Sendable {
  /// Unique over time.
  var uid: String?
  /// Its addresses; nil: nobody has used it yet, and what it says stays.
  var ips: [String]?

  /// What has to be done so that the claim says what is planned.
  func actions(_ name: NamespacedName, observed: IPAMClaim?) -> [Action] {
    guard let observed, observed.metadata.uid == uid, let ips, observed.status?.ips ?? [] != ips else { return [] }
    return [.fulfil(claim: name, uid: uid, ips: ips)]
  }
}

extension Reader {
  /// What a claim has; nil when it does not exist. Addresses that are of no subnet of its network are ignored.
  func computeClaimNeeds(_ name: NamespacedName) -> ClaimNeeds? {
    guard let claim = claim(name) else { return nil }
    let services = claim.networks.lazy.compactMap { self.attachment($0) }.first?.serviceNames ?? []
    let subnets = services.compactMap { l2Service($0) }.flatMap(\.subnetNames).map(candidate)
    return ClaimNeeds(
      name: name,
      assignments: (claim.status?.ips ?? []).compactMap { text in
        guard let address = AddressWithOptionalPrefix(text)?.address,
          let subnet = subnets.first(where: { $0.cidr?.contains(address) == true })
        else { return nil }
        return Assignment(pool: subnet.name.description, address: address)
      })
  }

  /// What a claim is to say: its addresses with the prefix lengths of their subnets.
  func computeClaim(_ name: NamespacedName) -> ClaimPlan? {
    guard let claim = claim(name) else { return nil }
    let ips = claimed(name).map { assignment in
      let cidr = subnetView(NamespacedName(reference: assignment.pool, from: nil))?.parsed?.cidr
      return "\(assignment.address)" + (cidr.map { "/\($0.prefixLength)" } ?? "")
    }
    return ClaimPlan(uid: claim.metadata.uid, ips: ips.isEmpty ? nil : ips)
  }

  /// Why an interface cannot have the addresses of a claim, if so.
  func obstacle(_ name: NamespacedName, for need: PodNeeds.Need) -> Finding? {
    guard let claim = claim(name) else {
      return .claim(
        name, ConditionReason.referenceNotFound, "does not exist; create it, or leave ipam-claim-reference out")
    }
    if claim.metadata.isBeingDeleted {
      return .claim(name, ConditionReason.conflict, "is being deleted; wait until it is gone and create it again")
    }
    if !claim.networks.contains(NamespacedName(need.network)) {
      return .claim(
        name, ConditionReason.invalid,
        "is for network \"\(claim.spec.network)\", not \(need.network); use a claim with spec.network \(need.network)")
    }
    if claim.spec.interface != need.interface {
      return .claim(
        name, ConditionReason.invalid,
        "is for interface \"\(claim.spec.interface)\", not \(need.interface); use a claim with spec.interface "
          + need.interface)
    }
    return nil
  }
}

extension IPAMClaim {
  /// The NetworkAttachmentDefinition that `spec.network` can mean: `namespace/name`, the name alone, or the name of the
  /// CNI configuration that is rendered for it, `namespace.name`.
  fileprivate var networks: [NamespacedName] {
    if spec.network.contains("/") { return [NamespacedName(reference: spec.network, from: nil)] }
    var networks = [NamespacedName(namespace: metadata.namespace, name: spec.network)]
    if let dot = spec.network.firstIndex(of: ".") {
      networks.append(
        NamespacedName(
          namespace: String(spec.network[..<dot]), name: String(spec.network[spec.network.index(after: dot)...])))
    }
    return networks
  }
}
