public import KubernetesModel

extension ObjectMeta {
  /// The owners of a kind; they are in the same namespace unless the kind is cluster-scoped.
  public func ownerNames(of definition: ResourceDefinition) -> [NamespacedName] {
    (ownerReferences ?? []).filter {
      $0.kind == definition.kind
        && GroupVersionKind(apiVersion: $0.apiVersion, kind: $0.kind).group == definition.group
    }.map { NamespacedName(namespace: definition.scope == .namespaced ? namespace : nil, name: $0.name) }
  }

  /// The owner that manages the object.
  public var controllerReference: OwnerReference? { ownerReferences?.first { $0.controller == true } }

  /// Whether this very object (not another of its name) is an owner.
  public func isOwned(by owner: some KubernetesResource) -> Bool {
    guard let uid = owner.metadata.uid else { return false }
    return ownerReferences?.contains { $0.uid == uid } ?? false
  }

  /// Names an owner, in the place of an earlier reference to it. False, changing nothing, when another object is the
  /// managing owner and this one is to be that too.
  public mutating func setOwner(_ reference: OwnerReference) -> Bool {
    if reference.controller == true, let present = controllerReference, present.uid != reference.uid { return false }
    var references = ownerReferences ?? []
    if let index = references.firstIndex(where: { $0.uid == reference.uid }) {
      references[index] = reference
    } else {
      references.append(reference)
    }
    ownerReferences = references
    return true
  }
}
