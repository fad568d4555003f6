import JSON
import KubernetesModel
import NetworkTypes

extension L2Service: ReferringResource {
  public func validate() -> [FieldError] {
    var validator = Validator()
    if let segmentationID = spec.segmentationID {
      validator.vlan(segmentationID, at: FieldPath.spec.child("segmentationID"))
    } else if let networks = spec.physicalNetworks, networks.count > 1 {
      validator.add(
        .required(
          FieldPath.spec.child("segmentationID"),
          "without a VLAN it is the untagged frames of one physical network; give the VLAN, or name one physical network"
        ))
    }
    let rule = spec.allowedNamespaces
    let path = FieldPath.spec.child("allowedNamespaces").child("selector")
    switch (rule?.from, rule?.selector) {
    case (.selector, nil): validator.add(.required(path, "from: Selector needs it; write the labels of the namespaces"))
    case (.same, .some), (.all, .some):
      validator.add(
        .forbidden(path, nil, "it has no effect without from: Selector; leave it out"))
    default: validator.selector(rule?.selector, at: path)
    }
    validator.callbackURL(spec.callbackURL)
    return validator.errors
  }

  public func validate(in references: some References) -> [FieldError] {
    var validator = Validator()
    checkVLAN(&validator, references)
    checkUntagged(&validator, references)
    for (index, network) in (spec.physicalNetworks ?? []).enumerated()
    where !references.isPhysicalNetworkKnown(network) {
      validator.add(
        .notFound(
          FieldPath.spec.child("physicalNetworks")[index], .string(network),
          "no Fabric has an uplink of this physicalNetwork; use one that a Fabric names in spec.uplinks"))
    }
    checkSubnets(&validator, references)
    return validator.errors
  }

  /// The first to claim a VLAN keeps it: only the later one is wrong.
  private func checkVLAN(_ validator: inout Validator, _ references: some References) {
    guard let vlan = spec.segmentationID else { return }
    let others = references.l2Services(segmentationID: vlan).filter { $0.key != key && $0.isEarlier(than: self) }
    for other in others.sorted(by: { $0.isEarlier(than: $1) }) {
      guard let scope = sharedScope(with: other) else { continue }
      return validator.add(
        .duplicate(
          FieldPath.spec.child("segmentationID"), .integer(Int64(vlan)),
          "the VLAN is taken \(scope) by L2Service \(other.metadata.namespacedName); use another VLAN or another physical network"
        ))
    }
  }

  /// The first to claim what has no tag keeps it, too.
  private func checkUntagged(_ validator: inout Validator, _ references: some References) {
    guard let network = spec.untaggedNetwork else { return }
    let others = references.l2Services(untaggedOn: network).filter { $0.key != key && $0.isEarlier(than: self) }
    guard let other = others.min(by: { $0.isEarlier(than: $1) }) else { return }
    validator.add(
      .duplicate(
        FieldPath.spec.child("physicalNetworks")[0], .string(network),
        "what has no VLAN there is L2Service \(other.metadata.namespacedName); use another physical network, or give a VLAN"
      ))
  }

  /// Where two services of one VLAN would be one network. A service without physical networks may be anywhere.
  private func sharedScope(with other: L2Service) -> String? {
    let mine = spec.physicalNetworks ?? []
    let theirs = other.spec.physicalNetworks ?? []
    if mine.isEmpty || theirs.isEmpty {
      return "on every physical network, as \(mine.isEmpty ? "this L2Service" : "the other") names none,"
    }
    return mine.first(where: theirs.contains).map { "on physical network \($0)" }
  }

  /// By creation, then by name; an object that is not stored yet comes last.
  private func isEarlier(than other: L2Service) -> Bool {
    let mine = metadata.creationTimestamp ?? "~"
    let theirs = other.metadata.creationTimestamp ?? "~"
    return (mine, metadata.namespacedName) < (theirs, other.metadata.namespacedName)
  }

  private func checkSubnets(_ validator: inout Validator, _ references: some References) {
    var families: [IPFamily: String] = [:]
    for (index, name) in (spec.subnets ?? []).enumerated() {
      let path = FieldPath.spec.child("subnets")[index]
      guard let subnet = references.subnet(NamespacedName(namespace: metadata.namespace, name: name)) else {
        validator.add(
          .notFound(path, .string(name), "there is no Subnet of this name in namespace \(metadata.namespace ?? "")"))
        continue
      }
      guard let family = subnet.spec.family else { continue }
      if let other = families[family] {
        validator.add(
          .invalid(path, .string(name), "it is \(family) as Subnet \(other) is; name one Subnet of each IP family"))
      }
      families[family] = name
    }
  }

  /// Whether an attachment in the namespace may use this service.
  public func allows(namespace: String?, in references: some References) -> Bool {
    if namespace == metadata.namespace { return true }
    switch spec.allowedNamespaces?.from ?? .same {
    case .same: return false
    case .all: return true
    case .selector:
      guard let selector = spec.allowedNamespaces?.selector else { return false }
      return namespace.flatMap(references.namespaceLabels).map { selector.matches($0) } ?? false
    }
  }
}
