import JSON
import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

/// What a pod needs to be told: one entry for every interface whose addresses Netloom assigns.
struct PodNeeds: Hashable, Sendable {
  /// The pod.
  var pod: NamespacedName
  /// Unique over time.
  var uid: String
  /// Whether the pod that comes after it wants the same addresses.
  var isOfStatefulSet = false
  /// Whether it is on its way out: it gets nothing new.
  var isTerminating = false
  /// Whether its annotations could be read; if not, everything stays as it is.
  var isReadable = true
  /// What the pod has been told already.
  var present: [Present] = []
  /// The interfaces that it asks for, of any network.
  var selected: Set<Plugged> = []
  /// What it needs.
  var interfaces: [Need] = []
  /// The addresses of it that somebody else was found to have, and the annotation that says so.
  var conflicts: [AddressConflict] = []
  var conflictsText: String?
  /// What is wrong with its annotations.
  var finding: Finding?

  /// An interface and its network.
  struct Plugged: Hashable, Sendable {
    var network: NetworkReference
    var interface: String
  }

  /// An interface that the pod has, and the subnets that its addresses can be of.
  struct Present: Hashable, Sendable {
    var allocation: Allocation
    var subnets: [Candidate]
    /// The L2 networks that it is on.
    var networks: Set<WorldID>
    var state: State

    struct Candidate: Hashable, Sendable {
      var name: NamespacedName
      var cidr: CIDR?
    }

    /// How the pod stands to it.
    enum State: Hashable, Sendable {
      /// The pod asks for it.
      case wanted
      /// The pod no longer asks for it, and may still have it.
      case leaving
      /// The pod no longer asks for it, and does not have it.
      case detached
    }
  }

  /// An interface.
  struct Need: Hashable, Sendable {
    var network: NetworkReference
    var interface: String
    var requested: [AddressWithOptionalPrefix]
    /// The MAC address that is asked for.
    var mac: MACAddress?
    /// Whether it is to have one of ours otherwise.
    var wantsMAC: Bool
    /// The claim that its addresses belong to.
    var claim: NamespacedName?
    /// Why it cannot have addresses now.
    var obstacle: Finding?
    var mtu: Int?
    var vlan: VLANID?
    /// Whether OVN carries it: nobody can be on the network whom OVN does not know.
    var isOnOVN = false
    var subnets: [Source]
    /// The L2 networks that it is on.
    var networks: Set<WorldID>
    /// What the Routers of its network lead to.
    var announcement = RouteAnnouncement()

    /// A subnet to take an address from.
    struct Source: Hashable, Sendable {
      var name: NamespacedName
      var parsed: ParsedSubnet
    }
  }

  /// What the interface of an allocation needs, if its network is as it should be.
  func need(for allocation: Allocation) -> Need? {
    interfaces.first { $0.interface == allocation.interface && $0.network == allocation.network }
  }

  /// What a pod that waits for an address waits for.
  var awaited: Set<Fact> {
    var facts: Set<Fact> = []
    for need in interfaces {
      facts.formUnion(need.subnets.map { .addresses($0.name) })
      if let claim = need.claim { facts.insert(.claimed(claim)) }
      if let mac = need.mac { facts.insert(.hardware(mac)) }
    }
    return facts
  }

  /// What a pod has stays where it stands in the annotation, what is new comes in the order of its requests.
  func position(of allocation: Allocation) -> Int {
    present.firstIndex { $0.allocation.interface == allocation.interface }
      ?? present.count + (interfaces.firstIndex { $0.interface == allocation.interface } ?? 0)
  }
}

extension PodRecord {
  /// The networks that the pod names; empty when the annotation is wrong.
  var networkNames: [NamespacedName] {
    do {
      return try selections().map { NamespacedName($0.network) }
    } catch {
      // The pod's plan says what is wrong with it.
      return []
    }
  }

  /// The networks that the pod has addresses of; empty when the annotation is wrong.
  var allocatedNames: [NamespacedName] {
    do {
      return try allocated().map { NamespacedName($0.network) }
    } catch {
      // The pod's plan says what is wrong with it.
      return []
    }
  }

  /// The networks that the pod asks for.
  func selections() throws(NetworkAnnotationError) -> [NetworkSelection] {
    guard let networks else { return [] }
    return try NetworkSelection.list(parsing: networks, namespace: name.namespace ?? "default")
  }

  /// What the pod has been told, by us.
  func allocated() throws(NetworkAnnotationError) -> [Allocation] {
    guard let allocations else { return [] }
    return try Allocation.list(parsing: allocations).filter { $0.pod == uid }
  }

  /// Whether an interface is known not to be in the pod: because the pod is on no node yet, or because its status lists
  /// its interfaces and not this one. Without a status nothing is known.
  fileprivate func isDetached(_ plugged: PodNeeds.Plugged) -> Bool {
    if node?.isEmpty ?? true { return true }
    guard let networkStatus else { return false }
    do {
      return try !NetworkStatus.list(parsing: networkStatus).contains { entry in
        entry.name == plugged.network.description && entry.interface ?? plugged.interface == plugged.interface
      }
    } catch {
      return false
    }
  }
}

extension NamespacedName {
  init(_ network: NetworkReference) { self.init(namespace: network.namespace, name: network.name) }
}

extension Reader {
  /// What a pod needs; nil when it is gone or has run to its end.
  func computePodNeeds(_ name: NamespacedName) -> PodNeeds? {
    guard let pod = pod(name), !pod.isFinished else { return nil }
    var needs = PodNeeds(
      pod: name, uid: pod.uid, isOfStatefulSet: pod.isOfStatefulSet, isTerminating: pod.isTerminating)
    do throws(NetworkAnnotationError) {
      let selections = try pod.selections()
      let interfaces = try InterfaceName.assigned(to: selections, having: NetworkStatus.readable(pod.networkStatus))
      needs.selected = Set(zip(selections, interfaces).map { .init(network: $0.network, interface: $1) })
      needs.present = try pod.allocated().map { present($0, of: pod, selected: needs.selected) }
      if let text = pod.conflicts {
        needs.conflicts = try AddressConflict.list(parsing: text)
        needs.conflictsText = text
      }
      for (selection, interface) in zip(selections, interfaces) {
        if let need = need(of: selection, as: interface, for: pod) { needs.interfaces.append(need) }
      }
      needs.settleAnnouncements()
      needs.finding = needs.present.lazy.compactMap { needs.need(for: $0.allocation)?.difference(to: $0) }.first
    } catch {
      needs.isReadable = false
      needs.finding = Finding(reason: ConditionReason.invalid, message: error.description)
    }
    return needs
  }

  /// Addresses stay in use whatever has become of the attachment, its services and their subnets since: those that are
  /// of none of its present subnets are looked for in all subnets.
  private func present(
    _ allocation: Allocation, of pod: PodRecord, selected: Set<PodNeeds.Plugged>
  ) -> PodNeeds.Present {
    let name = NamespacedName(allocation.network)
    let services = attachment(name)?.serviceNames ?? []
    var subnets = services.compactMap { l2Service($0) }.flatMap(\.subnetNames).map(candidate)
    let strays = allocation.ips.filter { ip in !subnets.contains { $0.cidr?.contains(ip.address) == true } }
    if !strays.isEmpty { subnets += subnetNames().map(candidate) }
    let plugged = PodNeeds.Plugged(network: allocation.network, interface: allocation.interface)
    return PodNeeds.Present(
      allocation: allocation, subnets: subnets, networks: networks(name, services),
      state: selected.contains(plugged) ? .wanted : pod.isDetached(plugged) ? .detached : .leaving)
  }

  private func networks(_ attachment: NamespacedName, _ services: [NamespacedName]) -> Set<WorldID> {
    Set(services.map { WorldID(.service, $0) } + [WorldID(.attachment, attachment)])
  }

  /// A subnet by its network, also when the manifest writes it with host bits or is wrong otherwise.
  func candidate(_ name: NamespacedName) -> PodNeeds.Present.Candidate {
    .init(name: name, cidr: (subnet(name)?.spec.cidr).flatMap { InterfaceAddress($0)?.cidr })
  }

  /// What an interface needs; nil when it is not ours to assign, or its network is not as it should be.
  private func need(
    of selection: NetworkSelection, as interface: String, for pod: PodRecord
  ) -> PodNeeds.Need? {
    let name = NamespacedName(selection.network)
    guard let attachment = attachment(name), let view = attachmentView(name), view.findings.isEmpty,
      let plug = view.plug
    else { return nil }
    if let deletion = attachment.metadata.deletionTimestamp, let created = pod.creationTimestamp, created > deletion {
      return nil
    }
    // A pod that is on no node yet may come to one that the network does not reach.
    if plug.isOfSomeNodes, pod.node?.isEmpty ?? true { return nil }
    let isAccess = plug.vlanType == .access
    let subnets = isAccess ? view.services.flatMap(\.subnets) : []
    guard plug.interface.implementation.isNative || isAddressed(name, plug, subnets) else { return nil }
    var need = PodNeeds.Need(
      network: selection.network, interface: interface, requested: selection.ips, mac: selection.mac,
      wantsMAC: plug.interface.implementation.takesMACAddress, mtu: plug.podMTU,
      vlan: isAccess && plug.logicalSwitch == nil ? plug.vlans.first.flatMap { VLANID(rawValue: UInt16($0)) } : nil,
      isOnOVN: plug.logicalSwitch != nil,
      subnets: subnets.compactMap { name in subnetView(name)?.parsed.map { .init(name: name, parsed: $0) } },
      networks: networks(name, view.services.map(\.name)))
    if isAccess, let service = view.services.first {
      need.announcement = announcedRoutes(to: service.name)
      let elsewhere = destinationsOfOtherSide(of: pod, on: service.name)
      need.announcement.routes.removeAll { elsewhere.contains($0.destination) }
    }
    if let reference = selection.ipamClaimReference {
      let claim = NamespacedName(namespace: pod.name.namespace, name: reference)
      need.claim = claim
      need.obstacle = obstacle(claim, for: need)
    }
    if plug.isOfSomeNodes, let node = pod.node, !plug.nodes.contains(node) {
      need.obstacle = .notReached(node, need, by: plug.connectionPoint)
    }
    if let service = view.services.first(where: { !isAllowed($0.name, in: pod.name.namespace) }) {
      need.obstacle = .notAllowed(service.name, need, in: pod.name.namespace)
    }
    return need
  }

  /// Whether pods of a namespace may join an L2Service, by whichever attachment.
  func isAllowed(_ service: NamespacedName, in namespace: String?) -> Bool {
    l2Service(service)?.allows(namespace: namespace, in: self) ?? false
  }

  /// Whether the plugin of others that plugs pods in asks ours for addresses.
  private func isAddressed(
    _ name: NamespacedName, _ plug: AttachmentView.Plug, _ subnets: [NamespacedName]
  ) -> Bool {
    do throws(FindingError) {
      let config = try Rendering(attachment: name, plug: plug, hasAddresses: !subnets.isEmpty).config
      return ([config] + (config["plugins"]?.array ?? [])).contains {
        $0[path: "ipam", "type"]?.string == Rendering.addressPlugin
      }
    } catch {
      // The attachment's status says what cannot be rendered.
      return false
    }
  }
}

extension PodNeeds.Need {
  /// What cannot be brought to an interface that exists.
  fileprivate func difference(to present: PodNeeds.Present) -> Finding? {
    let allocation = present.allocation
    let others = requested.filter { request in !allocation.ips.contains { $0.address == request.address } }
    guard let other = others.first else { return nil }
    return Finding(
      reason: ConditionReason.conflict,
      message: "annotation \(PodAnnotation.networks): \(interface) has \(allocation.ips.listed) and keeps it; "
        + "\(other.address) is assigned when the pod is made anew, or the network is taken from it and given to it again"
    )
  }
}

extension Finding {
  fileprivate static func notReached(_ node: String, _ need: PodNeeds.Need, by connectionPoint: String) -> Finding {
    Finding(
      reason: ConditionReason.notSupported,
      message:
        "annotation \(PodAnnotation.networks): network \(need.network) is on ConnectionPoint \(connectionPoint), which node "
        + "\(node) does not have; give the pod a nodeSelector as that of the ConnectionPoint")
  }

  fileprivate static func notAllowed(_ service: NamespacedName, _ need: PodNeeds.Need, in namespace: String?) -> Finding
  {
    Finding(
      reason: ConditionReason.referenceNotPermitted,
      message:
        "annotation \(PodAnnotation.networks): network \(need.network) is of L2Service \(service), which may not be "
        + "used from namespace \(namespace ?? ""); its spec.allowedNamespaces would have to permit it")
  }
}

extension [InterfaceAddress] {
  fileprivate var listed: String { isEmpty ? "no address" : map { "\($0.address)" }.joined(separator: ", ") }
}

extension Rendering {
  /// The type of our plugin for addresses.
  static let addressPlugin = "netloom-ipam"
}
