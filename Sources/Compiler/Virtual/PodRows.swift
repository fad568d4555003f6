import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes
import OVNModel

/// An interface of a pod on OVN.
struct PodInterfaceView: Hashable, Sendable {
  /// The pod.
  var pod: NamespacedName
  /// Unique over time.
  var uid: String
  /// The node that it is bound to.
  var node: String?
  /// What selectors choose the pod by.
  var labels: [String: String]
  /// The interface's name in the pod.
  var interface: String
  /// The L2ServiceAttachment.
  var attachment: NamespacedName
  /// The L2Service.
  var service: NamespacedName
  /// Its MAC address.
  var mac: MACAddress
  /// Its addresses, with the prefix lengths of their subnets.
  var ips: [InterfaceAddress]

  /// The name of its port, and the `iface-id` of its interface on the node.
  var port: String { "\(pod)/\(interface)" }
  /// Who is behind the port.
  var identity: PortIdentity { PortIdentity(mac: mac, addresses: ips.map(\.address)) }
}

extension Reader {
  /// The interfaces of a pod that are on OVN, in the order of its allocations; none when it is gone or has run to its
  /// end.
  func podInterfaces(of name: NamespacedName) -> [PodInterfaceView] {
    guard let pod = pod(name), let plan = podPlan(name) else { return [] }
    return interfaces(of: pod, plan.allocations ?? told(pod))
  }

  /// The interfaces of a pod that are on OVN, as it has been told of them.
  func toldInterfaces(of pod: PodRecord) -> [PodInterfaceView] { pod.isFinished ? [] : interfaces(of: pod, told(pod)) }

  private func interfaces(of pod: PodRecord, _ allocations: [Allocation]) -> [PodInterfaceView] {
    allocations.compactMap { allocation in
      let attachment = NamespacedName(allocation.network)
      guard let mac = allocation.mac, let service = attachmentView(attachment)?.plug?.logicalSwitch,
        isAllowed(service, in: pod.name.namespace)
      else { return nil }
      return PodInterfaceView(
        pod: pod.name, uid: pod.uid, node: pod.node, labels: pod.labels, interface: allocation.interface,
        attachment: attachment, service: service, mac: mac, ips: allocation.ips)
    }
  }

  /// A pod: a port for each of its interfaces that are on OVN.
  func podRows(_ name: NamespacedName) -> LogicalPlan? {
    let interfaces = podInterfaces(of: name)
    guard !interfaces.isEmpty else { return nil }
    let names = Dictionary(grouping: interfaces, by: \.service).compactMap { self.names(of: $1, on: $0) }
    return LogicalPlan(
      fragments: interfaces.reduce(into: Set(names)) { fragments, interface in
        fragments.formUnion(rows(of: interface))
        fragments.formUnion(routerMemberships(of: interface.ips, on: interface.service, at: interface.node))
      })
  }

  private func rows(of interface: PodInterfaceView) -> Set<RowFragment> {
    let spec = attachment(interface.attachment)?.spec
    var port = LogicalSwitchPort(name: interface.port, on: interface.service.description)
    port.addresses = [interface.identity.text]
    if spec?.portSecurity ?? true {
      // A function of a chain sends what others have sent; who it is on the wire is still checked.
      port.portSecurity = isChained(interface) ? [interface.mac.description] : [interface.identity.permitted]
    }
    port.options["iface-id-ver"] = interface.uid
    port.options["requested-chassis"] = interface.node.flatMap { chassis(of: $0)?.name }
    return Set([port.fragment] + limits(of: interface, spec?.bandwidth).map(\.fragment))
  }

  /// What the port is held to; OVN counts in kilobits.
  private func limits(of interface: PodInterfaceView, _ bandwidth: L2ServiceAttachment.Bandwidth?) -> [RateLimit] {
    L2ServiceAttachment.Bandwidth.Direction.allCases.compactMap { direction in
      guard let (rate, burst) = bandwidth?[direction], let rate else { return nil }
      let isTowardsPod = direction == .ingress
      return RateLimit(
        id: "\(interface.port)/\(direction.rawValue)", on: interface.service.description,
        isTowardsPod ? .toPort : .fromPort,
        match: "\(isTowardsPod ? "outport" : "inport") == \"\(interface.port)\"", rate: max(1, rate / 1000),
        burst: burst.map { max(1, $0 / 1000) })
    }
  }

  /// What a pod has been told; nothing when that cannot be read.
  private func told(_ pod: PodRecord) -> [Allocation] {
    do { return try pod.allocated() } catch { return [] }
  }
}
