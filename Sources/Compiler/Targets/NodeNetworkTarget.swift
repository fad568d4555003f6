import KubernetesModel
import NetloomAPI

/// What a node's bridges are to carry.
struct NodePlan: Hashable, Sendable {
  /// The bridges, sorted by name.
  var bridges: [NodeNetwork.Bridge]
  /// What is copied, sorted by name.
  var mirrors: [NodeNetwork.Mirror] = []
  /// Whether the node exists; what a node that is gone should carry does not matter.
  var nodeExists: Bool
  /// Whether an object of the name exists that Netloom did not make.
  var isForeign = false
}

extension Reader {
  /// The union of the VLANs wanted of a node, by bridge.
  func computeNode(_ node: String) -> NodePlan? {
    let observed = nodeNetwork(node)
    let wanted = wantedVLANs(of: node)
    let mirrors = mirrors(on: node)
    if wanted.isEmpty, mirrors.isEmpty, observed == nil { return nil }
    var bridges: [String: NodeNetwork.Bridge] = [:]
    var vlans: [String: Set<Int>] = [:]
    for want in wanted {
      vlans[want.bridge, default: []].insert(want.vlan)
      guard let bridge = bridges[want.bridge] else {
        bridges[want.bridge] = NodeNetwork.Bridge(
          name: want.bridge, uplink: want.uplink, vlans: [], mtu: want.mtu, physicalNetwork: want.physicalNetwork)
        continue
      }
      // ConnectionPoints that disagree about one bridge: the larger packet fits both, the lowest name is arbitrary but
      // the same every time.
      bridges[want.bridge]?.mtu = [bridge.mtu, want.mtu].compactMap { $0 }.max()
      bridges[want.bridge]?.uplink = [bridge.uplink, want.uplink].compactMap { $0 }.min()
      bridges[want.bridge]?.physicalNetwork = [bridge.physicalNetwork, want.physicalNetwork].compactMap { $0 }.min()
    }
    for (name, vlans) in vlans { bridges[name]?.vlans = vlans.sorted() }
    // A bridge stays until it carries nothing: its uplink says which port of the fabric has to stay open until then.
    for bridge in observed?.spec.bridges ?? [] where bridges[bridge.name] == nil {
      guard observed?.status?.bridges?.contains(where: { $0.name == bridge.name && !$0.vlans.isEmpty }) == true else {
        continue
      }
      bridges[bridge.name] = bridge
      bridges[bridge.name]?.vlans = []
    }
    return NodePlan(
      bridges: bridges.values.sorted { $0.name < $1.name }, mirrors: mirrors, nodeExists: hasNode(node),
      isForeign: observed.map { !$0.metadata.isManagedByNetloom } ?? false)
  }
}

extension NodePlan {
  private var spec: NodeNetwork.Spec { .init(bridges: bridges, mirrors: mirrors.isEmpty ? nil : mirrors) }

  /// What has to be done so that the observed object becomes what is planned.
  func actions(_ node: String, observed: NodeNetwork?) -> [Action] {
    if isForeign { return [] }
    guard let observed else {
      guard nodeExists, !spec.isEmpty else { return [] }
      let metadata = ObjectMeta(name: node, labels: Marks.labels(owner: nil))
      return [.create(.nodeNetwork(NodeNetwork(metadata: metadata, spec: spec)))]
    }
    if observed.metadata.isBeingDeleted { return [] }
    let delete = Action.delete(WorldID(.nodeNetwork, node), uid: observed.metadata.uid)
    guard nodeExists else { return [delete] }
    if observed.spec != spec {
      var updated = observed
      updated.spec = spec
      return [.update(.nodeNetwork(updated))]
    }
    // With nothing left the agent first reports that it has removed it all; only then the object may go.
    return spec.isEmpty && observed.isReady ? [delete] : []
  }
}
