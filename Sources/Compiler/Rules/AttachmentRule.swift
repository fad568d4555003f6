import KubernetesModel
import NetloomAPI

/// An attachment with everything it needs, ready to be rendered and programmed.
struct AttachmentView: Hashable, Sendable {
  /// What is wrong; an attachment with findings contributes nothing new.
  var findings: [Finding]
  /// What is right but surprising.
  var warnings: [Finding] = []
  /// The services that it names, with their VLANs.
  var services: [Resolution.Use]
  /// Whether it is to work; false once its deletion was asked for and no pod holds it.
  var isInUse: Bool
  /// How pods are plugged in; nil when that cannot be decided.
  var plug: Plug?

  /// How pods are plugged in, and what must carry their VLANs.
  struct Plug: Hashable, Sendable {
    var connectionPoint: String
    var vlanType: VLANType
    var interface: ConnectionPoint.Interface
    var podInterfaceType: PodInterfaceType
    var mtu: Int?
    /// The VLANs that pods get, sorted: for a trunk also those of the other trunks on the ConnectionPoint.
    var vlans: [Int]
    /// The node interfaces that lead to the fabric.
    var uplinks: [String]
    /// The nodes, sorted.
    var nodes: [String]
    /// The fabric ports of every node.
    var ports: [String: Set<FabricPort>]

    /// The Open vSwitch bridge that Netloom prepares on the nodes, if the implementation uses one.
    var bridge: String? { interface.implementation.usesOpenVSwitch ? interface.bridge : nil }
    /// The fabric ports of all nodes.
    var allPorts: Set<FabricPort> { ports.values.reduce(into: []) { $0.formUnion($1) } }
  }
}

extension Implementation {
  /// Whether pods are plugged into an Open vSwitch bridge that Netloom prepares.
  var usesOpenVSwitch: Bool { self == .netloom || self == .ovs }

  /// Whether a NetworkAttachmentDefinition can be rendered for it.
  var isRendered: Bool { usesOpenVSwitch || self == .hostDevice }
}

extension Reader {
  /// Puts an attachment together.
  func computeAttachment(_ name: NamespacedName) -> AttachmentView? {
    guard let attachment = attachment(name), let resolution = resolution(name) else { return nil }
    var view = AttachmentView(
      findings: resolution.findings, services: resolution.services, isInUse: isInUse(attachment))
    guard let connectionPoint = attachment.spec.connectionPoint, let placement = placement(connectionPoint) else {
      return view
    }
    view.findings += placement.findings.map { $0.prefixed("ConnectionPoint \(connectionPoint): ") }
    if let choice = placement.spec.choice(for: attachment.spec), !placement.nodes.isEmpty {
      let plug = plug(attachment, choice, on: placement, vlans: resolution.services.map(\.vlan))
      view.findings += plug.uplinks.flatMap { placement.unresolved[$0] ?? [] }
      if !choice.interface.implementation.isRendered {
        view.findings.append(.notRendered(choice.interface.implementation))
      }
      view.plug = plug
    }
    if let warning = attachment.sharedTrunkWarning(in: self) {
      view.warnings.append(Finding(reason: ConditionReason.sharedTrunk, message: warning))
    }
    return view
  }

  private func plug(
    _ attachment: L2ServiceAttachment, _ choice: ConnectionPoint.Spec.Choice, on placement: Placement,
    vlans own: [Int]
  ) -> AttachmentView.Plug {
    let connectionPoint = attachment.spec.connectionPoint ?? ""
    var vlans = Set(own)
    if attachment.spec.vlanType == .trunk { vlans.formUnion(trunk(connectionPoint)?.vlans ?? []) }
    let uplinks = placement.spec.uplinks(like: choice.interface)
    var ports: [String: Set<FabricPort>] = [:]
    for uplink in uplinks {
      for (node, more) in placement.ports[uplink] ?? [:] { ports[node, default: []].formUnion(more) }
    }
    return AttachmentView.Plug(
      connectionPoint: connectionPoint, vlanType: attachment.spec.vlanType, interface: choice.interface,
      podInterfaceType: choice.podInterfaceType, mtu: placement.spec.mtu, vlans: vlans.sorted(), uplinks: uplinks,
      nodes: placement.nodes, ports: ports)
  }
}

extension ConnectionPoint.Spec {
  /// The uplinks of the interfaces that belong to the same pool of devices; of a bridge the one uplink.
  fileprivate func uplinks(like chosen: ConnectionPoint.Interface) -> [String] {
    if chosen.resourceName == nil { return chosen.uplink.map { [$0] } ?? [] }
    let pool = interfaces.filter {
      $0.implementation == chosen.implementation && $0.resourceName == chosen.resourceName
    }
    return Set(pool.compactMap(\.uplink)).sorted()
  }
}

extension Finding {
  static func notRendered(_ implementation: Implementation) -> Finding {
    Finding(
      reason: ConditionReason.notSupported,
      message: "spec.implementation: \(implementation.rawValue) is not supported yet: use netloom, ovs or host-device")
  }
}
