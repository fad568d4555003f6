import KubernetesModel
import NetloomAPI
import NetworkAnnotations
import NetworkTypes

/// What a pod needs to be told: one entry for every interface that Netloom's own plugin makes.
struct PodNeeds: Hashable, Sendable {
  /// Unique over time.
  var uid: String
  /// What the pod has been told already.
  var present: [Present] = []
  /// What it needs.
  var interfaces: [Need] = []
  /// What is wrong with its annotations.
  var finding: Finding?

  /// An interface that the pod has, and the subnets that its addresses can be of.
  struct Present: Hashable, Sendable {
    var allocation: Allocation
    var subnets: [Candidate]

    struct Candidate: Hashable, Sendable {
      var name: NamespacedName
      var cidr: CIDR?
    }
  }

  /// An interface.
  struct Need: Hashable, Sendable {
    var network: NetworkReference
    var interface: String
    var requested: [IPAddress]
    var mac: MACAddress?
    var mtu: Int?
    var vlan: VLANID?
    var subnets: [Source]

    /// A subnet to take an address from.
    struct Source: Hashable, Sendable {
      var name: NamespacedName
      var parsed: ParsedSubnet
    }
  }
}

/// What a pod is told.
struct PodPlan: Hashable, Sendable {
  /// Unique over time.
  var uid: String
  /// Its interfaces; nil: nothing is written.
  var allocations: [Allocation]?
  /// Why an interface has no address, or none at all.
  var finding: Finding?
}

extension PodRecord {
  /// The networks that the pod names; empty when the annotation is wrong.
  var networkNames: [NamespacedName] {
    do {
      return try selections().map { NamespacedName(namespace: $0.network.namespace, name: $0.network.name) }
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
}

extension Reader {
  /// What a pod needs; nil when it is gone or has run to its end.
  func computePodNeeds(_ name: NamespacedName) -> PodNeeds? {
    guard let pod = pod(name), !pod.isFinished else { return nil }
    var needs = PodNeeds(uid: pod.uid)
    do throws(NetworkAnnotationError) {
      if let text = pod.allocations { needs.present = try Allocation.list(parsing: text).map { present($0) } }
      let selections = try pod.selections()
      let interfaces = try InterfaceName.assigned(to: selections)
      for (selection, interface) in zip(selections, interfaces) {
        if let need = need(of: selection, as: interface, created: pod.creationTimestamp) {
          needs.interfaces.append(need)
        }
      }
    } catch {
      needs.finding = Finding(reason: ConditionReason.invalid, message: error.description)
    }
    return needs
  }

  /// Addresses stay in use whatever has become of the attachment, its services and their subnets since: those that are
  /// of none of its present subnets are looked for in all subnets.
  private func present(_ allocation: Allocation) -> PodNeeds.Present {
    let name = NamespacedName(namespace: allocation.network.namespace, name: allocation.network.name)
    let services = attachment(name)?.serviceNames.compactMap { l2Service($0) } ?? []
    var subnets = services.flatMap(\.subnetNames).map(candidate)
    let strays = allocation.ips.filter { ip in !subnets.contains { $0.cidr?.contains(ip.address) == true } }
    if !strays.isEmpty { subnets += subnetNames().map(candidate) }
    return PodNeeds.Present(allocation: allocation, subnets: subnets)
  }

  /// A subnet by its network, also when the manifest writes it with host bits or is wrong otherwise.
  private func candidate(_ name: NamespacedName) -> PodNeeds.Present.Candidate {
    .init(name: name, cidr: (subnet(name)?.spec.cidr).flatMap { InterfaceAddress($0)?.cidr })
  }

  /// An interface that Netloom's own plugin makes; the plugins of others have their own addresses.
  private func need(
    of selection: NetworkSelection, as interface: String, created: String?
  ) -> PodNeeds.Need? {
    let name = NamespacedName(namespace: selection.network.namespace, name: selection.network.name)
    guard let attachment = attachment(name), let view = attachmentView(name), view.findings.isEmpty,
      let plug = view.plug, plug.interface.implementation == .netloom
    else { return nil }
    if let deletion = attachment.metadata.deletionTimestamp, let created, created > deletion { return nil }
    let isAccess = plug.vlanType == .access
    let subnets = isAccess ? view.services.flatMap(\.subnets) : []
    return PodNeeds.Need(
      network: selection.network, interface: interface, requested: selection.ips.map(\.address), mac: selection.mac,
      mtu: plug.mtu ?? 1500, vlan: isAccess ? plug.vlans.first.flatMap { VLANID(rawValue: UInt16($0)) } : nil,
      subnets: subnets.compactMap { name in
        subnetView(name)?.parsed.map { .init(name: name, parsed: $0) }
      })
  }
}

extension PodPlan {
  /// What has to be done so that the pod says what is planned.
  func actions(_ name: NamespacedName, observed: PodRecord?) -> [Action] {
    guard let observed, observed.uid == uid, let allocations else { return [] }
    return observed.allocations == Allocation.text(of: allocations)
      ? [] : [.allocate(pod: name, uid: uid, allocations)]
  }

  /// What people are told of the pod.
  func announcement(_ name: NamespacedName) -> Action? {
    finding.map {
      .announce(
        Announcement(
          subject: WorldID(.pod, name), uid: uid, isWarning: true, reason: $0.reason, message: $0.message))
    }
  }
}
