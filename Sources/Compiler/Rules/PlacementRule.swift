import NetloomAPI

/// What stands behind a ConnectionPoint: the nodes, and the fabric ports of their uplinks.
struct Placement: Hashable, Sendable {
  /// What is wrong with the ConnectionPoint as a whole.
  var findings: [Finding]
  /// The specification.
  var spec: ConnectionPoint.Spec
  /// The nodes, sorted.
  var nodes: [String]
  /// The fabric ports of every node by uplink.
  var ports: [String: [String: Set<FabricPort>]]
  /// The uplinks that no fabric's link leads to, though there are fabrics.
  var unresolved: [String: [Finding]]
}

extension Reader {
  /// Resolves a ConnectionPoint. Without any Fabric object the fabric is not ours to manage, and no port is needed.
  func computePlacement(_ name: String) -> Placement? {
    guard let connectionPoint = connectionPoint(name) else { return nil }
    var placement = Placement(
      findings: connectionPoint.validate().map(Finding.init), spec: connectionPoint.spec, nodes: [], ports: [:],
      unresolved: [:])
    guard placement.findings.isEmpty else { return placement }
    placement.nodes = nodes(matching: connectionPoint.spec.nodeSelector)
    if placement.nodes.isEmpty { placement.findings.append(.noNodes(connectionPoint)) }
    guard !fabricNames().isEmpty else { return placement }
    for uplink in Set(connectionPoint.spec.interfaces.compactMap(\.uplink)) {
      for node in placement.nodes {
        let ports = ports(of: NodeInterface(node: node, interface: uplink))
        if ports.isEmpty {
          placement.unresolved[uplink, default: []].append(.noLink(connectionPoint, node: node, uplink: uplink))
        } else {
          placement.ports[uplink, default: [:]][node] = ports
        }
      }
    }
    return placement
  }
}

extension Finding {
  fileprivate static func noNodes(_ connectionPoint: ConnectionPoint) -> Finding {
    Finding(
      reason: ConditionReason.referenceNotFound,
      message: "spec.nodeSelector of ConnectionPoint \(connectionPoint.metadata.name) matches no node: "
        + "label the nodes that have this connection point, or correct the selector")
  }

  fileprivate static func noLink(_ connectionPoint: ConnectionPoint, node: String, uplink: String) -> Finding {
    Finding(
      reason: ConditionReason.unresolvedLink,
      message: "ConnectionPoint \(connectionPoint.metadata.name): no Fabric has a link for interface \(uplink) of node "
        + "\(node): add {node: \(node), interface: \(uplink), switch: ..., port: ...} to spec.links of its Fabric")
  }
}
