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

  /// Whether pods get addresses of the services' subnets; in a VLAN that they tag themselves they number their own.
  var hasAddresses: Bool { plug?.vlanType == .access && services.contains { !$0.subnets.isEmpty } }

  /// How pods are plugged in, and what must carry their VLANs.
  struct Plug: Hashable, Sendable {
    var connectionPoint: String
    /// What is asked for.
    var attachment: L2ServiceAttachment.Spec
    var interface: ConnectionPoint.Interface
    var podInterfaceType: PodInterfaceType
    /// Of the ConnectionPoint: what its uplinks are to have room for.
    var mtu: Int?
    /// Of the pods' interfaces.
    var podMTU: Int
    /// The VLANs that pods get, sorted: for a trunk also those of the other trunks on the ConnectionPoint.
    var vlans: [Int]
    /// The node interfaces that lead to the fabric.
    var uplinks: [String]
    /// The nodes, sorted.
    var nodes: [String]
    /// The fabric ports of every node.
    var ports: [String: Set<FabricPort>]
    /// The L2Service whose switch pods are on, if OVN carries them.
    var logicalSwitch: NamespacedName?
    /// The name by which OVN knows what is behind the bridge.
    var physicalNetwork: String?

    /// Whether OVN carries it where the nodes of its ConnectionPoint reach a physical network. Other nodes have the switch
    /// too, and would take pods that then reach nobody.
    var isOfSomeNodes: Bool { logicalSwitch != nil && !connectionPoint.isEmpty }
    var vlanType: VLANType { attachment.vlanType }
    /// The Open vSwitch bridge that Netloom prepares on the nodes, if the implementation uses one.
    var bridge: String? { interface.implementation.usesOpenVSwitch ? interface.bridge : nil }
    /// The fabric ports of all nodes.
    var allPorts: Set<FabricPort> { ports.values.reduce(into: []) { $0.formUnion($1) } }
  }
}

extension Implementation {
  /// Whether pods are plugged into an Open vSwitch bridge that Netloom prepares.
  var usesOpenVSwitch: Bool { self == .netloom || self == .ovs || self == .ovn }
  /// Whether the agent does the pod's addresses itself, by our own plugin.
  var isNative: Bool { self == .netloom || self == .ovn }
}

extension Reader {
  /// Puts an attachment together.
  func computeAttachment(_ name: NamespacedName) -> AttachmentView? {
    guard let attachment = attachment(name), let resolution = resolution(name) else { return nil }
    var view = AttachmentView(
      findings: resolution.findings, services: resolution.services, isInUse: isInUse(attachment))
    guard let connectionPoint = attachment.spec.connectionPoint else { return onOverlay(attachment, view) }
    guard let placement = placement(connectionPoint) else { return view }
    view.findings += placement.findings.map { $0.prefixed("ConnectionPoint \(connectionPoint): ") }
    if let choice = placement.spec.choice(for: attachment.spec), !placement.nodes.isEmpty {
      let plug = plug(attachment, choice, on: placement, resolution.services)
      view.findings += plug.uplinks.flatMap { placement.unresolved[$0] ?? [] }
      view.plug = plug
    }
    if let warning = attachment.sharedTrunkWarning(in: self) {
      view.warnings.append(Finding(reason: ConditionReason.sharedTrunk, message: warning))
    }
    return view
  }

  /// Without a ConnectionPoint pods are on the overlay, on whatever node they are.
  private func onOverlay(_ attachment: L2ServiceAttachment, _ view: AttachmentView) -> AttachmentView {
    var view = view
    guard hasOVN else {
      if view.findings.isEmpty { view.findings.append(.noOVN("an attachment without spec.connectionPoint")) }
      return view
    }
    guard let room = overlayView()?.mtu else {
      view.findings.append(.noChassis)
      return view
    }
    view.plug = AttachmentView.Plug(
      connectionPoint: "", attachment: attachment.spec, interface: .init(implementation: .ovn),
      podInterfaceType: .kernel, podMTU: min(attachment.spec.mtu ?? room, room), vlans: [], uplinks: [], nodes: [],
      ports: [:], logicalSwitch: view.services.first?.name)
    return view
  }

  private func plug(
    _ attachment: L2ServiceAttachment, _ choice: ConnectionPoint.Spec.Choice, on placement: Placement,
    _ services: [Resolution.Use]
  ) -> AttachmentView.Plug {
    let connectionPoint = attachment.spec.connectionPoint ?? ""
    let service = services.first?.name
    var vlans = Set(services.compactMap(\.vlan))
    if attachment.spec.vlanType == .trunk { vlans.formUnion(trunk(connectionPoint)?.vlans ?? []) }
    let uplinks = placement.spec.uplinks(like: choice.interface)
    var ports: [String: Set<FabricPort>] = [:]
    for uplink in uplinks {
      for (node, more) in placement.ports[uplink] ?? [:] { ports[node, default: []].formUnion(more) }
    }
    return AttachmentView.Plug(
      connectionPoint: connectionPoint, attachment: attachment.spec, interface: choice.interface,
      podInterfaceType: choice.podInterfaceType, mtu: placement.spec.mtu,
      podMTU: min(attachment.spec.effectiveMTU(on: placement.spec), room(inOverlayOf: services) ?? .max),
      vlans: vlans.sorted(), uplinks: uplinks,
      nodes: placement.nodes, ports: ports, logicalSwitch: choice.interface.implementation == .ovn ? service : nil,
      physicalNetwork: choice.interface.bridge.flatMap { placement.mappedNetwork(bridge: $0, on: connectionPoint) })
  }
}

extension Reader {
  /// The largest packet that passes where one of the services continues as an overlay; nil: none does.
  private func room(inOverlayOf services: [Resolution.Use]) -> Int? {
    let continues = services.contains { service in
      names(.attachmentsOfService(service.name)).contains { attachment($0)?.spec.connectionPoint == nil }
    }
    return continues ? overlayView()?.mtu : nil
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
  fileprivate static let noChassis = Finding(
    reason: ConditionReason.waitingForNodes,
    message: "no node has joined OVN yet: their agents do when they are started with --ovn-southbound")
}
