import KubernetesModel
import NetloomAPI

/// How far a target is with what is wanted of it.
struct TargetState: Sendable {
  /// Where: `Fabric dc1`, `Node worker1`.
  var name: String
  /// What is missing; nil: nothing.
  var finding: Finding?

  /// As statuses say it.
  var state: ProgrammingState {
    guard let finding else { return .programmed }
    return ConditionReason.waiting.contains(finding.reason) ? .pending : .error
  }

  /// As an L2Service says it.
  var status: L2Service.TargetStatus { .init(name: name, state: state, message: finding?.message) }
}

extension Reader {
  /// How far the fabric is with a VLAN.
  func state(of domain: DomainID) -> TargetState {
    TargetState(name: domain.fabric, finding: finding(on: domain))
  }

  private func finding(on id: DomainID) -> Finding? {
    if let finding = domainPlan(id)?.finding { return finding }
    guard let domain = bridgeDomain(id) else {
      return Finding(reason: ConditionReason.waitingForFabric, message: "BridgeDomain \(id) is not made yet")
    }
    if domain.isReady { return nil }
    guard domain.status?.observedGeneration == domain.metadata.generation, let complaint = domain.complaint else {
      return Finding(
        reason: ConditionReason.waitingForFabric,
        message: "Fabric \(id.fabric) is opening VLAN \(id.vlan) (BridgeDomain \(id))")
    }
    return Finding(reason: complaint.reason, message: "BridgeDomain \(id): \(complaint.message)")
  }

  /// How far a node is with VLANs of a bridge.
  func state(ofNode node: String, bridge: String, vlans: [Int]) -> TargetState {
    let missing = vlans.filter { !carried(NodeVLAN(node: node, bridge: bridge, vlan: $0)).isSettled }
    guard !missing.isEmpty else { return TargetState(name: node, finding: nil) }
    if let complaint = complaint(of: node) {
      return TargetState(
        name: node, finding: Finding(reason: complaint.reason, message: "NodeNetwork \(node): \(complaint.message)"))
    }
    let list =
      missing == [NodeNetwork.Bridge.untagged] ? NodeVLAN.title(0) : "VLAN " + missing.map(String.init).listed(10)
    return TargetState(
      name: node,
      finding: Finding(
        reason: ConditionReason.waitingForNodes,
        message: "node \(node) does not carry \(list) on bridge \(bridge) yet"))
  }

  /// What stands of an attachment on the targets although nobody wants it any more.
  func residue(of plug: AttachmentView.Plug, vlans: [Int]) -> [String] {
    var residue: Set<String> = []
    for vlan in vlans {
      for port in plug.allPorts {
        residue.formUnion(self.residue(of: DomainID(fabric: port.fabric, vlan: vlan), port: port.port))
      }
      for carried in carriers(of: vlan) where carried.bridge == plug.bridge && plug.nodes.contains(carried.node) {
        residue.formUnion(self.residue(of: carried))
      }
    }
    return residue.sorted()
  }

  /// What stands of a VLAN in a fabric although nobody wants it any more.
  func residue(of id: DomainID, port: Fabric.PortReference? = nil) -> Set<String> {
    guard let domain = bridgeDomain(id) else { return [] }
    let wanted = wantedPorts(of: id)
    if wanted.isEmpty { return ["BridgeDomain \(id)"] }
    guard let port, !wanted.contains(port) else { return [] }
    let isOpen = domain.spec.ports.contains(port) || !domain.isReady
    // A port of the tree may have been a node's port too; it is not ours to wait for then.
    let isBetween = domainPlan(id)?.ports?.contains(port) ?? false
    return isOpen && !isBetween ? ["VLAN \(id.vlan) on \(port.switch)/\(port.port)"] : []
  }

  /// Whether a VLAN stands on a node although nobody wants it any more.
  func residue(of carried: NodeVLAN) -> Set<String> {
    guard hasNode(carried.node) else { return [] }
    let carrying = self.carried(carried)
    guard !isWanted(carried), carrying.isSpecified || carrying.isProgrammed else { return [] }
    return ["\(NodeVLAN.title(carried.vlan)) on bridge \(carried.bridge) of node \(carried.node)"]
  }
}
