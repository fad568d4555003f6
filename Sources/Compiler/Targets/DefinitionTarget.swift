import JSON
import KubernetesModel
import NetloomAPI

/// What the NetworkAttachmentDefinition of an attachment is to be.
struct DefinitionPlan: Hashable, Sendable {
  /// What to do.
  enum Outcome: Hashable, Sendable {
    /// It is to be as rendered.
    case write(Rendering, DefinitionRequirements)
    /// It stays as it is, or stays absent, until what it requires is programmed, or the attachment is right.
    case keep
    /// It is to go.
    case remove
  }

  var outcome: Outcome
  /// Why the attachment cannot be rendered.
  var finding: Finding?
  /// The object that the definition is made for, and by which its garbage is collected.
  var owner: OwnerReference?
}

extension Reader {
  /// The definition of an attachment, when everything that it requires is programmed.
  func computeDefinition(_ name: NamespacedName) -> DefinitionPlan? {
    let observed = definition(name)
    guard let attachment = attachment(name), let view = attachmentView(name) else {
      return observed?.requirements == nil ? nil : DefinitionPlan(outcome: .remove)
    }
    if let observed, !observed.metadata.isManagedByNetloom {
      return DefinitionPlan(outcome: .keep, finding: .foreign(name))
    }
    guard view.isInUse else { return DefinitionPlan(outcome: .remove) }
    guard view.findings.isEmpty, let plug = view.plug else { return DefinitionPlan(outcome: .keep) }
    do throws(FindingError) {
      let rendering = try Rendering(attachment: name, plug: plug, hasAddresses: view.hasAddresses)
      guard isProgrammed(plug) else { return DefinitionPlan(outcome: .keep) }
      let requirements = DefinitionRequirements(
        connectionPoint: plug.connectionPoint, bridge: plug.bridge, uplinks: plug.uplinks, vlans: plug.vlans)
      return DefinitionPlan(outcome: .write(rendering, requirements), owner: attachment.ownerReference())
    } catch {
      return DefinitionPlan(outcome: .keep, finding: error.finding)
    }
  }

  /// Whether the nodes, and where pods get devices the fabric, report that they carry all VLANs.
  private func isProgrammed(_ plug: AttachmentView.Plug) -> Bool {
    if let service = plug.logicalSwitch, !isInOVN(WorldID(.service, service)) { return false }
    for vlan in plug.vlans {
      if let bridge = plug.bridge {
        for node in plug.nodes where !carried(NodeVLAN(node: node, bridge: bridge, vlan: vlan)).isSettled {
          return false
        }
      }
      for port in plug.allPorts where plug.bridge == nil && !isProgrammed(port, vlan: vlan) { return false }
    }
    return true
  }
}

extension Finding {
  fileprivate static func foreign(_ name: NamespacedName) -> Finding {
    Finding(
      reason: ConditionReason.notOurs,
      message: "NetworkAttachmentDefinition \(name) exists and was not made by Netloom; it is left as it is: delete "
        + "it, or give the attachment another name")
  }
}

extension DefinitionPlan {
  /// What has to be done so that the observed object becomes what is planned.
  func actions(_ name: NamespacedName, observed: NetworkAttachmentDefinition?) -> [Action] {
    switch outcome {
    case .keep: return []
    case .remove:
      guard let observed, observed.metadata.isManagedByNetloom, !observed.metadata.isBeingDeleted else { return [] }
      return [.delete(WorldID(.definition, name), uid: observed.metadata.uid)]
    case .write(let rendering, let requirements):
      var annotations = [Marks.requires: requirements.text]
      annotations[Rendering.resourceNameAnnotation] = rendering.resourceName
      let labels = Marks.labels(owner: owner?.uid)
      guard let observed else {
        let metadata = ObjectMeta(
          name: name.name, namespace: name.namespace, labels: labels, annotations: annotations,
          ownerReferences: owner.map { [$0] })
        return [
          .create(.definition(.init(metadata: metadata, spec: .init(config: rendering.config.description))))
        ]
      }
      if observed.metadata.isBeingDeleted { return [] }
      var updated = observed
      updated.spec = .init(config: rendering.config.description)
      updated.metadata.labels = (observed.metadata.labels ?? [:]).merging(labels) { $1 }
      updated.metadata.annotations = (observed.metadata.annotations ?? [:]).merging(annotations) { $1 }
      if rendering.resourceName == nil { updated.metadata.annotations?[Rendering.resourceNameAnnotation] = nil }
      updated.metadata.ownerReferences = owner.map { [$0] }
      return updated == observed ? [] : [.update(.definition(updated))]
    }
  }
}
