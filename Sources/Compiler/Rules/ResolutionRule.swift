import KubernetesModel
import NetloomAPI

/// The services of an attachment.
struct Resolution: Hashable, Sendable {
  /// What is wrong with the attachment or with a service that it names.
  var findings: [Finding]
  /// The services with their VLANs, in the manifest's order.
  var services: [Use] = []

  /// A service in use.
  struct Use: Hashable, Sendable {
    var name: NamespacedName
    /// Nil for an overlay.
    var vlan: Int?
    var subnets: [NamespacedName]
  }
}

/// The VLANs that every trunk on one ConnectionPoint carries.
struct Trunk: Hashable, Sendable {
  /// The union of the VLANs, sorted.
  var vlans: [Int]
  /// The trunk attachments, sorted.
  var attachments: [NamespacedName]
}

extension Reader {
  /// Finds the services of an attachment.
  func computeResolution(_ name: NamespacedName) -> Resolution? {
    guard let attachment = attachment(name) else { return nil }
    var resolution = Resolution(findings: (attachment.validate() + attachment.validate(in: self)).map(Finding.init))
    var seen: [Int: NamespacedName] = [:]
    for name in attachment.serviceNames {
      guard let service = serviceView(name) else { continue }
      if let deletion = service.deletionTimestamp, attachment.metadata.isNewer(than: deletion) {
        resolution.findings.append(.deleted(name))
      }
      resolution.findings += service.findings.prefix(1).map { $0.prefixed("L2Service \(name): ") }
      if let vlan = service.vlan, let other = seen.updateValue(name, forKey: vlan) {
        resolution.findings.append(.sameVLAN(vlan, other, name))
      }
      resolution.services.append(Resolution.Use(name: name, vlan: service.vlan, subnets: service.subnets))
    }
    return resolution
  }

  /// The union of the VLANs of the trunk attachments on a ConnectionPoint.
  func computeTrunk(_ connectionPoint: String) -> Trunk? {
    var trunk = Trunk(vlans: [], attachments: [])
    var vlans: Set<Int> = []
    for attachment in attachments(connectionPoint: connectionPoint) where attachment.spec.vlanType == .trunk {
      let name = attachment.metadata.namespacedName
      guard isInUse(attachment), let resolution = resolution(name), resolution.findings.isEmpty else { continue }
      trunk.attachments.append(name)
      vlans.formUnion(resolution.services.compactMap(\.vlan))
    }
    trunk.vlans = vlans.sorted()
    return trunk.attachments.isEmpty ? nil : trunk
  }

  /// Whether an attachment is to work: until its deletion is asked for, and then for as long as pods hold it.
  func isInUse(_ attachment: L2ServiceAttachment) -> Bool {
    attachment.metadata.deletionTimestamp == nil || !holders(of: attachment).isEmpty
  }

  /// The attachments that hold a service: those that name it and are older than the wish to delete it.
  func holders(of service: L2Service) -> [NamespacedName] {
    names(.attachmentsOfService(service.metadata.namespacedName)).filter { name in
      guard let deletion = service.metadata.deletionTimestamp, let attachment = attachment(name) else { return true }
      return !attachment.metadata.isNewer(than: deletion)
    }
  }

  /// The pods that hold an attachment: those that name it and are older than the wish to delete it. A pod of a namespace
  /// that may not use it holds nothing, unless it has addresses of it from before.
  func holders(of attachment: L2ServiceAttachment) -> [NamespacedName] {
    let own = attachment.metadata.namespacedName
    return names(.podsOnAttachment(own)).filter { name in
      let isStranger = attachment.serviceNames.contains { l2Service($0) != nil && !isAllowed($0, in: name.namespace) }
      if isStranger, pod(name)?.allocatedNames.contains(own) != true { return false }
      guard let deletion = attachment.metadata.deletionTimestamp, let creation = pod(name)?.creationTimestamp else {
        return true
      }
      return creation <= deletion
    }
  }
}

extension ObjectMeta {
  /// Whether the object was made after a time (RFC 3339, UTC).
  func isNewer(than timestamp: String) -> Bool { creationTimestamp.map { $0 > timestamp } ?? false }
}

extension Finding {
  /// A field of the manifest is wrong.
  init(_ error: FieldError) { self.init(reason: error.conditionReason, message: error.description) }

  fileprivate static func deleted(_ name: NamespacedName) -> Finding {
    Finding(
      reason: ConditionReason.referenceNotFound,
      message: "spec.l2Services names \(name), which is being deleted: name another one, or wait until it is gone and "
        + "create it again")
  }

  fileprivate static func sameVLAN(_ vlan: Int, _ one: NamespacedName, _ other: NamespacedName) -> Finding {
    Finding(
      reason: ConditionReason.conflict,
      message: "spec.l2Services names \(one) and \(other), which both have VLAN \(vlan): name one of them")
  }
}
